"""Stacking: candidates count by what they tell of events that were not learned from."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from tailscope.fitting.stacking import PARTS, stacked

FOLDS = 4


def events(n, seed=0, sigma=1.0):
    """Exact log w of n events, of which each is a reference event with its probability; labels; folds."""
    rng = np.random.default_rng(seed)
    log_w = sigma * rng.standard_normal(n)
    return log_w, rng.random(n) < expit(log_w), rng.integers(0, FOLDS, n).astype(np.int16)


def of(*candidates):
    """float[n_events, n_candidates, 1]."""
    return np.stack(candidates, axis=1)[:, :, None]


def test_exact_weights_stay_what_they_are():
    log_w, labels, fold = events(20_000)
    found, shares = stacked(of(log_w), labels, None, fold)
    assert found.shape == (20_000, 1)
    assert shares.shape == (FOLDS, 1)
    np.testing.assert_allclose(shares, 1, atol=0.08)  # 0.025 is one standard deviation
    assert np.std(found[:, 0] - log_w) < 0.06


def test_a_candidate_that_is_noise_gets_next_to_nothing():
    log_w, labels, fold = events(20_000)
    noise = np.random.default_rng(1).standard_normal(log_w.size)
    _, shares = stacked(of(log_w, noise), labels, None, fold)
    np.testing.assert_allclose(shares[:, 0], 1, atol=0.08)
    assert (shares[:, 1] < 0.08).all()


def test_where_all_candidates_are_noise_weights_are_near_1():
    _, labels, fold = events(20_000, sigma=0.0)
    noise = np.random.default_rng(1).standard_normal((20_000, 3, 1))
    found, shares = stacked(noise, labels, None, fold)
    assert shares.max() < 0.08
    assert np.abs(found).mean() < 0.05


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_a_candidate_that_is_too_tame_counts_more_and_one_that_is_too_wild_less(factor):
    log_w, labels, fold = events(20_000)
    found, shares = stacked(of(factor * log_w), labels, None, fold)
    np.testing.assert_allclose(shares, 1 / factor, rtol=0.08)
    assert np.std(found[:, 0] - log_w) < 0.06


def test_a_candidate_with_the_wrong_sign_is_not_turned_round():
    log_w, labels, fold = events(5_000)
    found, shares = stacked(of(-log_w), labels, None, fold)
    assert (shares == 0).all()
    assert np.ptp(found[fold == 0]) == 0


def test_two_halves_of_what_there_is_are_both_taken():
    one, _, fold = events(20_000)
    two = np.random.default_rng(3).standard_normal(one.size)
    labels = np.random.default_rng(4).random(one.size) < expit(one + two)
    found, shares = stacked(of(one, two), labels, None, fold)
    np.testing.assert_allclose(shares, 1, atol=0.08)
    assert np.std(found[:, 0] - one - two) < 0.08


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 3), st.booleans(), st.sampled_from([1, 2, 5])
)
def test_no_candidate_counts_against_and_members_average_to_what_was_fitted(
    seed, candidates, members, weighted, folds
):
    rng = np.random.default_rng(seed)
    n = 60
    labels = np.arange(n) < 30
    fold = (np.arange(n) % folds).astype(np.int16)
    log_w = rng.normal(0, rng.choice([0.01, 1, 30]), (n, candidates, members)).astype(np.float32)
    v = rng.uniform(0.1, 3, n) if weighted else None
    found, shares = stacked(log_w, labels, v, fold)
    assert found.shape == (n, members)
    assert shares.shape == (folds if folds > 1 else PARTS, candidates)
    assert (shares >= 0).all()
    assert np.isfinite(found).all()
    if folds > 1:
        means = log_w.astype(float).mean(axis=2)
        for part in range(folds):
            rest = found[fold == part].mean(axis=1) - means[fold == part] @ shares[part]
            np.testing.assert_allclose(rest, rest[0], atol=1e-9 * max(1, np.abs(means).max()))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_no_event_has_a_say_in_its_own_coefficients(seed):
    log_w, labels, fold = events(400, seed)
    x = of(log_w, np.random.default_rng(seed).standard_normal(400))
    # The scale of event weights is that of all events, so that as many labels of each kind are kept.
    mine = np.flatnonzero(fold == 1)
    wrong = labels.copy()
    wrong[mine] = labels[np.random.default_rng(seed).permutation(mine)]
    (found, shares), (other, others) = (stacked(x, one, None, fold) for one in (labels, wrong))
    np.testing.assert_array_equal(found[fold == 1], other[fold == 1])
    np.testing.assert_array_equal(shares[1], others[1])
    if (wrong != labels).any():
        assert (shares[[0, 2, 3]] != others[[0, 2, 3]]).any()


def test_units_of_event_weights_scale_out_and_samples_of_any_size_give_normalised_densities():
    log_w, labels, fold = events(8_000)
    few = ~labels | (np.arange(8_000) % 4 == 0)  # a quarter of the reference events
    log_w, labels, fold = log_w[few], labels[few], fold[few]
    plain, shares = stacked(of(log_w), labels, None, fold)
    np.testing.assert_allclose(shares, 1, atol=0.15)
    assert abs((plain[:, 0] - log_w).mean()) < 0.1  # log 4 = 1.39 without the scale
    v = np.where(labels, 1e-9, 7.0)
    for weight in (np.ones(labels.size), v):
        found, again = stacked(of(log_w), labels, weight, fold)
        np.testing.assert_allclose(found, plain, atol=1e-5)
        np.testing.assert_allclose(again, shares, atol=1e-5)
    assert (v == np.where(labels, 1e-9, 7.0)).all()


def test_event_weights_count():
    """A candidate that tells where reference events have twice the weight."""
    rng = np.random.default_rng(5)
    side = rng.random(20_000) < 0.5
    labels, fold = rng.random(20_000) < 0.5, rng.integers(0, FOLDS, 20_000)
    v = np.where(labels & side, 2.0, 1.0)
    found, _ = stacked(of(side.astype(float)), labels, v, fold)
    right = found[side].mean() - found[~side].mean()
    assert right == pytest.approx(np.log(2), abs=0.1)
    assert stacked(of(side.astype(float)), labels, None, fold)[1].max() < 0.1


def test_a_single_fold_is_dealt_into_parts_of_both_samples():
    log_w, labels, _ = events(4_000)
    fold = np.full(4_000, 3, np.int16)
    found, shares = stacked(of(log_w), labels, None, fold)
    assert shares.shape == (PARTS, 1)
    assert np.unique(shares).size == PARTS
    of_event = np.empty(4_000, int)
    for side in (labels, ~labels):
        of_event[side] = np.arange(side.sum()) % PARTS
    for part in range(PARTS):
        rest = found[of_event == part, 0] - shares[part, 0] * log_w[of_event == part]
        np.testing.assert_allclose(rest, rest[0], atol=1e-9)
