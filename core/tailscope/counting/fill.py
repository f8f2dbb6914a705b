"""Filling: any values in any bins, as events or as sums of weights and of their squares."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .binning import place
from .histogram import Histogram

Floats = NDArray[np.float64]


def fill(values: NDArray[Any], edges: Floats, weight: Floats | None = None) -> Histogram:
    """Histogram of float[n] values: events, or sums of their weights (float64[n], finite) and squares.

    Bins are half-open, the last one too; ``edges`` ascend, however many there are.
    """
    return fill_placed(place(values, edges), edges, weight)


def fill_placed(
    slots: NDArray[np.unsignedinteger[Any]], edges: Floats, weight: Floats | None = None
) -> Histogram:
    """The same of values of which `place` has told the slots: uint[n]."""
    n_slots = edges.size + 2
    values = sums(slots, n_slots, weight)
    return Histogram.of_slots(edges, values, values if weight is None else sums(slots, n_slots, weight**2))


def fill_sorted(ascending: NDArray[Any], edges: Floats) -> Histogram:
    """Events of values that ascend, undefined ones last: a search for each edge, however many events."""
    below = np.searchsorted(ascending, np.append(edges, np.nan), side="left")
    counts = np.diff(below, prepend=0, append=ascending.size)
    return Histogram.of_slots(edges, counts, counts)


def sums(at: NDArray[Any], n: int, weight: Floats | None = None) -> Floats:
    """Events, or sums of their weights, at the places 0 to n - 1: float64[n] from int[n_events]."""
    return np.bincount(at, weight, minlength=n).astype(np.float64)
