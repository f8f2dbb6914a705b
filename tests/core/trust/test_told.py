"""What is told of the lights: no more than the numbers say, the worst first, in a line each."""

import re
from dataclasses import replace

import numpy as np
import pytest

from helpers import three, toys
from tailscope.trust import Check, doubts, fine, headline, in_order
from tailscope.trust.inputs import blamed
from tailscope.trust.light import from_one
from tailscope.trust.reweighting import check_mean_inverse_w, check_mean_w
from tailscope.trust.second_look import nats

LINE = 125
"""Letters of a brief sentence at most."""


def check(light, name="a"):
    return Check(name, name.upper(), light, 0, 0, 0, "Why", "roc")


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (1.003, 0.002, "1 within errors (1.0030 ± 0.0020)"),
        (1.005, 0.002, "1.0050 ± 0.0020, 0.5% above 1 (2.5 standard deviations, which may be noise)"),
        (1.017, 0.002, "1.0170 ± 0.0020, 1.7% above 1 (8.5 standard deviations, small)"),
        (0.983, 0.0001, "0.98300 ± 0.00010, 1.7% below 1 (170 standard deviations, small)"),
        (1.0004, 0.0001, "1.00040 ± 0.00010, 0.04% above 1 (4.0 standard deviations, small)"),
    ],
)
def test_one_is_told_as_far_as_the_error_allows(value, error, words):
    assert from_one(value, error) == words


def test_each_mean_speaks_of_one_direction_only():
    """A part of the reference that nobody generated: one mean says so, the other one does not deny it."""
    rng = np.random.default_rng(0)
    ref = np.concatenate([rng.normal(size=9_650), rng.normal(20, 1, 350)])[:, None].astype(np.float32)
    gen = rng.normal(size=(10_000, 1)).astype(np.float32)
    log_w = np.where(ref[:, 0] > 10, np.inf, np.log(0.965)), np.full(10_000, np.log(0.965))
    study = toys.ts.Study.from_weights(toys.sample("a", ref), toys.sample("b", gen), *log_w)
    missing, leaked = check_mean_w(study), check_mean_inverse_w(study)
    assert missing.why.startswith("3.5% of the reference lies where nothing is generated")
    assert leaked.light == "green"
    assert "of the generated sample lies where there is no reference" in leaked.why
    assert "both samples" not in leaked.why + missing.why


def test_a_generator_alone_is_blamed_where_the_classifier_is_calibrated():
    exact = toys.exact_study(20_000)
    off = [replace(s, log_w=2 * s.log_w) for s in (exact.reference, exact.generated)]
    wrong = replace(exact, reference=off[0], generated=off[1])
    assert (
        blamed(exact, "mean_w", 0.1) == "a fault of the generator, not of the classifier, which is calibrated"
    )
    assert blamed(wrong, "mean_w", 0.1) == "a fault of the generator, or of the classifier, see Calibration"


def test_what_is_wrong_comes_first_and_what_is_fine_is_one_line():
    lights = ("green", "amber", "green", "red", "amber")
    checks = [check(light, name) for light, name in zip(lights, "abcde", strict=True)]
    assert "".join(one.name for one in in_order(checks)) == "dbeac"
    assert [one.name for one in doubts(checks)] == ["d", "b", "e"]
    assert headline(checks) == "3 of 5 checks speak against these weights"
    assert fine(checks) == "2 checks are fine"
    assert headline([check("green")]) == "nothing speaks against these weights"
    assert (fine([check("green")]), fine([check("red")])) == ("1 check is fine", "")
    assert headline([check("red")]) == "1 of 1 checks speaks against these weights"


@pytest.mark.parametrize("case", ["imported", "difference", "null", "overfitted"])
def test_every_sentence_says_what_its_number_says(case):
    study = toys.exact_study(2_000) if case == "imported" else three.fitted(case)
    for one in study.checks:
        assert 0 < len(one.brief) <= LINE
        assert one.why.startswith(one.brief)
        assert bool(one.advice) == (one.light != "green")
        if "within errors" in one.why:
            assert abs(one.value - one.expected) <= 2 * one.error
        for far in re.findall(r"([\d.]+) standard deviations, which may be noise", one.why):
            assert 2 <= float(far) <= 3
        if one.name == "overfit" and one.light == "green":
            assert one.value < max(3 * one.error, 0.1)
            assert "suffer" not in one.why


def test_small_information_has_digits():
    assert nats(-2.1e-6, 4e-6) == "-0.000002 ± 0.000004"
    assert nats(0.00123, 0.0004) == "0.0012 ± 0.0004"
