"""Splines of single inputs: right for independent columns, and blind to correlations."""

import numpy as np
import pytest

from helpers import toys
from tailscope.classifier.additive import KNOTS, additive
from tailscope.classifier.ridge import Events, regression

N = 20_000


def learned(x, labels):
    """A form from three fifths of the events, and the rows that it has not seen."""
    rows = np.random.default_rng(1).permutation(len(x))
    train, held, rest = np.split(rows, [6 * len(x) // 10, 7 * len(x) // 10])
    return regression(additive, *(Events(x[r], labels[r], None) for r in (train, held))), rest


def test_terms_are_smooth_and_end_at_the_outer_knots():
    z = np.linspace(-9, 9, 2001)[:, None]
    t = additive(z)
    assert t.shape == (2001, 8)
    np.testing.assert_allclose(t[:, 1:].sum(axis=1), 1, atol=1e-6)
    for beyond in (z[:, 0] < KNOTS[0], z[:, 0] > KNOTS[-1]):
        assert np.ptp(t[beyond], axis=0).max() == 0
    assert np.abs(np.diff(t, axis=0)).max() < 0.02


def test_it_is_exact_for_independent_columns():
    x = np.concatenate(toys.TOYS["shift and width"].draw(N, 4))
    form, rest = learned(x, np.arange(2 * N) < N)
    near = np.abs(x[rest]).max(axis=1) < 3
    off = (form.logits(x[rest]) - toys.gaussian_log_ratio(x[rest]))[near]
    assert np.sqrt(np.mean(off**2)) < 0.08


@pytest.mark.parametrize("seed", range(3))
def test_it_does_not_see_a_correlation(seed):
    """Both samples have standard normal columns; their correlation differs."""
    rng = np.random.default_rng(seed)
    ref, gen = rng.standard_normal((2, N, 2))
    ref[:, 1] = 0.6 * ref[:, 0] + 0.8 * ref[:, 1]
    x = np.concatenate([ref, gen])
    form, rest = learned(x, np.arange(2 * N) < N)
    assert np.std(form.logits(x[rest])) < 0.08
