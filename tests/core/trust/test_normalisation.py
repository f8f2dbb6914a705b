"""Whether imported weights are normalised: what fires, what does not, and whether the error covers."""

from dataclasses import replace

import numpy as np
import pytest

import tailscope as ts
from helpers import toys
from tailscope.trust.normalisation import check_normalisation, constant
from tailscope.trust.reweighting import check_mean_w


def scaled(study, by):
    sides = [replace(side, log_w=side.log_w + np.log(by)) for side in (study.reference, study.generated)]
    return replace(study, reference=sides[0], generated=sides[1])


@pytest.mark.parametrize("toy", toys.TOYS)
def test_exact_weights_are_normalised_on_any_support_and_the_error_covers(toy):
    found = []
    for seed in range(80):
        ref, gen = (toys.TOYS[toy].log_ratio(x) for x in toys.TOYS[toy].draw(1_000, seed))
        found.append(constant((gen, None), (ref, None)))
    pulls = np.array([one.value / one.error for one in found])
    assert abs(pulls.mean()) < 3.5 / np.sqrt(pulls.size)
    assert pulls.std() == pytest.approx(1, abs=0.3)
    assert (np.abs(pulls) > 3).mean() <= 0.03


@pytest.mark.parametrize(("by", "light"), [(0.5, "red"), (1.2, "amber"), (1.03, "green"), (1.0, "green")])
def test_a_factor_is_told_with_what_mends_it(by, light):
    study = scaled(toys.exact_study(20_000), by)
    check = check_normalisation(study)
    assert check.light == light
    assert check.value == pytest.approx(by, abs=4 * check.error)
    if light != "green":
        assert check.why.startswith(f"Not normalised: the weights are {check.value:.3g}")
        assert f"Add {-np.log(check.value):.3f} to every log w" in check.advice
        mended = check_normalisation(scaled(study, 1 / check.value))
        assert (mended.light, mended.value) == ("green", pytest.approx(1, abs=1e-6))
    assert check_mean_w(study).light == "green"  # says nothing about where events lie


def test_factors_of_any_size_are_found():
    for by in (1e-12, 1e12):
        assert check_normalisation(scaled(toys.exact_study(2_000), by)).value == pytest.approx(by, rel=0.05)


def test_the_unit_of_event_weights_does_not_matter():
    ref, gen = toys.gaussian_pair(2_000)
    log_w = [toys.gaussian_log_ratio(s.features) for s in (ref, gen)]
    found = []
    for unit in (None, 1e-3, 40.0):
        v = None if unit is None else np.full(2_000, unit)
        weighted = toys.sample("generated", gen.features, event_weight=v)
        found.append(check_normalisation(ts.Study.from_weights(ref, weighted, *log_w)))
    assert found[1].value == pytest.approx(found[0].value)
    assert found[2].error == pytest.approx(found[0].error)


def test_weights_of_events_that_share_none_of_a_density_have_no_factor():
    ref, gen = toys.gaussian_pair(200)
    study = ts.Study.from_weights(ref, gen, np.full(200, np.inf), np.full(200, -np.inf))
    check = check_normalisation(study)
    assert check.light != "green" or np.isnan(check.value)
