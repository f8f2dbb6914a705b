"""Lights of what a second classifier finds; how often they are right is measured with real ones."""

from dataclasses import replace

import msgspec
import pytest

import tailscope as ts
from helpers import toys
from tailscope.fitting.second_look import with_second_look
from tailscope.record import Epoch, Provenance, SecondLook, TrainingRecord
from tailscope.trust import trust
from tailscope.trust.second_look import check_information, check_second_look

FOUND = SecondLook(
    reference=5_000, generated=5_000, auc=0.55, auc_error=0.008, missed=0.2, missed_error=0.028,
    observables=("x0", "x1"), information=0.05, gain=0.005, gain_error=0.001,
)  # fmt: skip


def study(**changes):
    """Exact weights (their log has a spread of 0.47, each event counted with C(1 - C)) and what was found."""
    second = msgspec.structs.replace(FOUND, **changes)
    return replace(toys.exact_study(2_000), provenance=Provenance(second=second))


def looked_at(toy, scale, n=3_000, seed=0):
    ref, gen = toys.BLINDING[toy].pair(n, seed)
    log_w = [scale * toys.BLINDING[toy].log_ratio(s.features) for s in (ref, gen)]
    return with_second_look(ts.Study.from_weights(ref, gen, *log_w), ref, gen)


@pytest.mark.parametrize("toy", toys.BLINDING)
def test_right_weights_are_good_and_those_that_miss_all_are_not(toy):
    for seed in range(4):
        right = looked_at(toy, 1.0, seed=seed)
        assert check_second_look(right).light == "green"
        assert check_information(right).light == "green"
    blind = looked_at(toy, 0.0, 5_000)
    check = check_second_look(blind)
    assert check.light == ("amber" if toy == "heavy tails" else "red")
    assert "most along x" in check.why
    if toy != "heavy tails":
        assert check_information(blind).light == "amber"
        assert check_second_look(looked_at(toy, 0.5, 5_000)).light == "amber"


@pytest.mark.parametrize(
    ("missed", "error", "light"),
    [
        (-0.1, 0.03, "green"),  # noise has both signs
        (0.08, 0.03, "green"),
        (0.08, 0.01, "green"),  # beyond noise, and little
        (0.12, 0.01, "amber"),
        (0.12, 0.05, "green"),
        (0.29, 0.01, "amber"),
        (0.4, 0.01, "red"),
        (0.4, 0.2, "green"),
    ],
)
def test_it_takes_more_than_noise_and_enough_to_matter(missed, error, light):
    check = check_second_look(study(missed=missed, missed_error=error))
    assert check.light == light
    assert bool(check.advice) == (light != "green")
    assert (check.value, check.error) == (missed, error)


def test_what_is_small_against_what_the_weights_say_is_not_called_more():
    def stretched(by, missed):
        one = study(missed=missed, missed_error=0.01)
        sides = [replace(s, log_w=by * s.log_w) for s in (one.reference, one.generated)]
        return check_second_look(replace(one, reference=sides[0], generated=sides[1])).light

    assert stretched(1, 0.12) == "amber"
    assert stretched(10, 0.12) == "green"
    assert stretched(1, 0.4) == "red"
    assert stretched(10, 0.4) == "amber"
    # Weights that say next to nothing, where the samples differ by a twentieth.
    assert stretched(1, 0.05) == "green"
    assert stretched(0.1, 0.05) == "amber"
    assert stretched(0, 0.02) == "green"


def test_the_sentence_says_how_far_by_what_and_where():
    check = check_second_look(study())
    assert check.why == (
        "The weights miss the density ratio by 22% in the mean at least: a second classifier tells the "
        "reference from the reweighted generated events (AUC 0.550 ± 0.008), most along x0 and x1"
    )
    assert "along x0 and x1" in check.advice
    assert "tailscope fit" not in check.advice  # these weights were imported
    assert "x0, x1 and x2" in check_second_look(study(observables=("x0", "x1", "x2"))).why
    assert "most along the conditions" in check_second_look(study(observables=())).why
    assert "AUC" not in check_second_look(study(auc=None, auc_error=None)).why
    assert "no more than noise: the weights miss 0.0% ± 2.8%" in check_second_look(study(missed=-0.01)).why
    little = check_second_look(study(missed=0.09)).why
    assert "miss little: 9.4%" in little
    assert "a second classifier tells the reference" in little


def test_samples_are_told_apart_only_by_an_auc_that_is():
    for auc, tells in ((0.504, False), (0.507, True)):
        why = check_second_look(study(missed=0.04, missed_error=0.01, auc=auc, auc_error=0.003)).why
        assert ("tells the reference" in why) == tells
        assert f"(AUC {auc:.3f} ± 0.003)" in why


def test_information_that_may_be_noise_is_told_so():
    for gain, words in ((0.0015, "no more than noise"), (0.0025, "what may be noise"), (0.0, "no more than")):
        check = check_information(study(gain=gain, gain_error=0.001, information=0.05))
        assert f"adds {words}" in check.why


@pytest.mark.parametrize(
    ("gain", "error", "information", "light"),
    [
        (0.005, 0.001, 0.05, "amber"),
        (0.005, 0.002, 0.05, "green"),  # noise
        (0.0015, 0.0001, 0.0, "green"),  # little
        (0.005, 0.001, 0.2, "green"),  # little against what the weights hold
        (0.02, 0.001, 0.2, "amber"),
        (0.0, 0.0, 0.05, "green"),
    ],
)
def test_information_that_the_weights_lack_is_told(gain, error, information, light):
    check = check_information(study(gain=gain, gain_error=error, information=information))
    assert check.light == light
    if light == "amber":
        assert f"hold {information:.4f} nats of the difference and a second classifier adds" in check.why
        assert f"at least {information + gain:.4f}" in check.why


def test_a_fit_is_told_what_may_find_it():
    pair = study()
    run = TrainingRecord(
        fold=0, member=0, seed=0, train_events=1, validation_events=1, best_epoch=1, learning_rate=1e-3,
        epochs=(Epoch(train_loss=0.6, validation_loss=0.6),),
    )  # fmt: skip
    for features, told in (("low", True), ("both", False), ("", False)):
        fitted = replace(
            pair, history=(run,), provenance=msgspec.structs.replace(pair.provenance, features=features)
        )
        for check in (check_second_look(fitted), check_information(fitted)):
            assert "`tailscope fit --preset best`" in check.advice
            assert ("--features both" in check.advice) == told


def test_studies_that_nobody_looked_at_have_no_such_lights():
    plain = toys.exact_study(200)
    assert check_second_look(plain) is None
    assert check_information(plain) is None
    assert check_information(study(information=None)) is None
    assert {"second_look", "information"} <= {check.name for check in trust(study())}
