"""Where an axis of weights has its numbers."""

from __future__ import annotations

import math

MANY_DECADES = 1e4
"""Span of weights beyond which their axis is like any other logarithmic one."""

FEW = 2
"""So many numbers do not make an axis: others are then thinned out sooner than done without."""

_DECADES = range(-12, 13)

_DISTANCES = tuple(m * 10.0**k for k in range(0, -4, -1) for m in (5, 2, 1))


def weight_ticks(low: float, high: float, apart: float) -> list[float]:
    """Ticks of a logarithmic axis of weights: as many round numbers as have room for a label each.

    Weights often span less than a decade, where powers of ten leave an axis without a number. Tried are
    powers of ten, 1, 2 and 5 of each decade, and equal distances.

    Parameters
    ----------
    low, high: ends of the axis, at most `MANY_DECADES` apart.
    apart: least distance of two ticks, as a part of the axis.

    """
    room = apart * math.log(high / low)
    tried = [[m * 10.0**k for k in _DECADES for m in steps] for steps in ((1,), (1, 2, 5))]
    tried += [
        [round(n * step, 3) for n in range(math.ceil(low / step), math.floor(high / step) + 1)]
        for step in _DISTANCES
        if (high - low) / step < 2 / apart
    ]
    inside = [[tick for tick in ticks if 0 < low <= tick <= high] for ticks in tried]
    found = max((ticks for ticks in inside if _thinned(ticks, room) == ticks), key=len, default=[])
    return found if len(found) > FEW else max((_thinned(ticks, room) for ticks in inside), key=len)


def _thinned(ticks: list[float], room: float) -> list[float]:
    """Without those that are too near to the one before, from 1 on upwards and downwards."""
    kept: list[float] = []
    for side in ([tick for tick in ticks if tick >= 1], [tick for tick in reversed(ticks) if tick < 1]):
        last = kept[0] if kept else None
        for tick in side:
            if last is None or abs(math.log(tick / last)) >= room:
                kept.append(tick)
                last = tick
    return sorted(kept)


ROOM_ACROSS, ROOM_ALONG = 0.155, 0.075
"""Least distance of ticks, as a part of the axis: of a low panel's y axis, of an x axis."""
