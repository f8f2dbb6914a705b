import numpy as np
import pytest

from tailscope.weights.whitening import scores, whitened


@pytest.fixture(scope="module")
def columns():
    """A normal column, one of heavy tails, and two energies over decades that differ by a tenth."""
    rng = np.random.default_rng(0)
    energy = np.exp(rng.uniform(0, np.log(1000), 5_000))
    measured = energy * (1 + 0.1 * rng.standard_normal(5_000))
    return np.stack([rng.standard_normal(5_000), rng.standard_cauchy(5_000), energy, measured], axis=1)


def test_scores_have_mean_0_and_variance_1_and_no_outliers(columns):
    found = scores(columns)
    assert found.mean(axis=0) == pytest.approx(0, abs=1e-9)
    assert found.std(axis=0) == pytest.approx(1)
    assert np.abs(found).max() < 6


def test_scores_rise_with_the_values(columns):
    found = scores(columns)
    for column, score in zip(columns.T, found.T, strict=True):
        assert (np.diff(score[np.argsort(column)]) >= 0).all()


def test_positive_values_keep_their_ratios(columns):
    """The difference of the logarithms of two energies has the same width at the ends as in the middle."""
    energy, measured = scores(columns)[:, 2:].T
    off = (measured - energy)[np.argsort(energy)]
    parts = [part.std() for part in np.array_split(off, 5)]
    assert max(parts) / min(parts) < 1.1


def test_units_do_not_matter(columns):
    assert scores(1e3 * columns) == pytest.approx(scores(columns), abs=1e-6)


def test_what_is_undefined_or_always_the_same_scores_0():
    x = np.array([[np.nan, 3.0, np.nan], [1.0, 3.0, np.nan], [2.0, 3.0, np.nan], [np.inf, 3.0, np.nan]])
    found = scores(x)
    assert found[[0, 3], 0].tolist() == [0, 0]
    assert found[1, 0] == pytest.approx(-found[2, 0])
    assert not found[:, 1:].any()


def test_whitened_axes_are_uncorrelated_and_the_widest_comes_first(columns):
    shape = scores(columns)
    found = whitened(shape)
    assert found.values.T @ found.values / len(shape) == pytest.approx(np.eye(4), abs=1e-6)
    assert found.axes.T @ found.axes == pytest.approx(np.eye(4), abs=1e-9)
    assert (np.diff((shape @ found.axes).var(axis=0)) <= 0).all()
    # The narrowest is the ratio of the two energies.
    assert np.abs(found.axes[:, -1]) == pytest.approx([0, 0, np.sqrt(0.5), np.sqrt(0.5)], abs=0.02)


def test_an_observable_that_is_there_twice_is_not_blown_up(columns):
    twice = scores(np.concatenate([columns, columns[:, :1]], axis=1))
    assert np.abs(whitened(twice).values[:, -1]).max() < 1e-5
