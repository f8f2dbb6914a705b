"""The index against boolean masks: every selection, every histogram, exactly."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tailscope.counting import code_kernels, kernels
from tailscope.counting.binning import OVERFLOW, UNDEFINED, Binning
from tailscope.counting.codes import padded_edges
from tailscope.counting.index import Index
from tailscope.counting.selected import Histograms
from tailscope.errors import InputError, SelectionError
from tailscope.selection import Cut, Selection

quick = settings(max_examples=60, deadline=None)


@dataclass
class Events:
    """One sample as a naive analysis has it."""

    log_w: NDArray[np.float64]
    columns: dict[str, NDArray[np.float32]]
    binnings: dict[str, Binning]
    event_weight: NDArray[np.float64] | None = None

    def index(self, *, reweight: bool = True) -> Index:
        return Index.build(
            self.log_w, self.columns, self.binnings, event_weight=self.event_weight, reweight=reweight
        )

    def mask(self, selection: Selection, within: tuple[Cut, ...] = ()) -> NDArray[np.bool_]:
        mask = selection.mask(self.log_w)
        for cut in selection.cuts + within:
            mask &= cut.mask(self.columns[cut.observable])
        return mask

    def slots(self, name: str) -> NDArray[np.int64]:
        codes = self.binnings[name].digitise(self.columns[name]).astype(np.int64)
        n_bins = len(self.binnings[name])
        return np.select([codes == OVERFLOW, codes == UNDEFINED], [n_bins + 1, n_bins + 2], codes)

    def histogram(self, name: str, mask: NDArray[np.bool_], weight: NDArray[np.float64] | None = None):
        given_ = None if weight is None else weight[mask]
        return np.bincount(self.slots(name)[mask], given_, minlength=len(self.binnings[name]) + 3)

    @property
    def v(self) -> NDArray[np.float64]:
        return np.ones(len(self.log_w)) if self.event_weight is None else self.event_weight

    @property
    def w(self) -> NDArray[np.float64]:
        """Weights with the infinite ones left out."""
        return np.exp(np.where(self.log_w > kernels.LARGEST_LOG_W, -np.inf, self.log_w)) * self.v


def without(selection: Selection, name: str) -> Selection:
    """A selection that does not cut on an observable."""
    return replace(selection, cuts=tuple(cut for cut in selection.cuts if cut.observable != name))


def check(
    events: Events,
    index: Index,
    selection: Selection,
    within: tuple[Cut, ...] = (),
    *,
    crossfilter: bool = False,
) -> Histograms:
    """Assert that every number of a selection is what boolean masks give."""
    found = index.histograms(selection, within=within, crossfilter=crossfilter)
    mask = events.mask(selection, within)
    np.testing.assert_array_equal(
        index.rows(replace(selection, cuts=selection.cuts + within)), np.flatnonzero(mask)
    )
    assert found.events == mask.sum()
    assert found.n_infinite == np.sum(events.log_w[mask] > kernels.LARGEST_LOG_W)
    weights = {"sum_w": events.w, "sum_w2": events.w**2, "sum_event": events.v, "sum_event2": events.v**2}
    for name in index.names:
        own = index.slots.own(name)
        seen = events.mask(without(selection, name), within) if crossfilter else mask
        np.testing.assert_array_equal(found.counts[own], events.histogram(name, seen))
        for key, weight in weights.items():
            sums = getattr(found, key)
            if sums is not None:
                tolerance = 1e-12 * np.abs(weight).sum()
                np.testing.assert_allclose(
                    sums[own], events.histogram(name, seen, weight), rtol=0, atol=tolerance, err_msg=key
                )
    if found.sum_w is not None:
        for key, weight in (("total_w", events.w), ("total_w2", events.w**2)):
            assert getattr(found, key) == pytest.approx(
                weight[mask].sum(), rel=0, abs=1e-12 * np.abs(weight).sum()
            )
        assert np.all(found.sum_w2 >= 0)
    return found


@st.composite
def binnings(draw: st.DrawFn) -> Binning:
    n_bins = draw(st.sampled_from([1, 2, 3, 7, 50, 252, 253]))
    if draw(st.booleans()):
        return Binning(np.geomspace(10.0 ** draw(st.integers(-3, 0)), 30.0, n_bins + 1), "log")
    low = draw(st.sampled_from([-3.0, 0.0, 0.1, -0.7]))
    return Binning(np.linspace(low, low + draw(st.sampled_from([0.3, 1.0, 5.1])), n_bins + 1))


@st.composite
def samples(draw: st.DrawFn) -> Events:
    """Few or many events, with every trouble a column and a weight can have."""
    n = draw(st.sampled_from([1, 2, 30, 1023, 1024, 1025, 2560, 5000]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    log_w = rng.normal(0, draw(st.sampled_from([0.0, 1.0, 5.0])), n)
    if draw(st.booleans()):
        log_w = np.round(log_w)
    if draw(st.booleans()):
        log_w[rng.random(n) < 0.05] = -np.inf
        log_w[rng.random(n) < 0.05] = np.inf
        log_w[rng.random(n) < 0.01] = 800.0
    chosen = {f"x_{i}": draw(binnings()) for i in range(draw(st.integers(1, 4)))}
    columns = {}
    for name, binning in chosen.items():
        kind = draw(st.sampled_from(["normal", "constant", "undefined", "edges", "holes"]))
        if kind == "edges":
            column = rng.choice(binning.edges, n).astype(np.float32)
            column = np.where(rng.random(n) < 0.5, column, np.nextafter(column, np.float32(-np.inf)))
        else:
            column = np.exp(rng.normal(0, 1, n)).astype(np.float32) - np.float32(0.7)
        if kind == "constant":
            column[:] = column[0]
        if kind == "undefined":
            column[:] = np.nan
        if kind == "holes":
            troubles = rng.random(n)
            column[troubles < 0.2] = np.nan
            column[troubles > 0.95] = np.inf
            column[(troubles > 0.9) & (troubles < 0.95)] = -np.inf
        columns[name] = column
    event_weight = rng.normal(1, 1, n) if draw(st.booleans()) else None
    return Events(log_w, columns, chosen, event_weight)


def ordered(draw: st.DrawFn, ends: st.SearchStrategy[float | None]) -> tuple[float | None, float | None]:
    low, high = draw(ends), draw(ends)
    if low is not None and high is not None and low > high:
        low, high = high, low
    return low, high


@st.composite
def selections(draw: st.DrawFn, events: Events) -> Selection:
    """Ranges that end at weights of events and between them, cuts at bin edges and between them."""
    weights = np.exp(np.minimum(events.log_w, 700.0)).tolist()
    ends = st.one_of(
        st.none(), st.sampled_from([0.0, 1.0, np.inf]), st.sampled_from(weights), st.floats(0.01, 100.0)
    )
    return Selection(*ordered(draw, ends), draw(cuts(events)))


@st.composite
def cuts(draw: st.DrawFn, events: Events) -> tuple[Cut, ...]:
    drawn = []
    for name in draw(st.lists(st.sampled_from(sorted(events.columns)), max_size=3)):
        edges = events.binnings[name].edges
        values = [float(x) for x in events.columns[name] if not np.isnan(x)] or [0.0]
        cut_ends = st.one_of(
            st.none(),
            st.sampled_from(edges.tolist()),
            st.sampled_from(values),
            st.floats(edges[0] - 1.0, edges[-1] + 1.0),
            st.sampled_from([-np.inf, np.inf]),
        )
        drawn.append(Cut(name, *ordered(draw, cut_ends)))
    return tuple(drawn)


@quick
@given(st.data(), samples(), st.booleans())
def test_every_selection_is_what_boolean_masks_give(
    data: st.DataObject, events: Events, reweight: bool
) -> None:
    index = events.index(reweight=reweight)
    for _ in range(3):
        selection, within = data.draw(selections(events)), data.draw(cuts(events))
        check(events, index, selection, within, crossfilter=data.draw(st.booleans()))


@quick
@given(st.data(), samples())
def test_cubes_are_what_boolean_masks_give(data: st.DataObject, events: Events) -> None:
    index = events.index(reweight=False)
    selection, within = data.draw(selections(events)), data.draw(cuts(events))
    boundaries = sorted(data.draw(st.lists(st.integers(0, index.n), max_size=6)))
    for some, crossfilter in (((), False), (selection.cuts, False), (selection.cuts, True)):
        cube = index.cumulative(boundaries, some, within=within, crossfilter=crossfilter)
        assert cube.shape == (len(boundaries), len(index.slots))
        for row, boundary in zip(cube, boundaries, strict=True):
            before = np.zeros(index.n, dtype=bool)
            before[index.order[:boundary]] = True
            seen = Selection(cuts=some)
            expected = [
                events.histogram(
                    name, before & events.mask(without(seen, name) if crossfilter else seen, within)
                )
                for name in index.names
            ]
            np.testing.assert_array_equal(row, np.concatenate(expected))
    brushed = data.draw(st.sampled_from(index.names))
    cube = index.brush_cube(selection, brushed, within=within)
    mask, slots = events.mask(without(selection, brushed), within), events.slots(brushed)
    assert cube.shape == (len(events.binnings[brushed]) + 3, len(index.slots))
    for slot in np.unique(np.append(slots[mask], 0)):
        here = mask & (slots == slot)
        expected = np.concatenate([events.histogram(name, here) for name in index.names])
        np.testing.assert_array_equal(cube[slot], expected)
    assert cube.sum() == mask.sum() * len(index.names)


@quick
@given(binnings(), st.integers(0, 2**32))
def test_codes_are_those_of_the_binning(binning: Binning, seed: int) -> None:
    rng = np.random.default_rng(seed)
    edges = binning.edges.astype(np.float32)
    values = np.concatenate(
        [
            rng.uniform(edges[0] - 1, edges[-1] + 1, 500).astype(np.float32),
            edges,
            np.nextafter(edges, np.float32(np.inf)),
            np.nextafter(edges, np.float32(-np.inf)),
            np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, 3e38], dtype=np.float32),
        ]
    )
    codes = np.full((values.size, 2), 77, dtype=np.uint8)
    code_kernels.digitise(values, padded_edges(binning.edges), 1, codes)
    np.testing.assert_array_equal(codes[:, 1], binning.digitise(values))
    assert np.all(codes[:, 0] == 77)


def toy(n: int = 3000, n_obs: int = 3, seed: int = 0) -> Events:
    rng = np.random.default_rng(seed)
    columns = {f"E_{i}": rng.exponential(1, n).astype(np.float32) for i in range(n_obs)}
    return Events(rng.normal(0, 1, n), columns, {k: Binning(np.linspace(0, 4, 21)) for k in columns})


def test_rows_are_sorted_by_weight_and_ties_keep_the_order_of_the_file() -> None:
    events = toy()
    events.log_w = np.round(events.log_w)
    index = events.index()
    np.testing.assert_array_equal(index.order, np.argsort(events.log_w, kind="stable"))
    np.testing.assert_array_equal(index.log_w, np.sort(events.log_w))
    for number, name in enumerate(index.names):
        codes = events.binnings[name].digitise(events.columns[name])
        np.testing.assert_array_equal(index.codes[number], codes[index.order])


def test_a_histogram_of_the_field_comes_out() -> None:
    events = toy()
    found = events.index().histograms(Selection(low=1.0))
    mask = events.log_w >= 0
    expected, _ = np.histogram(events.columns["E_1"][mask], events.binnings["E_1"].edges)
    histogram = found.of("E_1")
    np.testing.assert_array_equal(histogram.values, expected)
    assert histogram.overflow == np.sum(events.columns["E_1"][mask] >= 4)
    assert histogram.total == found.events == mask.sum()
    reweighted = found.reweighted("E_1")
    assert reweighted.total == pytest.approx(np.exp(events.log_w[mask]).sum(), rel=1e-12)
    w = events.w[mask]
    assert found.effective == pytest.approx(w.sum() ** 2 / (w**2).sum(), rel=1e-12)
    np.testing.assert_array_equal(found.event_weighted("E_1").values, histogram.values)


def test_sums_stay_exact_when_weights_span_many_decades() -> None:
    events = toy(200_000, n_obs=1)
    events.log_w *= 12
    index = events.index()
    for low, high in ((None, 1e-9), (1e-6, 1e-3), (1.0, None), (1e12, None)):
        check(events, index, Selection(low, high))


def test_event_weights_ride_beside_the_counts() -> None:
    events = toy()
    events.event_weight = np.random.default_rng(5).normal(1, 2, 3000)
    found = check(events, events.index(reweight=False), Selection(0.3, 2.0, (Cut("E_0", 0.31),)))
    assert found.sum_w is None
    assert found.event_weighted("E_2").total == pytest.approx(
        events.event_weight[events.mask(Selection(0.3, 2.0, (Cut("E_0", 0.31),)))].sum(), rel=1e-10
    )
    with pytest.raises(SelectionError, match="reweight=True"):
        found.reweighted("E_0")


def test_no_events_at_all_give_empty_histograms() -> None:
    index = Index.build(
        [], {"x": np.empty(0, np.float32)}, {"x": Binning(np.array([0.0, 1.0]))}, reweight=True
    )
    for selection in (Selection(), Selection(1.0, 2.0, (Cut("x", 0.5),))):
        found = index.histograms(selection, crossfilter=True)
        assert found.events == found.counts.sum() == found.total_w == found.effective == 0
        assert index.rows(selection).size == 0
    assert index.brush_cube(Selection(), "x").sum() == 0


def test_columns_stay_on_disk(tmp_path) -> None:
    events = toy()
    for name, column in events.columns.items():
        column.tofile(tmp_path / name)
        events.columns[name] = np.memmap(tmp_path / name, dtype=np.float32, mode="r")
    index = events.index()
    check(events, index, Selection(0.5, None, (Cut("E_1", 0.123, 1.51),)), crossfilter=True)
    assert index.columns["E_1"] is events.columns["E_1"]


def test_checkpoints_are_fewer_where_there_are_many_bins() -> None:
    coarse = toy(5000, n_obs=2)
    fine = toy(5000, n_obs=2)
    fine.binnings = {k: Binning(np.linspace(0, 4, 254)) for k in fine.columns}
    assert fine.index().tally.counts.every > coarse.index().tally.counts.every == 1024
    check(fine, fine.index(), Selection(0.4, 1.2))


def test_an_unknown_observable_is_refused_with_close_names() -> None:
    index = toy().index()
    for call in (
        lambda: index.histograms(Selection(cuts=(Cut("E_9", 0),))),
        lambda: index.rows(Selection(cuts=(Cut("E_9", 0),))),
        lambda: index.cumulative([0], (Cut("E_9", 0),)),
        lambda: index.brush_cube(Selection(), "E_9"),
        lambda: index.everything.of("E_9"),
    ):
        with pytest.raises(SelectionError, match=r"'E_9'.*did you mean E_\d, E_\d, E_\d"):
            call()


@pytest.mark.parametrize("boundaries", [[3, 1], [-1], [3001], [0.5], [[0]]])
def test_boundaries_that_are_no_positions_are_refused(boundaries: list[int]) -> None:
    with pytest.raises(SelectionError, match="boundaries must be"):
        toy().index().cumulative(boundaries)


def test_what_cannot_be_indexed_is_refused() -> None:
    events = toy(10)
    for change, message in (
        ({"log_w": np.full(10, np.nan)}, "log weights"),
        ({"log_w": np.zeros((5, 2))}, "log weights"),
        ({"binnings": {}}, "at least one observable"),
        ({"columns": {}}, "no column"),
        ({"log_w": np.zeros(9)}, "shape"),
        ({"event_weight": np.full(10, np.inf)}, "event weights"),
        ({"event_weight": np.ones(3)}, "event weights"),
    ):
        with pytest.raises(InputError, match=message):
            Events(**{**vars(events), **change}).index()
