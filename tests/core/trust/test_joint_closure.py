"""Closure of observables together: what single histograms hide, and how often noise lights it up."""

from dataclasses import replace

import numpy as np
import pytest

import tailscope as ts
from helpers import toys
from tailscope.trust.joint_closure import MOST_PAIRS, check_joint_closure, joint_tests
from tailscope.trust.reweighting import check_closure


def weighted(toy, scale, n=4_000, seed=0):
    ref, gen = toy.pair(n, seed)
    return ts.Study.from_weights(ref, gen, *(scale * toy.log_ratio(s.features) for s in (ref, gen)))


@pytest.mark.parametrize("toy", toys.BLINDING | toys.TOYS)
def test_exact_weights_close_and_the_probabilities_are_uniform(toy):
    ps = []
    for seed in range(8):
        study = weighted((toys.BLINDING | toys.TOYS)[toy], 1.0, 2_000, seed)
        if toy != "missing mode":  # a mode that is never generated is in no reweighted histogram
            assert check_joint_closure(study).light == "green"
            ps += [one.p for one in joint_tests(study)]
    if ps:
        assert 0.3 < np.mean(ps) < 0.7
        assert np.mean(np.array(ps) < 0.01) < 0.06


@pytest.mark.parametrize("check", [check_closure, check_joint_closure])
def test_missing_mass_is_told_as_what_no_weight_repairs(check):
    """And only where it is missing: half of log w leaves histograms open too."""
    lacking = check(weighted(toys.TOYS["missing mode"], 1.0))
    assert lacking.light == "amber"
    assert "of the reference lies where nothing is generated" in lacking.advice
    half = check(weighted(toys.TOYS["smeared peak"], 0.5))
    assert half.light == "amber"
    assert "nothing is generated" not in half.advice


@pytest.mark.parametrize(("toy", "off", "left"), [("correlated", 0.23, 0.7), ("resolution", 0.38, 0.6)])
def test_what_no_single_observable_shows_is_told(toy, off, left):
    study = weighted(toys.BLINDING[toy], 0.0)
    assert check_closure(study).light == "green"
    check = check_joint_closure(study)
    assert check.light == "amber"
    assert check.value == pytest.approx(off, abs=0.1)
    assert "x0" in check.why
    assert "not one at a time" in check.advice
    half = check_joint_closure(weighted(toys.BLINDING[toy], 0.5))
    assert 0.05 < half.value < left * check.value


def test_all_pairs_and_axes_are_looked_at_up_to_a_number():
    found = joint_tests(toys.exact_study(500))
    assert sum(one.is_pair for one in found) == 10
    assert sum(not one.is_pair for one in found) == 5
    x = np.random.default_rng(0).standard_normal((2, 300, 20)).astype(np.float32)
    x[:, :, 7] += 10 * x[:, :, 13]
    pair = toys.sample("r", x[0]), toys.sample("g", x[1])
    found = joint_tests(ts.Study.from_weights(*pair, np.zeros(300), np.zeros(300)))
    assert sum(one.is_pair for one in found) == MOST_PAIRS
    assert found[0].names == ("x7", "x13")  # the most correlated ones come first
    assert sum(not one.is_pair for one in found) == 20


def test_undefined_values_are_a_bin_of_their_own():
    study = toys.exact_study(4_000)
    found = []
    for part in (0.2, 0.5):
        columns = dict(study.generated.observables)
        columns["x3"] = np.where(np.arange(4_000) < part * 4_000, np.nan, columns["x3"]).astype(np.float32)
        reference = dict(study.reference.observables)
        reference["x3"] = np.where(np.arange(4_000) < 800, np.nan, reference["x3"]).astype(np.float32)
        found.append(
            check_joint_closure(
                replace(
                    study,
                    generated=replace(study.generated, observables=columns),
                    reference=replace(study.reference, observables=reference),
                )
            )
        )
    assert [check.light for check in found] == ["green", "red"]
    assert "x3" in found[1].why


def test_discrete_and_constant_observables_are_no_trouble():
    rng = np.random.default_rng(1)
    x = np.stack([rng.integers(0, 3, 4_000), np.ones(4_000), rng.standard_normal(4_000)], axis=1)
    pair = toys.sample("r", x[:2_000]), toys.sample("g", x[2_000:])
    check = check_joint_closure(ts.Study.from_weights(*pair, np.zeros(2_000), np.zeros(2_000)))
    assert check.light == "green"


def test_weights_that_spoil_it_are_not_for_reweighting():
    alike = [toys.gaussian_pair(4_000, seed)[0] for seed in (0, 1)]
    log_w = [0.5 * s.features[:, 0] * s.features[:, 1] for s in alike]
    check = check_joint_closure(ts.Study.from_weights(*alike, *log_w))
    assert check.light in ("amber", "red")
    assert {"x0", "x1"} <= set(check.why.replace(",", "").split())
    assert "bring in differences" in check.advice


def test_of_one_observable_or_of_too_few_events_nothing_is_said():
    x = np.random.default_rng(0).standard_normal((2, 200, 1)).astype(np.float32)
    pair = toys.sample("r", x[0]), toys.sample("g", x[1])
    assert check_joint_closure(ts.Study.from_weights(*pair, np.zeros(200), np.zeros(200))) is None
    few = toys.exact_study(50)
    assert check_joint_closure(few) is None
