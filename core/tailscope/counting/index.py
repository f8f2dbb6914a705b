"""Index: any selection, every histogram, exactly, in a time that does not grow with the sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tailscope.errors import InputError, SelectionError
from tailscope.selection import Cut, Selection

from . import kernels
from .binning import OVERFLOW, UNDEFINED, Binning
from .checkpoints import Counts, Sums, in_threads, sorted_codes
from .selected import Histograms


@dataclass(frozen=True, eq=False)
class Index:
    """One sample, sorted by weight, with cumulative histograms at checkpoints.

    A range of w is two binary searches, the difference of the nearest checkpoints, and at most half the
    events between two of them added or taken away at either end. Further cuts are decided by bin, and by
    value only in the bins that a cut goes through.

    Attributes
    ----------
    names, binnings: observables, in order.
    n: events.
    order: uint32[n], file rows in ascending log w; equal weights keep the order of the file.
    log_w: float64[n], ascending; -inf (w = 0) and +inf are legal.
    codes: uint8[n_obs, n], `Binning.digitise` in that order; a view of event after event in memory.
    offsets: int64[n_obs + 1]: observable ``o`` owns slots ``offsets[o]:offsets[o + 1]``, which are underflow,
        bins, overflow, undefined.

    """

    names: tuple[str, ...]
    binnings: tuple[Binning, ...]
    n: int
    order: NDArray[np.uint32]
    log_w: NDArray[np.float64]
    codes: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    _columns: Mapping[str, NDArray[np.float32]]
    _counts: Counts
    _sums: tuple[Sums | None, Sums | None]

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
        sizes = [len(binning) + 3 for binning in binnings.values()]
        offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        codes = sorted_codes(order, columns, binnings)
        weight = np.empty(0)
        if event_weight is not None:
            weight = np.asarray(event_weight, dtype=np.float64)
            if weight.shape != log_w.shape or not np.isfinite(weight).all():
                raise InputError(f"event weights must be {log_w.size} finite numbers, one an event")
            weight = weight[order]
        for array in (order, log_w, codes, offsets, weight):
            array.setflags(write=False)
        counts = Counts.build(codes, offsets, bytes_a_slot=4 + 16 * (reweight + (weight.size > 0)))
        sums = (
            Sums.build(counts, log_w, weight, True) if reweight else None,
            Sums.build(counts, log_w, weight, False) if weight.size else None,
        )
        names, columns = tuple(binnings), {name: columns[name] for name in binnings}
        index = cls(
            names, tuple(binnings.values()), log_w.size, order, log_w, codes.T, offsets, columns, counts, sums
        )
        # A selection of nothing compiles what is not compiled yet: the first brush must not wait for that.
        index.histograms(Selection(np.inf, np.inf, (Cut(names[0]),)), crossfilter=True)
        return index

    @cached_property
    def everything(self) -> Histograms:
        """The histograms of all events: the backdrop of every selection."""
        return self.histograms(Selection())

    @cached_property
    def _n_finite(self) -> int:
        return int(np.searchsorted(self.log_w, kernels.LARGEST_LOG_W, side="right"))

    def number_of(self, name: str) -> int:
        """Position of an observable in `names`.

        Raises
        ------
        SelectionError: no observable of that name; says which are close.

        """
        try:
            return self.names.index(name)
        except ValueError:
            close = get_close_matches(name, self.names, n=3) or self.names[:10]
            raise SelectionError(
                f"there is no observable {name!r} among {len(self.names)}; did you mean {', '.join(close)}?"
            ) from None

    def histograms(self, selection: Selection, *, crossfilter: bool = False) -> Histograms:
        """Every histogram of a selection.

        ``crossfilter``: each observable's own histogram ignores the selection's cuts on that observable, so
        that one sees what they leave out; ``events`` and the totals are those of the selection all the same.

        Raises
        ------
        SelectionError: a cut on an unknown observable.

        """
        start, stop = selection.slice_of(self.log_w)
        if not selection.cuts:
            counts, *sums = self._span(start, stop)
            return self._histograms(counts, sums, stop - start, max(0, stop - max(start, self._n_finite)))
        verdicts = self._verdicts(selection.cuts, start, stop)
        passed = np.logical_and.reduce(list(verdicts.values()))
        counts, *sums = self._span_where(passed, start, stop)
        events = int(np.count_nonzero(passed))
        n_infinite = int(np.count_nonzero(passed[max(0, self._n_finite - start) :]))
        result = self._histograms(counts, sums, events, n_infinite)
        if crossfilter:
            for number in verdicts:
                others = [verdict for other, verdict in verdicts.items() if other != number]
                loose = self._loose(others, start, stop, number)
                own = slice(self.offsets[number], self.offsets[number + 1])
                for into, what in zip((counts, *sums), loose, strict=True):
                    if into is not None:
                        into[own] = what[own]
        return result

    def rows(self, selection: Selection) -> NDArray[np.int64]:
        """Rows of the file that a selection holds, ascending: int64[events].

        Raises
        ------
        SelectionError: a cut on an unknown observable.

        """
        start, stop = selection.slice_of(self.log_w)
        rows = self.order[start:stop]
        if selection.cuts:
            rows = rows[self._passed(selection.cuts, start, stop)]
        return np.sort(rows).astype(np.int64)

    def cumulative(self, boundaries: ArrayLike, cuts: tuple[Cut, ...] = ()) -> NDArray[np.uint32]:
        """Histograms of the events before each boundary that pass the cuts: uint32[m, n_slots].

        Parameters
        ----------
        boundaries: int[m], ascending positions in the sorted sample, 0 to n: ``searchsorted`` of log weights.

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
        cube = np.zeros((edges.size, self.offsets[-1]), dtype=np.uint32)
        if not cuts:
            for row, edge in zip(cube, edges.tolist(), strict=True):
                row[:] = self._counts.span(0, edge)
            return cube
        passed = self._passed(cuts, 0, self.n)

        def fill(first: int, last: int) -> None:
            kernels.count_segments(passed, self._counts.codes, self._counts.slots, edges, first, last, cube)

        in_threads(fill, edges.size)
        kernels.accumulate_counts(cube)
        return cube

    def brush_cube(self, selection: Selection, observable: str) -> NDArray[np.uint32]:
        """All histograms for each slot of one observable: uint32[n_bins + 3, n_slots].

        Of the events of the selection, without its cuts on that observable: any range of whole bins of it is
        then a sum of rows.

        Raises
        ------
        SelectionError: no observable of that name.

        """
        number = self.number_of(observable)
        start, stop = selection.slice_of(self.log_w)
        rows = _positions(self._passed(selection.without(observable).cuts, start, stop), start)
        shape = (self.offsets[number + 1] - self.offsets[number], self.offsets[-1])

        def part(first: int, last: int) -> NDArray[np.uint32]:
            cube = np.zeros(shape, dtype=np.uint32)
            kernels.count_pairs(self._counts.codes, self._counts.slots, number, rows[first:last], cube)
            return cube

        cube: NDArray[np.uint32] = np.add.reduce(in_threads(part, rows.size))
        return cube

    def _histograms(
        self, counts: NDArray[np.int64], sums: list[NDArray[np.float64] | None], events: int, n_infinite: int
    ) -> Histograms:
        # One plain call: this is what a drag waits for, and `replace` costs as much as a checkpoint.
        w, event = sums
        w1 = w2 = event1 = event2 = None
        total, total2 = 0.0, 0.0
        if w is not None:
            w1, w2 = w[:, 0], w[:, 1]
            total, total2 = np.add.reduce(w[: len(self.binnings[0]) + 3]).tolist()
        if event is not None:
            event1, event2 = event[:, 0], event[:, 1]
        return Histograms(self, counts, events, n_infinite, w1, w2, total, total2, event1, event2)

    def _span(self, start: int, stop: int) -> tuple[Any, ...]:
        """Counts and sums of a range of the sorted sample."""
        if self._sums == (None, None):
            return self._counts.span(start, stop), None, None
        counts = np.empty(int(self.offsets[-1]), dtype=np.int64)
        return counts, *(None if sums is None else sums.span(start, stop, counts) for sums in self._sums)

    def _span_where(self, passed: NDArray[np.bool_], start: int, stop: int) -> tuple[Any, ...]:
        """The same of the events that passed; those that did not are taken away where they are fewer."""
        n_obs = len(self.names)
        if 2 * np.count_nonzero(passed) <= passed.size:
            return self._of_rows(_positions(passed, start), 0, n_obs)
        whole = self._span(start, stop)
        failed = self._of_rows(_positions(~passed, start), 0, n_obs)
        for into, what in zip(whole, failed, strict=True):
            if into is not None:
                np.subtract(into, what, out=into)
        for sums in whole[1:]:
            if sums is not None:
                kernels.tidy(whole[0], sums)
        return whole

    def _loose(self, others: list[NDArray[np.bool_]], start: int, stop: int, number: int) -> tuple[Any, ...]:
        """The same for one observable, of the events that pass the cuts on the others."""
        if not others:
            return self._span(start, stop)
        return self._of_rows(_positions(np.logical_and.reduce(others), start), number, number + 1)

    def _of_rows(self, rows: NDArray[np.uint32], first: int, last: int) -> tuple[Any, ...]:
        """The same of some events, for the observables ``first`` to ``last``, shared among threads."""
        n_slots = int(self.offsets[-1])
        codes, slots = self._counts.codes, self._counts.slots

        def part(begin: int, end: int) -> tuple[Any, ...]:
            some = rows[begin:end]
            counts = np.zeros(n_slots, dtype=np.int64)
            result: list[Any] = [counts]
            for sums in self._sums:
                result.append(None if sums is None else np.zeros((n_slots, 2)))
                if sums is not None:
                    counts[:] = 0
                    kernels.count_and_sum_rows(
                        codes, slots, *sums.weights, first, last, some, counts, result[-1]
                    )
            if self._sums == (None, None):
                kernels.count_rows(codes, slots, first, last, some, counts)
            return tuple(result)

        parts = in_threads(part, rows.size)
        return tuple(None if same[0] is None else np.add.reduce(same) for same in zip(*parts, strict=True))

    def _passed(self, cuts: tuple[Cut, ...], start: int, stop: int) -> NDArray[np.bool_]:
        """Which events of a range of the sorted sample pass: bool[stop - start]."""
        verdicts = self._verdicts(cuts, start, stop)
        return (
            np.logical_and.reduce(list(verdicts.values())) if verdicts else np.ones(stop - start, dtype=bool)
        )

    def _verdicts(self, cuts: tuple[Cut, ...], start: int, stop: int) -> dict[int, NDArray[np.bool_]]:
        """The same apart for each observable that is cut on: number -> bool[stop - start]."""
        verdicts: dict[int, NDArray[np.bool_]] = {}
        for cut in cuts:
            number = self.number_of(cut.observable)
            verdict = np.empty(stop - start, dtype=np.uint8)
            by_code = _by_bin(cut, self.binnings[number])
            kernels.judge(self._counts.codes, number, by_code, start, stop, verdict)
            open_ = np.flatnonzero(verdict == _LOOK)
            passed = verdict == _PASS
            if open_.size:
                column = self._columns[cut.observable]
                passed[open_] = cut.mask(np.asarray(column[self.order[start:stop][open_]]))
            verdicts[number] = verdicts[number] & passed if number in verdicts else passed
        return verdicts


_FAIL, _PASS, _LOOK = 0, 1, 2


def _positions(passed: NDArray[np.bool_], start: int) -> NDArray[np.uint32]:
    """Positions in the sorted sample of the events that passed, out of a range from ``start`` on."""
    return (np.flatnonzero(passed) + start).astype(np.uint32)


def _by_bin(cut: Cut, binning: Binning) -> NDArray[np.uint8]:
    """What a code alone says about a cut: uint8[256] of fail, pass, look at the value."""
    low = -np.inf if cut.low is None else float(cut.low)
    high = np.inf if cut.high is None else float(cut.high)
    lowest, highest = np.append(-np.inf, binning.edges), np.append(binning.edges, np.inf)
    # Bins are half-open like cuts; only overflow holds its upper end, +inf, which no `high` lets pass.
    inside = (lowest >= low) & (highest <= high)
    inside[-1] &= cut.high is None
    outside = (highest <= low) | (lowest >= high)
    outside[-1] &= not np.isposinf(low)
    verdicts = np.full(256, _FAIL, dtype=np.uint8)
    slots = np.append(np.arange(len(binning) + 1), OVERFLOW)
    verdicts[slots] = np.where(inside, _PASS, np.where(outside, _FAIL, _LOOK))
    verdicts[UNDEFINED] = _FAIL
    return verdicts


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
