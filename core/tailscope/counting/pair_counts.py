"""Counts of pairs: events, and sums of w and of log w, in the bins of two observables at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .binning import Binning
from .code_kernels import Codes, Floats, jit
from .codes import slot_table
from .index import Index
from .kernels import LARGEST_LOG_W, Integers
from .threads import in_threads

V, V2, VW, V2W2, F, FL, F2, F2L, F2L2 = range(9)
"""Columns of the sums of an event weight v, of w, and of log w = l where that is finite (F for its v)."""


@dataclass(frozen=True, eq=False)
class Axis:
    """One observable of a pair: bins of its binning, some neighbouring ones taken as one.

    Attributes
    ----------
    name: the observable.
    edges: float64[n_bins + 1], some of the binning's own.
    merged: int64[n_bins], bins of the binning in each.
    slots: uint16[256], slot of each code: underflow, n_bins bins, overflow, undefined.

    """

    name: str
    edges: NDArray[np.float64]
    merged: NDArray[np.int64]
    slots: NDArray[np.uint16]

    @classmethod
    def of(cls, name: str, binning: Binning, most: int) -> Axis:
        """Take as many bins together as leave at most ``most``."""
        n = len(binning)
        first = np.arange(0, n, -(-n // most))
        merged = np.diff(first, append=n)
        # Of the binning's own slots: underflow, the bins, overflow, undefined.
        coarse = np.concatenate([[0], np.repeat(np.arange(first.size), merged) + 1, first.size + np.r_[1, 2]])
        own = slot_table(np.array([0, n + 3]))[0]
        return cls(name, binning.edges[np.append(first, n)], merged, coarse[own].astype(np.uint16))

    def __len__(self) -> int:
        return self.merged.size

    @property
    def size(self) -> int:
        """Slots: bins, underflow, overflow and undefined."""
        return len(self) + 3

    def snapped(self, low: float, high: float) -> tuple[float | None, float | None]:
        """The edges nearest to both ends of a range, at least a bin apart; None at an end of the axis."""
        edges, ends = self.edges, np.clip([low, high], self.edges[0], self.edges[-1])
        near = np.interp(ends, edges, np.arange(edges.size))
        first, last = (int(np.floor(one + 0.5)) for one in near)
        if last == first:
            first = min(int(near.mean()), len(self) - 1)
            last = first + 1
        return (
            float(edges[first]) if first else None,
            float(edges[last]) if last < len(self) else None,
        )


@dataclass(frozen=True, eq=False)
class PairCounts:
    """What the events of one sample are in the slots of two observables.

    Attributes
    ----------
    x, y: the observables.
    events: int64[x.size, y.size], with under- and overflow and undefined ones.
    sums: float64[x.size, y.size, 9], see `V`; those of w are 0 unless asked for. w = inf is in no sum of w,
        neither w = 0 nor w = inf in one of log w.

    """

    x: Axis
    y: Axis
    events: Integers
    sums: Floats

    def inside(self, column: int | None = None) -> Floats:
        """Events of the bins alone, or one of the sums: float64[n_bins of x, n_bins of y]."""
        of = self.events if column is None else self.sums[..., column]
        return of[1:-2, 1:-2].astype(np.float64)

    @property
    def outside(self) -> int:
        """Events that have no bin: beyond an axis or undefined."""
        return int(self.events.sum() - self.events[1:-2, 1:-2].sum())


def pair_counts(
    index: Index, x: Axis, y: Axis, places: NDArray[np.uint32], *, reweight: bool = False
) -> PairCounts:
    """Count some events of an index; a pass over two of its columns of codes.

    Parameters
    ----------
    places: uint32[m], positions in the sorted sample: `Index.places`.
    reweight: also sum w and its square.

    Raises
    ------
    SelectionError: an observable that the index does not have.

    """
    columns = index.slots.number_of(x.name), index.slots.number_of(y.name)
    counted = partial(_count, index, x, y, columns, places, reweight)
    parts = in_threads(counted, places.size)
    events = np.add.reduce([part[0] for part in parts])
    sums = np.add.reduce([part[1] for part in parts])
    shape = x.size, y.size
    return PairCounts(x, y, events.reshape(shape), sums.reshape(*shape, -1))


def _count(
    index: Index,
    x: Axis,
    y: Axis,
    columns: tuple[int, int],
    places: NDArray[np.uint32],
    reweight: bool,
    first: int,
    last: int,
) -> tuple[Integers, Floats]:
    events = np.zeros(x.size * y.size, np.int64)
    sums = np.zeros((x.size * y.size, 9))
    _fill(
        index.tally.counts.codes, *columns, x.slots, y.slots, y.size, places[first:last],
        index.log_w, index.event_weight, reweight, events, sums,
    )  # fmt: skip
    return events, sums


@jit
def _fill(
    codes: Codes,
    x: int,
    y: int,
    x_slots: NDArray[np.uint16],
    y_slots: NDArray[np.uint16],
    y_size: int,
    places: NDArray[Any],
    log_w: Floats,
    event_weight: Floats,
    reweight: bool,
    events: Integers,
    sums: Floats,
) -> None:
    """Add the events at some places to the row ``x_slot * y_size + y_slot``."""
    for place in places:
        at = np.int64(x_slots[codes[place, x]]) * y_size + np.int64(y_slots[codes[place, y]])
        v = event_weight[place] if event_weight.size > 0 else 1.0
        level = log_w[place]
        events[at] += 1
        row = sums[at]
        row[V] += v
        row[V2] += v * v
        if reweight and level <= LARGEST_LOG_W:
            w = v * np.exp(level)
            row[VW] += w
            row[V2W2] += w * w
        if np.isfinite(level):
            row[F] += v
            row[FL] += v * level
            row[F2] += v * v
            row[F2L] += v * v * level
            row[F2L2] += v * v * level * level
