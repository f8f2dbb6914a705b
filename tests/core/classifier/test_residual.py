import numpy as np
import pytest

from helpers import toys
from tailscope.classifier.residual import codes, residual_score
from tailscope.weights.whitening import scores, whitened


def found(toy, scale, *, v=None, seed=0, n=3_000):
    """Correlation of the score with what is missing from ``scale`` times the exact log w."""
    x = np.concatenate(toy.draw(n, seed))
    exact = toy.log_ratio(x)
    axes = whitened(scores(x)).values
    fold = np.random.default_rng(seed).integers(0, 5, 2 * n)
    inputs = np.concatenate([codes(x), codes(axes)], axis=1)
    f = residual_score(inputs, axes, np.arange(2 * n) < n, scale * exact, v, fold, seed=1)
    return f, (1 - scale) * exact


@pytest.mark.parametrize("toy", toys.BLINDING)
def test_it_learns_what_is_missing_alone(toy):
    f, missing = found(toys.BLINDING[toy], 0.0)
    assert np.corrcoef(f, missing)[0, 1] > 0.6
    assert np.std(found(toys.BLINDING[toy], 1.0)[0]) < 0.7 * np.std(f)


def test_weights_of_1_are_none_and_those_of_0_are_no_events():
    toy, n = toys.BLINDING["conditional"], 2_000
    plain, missing = found(toy, 0.0, n=n)
    ones, _ = found(toy, 0.0, n=n, v=np.ones(2 * n))
    assert ones == pytest.approx(plain, abs=1e-6)
    half = np.tile([1.0, 0.0], n)
    some, _ = found(toy, 0.0, n=n, v=half)
    assert np.corrcoef(some, missing)[0, 1] > 0.5
    assert np.abs(some - plain).max() > 0.01


def test_infinite_weights_are_certain_and_teach_nothing():
    n = 500
    x = np.random.default_rng(0).standard_normal((2 * n, 2))
    labels = np.arange(2 * n) < n
    logits = np.where(labels, np.inf, -np.inf)
    fold = np.arange(2 * n) % 5
    f = residual_score(codes(x), x, labels, logits, None, fold, seed=0)
    assert np.isfinite(f).all()
    assert np.abs(f).max() < 1e-6


def test_one_fold_has_nobody_to_learn_from():
    x = np.zeros((20, 1))
    f = residual_score(codes(x), x, np.arange(20) < 10, np.zeros(20), None, np.zeros(20, int), seed=0)
    assert not f.any()


def test_the_same_seed_gives_the_same_score():
    toy = toys.BLINDING["resolution"]
    assert np.array_equal(found(toy, 0.5, n=1_000)[0], found(toy, 0.5, n=1_000)[0])


def test_codes_are_few_ascend_with_the_values_and_leave_out_what_is_not_finite():
    x = np.random.default_rng(0).standard_cauchy((10_000, 1))
    x[:2, 0] = np.nan, np.inf
    found = codes(x)[:, 0]
    assert np.isnan(found[:2]).all()
    order = np.argsort(x[2:, 0])
    assert (np.diff(found[2:][order]) >= 0).all()
    assert np.unique(found[2:]).size == 250
    assert np.isnan(codes(np.full((3, 1), np.nan))).all()
