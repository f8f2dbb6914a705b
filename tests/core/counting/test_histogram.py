import numpy as np
import pytest

from tailscope import AutoBinning, Binning
from tailscope.counting.binning import OVERFLOW, UNDEFINED, UNDERFLOW
from tailscope.counting.histogram import Histogram
from tailscope.errors import InputError


def test_codes_of_edges_and_of_everything_outside():
    codes = Binning([0.0, 1.0, 2.0]).digitise(
        np.array([-0.1, 0, 0.5, 1, 1.99, 2, 9, np.inf, -np.inf, np.nan])
    )
    assert codes.tolist() == [UNDERFLOW, 1, 1, 2, 2, OVERFLOW, OVERFLOW, OVERFLOW, UNDERFLOW, UNDEFINED]


@pytest.mark.parametrize("edges", [[0], [0, 0], [1, 0], [0, np.nan], [0, np.inf], np.arange(300.0), [[0, 1]]])
def test_bad_edges_are_refused(edges):
    with pytest.raises(InputError):
        Binning(edges)


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(0).lognormal(size=1000),
        np.full(10, 3.5),
        np.zeros(5),
        np.full(4, np.nan),
        np.array([-3.0]),
        np.array([0.0, 1.0] * 5),
        np.array([1e30, 2e30, np.inf]),
        np.array([]),
    ],
)
def test_a_rule_makes_a_binning_of_anything(values, scale):
    binning = AutoBinning(scale).of(values.astype(np.float32))
    assert binning.scale == scale
    assert len(binning) >= 1


def test_two_distinct_integers_get_a_bin_each():
    assert AutoBinning().of(np.array([0, 1, 1, 0])).edges.tolist() == [-0.5, 0.5, 1.5]


def test_fixed_ends_are_kept():
    edges = AutoBinning(bins=4, low=0.0, high=1.0).of(np.array([5.0])).edges
    assert edges.tolist() == [0, 0.25, 0.5, 0.75, 1]


def test_density_has_unit_area_with_the_flow():
    h = Histogram(np.array([0.0, 1, 3]), np.array([2.0, 4]), np.array([2.0, 4]), 1, 3, 5)
    d = h.density()
    assert h.total == 15
    assert (d.values * [1, 2]).sum() + d.underflow + d.overflow == pytest.approx(1)
    assert d.errors[1] == pytest.approx(2 / 10 / 2)


def test_to_hist_keeps_flow_and_variances():
    h = Histogram(np.array([0.0, 1, 3]), np.array([2.0, 4]), np.array([3.0, 5]), 1, 3, 5).to_hist()
    assert h.values(flow=True).tolist() == [1, 2, 4, 3]
    assert h.variances(flow=True).tolist() == [1, 3, 5, 3]


def test_weighted_entries_outside_keep_their_own_variances():
    h = Histogram(np.array([0.0, 1, 3]), np.array([2.0, 4]), np.array([3.0, 5]), 1, 3, 5, (7.0, 8.0, 9.0))
    assert h.to_hist().variances(flow=True).tolist() == [7, 3, 5, 8]
    half = h.over(2)
    assert half.total == h.total / 2
    assert list(half.outside_variances) == pytest.approx([7 / 4, 2, 9 / 4])
    assert h.density().outside_variances[0] == pytest.approx(7 / 10**2)
