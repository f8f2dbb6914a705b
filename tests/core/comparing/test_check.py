"""Growth of a tail: found when it is there, and how often it is claimed when it is not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, t

import tailscope as ts
from helpers.folded import folded_study
from helpers.toys import MEAN, SIGMA, exact_study, sample
from tailscope.comparing.check import check, significance
from tailscope.errors import PairError
from tailscope.weights.estimates import Estimate


def test_a_study_against_itself_grows_nowhere():
    study = folded_study()
    verdict = check(study, study)
    assert [growth.sigma for growth in verdict.growths] == [0, 0, 0]
    assert verdict.grew == ()
    assert verdict.remarks == ()


def test_events_planted_where_there_is_no_reference_are_found():
    old, new = folded_study(seed=1), folded_study(seed=2, extra=0.4)
    verdict = check(new, old)
    assert "low tail" in [growth.name for growth in verdict.grew]
    low = verdict.growths[0]
    assert low.new.value - low.old.value > 0.2
    assert check(old, new).grew == ()  # the way back is no growth
    assert check(new, old, sigma=30).grew == ()


def test_cuts_are_the_old_ones_unless_given():
    old, new = folded_study(seed=1), folded_study(seed=2, extra=0.6)
    assert {g.name: g.cut for g in check(new, old).growths} == {
        "low tail": 0.6,
        "high tail": 1.6,
        "AUC": None,
    }
    given = check(new, old, tails={"high": 2.5}).growths
    assert [(g.name, g.cut) for g in given] == [("high tail", 2.5), ("AUC", None)]


def test_the_statistic_is_that_of_welch():
    a, b = Estimate(0.1, 0.02, 4, has_training=True), Estimate(0.2, 0.01, 9, has_training=True)
    T = 0.1 / np.sqrt(5e-4)
    ndf = (5e-4) ** 2 / ((4e-4) ** 2 / 4 + (1e-4) ** 2 / 9)
    assert norm.sf(significance(a, b)) == pytest.approx(t.sf(T, ndf))
    assert significance(b, a) == -significance(a, b)
    exact = Estimate(0.1, 0.02, np.inf, has_training=False)
    assert significance(exact, Estimate(0.18, 0.0, np.inf, has_training=False)) == pytest.approx(4.0)


def test_another_reference_is_refused():
    with pytest.raises(PairError, match=r"other reference events .* against the reference of the old study"):
        check(folded_study(seed=1, reference_seed=4), folded_study(seed=2))


def test_what_weakens_the_comparison_is_said():
    study = exact_study(500, name="theirs")
    (sentence,) = check(study, study).remarks
    assert sentence.startswith("The weights of theirs and theirs come without folds")


def test_false_alarms_are_as_rare_as_promised():
    found = []
    for seed in range(60):
        old, new = folded_study(800, 2 * seed, noise=0.15), folded_study(800, 2 * seed + 1, noise=0.15)
        found += [growth.sigma for growth in check(new, old).growths]
    assert max(found) < 3.5
    assert 0.5 < np.std(found) < 1.15


@pytest.mark.slow
def test_real_trainings_raise_no_false_alarms(tmp_path):
    found = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        ref = sample("reference", rng.standard_normal((1000, 5)).astype(np.float32))
        studies = []
        for name in ("old", "new"):
            x = (MEAN + SIGMA * rng.standard_normal((1000, 5))).astype(np.float32)
            config = ts.FitConfig(epochs=8)
            studies.append(ts.fit(ref, sample(name, x), config=config, cache=tmp_path, progress=False))
        found += [growth.sigma for growth in check(studies[1], studies[0]).growths]
    assert max(found) < 3
    assert np.std(found) < 1.4
