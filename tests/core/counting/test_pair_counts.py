"""Counts of two observables against numpy's, for any values, weights, cuts and merged bins."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tailscope.counting.binning import Binning
from tailscope.counting.index import Index
from tailscope.counting.pair_counts import F2, F2L, F2L2, FL, V2, V2W2, VW, Axis, F, V, pair_counts
from tailscope.errors import SelectionError
from tailscope.selection import Cut, Selection

LINEAR = Binning(np.linspace(-2, 2, 8))
LOG = Binning(np.geomspace(0.1, 10, 6), "log")


def _events(seed, n):
    rng = np.random.default_rng(seed)
    a = np.round(rng.normal(0, 1.5, n), 1).astype(np.float32)  # some lie on edges
    a[rng.random(n) < 0.1] = np.nan
    b = rng.lognormal(0, 1.5, n).astype(np.float32)
    log_w = rng.choice([-np.inf, -0.7, -0.1, 0.0, 0.3, 1.0, np.inf], n)
    return a, b, log_w, rng.normal(1, 1, n)


def _numpy(a, b, x, y, weight):
    """With half-open bins: the last edges belong to what is beyond them, which numpy's do not."""
    inside = (a < x.edges[-1]) & (b < y.edges[-1])
    return np.histogram2d(a[inside], b[inside], [x.edges, y.edges], weights=weight[inside])[0]


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(0, 200),
    st.integers(1, 9),
    st.booleans(),
    st.sampled_from(
        [Selection(), Selection(low=1.0), Selection(high=1.2, cuts=(Cut("a", -1, 1), Cut("b", 1)))]
    ),
)
def test_every_sum_of_every_bin_is_numpys(seed, n, most, weighted, selection):
    a, b, log_w, v = _events(seed, n)
    v = v if weighted else np.ones(n)
    index = Index.build(
        log_w, {"a": a, "b": b}, {"a": LINEAR, "b": LOG}, event_weight=v if weighted else None
    )
    x, y = Axis.of("a", LINEAR, most), Axis.of("b", LOG, most)
    assert len(x) <= most
    assert x.merged.sum() == len(LINEAR)
    found = pair_counts(index, x, y, index.places(selection, within=(Cut("b", 0.2),)), reweight=True)
    kept = selection.mask(log_w) & Cut("b", 0.2).mask(b)
    for cut in selection.cuts:
        kept &= cut.mask({"a": a, "b": b}[cut.observable])
    assert found.events.sum() == kept.sum() == found.inside().sum() + found.outside
    finite = np.isfinite(log_w)
    level, w = np.where(finite, log_w, 0.0), np.where(log_w < np.inf, np.exp(np.minimum(log_w, 9)), 0.0)
    expected = {
        None: np.ones(n), V: v, V2: v**2, VW: v * w, V2W2: (v * w) ** 2, F: v * finite,
        FL: v * level, F2: v**2 * finite, F2L: v**2 * level, F2L2: (v * level) ** 2,
    }  # fmt: skip
    for column, weight in expected.items():
        wanted = _numpy(a[kept], b[kept], x, y, weight[kept])
        np.testing.assert_allclose(found.inside(column), wanted, rtol=1e-12, atol=1e-12)


def test_a_panel_of_two_ignores_the_selections_own_cuts_on_both_and_no_others():
    a, b, log_w, _ = _events(3, 400)
    c = np.arange(400, dtype=np.float32)
    columns = {"a": a, "b": b, "c": c}
    index = Index.build(log_w, columns, {"a": LINEAR, "b": LOG, "c": Binning(np.arange(0, 401, 40.0))})
    selection = Selection(low=1.0, cuts=(Cut("a", 0, 1), Cut("b", 1), Cut("c", 100)))
    places = index.places(selection, within=(Cut("a", -1),), shown=("a", "b"))
    kept = (log_w >= 0) & (c >= 100) & (a >= -1)
    assert sorted(index.order[places].tolist()) == np.flatnonzero(kept).tolist()


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-1.4, 0.9, (-10 / 7, 6 / 7)),  # the nearest edges
        (-9, 0.9, (None, 6 / 7)),  # beyond the axis: open
        (1.9, 9, (10 / 7, None)),
        (-9, 9, (None, None)),
        (0.1, 0.2, (-2 / 7, 2 / 7)),  # within one bin: that one
        (5, 9, (10 / 7, None)),
    ],
)
def test_a_drawn_range_goes_to_edges(low, high, expected):
    found = Axis.of("a", LINEAR, 7).snapped(low, high)
    assert [None if end is None else pytest.approx(end) for end in expected] == list(found)


def test_an_unknown_observable_is_named():
    index = Index.build(np.zeros(3), {"a": np.zeros(3, np.float32)}, {"a": LINEAR})
    axis = Axis.of("gone", LINEAR, 7)
    with pytest.raises(SelectionError, match="no observable 'gone'"):
        pair_counts(index, axis, axis, np.arange(3, dtype=np.uint32))
