from dataclasses import replace

import msgspec
import numpy as np
import pytest

import tailscope as ts
from helpers import three, toys
from tailscope.record import Epoch, Provenance, TrainingRecord
from tailscope.trust import Check, trust, worst
from tailscope.trust.classifier import miscalibration
from tailscope.trust.reweighting import normalised_mean
from tailscope.weights.null_band import NullBand, cumulative
from tailscope.weights.slope import calibration_slope


def lights(study):
    return {check.name: check.light for check in trust(study)}


def find(study, name):
    return next(check for check in trust(study) if check.name == name)


def reweighted(study, change):
    sides = [replace(side, log_w=change(side.log_w)) for side in (study.reference, study.generated)]
    return replace(study, reference=sides[0], generated=sides[1])


def trained(study, train, validation, best=2):
    epochs = tuple(Epoch(train_loss=t, validation_loss=v) for t, v in zip(train, validation, strict=True))
    run = TrainingRecord(
        fold=0, member=0, seed=0, train_events=0, validation_events=0, best_epoch=best, learning_rate=1e-3,
        epochs=epochs,
    )  # fmt: skip
    return replace(study, history=(run,) * 5)


@pytest.fixture(scope="module")
def exact():
    return toys.exact_study(20_000)


def test_exact_weights_get_green_lights_only(exact):
    checks = trust(exact)
    assert [check.name for check in checks] == [
        "auc", "calibration", "slope", "normalisation", "mean_w", "mean_inverse_w", "effective_size", "units",
        "columns", "closure", "joint_closure",
    ]  # fmt: skip
    assert worst(checks) == "green"
    assert all(check.why[0].isupper() or check.why[0].isdigit() for check in checks)


def test_weights_of_the_wrong_sign_are_an_anti_classifiers(exact):
    assert lights(reweighted(exact, np.negative))["auc"] == "red"


@pytest.mark.parametrize(
    ("scale", "shift", "word"),
    [
        (2.0, 0.0, "too extreme"),
        (0.4, 0.0, "too tame"),
        (1.0, -0.7, "too small"),
        (1.0, 0.7, "too large"),
        (2.0, 0.2, "too extreme"),
    ],
)
def test_how_weights_are_off_is_said(exact, scale, shift, word):
    study = reweighted(exact, lambda log_w: scale * log_w + shift)
    found = {check.name: check for check in trust(study)}
    assert found["calibration"].light in ("amber", "red")
    assert word in found["calibration"].why


def test_recalibrated_weights_are_said_to_be(exact):
    assert "recalibrated" not in find(exact, "calibration").why
    marked = replace(exact, provenance=Provenance(recalibration="platt"))
    assert "recalibrated: platt" in find(marked, "calibration").why


def test_miscalibration_is_measured_without_its_noise(exact):
    assert miscalibration(exact.calibration()) < 0.03
    shifted = reweighted(exact, lambda log_w: log_w + 0.2)
    assert miscalibration(shifted.calibration()) == pytest.approx(0.2, abs=0.02)


def test_units_of_event_weights_do_not_matter(exact):
    shifted = reweighted(exact, lambda log_w: log_w + 0.2)
    v = np.full(len(exact.reference), 1e-4)
    weighted = replace(shifted, reference=replace(shifted.reference, event_weight=v))
    assert miscalibration(weighted.calibration()) == pytest.approx(miscalibration(shifted.calibration()))


def test_a_missing_mode_is_a_deficit_and_not_a_bad_classifier():
    rng = np.random.default_rng(0)
    ref = np.concatenate([rng.normal(size=9_000), rng.normal(20, 1, 1_000)]).astype(np.float32)
    gen = rng.normal(size=10_000).astype(np.float32)
    log_w = np.where(ref > 10, np.inf, np.log(0.9)), np.full(10_000, np.log(0.9))
    found = {
        c.name: c
        for c in trust(
            ts.Study.from_weights(toys.sample("a", ref[:, None]), toys.sample("b", gen[:, None]), *log_w)
        )
    }
    assert found["mean_w"].light == "amber"
    assert found["mean_w"].value == pytest.approx(0.9)
    assert "10.0% of the reference lies where nothing is generated" in found["mean_w"].why
    assert found["mean_inverse_w"].value == pytest.approx(1)
    assert found["calibration"].light == "green"


def test_weights_that_are_off_by_a_constant_are_no_missing_mass(exact):
    """A training leaves log w off by some per cent, which moves both means away from 1 in opposite ways."""
    names = ("mean_w", "mean_inverse_w")
    right = {name: find(exact, name) for name in names}
    for shift in (-0.2, 0.03):
        off = reweighted(exact, lambda log_w, shift=shift: log_w + shift)
        for name in names:
            assert find(off, name).light == "green"
            assert find(off, name).value == pytest.approx(right[name].value, abs=1e-5)
    assert find(reweighted(exact, lambda log_w: log_w + 0.2), "calibration").light == "amber"


@pytest.mark.parametrize(
    ("toy", "expected"),
    [("shift and width", (1, 1)), ("missing mode", (0.95, 1)), ("hard boundary", (1, 0.9346))],
)
def test_the_error_of_a_mean_weight_covers_and_missing_mass_stays(toy, expected):
    found = []
    for seed in range(60):
        events = toys.TOYS[toy].draw(1000, seed)
        ref, gen = ((toys.TOYS[toy].log_ratio(x), None) for x in events)
        inverse = [(-log_w, None) for log_w, _ in (ref, gen)]
        found.append([normalised_mean(gen, ref)[:2], normalised_mean(*inverse)[:2]])
    for (value, error), truth in zip(np.moveaxis(found, 0, 2), expected, strict=True):
        assert value.mean() == pytest.approx(truth, abs=4 * value.std() / np.sqrt(60))
        assert 0.7 < value.std(ddof=1) / error.mean() < 1.3


def test_no_difference_is_said(exact):
    zero = reweighted(exact, np.zeros_like)
    half = replace(zero.generated, observables=zero.reference.observables)
    found = lights(replace(zero, generated=half))
    assert found["auc"] == "amber"
    assert found["closure"] == "green"


def test_nothing_is_green_about_weights_that_a_few_events_carry(exact):
    rng = np.random.default_rng(0)
    wild = reweighted(exact, lambda log_w: rng.normal(0, 25, log_w.size))
    found = lights(trained(wild, [0.69, 0.1], [0.70, 2.0]))
    green = {name for name, light in found.items() if light == "green"}
    assert green == {"columns", "units"}  # of the events, not of the weights
    assert all("inf%" not in check.why for check in trust(wild))


def test_what_is_learned_by_heart_harms_where_unseen_events_suffer(exact):
    """Losses apart say nothing as long as the weights of unseen events are right: the slope decides."""
    heart = [0.69, 0.4], [0.70, 0.69]
    check = find(trained(exact, *heart), "overfit")
    assert check.light == "green"
    assert "% of what the networks learned holds for training events alone (loss 0.400" in check.why
    assert "are not too extreme beyond errors" in check.why
    little = reweighted(exact, lambda log_w: 1.1 * log_w)
    small = find(trained(little, *heart), "overfit")
    assert (small.light, find(little, "slope").light) == ("green", "green")
    assert "too extreme by 4% in the mean, beyond noise and by little" in small.why
    assert find(trained(exact, [0.68, 0.665], [0.68, 0.665]), "overfit").why.startswith("Training and valid")
    spread = calibration_slope(exact.reference.log_w, exact.generated.log_w).spread
    for scale, light in ((1.5, "amber"), (2.5, "red")):
        stretched = reweighted(exact, lambda log_w, scale=scale: scale * log_w)
        check = find(trained(stretched, *heart), "overfit")
        assert check.light == light
        assert check.value == pytest.approx((scale - 1) * spread, rel=0.25)
        assert "hold the network back" in check.advice


def test_noise_in_the_weights_is_overfitting(exact):
    rng = np.random.default_rng(1)
    noisy = reweighted(exact, lambda log_w: log_w + rng.normal(0, 0.7, log_w.size))
    assert find(trained(noisy, [0.69, 0.4], [0.70, 0.69]), "overfit").light == "red"


def test_epochs_after_the_last_that_was_kept_are_thrown_away(exact):
    one = trained(exact, [0.69, 0.68, 0.66, 0.65], [0.69, 0.68, 0.69, 0.70])
    assert "2.0 epochs after those that were kept" in find(one, "overfit").why
    all_of_them = replace(
        one, history=tuple(msgspec.structs.replace(run, best_epochs=(2, 1, 3, 4)) for run in one.history)
    )
    assert "thrown away" not in find(all_of_them, "overfit").why


def test_shared_events_are_said(exact):
    for shared, light in ((0, "green"), (7, "amber"), (9_000, "red")):
        found = lights(replace(exact, provenance=Provenance(shared_events=shared)))
        assert found["shared_events"] == light


def test_weights_carried_by_few_events_are_worth_little(exact):
    assert lights(reweighted(exact, lambda log_w: 8 * log_w))["effective_size"] == "red"


def test_an_observable_that_does_not_close_is_named(exact):
    for shift, light in ((0.3, "amber"), (1, "red")):
        shifted = {
            **exact.generated.observables,
            "x3": exact.generated.observables["x3"] + np.float32(shift),
        }
        study = replace(exact, generated=replace(exact.generated, observables=shifted))
        check = find(study, "closure")
        assert check.light == light
        assert "x3" in check.why
        assert "has not learned" in check.advice


def test_closure_lights_up_for_what_matters_and_not_for_what_many_events_can_see():
    study = toys.exact_study(200_000)
    shifted = {**study.generated.observables, "x3": study.generated.observables["x3"] + np.float32(0.03)}
    check = find(replace(study, generated=replace(study.generated, observables=shifted)), "closure")
    assert check.light == "green"
    assert "1 of 5 observables differ" in check.why
    assert check.value == pytest.approx(0.03, abs=0.01)


def test_weights_that_spoil_an_observable_are_not_for_reweighting(exact):
    rng = np.random.default_rng(0)
    log_w = [1.5 * events.observables["x3"] - 1.1 for events in (exact.reference, exact.generated)]
    log_w[0] = rng.permutation(log_w[1])
    study = replace(
        exact,
        reference=replace(exact.reference, log_w=log_w[0].astype(float)),
        generated=replace(exact.generated, log_w=log_w[1].astype(float)),
    )
    check = find(study, "closure")
    assert check.light == "red"
    assert "bring in differences" in check.advice


def test_tails_are_set_against_the_null_band():
    rng = np.random.default_rng(0)
    n = 3000

    def noise():
        return 0.1 * rng.standard_normal(n)

    sides = [np.stack([cumulative(noise(), None) for _ in range(20)]) for _ in "ab"]
    band = NullBand(*sides, np.full(20, 0.5))
    ref, gen = toys.gaussian_pair(n)
    tails = np.concatenate([noise()[200:], np.full(200, 0.7)])
    for log_w, light in ((noise(), "amber"), (tails, "green")):
        study = ts.Study.from_weights(ref, gen, log_w, noise())
        assert "tails" not in lights(study)
        check = find(replace(study, null=band), "tails")
        assert check.light == light
        assert "where noise puts" in check.why
        assert ("20 runs can say no more" in check.why) == (light == "green")
    assert check.value == pytest.approx(1 / 21)


def test_the_worst_light_counts():
    def check(light):
        return Check("a", "A", light, 0, 0, 0, "why", "roc")

    assert worst((check("green"), check("red"), check("amber"))) == "red"
    assert worst(()) == "green"


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("difference", {"auc": "green", "calibration": "green", "overfit": "green", "closure": "green"}),
        # What is learned where there is nothing to learn is noise, by a tenth or so with few events.
        (
            "null",
            {"auc": "amber", "calibration": "green amber", "overfit": "green amber", "closure": "green"},
        ),
        ("overfitted", {"calibration": "red", "overfit": "red"}),
    ],
)
def test_lights_differ_as_they_should(case, expected):
    study = three.fitted(case)
    found = lights(study)
    for name, allowed in expected.items():
        assert found[name] in allowed.split(), find(study, name)
    assert all(bool(check.advice) == (check.light != "green") for check in study.checks)
