from dataclasses import replace

import numpy as np
import pytest

import tailscope as ts
from helpers import toys
from tailscope.trust import Check, miscalibration, trust, worst


def lights(study):
    return {check.name: check.light for check in trust(study)}


def reweighted(study, change):
    sides = [replace(side, log_w=change(side.log_w)) for side in (study.reference, study.generated)]
    return replace(study, reference=sides[0], generated=sides[1])


def trained(study, train, validation, best=2):
    epochs = [{"train_loss": t, "validation_loss": v} for t, v in zip(train, validation, strict=True)]
    return replace(study, history=tuple({"epochs": epochs, "best_epoch": best} for _ in range(5)))


@pytest.fixture(scope="module")
def exact():
    return toys.exact_study(20_000)


def test_exact_weights_get_green_lights_only(exact):
    checks = trust(exact)
    assert [check.name for check in checks] == [
        "auc", "calibration", "mean_w", "mean_inverse_w", "effective_size", "closure",
    ]  # fmt: skip
    assert worst(checks) == "green"
    assert all(check.why[0].isupper() or check.why[0].isdigit() for check in checks)


def test_weights_of_the_wrong_sign_are_an_anti_classifiers(exact):
    assert lights(reweighted(exact, np.negative))["auc"] == "red"


@pytest.mark.parametrize(("scale", "word"), [(2.0, "too extreme"), (0.4, "too tame")])
def test_weights_that_are_too_extreme_or_too_tame_are_not_calibrated(exact, scale, word):
    study = reweighted(exact, lambda log_w: scale * log_w)
    found = {check.name: check for check in trust(study)}
    assert found["calibration"].light in ("amber", "red")
    assert word in found["calibration"].why


def test_miscalibration_is_measured_without_its_noise(exact):
    rms, slope = miscalibration(exact.calibration())
    assert rms < 0.03
    assert slope == pytest.approx(1, abs=0.05)
    rms, _ = miscalibration(reweighted(exact, lambda log_w: log_w + 0.2).calibration())
    assert rms == pytest.approx(0.2, abs=0.02)
    _, slope = miscalibration(reweighted(exact, lambda log_w: 1.25 * log_w).calibration())
    assert slope == pytest.approx(0.8, abs=0.05)


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


def test_no_difference_is_said(exact):
    zero = reweighted(exact, np.zeros_like)
    half = replace(zero.generated, observables=zero.reference.observables)
    found = lights(replace(zero, generated=half))
    assert found["auc"] == "amber"
    assert found["closure"] == "green"


def test_what_is_learned_by_heart_is_overfitting(exact):
    assert lights(trained(exact, [0.68, 0.665], [0.68, 0.666]))["overfit"] == "green"
    assert lights(trained(exact, [0.68, 0.65], [0.68, 0.67]))["overfit"] == "amber"
    assert lights(trained(exact, [0.69, 0.4], [0.70, 0.69]))["overfit"] == "red"


def test_shared_events_are_said(exact):
    for shared, light in ((0, "green"), (7, "amber"), (9_000, "red")):
        found = lights(replace(exact, provenance={"shared_events": shared}))
        assert found["shared_events"] == light


def test_weights_carried_by_few_events_are_worth_little(exact):
    assert lights(reweighted(exact, lambda log_w: 8 * log_w))["effective_size"] == "red"


def test_an_observable_that_does_not_close_is_named(exact):
    shifted = {**exact.generated.observables, "x3": exact.generated.observables["x3"] + np.float32(1)}
    study = replace(exact, generated=replace(exact.generated, observables=shifted))
    found = next(check for check in trust(study) if check.name == "closure")
    assert found.light == "red"
    assert "x3" in found.why


def test_the_worst_light_counts():
    def check(light):
        return Check("a", "A", light, 0, 0, 0, "why", "roc")

    assert worst((check("green"), check("red"), check("amber"))) == "red"
    assert worst(()) == "green"


def test_a_training_that_learned_nothing_has_not_overfitted(exact):
    assert lights(trained(exact, [0.6950, 0.6934], [0.6932, 0.6931]))["overfit"] == "green"
    memory = trained(exact, [0.7, 0.6931], [0.7, 0.72])
    found = next(check for check in trust(memory) if check.name == "overfit")
    assert found.light == "red"
    assert found.value == pytest.approx(1)
