"""Ranges that hold what matters, and single values that keep a place of their own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailscope import AutoBinning, Binning
from tailscope.counting.atoms import between
from tailscope.counting.fill import fill
from tailscope.counting.rules import EndsApart

RNG = np.random.default_rng(3)
N = 10_000


def outside(values, binning):
    h = fill(values, binning.edges)
    return h.underflow / values.size, h.overflow / values.size


@pytest.mark.parametrize(
    ("values", "most"),
    [
        (RNG.normal(size=N), 0.0),
        (RNG.exponential(size=N), 0.0002),
        (RNG.random(N), 0.0),
        (RNG.standard_cauchy(N), 0.016),
        (np.where(RNG.random(N) < 0.02, RNG.uniform(-200, 200, N), RNG.normal(size=N)), 0.012),
        (RNG.poisson(3, N).astype(float), 0.0),
        (RNG.choice([1.0, 10.0, 50.0], N) + 0.5, 0.0),
    ],
    ids=["normal", "exponential", "uniform", "Cauchy", "needle", "integers", "discrete"],
)
def test_a_range_holds_the_sample_but_for_far_tails(values, most):
    binning = AutoBinning().of(values)
    assert max(outside(values, binning)) <= most
    low, high = np.quantile(values, [0.05, 0.95])
    assert binning.edges[-1] - binning.edges[0] <= 5 * (high - low)


def test_outliers_do_not_squeeze_a_needle():
    needle = np.append(RNG.normal(size=N), [1e4, -1e4])
    assert np.ptp(AutoBinning().of(needle).edges) < 15


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_what_a_generator_invents_is_shown_without_losing_the_reference(scale):
    reference = RNG.uniform(10, 20, N)
    edges = AutoBinning(scale).of(reference, RNG.uniform(8, 24, N)).edges
    assert edges[0] <= 8.01
    assert edges[-1] >= 23.99
    far = AutoBinning(scale).of(reference, RNG.uniform(8, 1e6, N)).edges
    held = fill(reference, far).values > 0
    assert held.sum() >= 0.3 * held.size


@given(
    st.lists(st.floats(0.015625, 100, width=32), min_size=30, max_size=60, unique=True),
    st.sampled_from(["linear", "log"]),
    st.integers(10, 30),
    st.booleans(),
)
def test_a_common_value_is_alone_at_its_end(rest, scale, common, upper):
    """All events with that value, and no other, have its code, unless that made the axis twice as long."""
    rest, value = np.float32(rest), np.float32(128 if upper else 0)
    sample = np.concatenate([rest, np.full(common, value)])
    binning = AutoBinning(scale).of(sample, rest)
    counts = np.bincount(binning.digitise(sample), minlength=256)
    assert counts.sum() == sample.size
    if counts[binning.digitise(value[None])[0]] == common:
        return
    place = np.log if scale == "log" else np.asarray
    first, last = place(binning.edges[[0, -1]])
    longer = (
        place(value) - first if upper else last - place(rest.min()) + (np.log(2) if scale == "log" else 0)
    )
    assert longer > 1.99 * (last - first)


def test_zeros_are_underflow_alone_on_either_scale():
    rest = RNG.exponential(10, N).astype(np.float32)
    sample = np.where(RNG.random(N) < 0.1, np.float32(0), rest)
    for scale in ("linear", "log"):
        binning = AutoBinning(scale).of(rest, sample)
        codes = binning.digitise(sample)
        assert np.array_equal(codes == 0, sample == 0), scale
        assert len(binning) >= 50


def test_a_few_zeros_and_discrete_values_are_bins_as_before():
    few = np.append(RNG.exponential(10, N), np.zeros(20))
    assert AutoBinning().of(few).edges[0] == 0
    energies = RNG.choice(2.0 ** np.arange(8, 23), N)
    binning = AutoBinning("log").of(energies)
    assert outside(energies, binning) == (0, 0)
    counts = RNG.poisson(0.5, N).astype(float)
    assert AutoBinning().of(counts).edges[:2].tolist() == [-0.5, 0.5]


def test_ends_of_a_fraction_are_apart_where_they_are_common():
    bins = Binning(np.arange(52) / 50)
    inside = RNG.random(N)
    assert EndsApart(bins).of(inside, inside) == bins
    ones = np.where(RNG.random(N) < 0.1, 1.0, inside)
    assert EndsApart(bins).of(inside, ones).edges[-1] == 1
    assert EndsApart(bins, high=False).of(inside, ones) == bins
    assert fill(ones, EndsApart(bins).of(inside, ones).edges).overflow == np.count_nonzero(ones == 1)


@given(st.floats(-1e6, 1e6), st.floats(1e-9, 1e6))
def test_a_number_between(low, above):
    high = low + above
    if high > low:
        assert low < between(low, high) <= high
    assert between(0.0, 0.0132) == 0.01
