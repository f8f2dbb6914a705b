"""Index: any selection, every histogram, exactly, in a time that does not grow with the sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tailscope.errors import InputError, SelectionError
from tailscope.selection import Cut, Selection

from . import code_kernels, kernels
from .binning import Binning
from .codes import LOOK, PASS, by_code, sorted_codes
from .crossfilter import Resolver
from .selected import Histograms
from .slots import Slots
from .tally import Tallied, Tally, positions
from .threads import in_threads


@dataclass(frozen=True, eq=False)
class Index:
    """One sample, sorted by weight, with cumulative histograms at checkpoints.

    A range of w is two binary searches, the difference of the nearest checkpoints, and at most half the
    events between two of them added or taken away at either end. Further cuts are decided by bin, and by
    value only in the bins that a cut goes through.

    Attributes
    ----------
    slots: the observables, and where each lies in a row of counts.
    n: events.
    order: uint32[n], file rows in ascending log w; equal weights keep the order of the file.
    log_w: float64[n], ascending; -inf (w = 0) and +inf are legal.
    codes: uint8[n_obs, n], `Binning.digitise` in that order; a view of event after event in memory.
    columns: name -> float32[n] in file order, as they were given.
    tally: what counts events and sums weights.

    """

    slots: Slots
    n: int
    order: NDArray[np.uint32]
    log_w: NDArray[np.float64]
    codes: NDArray[np.uint8]
    columns: Mapping[str, NDArray[np.float32]]
    tally: Tally

    @classmethod
    def build(
        cls,
        log_w: ArrayLike,
        columns: Mapping[str, NDArray[np.float32]],
        binnings: Mapping[str, Binning],
        *,
        event_weight: ArrayLike | None = None,
        reweight: bool = False,
    ) -> Index:
        """Sort, digitise and accumulate.

        Parameters
        ----------
        log_w: float[n].
        columns: name -> float32[n] in file order. They are kept, not copied: memory-mapped ones stay on disk.
        binnings: name -> binning of every observable to be indexed; gives the order of the observables.
        event_weight: float[n] or None (all 1).
        reweight: also hold sums of w and w^2 (16 bytes a slot and checkpoint).

        Raises
        ------
        InputError: lengths that differ, undefined log weights, no observables, columns without a binning.

        """
        log_w = np.asarray(log_w, dtype=np.float64)
        _check(log_w, columns, binnings)
        order = np.argsort(log_w, kind="stable").astype(np.uint32)
        log_w = log_w[order]
        codes = sorted_codes(order, columns, binnings)
        weight = np.empty(0)
        if event_weight is not None:
            weight = np.asarray(event_weight, dtype=np.float64)
            if weight.shape != log_w.shape or not np.isfinite(weight).all():
                raise InputError(f"event weights must be {log_w.size} finite numbers, one an event")
            weight = weight[order]
        for array in (order, log_w, codes, weight):
            array.setflags(write=False)
        slots = Slots.of(binnings)
        tally = Tally.build(codes, slots, log_w, weight, reweight)
        index = cls(
            slots, log_w.size, order, log_w, codes.T, {name: columns[name] for name in binnings}, tally
        )
        # A selection of nothing compiles what is not compiled yet: the first brush must not wait for that.
        index.histograms(Selection(np.inf, np.inf, (Cut(slots.names[0]),)), crossfilter=True)
        return index

    @property
    def names(self) -> tuple[str, ...]:
        """Observables, in order."""
        return self.slots.names

    @property
    def event_weight(self) -> NDArray[np.float64]:
        """Event weights in ascending log w: float64[n]; empty where all are 1."""
        return np.empty(0) if self.tally.event is None else self.tally.event.weights[1]

    @cached_property
    def everything(self) -> Histograms:
        """The histograms of all events: the backdrop of every selection."""
        return self.histograms(Selection())

    @cached_property
    def _n_finite(self) -> int:
        return int(np.searchsorted(self.log_w, kernels.LARGEST_LOG_W, side="right"))

    def histograms(
        self, selection: Selection, *, within: tuple[Cut, ...] = (), crossfilter: bool = False
    ) -> Histograms:
        """Every histogram of a selection.

        Parameters
        ----------
        within: further cuts, such as a slice, that every histogram passes.
        crossfilter: each observable's own histogram ignores the selection's cuts on that observable, so that
            one sees what they leave out; ``events`` and the totals are those of the selection all the same.

        Raises
        ------
        SelectionError: a cut on an unknown observable.

        """
        start, stop = selection.slice_of(self.log_w)
        if not selection.cuts and not within:
            return self._histograms(
                self.tally.span(start, stop), stop - start, max(0, stop - max(start, self._n_finite))
            )
        resolver = Resolver.of(selection.cuts, within, cross=crossfilter)
        verdicts = {cut: self._verdict(cut, start, stop) for cut in resolver.cuts}
        passed = _all(list(verdicts.values()), stop - start)
        found = self.tally.where(passed, start)
        events = int(np.count_nonzero(passed))
        n_infinite = int(np.count_nonzero(passed[max(0, self._n_finite - start) :]))
        result = self._histograms(found, events, n_infinite)
        for name in resolver.sources:
            cuts = resolver.cuts_for(name)
            if cuts:
                through = _all([verdicts[cut] for cut in cuts], stop - start)
                loose = self.tally.of(positions(through, start), self.slots.number_of(name))
            else:
                loose = self.tally.span(start, stop)
            own = self.slots.own(name)
            for into, what in zip(found.rows, loose.rows, strict=True):
                into[own] = what[own]
        return result

    def rows(self, selection: Selection) -> NDArray[np.int64]:
        """Rows of the file that a selection holds, ascending: int64[events].

        Raises
        ------
        SelectionError: a cut on an unknown observable.

        """
        return np.sort(self.order[self.places(selection)]).astype(np.int64)

    def places(
        self, selection: Selection, *, within: tuple[Cut, ...] = (), shown: tuple[str, ...] = ()
    ) -> NDArray[np.uint32]:
        """Positions in the sorted sample of the events of a selection, ascending: uint32[events].

        Parameters
        ----------
        within: further cuts, such as a slice.
        shown: observables on which the selection's own cuts are ignored, as their panel shows what these
            leave out.

        Raises
        ------
        SelectionError: a cut on an unknown observable.

        """
        start, stop = selection.slice_of(self.log_w)
        cuts = Resolver.of(selection.cuts, within).cuts_for(*shown)
        return positions(self._passed(cuts, start, stop), start)

    def cumulative(
        self,
        boundaries: ArrayLike,
        cuts: tuple[Cut, ...] = (),
        *,
        within: tuple[Cut, ...] = (),
        crossfilter: bool = False,
    ) -> NDArray[np.uint32]:
        """Histograms of the events before each boundary that pass the cuts: uint32[m, n_slots].

        Parameters
        ----------
        boundaries: int[m], ascending positions in the sorted sample, 0 to n: ``searchsorted`` of log weights.
        within, crossfilter: see `histograms`.

        Raises
        ------
        SelectionError: boundaries that are not ascending positions, a cut on an unknown observable.

        """
        edges = np.asarray(boundaries)
        if edges.ndim != 1 or (edges.size and not np.issubdtype(edges.dtype, np.integer)):
            raise SelectionError("boundaries must be a list of positions in the sorted sample")
        edges = edges.astype(np.int64)
        if edges.size and (edges[0] < 0 or edges[-1] > self.n or np.any(np.diff(edges) < 0)):
            raise SelectionError(f"boundaries must be ascending positions between 0 and {self.n}")
        cube = np.zeros((edges.size, len(self.slots)), dtype=np.uint32)
        if not cuts and not within:
            for row, edge in zip(cube, edges.tolist(), strict=True):
                row[:] = self.tally.counts.span(0, edge)
            return cube
        resolver = Resolver.of(cuts, within, cross=crossfilter)
        verdicts = {cut: self._verdict(cut, 0, self.n) for cut in resolver.cuts}

        def fill(cuts: tuple[Cut, ...], first: int, last: int) -> None:
            passed = _all([verdicts[cut] for cut in cuts], self.n)
            counts = self.tally.counts

            def part(begin: int, end: int) -> None:
                kernels.count_segments(
                    passed, counts.codes, counts.slots, first, last, edges, begin, end, cube
                )

            in_threads(part, edges.size)

        fill(resolver.cuts, 0, len(self.names))
        for name in resolver.sources:
            cube[:, self.slots.own(name)] = 0
            number = self.slots.number_of(name)
            fill(resolver.cuts_for(name), number, number + 1)
        kernels.accumulate_counts(cube)
        return cube

    def brush_cube(
        self, selection: Selection, observable: str, *, within: tuple[Cut, ...] = ()
    ) -> NDArray[np.uint32]:
        """All histograms for each slot of one observable: uint32[n_bins + 3, n_slots].

        Of the events of the selection that the observable's own histogram shows (`crossfilter`), and within
        further cuts: any range of whole bins of it is then a sum of rows.

        Raises
        ------
        SelectionError: no observable of that name.

        """
        number, own = self.slots.number_of(observable), self.slots.own(observable)
        rows = self.places(selection, within=within, shown=(observable,))
        counts = self.tally.counts

        def part(first: int, last: int) -> NDArray[np.uint32]:
            cube = np.zeros((own.stop - own.start, len(self.slots)), dtype=np.uint32)
            kernels.count_pairs(counts.codes, counts.slots, number, rows[first:last], cube)
            return cube

        cube: NDArray[np.uint32] = np.add.reduce(in_threads(part, rows.size))
        return cube

    def _histograms(self, found: Tallied, events: int, n_infinite: int) -> Histograms:
        # One plain call: this is what a drag waits for, and `replace` costs as much as a checkpoint.
        counts, w, event = found
        w1 = w2 = event1 = event2 = None
        total, total2 = 0.0, 0.0
        if w is not None:
            w1, w2 = w[:, 0], w[:, 1]
            total, total2 = np.add.reduce(w[: self.slots.offsets[1]]).tolist()
        if event is not None:
            event1, event2 = event[:, 0], event[:, 1]
        return Histograms(self.slots, counts, events, n_infinite, w1, w2, total, total2, event1, event2)

    def _passed(self, cuts: tuple[Cut, ...], start: int, stop: int) -> NDArray[np.bool_]:
        """Which events of a range of the sorted sample pass: bool[stop - start]."""
        return _all([self._verdict(cut, start, stop) for cut in cuts], stop - start)

    def _verdict(self, cut: Cut, start: int, stop: int) -> NDArray[np.bool_]:
        """The same for one cut."""
        number = self.slots.number_of(cut.observable)
        verdict = np.empty(stop - start, dtype=np.uint8)
        code_kernels.judge(
            self.tally.counts.codes, number, by_code(cut, self.slots.binnings[number]), start, stop, verdict
        )
        passed: NDArray[np.bool_] = verdict == PASS
        open_ = np.flatnonzero(verdict == LOOK)
        if open_.size:
            rows = self.order[start:stop][open_]
            passed[open_] = cut.mask(np.asarray(self.columns[cut.observable][rows]))
        return passed


def _all(verdicts: list[NDArray[np.bool_]], n: int) -> NDArray[np.bool_]:
    """Which of n events pass all of some verdicts."""
    return reduce(np.logical_and, verdicts) if verdicts else np.ones(n, dtype=bool)


def _check(log_w: NDArray[np.float64], columns: Mapping[str, Any], binnings: Mapping[str, Binning]) -> None:
    if log_w.ndim != 1 or np.isnan(log_w).any():
        raise InputError(
            f"log weights must be one defined number an event, not of shape {log_w.shape} with NaN"
        )
    if log_w.size >= 2**32:
        raise InputError(f"an index holds less than 2^32 events, not {log_w.size}; build it of parts")
    if not binnings:
        raise InputError("an index needs at least one observable")
    for name in binnings:
        if name not in columns:
            raise InputError(f"there is a binning of {name}, but no column of that name")
        if columns[name].shape != log_w.shape:
            raise InputError(
                f"observable {name} has shape {columns[name].shape}, but there are {log_w.size} log weights"
            )
