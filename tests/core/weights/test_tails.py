"""Errors of tails and AUC: what counting gives, what folds add, and whether they cover."""

from __future__ import annotations

import numpy as np
import pytest

import tailscope as ts
from helpers.folded import FOLDS, folded_study
from helpers.toys import exact_study, sample
from tailscope.weights.estimates import auc_estimate, spread, tail_fraction
from tailscope.weights.tails import TAILS, tail_cut


def test_a_fraction_is_that_of_the_right_sample():
    study = exact_study(2000)
    low, high = tail_fraction(study, "low", 0.6), tail_fraction(study, "high", 1.6)
    assert low.value == np.mean(study.weights("generated") < 0.6)
    assert high.value == np.mean(study.weights("reference") >= 1.6)
    assert low.error == pytest.approx(np.sqrt(low.value * (1 - low.value) / 2000), rel=0.01)
    assert not low.has_training
    assert low.ndf == np.inf


def test_without_folds_the_errors_are_those_of_repeated_samples():
    studies = [exact_study(600, seed=seed) for seed in range(60)]
    for of in (auc_estimate, lambda study: tail_fraction(study, "high", 1.6)):
        found = [of(study) for study in studies]
        ratio = np.std([e.value for e in found]) / np.mean([e.error for e in found])
        assert 0.75 < ratio < 1.3


def test_an_empty_tail_has_an_error():
    nothing = tail_fraction(exact_study(500), "low", 1e-9)
    assert nothing.value == 0
    assert 0 < nothing.error < 0.005


@pytest.mark.parametrize("w", [1.0, 1 + 1e-13, 5.0])
def test_where_all_weights_are_one_there_is_no_tail(w):
    """A cut at the outermost twentieth would take all events, or none."""
    x = np.zeros((200, 1))
    noise = 1e-15 * np.arange(200)
    study = ts.Study.from_weights(sample("a", x), sample("b", x), np.log(w) + noise, np.log(w) + noise)
    assert [tail_cut(study, tail) for tail in TAILS] == [0.6, 1.6]
    assert [tail_fraction(study, tail, tail_cut(study, tail)).value for tail in TAILS] == [0, float(w > 1.6)]


def test_event_weights_count():
    rng = np.random.default_rng(0)
    v = rng.choice([1.0, 3.0], 1000)
    log_w = rng.normal(size=1000)
    x = rng.normal(size=(1000, 1))
    study = ts.Study.from_weights(
        sample("a", x, event_weight=v), sample("b", x + 1, event_weight=v), log_w, log_w[::-1]
    )
    found = tail_fraction(study, "high", 1.6)
    assert found.value == pytest.approx(v[log_w >= np.log(1.6)].sum() / v.sum())
    assert found.error > np.sqrt(found.value * (1 - found.value) / 1000)


def test_folds_that_disagree_make_the_error_larger():
    calm, rough = folded_study(noise=0.0), folded_study(noise=0.3)
    for of in (auc_estimate, lambda study: tail_fraction(study, "low", 0.6)):
        assert of(rough).has_training
        assert of(rough).ndf == FOLDS - 1
        assert of(rough).error > of(calm).error
    assert tail_fraction(rough, "low", 0.6).error > 3 * tail_fraction(calm, "low", 0.6).error


def test_the_formula_of_the_folds_and_of_the_members():
    numbers = [0.1, 0.2, 0.15, 0.12, 0.18]
    expected = np.sqrt((1 / 5 + 1 / 4) * np.var(numbers, ddof=1))
    assert spread(0.15, 1e-9, numbers, []).error == pytest.approx(expected)
    assert spread(0.15, 1.0, numbers, []).error == 1.0
    draws = spread(0.15, 1e-4, [], [0.1, 0.2, 0.3], draws=True)
    assert draws.error == pytest.approx((1e-4 + 0.01) ** 0.5)
    members = spread(0.15, 1e-4, [], [0.1, 0.2])
    assert members.error == pytest.approx(np.sqrt(1e-4 + np.var([0.1, 0.2], ddof=1) / 2))
    assert (members.ndf, members.has_training) == (1, True)
