"""Atoms: single values at an end of the support that many events have, and bins that keep them apart."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .binning import Binning

Floats = NDArray[np.float64]
Ends = tuple[float | None, float | None]
"""A value at the lower end and one at the upper end; None where there is none."""

COMMON = 0.005
"""Share of a sample's events that have one value, from where it is an atom."""
FEWEST = 10
"""Events of a sample that have one value, from where it is an atom."""
LOOKED_AT = 20_000
"""Events among which single values are counted."""


def common_ends(samples: Sequence[Floats], *, alone: bool = True) -> Ends:
    """The smallest and the largest value of all samples, where it is common.

    ``samples``: finite values, float[n] each. ``alone``: only where it is at least twice as common as any
    other single value of that sample, so that the first of several discrete values is none.
    """
    filled = [values for values in samples if values.size]
    if not filled:
        return None, None
    ends = float(min(v.min() for v in filled)), float(max(v.max() for v in filled))
    others = [_most_common(values, ends) if alone else 0.0 for values in filled]

    def common(end: float) -> bool:
        found = [(int(np.count_nonzero(values == end)), values.size) for values in filled]
        return any(
            k >= FEWEST and k >= max(COMMON, 2 * other) * n
            for (k, n), other in zip(found, others, strict=True)
        )

    low, high = (end if common(end) else None for end in ends)
    return low, high


def _most_common(values: Floats, ends: tuple[float, float]) -> float:
    """Share of the events that have the most common value but those at the ends."""
    looked_at = values[:: max(1, values.size // LOOKED_AT)]
    found, counts = np.unique(looked_at, return_counts=True)
    inside = (found != ends[0]) & (found != ends[1])
    return float(counts[inside].max(initial=0)) / looked_at.size


def without(values: Floats, ends: Ends) -> Floats:
    """The values that are neither end."""
    for end in ends:
        if end is not None:
            values = values[values != end]
    return values


def apart(binning: Binning, samples: Sequence[Floats], ends: Ends, *, always: bool = False) -> Binning:
    """Bins whose underflow (overflow) holds exactly the lower (upper) end and nothing else.

    Bins that the end shares with other values begin above it (end at it: bins are half-open). Where other
    values lie outside with it, the range is widened to these, by its own length at most; where that is not
    enough they stay together. An end that has a bin of its own stays there, but for ``always``.

    Parameters
    ----------
    samples: all finite values, float[n] each.
    ends: values that are apart; None for those that are not.

    """
    low, high = ends
    rest = [values for values in (without(v, ends) for v in samples) if values.size]
    if not rest:
        return binning
    if low is not None:
        above = float(min(values.min() for values in rest))
        binning = _from(binning, low, above, always)
    if high is not None:
        below = float(max(values.max() for values in rest))
        binning = _up_to(binning, high, below, always)
    return binning


def _from(binning: Binning, low: float, above: float, always: bool) -> Binning:
    """Bins that begin above ``low`` and not above the next larger value."""
    edges = binning.edges
    if low >= edges[-1]:
        return binning
    if low < edges[0]:
        if above >= edges[0]:
            return binning
        return _spanned(binning, between(low, above), float(edges[-1]))
    end_of_its_bin = edges[np.searchsorted(edges, low, side="right")]
    if above >= end_of_its_bin and not always:
        return binning
    first = between(low, min(above, float(end_of_its_bin)))
    return Binning(np.concatenate([[first], edges[edges > first]]), binning.scale)


def _up_to(binning: Binning, high: float, below: float, always: bool) -> Binning:
    """Bins that end at ``high``, or between it and the next smaller value."""
    edges = binning.edges
    if high <= edges[0]:
        return binning
    if high >= edges[-1]:
        return binning if below < edges[-1] else _spanned(binning, float(edges[0]), high)
    its_bin = edges[np.searchsorted(edges, high, side="right") - 1]
    if below < its_bin and not always:
        return binning
    kept = edges[edges < high] if its_bin < high else edges[edges <= high]
    return Binning(kept if its_bin == high else np.append(kept, high), binning.scale)


def _spanned(binning: Binning, low: float, high: float) -> Binning:
    """As many equal bins over a wider range, if it is at most twice as wide."""
    edges, log = binning.edges, binning.scale == "log"
    if log and low <= 0:
        return binning
    length, wider = (math.log(b / a) if log else b - a for a, b in ((edges[0], edges[-1]), (low, high)))
    if wider > 2 * length:
        return binning
    spaced = np.geomspace if log else np.linspace
    return Binning(spaced(low, high, edges.size), binning.scale)


def between(low: float, high: float) -> float:
    """The number with the fewest decimals above ``low`` and not above ``high``."""
    first = 3 - math.floor(math.log10(high - low))
    for decimals in range(first - 6, first + 15):
        step = 10.0**-decimals
        found = round(math.floor(high / step) * step, decimals)
        if low < found <= high:
            return found
    return high
