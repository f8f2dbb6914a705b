"""Whitened inputs: normal scores of ranks, decorrelated, whatever the units and shapes of what was read."""

import numpy as np
import pytest
import torch
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata

from helpers import toys
from tailscope.classifier import Pool, knots, whitening
from tailscope.classifier.whitening import Whitened

CPU = torch.device("cpu")
N = 2_000


def pool_of(x):
    """The rows of x as a pool; the first half of them are reference events."""
    x = np.asarray(x, np.float32)
    half = len(x) // 2
    return Pool(toys.sample("reference", x[:half]), toys.sample("generated", x[half:]), CPU)


def whitened(x, rows=None):
    """All rows as they come out, float32[n, n_components]."""
    everything = np.arange(len(x))
    pool = Whitened(pool_of(x), everything if rows is None else rows)
    z, order = pool.inputs(torch.from_numpy(everything))
    assert (order.numpy() == everything).all()
    assert z.shape == (len(x), pool.n_inputs)
    return z.numpy()


def gaussian(n=N, columns=3, seed=0):
    return np.random.default_rng(seed).standard_normal((n, columns))


def scores(values):
    """Standardised normal scores of ranks, ties at their middle."""
    r = ndtri((rankdata(values) - 0.5) / values.size)
    return (r - r.mean()) / r.std()


def up_to_sign(z):
    """The first event above 0: eigenvectors have no sign of their own."""
    return z * np.sign(z[0])


@pytest.mark.parametrize(
    "values",
    [
        gaussian(columns=1)[:, 0],
        np.random.default_rng(1).standard_cauchy(N),
        np.random.default_rng(2).integers(0, 5, N).astype(float),
        np.where(np.arange(N) % 3 > 0, 0.0, np.random.default_rng(3).exponential(size=N)),
    ],
    ids=["gaussian", "heavy tails", "few values", "mostly zero"],
)
def test_one_input_becomes_the_normal_score_of_its_rank_with_ties_at_their_middle(values):
    values = values.astype(np.float32)
    z = whitened(values[:, None])[:, 0].astype(np.float64)
    found, exact = up_to_sign(z), up_to_sign(scores(values))
    # Between knots a rank is interpolated in the value; at knots and at values that many share it is exact.
    assert np.abs(ndtr(found) - ndtr(exact)).max() < 1 / knots.KNOTS
    shared = np.isin(
        values, [v for v, n in zip(*np.unique(values, return_counts=True), strict=True) if n > 9]
    )
    np.testing.assert_allclose(found[shared], exact[shared], atol=0.005)


def test_equal_events_stay_equal_and_order_stays_order():
    values = np.random.default_rng(4).integers(0, 40, N).astype(np.float32)
    z = whitened(values[:, None])[:, 0]
    of_value = [np.unique(z[values == value]) for value in np.unique(values)]
    assert all(len(one) == 1 for one in of_value)
    steps = np.diff(np.concatenate(of_value))
    assert (steps > 0).all() or (steps < 0).all()


def test_what_is_correlated_to_0_999_is_not_any_more():
    x = gaussian(20_000, 3)
    x[:, 1] = 0.999 * x[:, 0] + np.sqrt(1 - 0.999**2) * x[:, 1]
    assert np.corrcoef(x.T)[0, 1] > 0.998
    z = whitened(x).astype(np.float64)
    assert z.shape[1] == 3
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(np.corrcoef(z.T), np.eye(3), atol=1e-3)
    # SHRINKAGE takes half of its variance from a component that has 0.001 of the mean one.
    expected = 1 / (1 + whitening.SHRINKAGE / np.linalg.eigvalsh(np.corrcoef(x.T))[::-1])
    np.testing.assert_allclose(z.var(axis=0), expected, rtol=0.06)


def test_a_duplicated_and_a_constant_input_tell_nothing_and_do_no_harm():
    x = gaussian()
    z = whitened(x)
    more = whitened(np.c_[x, x[:, 0], np.full(N, 7e8)])
    assert more.shape == z.shape
    assert np.isfinite(more).all()
    np.testing.assert_allclose(more.var(axis=0), 1, atol=0.01)
    # Each of the inputs is still a linear function of what is left.
    target = np.stack([scores(column) for column in x.T], axis=1)
    left, *_ = np.linalg.lstsq(more.astype(np.float64), target, rcond=None)
    assert np.std(more @ left - target) < 0.02  # between knots, in the tails


def test_what_rounding_leaves_of_an_input_that_is_there_twice_is_not_blown_up():
    """The mirrored input is interpolated between other knots."""
    x = gaussian()
    z = whitened(np.c_[x, -x[:, 1]])
    np.testing.assert_allclose(z[:, :3].var(axis=0), 1, atol=0.01)
    assert (z[:, 3:].var(axis=0) < 0.05).all()


def test_inputs_that_are_all_constant_leave_zeros():
    z = whitened(np.full((N, 2), 3.0))
    assert z.shape == (N, 1)
    assert (z == 0).all()


def changed_by(before, after):
    """|difference| of all whitened inputs when the second of three correlated ones is read otherwise."""
    x = gaussian()
    x[:, 1] += x[:, 0]
    one, other = x.copy(), x.copy()
    one[:, 1], other[:, 1] = before(x[:, 1]), after(x[:, 1])
    return np.abs(up_to_sign(whitened(one)) - up_to_sign(whitened(other)))


@pytest.mark.parametrize(
    "transform",
    [
        lambda x: np.exp(x) - 1,
        lambda x: x**3,
        lambda x: 1e20 * x - 5,
        lambda x: np.arctan(3 * x),
        lambda x: 5 + ndtr(x),
    ],
    ids=["exp less 1", "cube", "units", "arctan", "within a decade"],
)
def test_a_rising_function_of_an_input_of_which_no_logarithm_is_taken_changes_nothing(transform):
    """Of what the ranks are taken from; between knots scores are interpolated in the input itself.

    No logarithm is taken of inputs that are not positive throughout or lie within a decade. Of exp(x) one is,
    so that its score is x itself in place of that of its rank: not quite the same, even for a Gaussian x.
    """
    difference = changed_by(lambda x: x, transform)
    assert np.median(difference) < 2e-3
    assert difference.max() < 0.1


@pytest.mark.parametrize(
    "transform",
    [lambda e: 1e20 * e, lambda e: e**3, lambda e: 1 / e, lambda e: 1e-5 * e**-1.5],
    ids=["units", "cube", "inverse", "falling power"],
)
def test_units_and_powers_of_what_spans_a_decade_change_nothing(transform):
    """Where a logarithm is taken; but for the sign of a falling one, which the axes take over."""
    difference = changed_by(np.exp, lambda x: transform(np.exp(x)))
    assert np.median(difference) < 2e-3
    assert difference.max() < 0.1


def test_where_a_logarithm_begins_to_be_taken_scores_change():
    assert 2e-3 < np.median(changed_by(lambda x: x, np.exp)) < 2e-2


def test_a_few_huge_values_hide_nothing():
    x = gaussian()
    huge = x.copy()
    huge[::97, 1] = 1e30
    z, reached = whitened(x), whitened(huge)
    kept = np.arange(N) % 97 > 0
    for column in range(3):
        # What an input told of the other events, it tells still.
        left, *_ = np.linalg.lstsq(reached[kept].astype(np.float64), z[kept, column], rcond=None)
        assert np.std(reached[kept] @ left - z[kept, column]) < 0.05


def test_rows_are_the_same_whether_they_are_kept_or_made_each_time(monkeypatch):
    x, some = gaussian(), torch.tensor([3, 1_999, 1_000, 3, 0])
    pool = pool_of(x)
    kept = Whitened(pool, np.arange(0, N, 2))
    monkeypatch.setattr(whitening, "RESIDENT_BYTES", 0)
    made = Whitened(pool, np.arange(0, N, 2))
    found, rows = kept.inputs(some)
    assert (rows == some).all()
    again, order = made.inputs(some)
    for row, z in zip(order.tolist(), again, strict=True):
        np.testing.assert_allclose(z, found[rows.tolist().index(row)], atol=2e-6)
    assert sorted(order.tolist()) == sorted(some.tolist())
    assert made.n_inputs == kept.n_inputs


def test_the_same_rows_give_the_same_inputs():
    x = gaussian(columns=8)
    np.testing.assert_array_equal(whitened(x), whitened(x))


def test_only_the_rows_that_are_named_are_looked_at_and_no_label_is():
    """What other rows hold changes nothing; nor does which of the named ones are reference events."""
    x = gaussian()
    named = np.arange(0, N, 2)
    other = x.copy()
    other[1::2] = 1e6
    np.testing.assert_array_equal(whitened(x, named)[named], whitened(other, named)[named])
    mirrored = whitened(x[::-1], N - 1 - named[::-1])[::-1]
    np.testing.assert_allclose(up_to_sign(whitened(x, named)), up_to_sign(mirrored), atol=1e-4)


def test_what_lies_beyond_all_named_rows_has_the_score_of_the_last():
    x = gaussian(columns=1)
    inside = np.flatnonzero(np.abs(x[:, 0]) < 1)
    z = whitened(x, inside)[:, 0]
    beyond = x[:, 0] > 1
    assert np.unique(z[beyond]).size == 1
    assert np.abs(z[beyond]).max() == pytest.approx(np.abs(z[inside]).max(), rel=0.05)


def test_nothing_is_left_to_standardise():
    pool = Whitened(pool_of(gaussian()), np.arange(N))
    mean, scale = pool.scaling(torch.arange(10))
    assert (mean == 0).all()
    assert (scale == 1).all()


def test_the_logarithm_of_what_spans_a_decade_keeps_ratios_sharp():
    """Two energies whose ratio scatters by 5%: on ranks, what is left of one beside the other would bend."""
    rng = np.random.default_rng(5)
    energy = np.exp(rng.uniform(0, np.log(100), N))
    ratio = 1 + 0.05 * rng.standard_normal(N)
    z = whitened(np.c_[energy, energy * ratio].astype(np.float32))
    assert abs(np.corrcoef(z[:, 1], np.log(ratio))[0, 1]) > 0.98
