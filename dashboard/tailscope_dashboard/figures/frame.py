"""The axis as it is drawn: bins, what lies beyond them, and where ratios and mean weights leave the frame."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tailscope.counting.histogram import Histogram

Floats = NDArray[np.float64]
Beyond = Literal["nothing", "flow", "single"]
"""What is drawn beyond an end: nothing, underflow (overflow), or that as one single value in a box."""

HIGHEST_RATIO = 4.0
"""Where the axis of a ratio ends at the latest."""
FURTHEST_MEAN = 20.0
"""Up to which factor around 1 a mean weight is drawn."""


def beyond_of(end: float | None, *, is_there: bool) -> Beyond:
    """What is drawn beyond the bins: a box where all of it has one value, ``end``; ``is_there``: anything."""
    return "nothing" if not is_there else "flow" if end is None else "single"


@dataclass(frozen=True, eq=False)
class Frame:
    """Bins as they are drawn, with one more at either end for what lies beyond.

    Underflow and overflow follow the bins at once; a single value stands in a box as wide as a mean bin,
    apart from them by as much again.

    Attributes
    ----------
    bins: edges of the bins alone, float64[n_bins + 1].
    log_x: whether the axis is logarithmic.
    beyond: what is drawn below and above the bins.

    """

    bins: Floats
    log_x: bool
    beyond: tuple[Beyond, Beyond]

    @cached_property
    def edges(self) -> Floats:
        """Of everything that is drawn, float64[n + 1]; the gap before a box is an empty bin."""
        edges = np.log10(self.bins) if self.log_x else self.bins
        widths = np.diff(edges)
        mean, least = widths.mean(), 0.03 * (edges[-1] - edges[0])
        steps = {
            "nothing": ([], []),
            "flow": ([max(widths[0], least)], [max(widths[-1], least)]),
            "single": ([2 * mean, mean], [mean, 2 * mean]),
        }
        drawn = np.concatenate(
            [
                edges[0] - np.array(steps[self.beyond[0]][0]),
                edges,
                edges[-1] + np.array(steps[self.beyond[1]][1]),
            ]
        )
        return 10**drawn if self.log_x else drawn

    @cached_property
    def centres(self) -> Floats:
        """Where the points of bins are drawn, float64[n]: the geometric mean on a logarithmic axis."""
        edges = self.edges
        return np.sqrt(edges[1:] * edges[:-1]) if self.log_x else (edges[1:] + edges[:-1]) / 2

    @cached_property
    def boxes(self) -> tuple[int, ...]:
        """Which of the bins drawn hold a single value."""
        ends = (0, self.edges.size - 2)
        return tuple(end for end, what in zip(ends, self.beyond, strict=True) if what == "single")

    def whole(self, bins: Floats, below: float, above: float, *, gap: float = 0.0) -> Floats:
        """Numbers of bins, with those of underflow and overflow where these are drawn: float64[n]."""
        first = {"nothing": [], "flow": [below], "single": [below, gap]}[self.beyond[0]]
        last = {"nothing": [], "flow": [above], "single": [gap, above]}[self.beyond[1]]
        return np.concatenate([first, bins, last])

    def histogram(self, h: Histogram) -> Histogram:
        """A histogram in `edges`: what lies beyond is a bin like the others where it is drawn."""
        under, over, undefined = h.outside_variances
        kept = [what == "nothing" for what in self.beyond]
        return Histogram(
            self.edges,
            self.whole(h.values, h.underflow, h.overflow),
            self.whole(h.variances, under, over),
            h.underflow * kept[0],
            h.overflow * kept[1],
            h.undefined,
            (under * kept[0], over * kept[1], undefined),
        )

    def height(self, h: Histogram) -> Floats:
        """Upper ends of a histogram's error bars, in `edges`, that decide on a linear axis: 0 for boxes."""
        tops = h.values + h.errors
        tops[list(self.boxes)] = 0.0
        return tops


def ratio_range(*ratios: Floats) -> tuple[float, float]:
    """Ends of the axis of some ratios: around 1 as far as 0, then upwards to at most `HIGHEST_RATIO`."""
    found = np.concatenate([*ratios, [1.1]])
    reach = 1.15 * float(np.abs(found[np.isfinite(found)] - 1).max())
    return max(0.0, 1 - reach), min(1 + reach, HIGHEST_RATIO)


def mean_range(mean: Floats) -> tuple[float, float]:
    """Ends of the logarithmic axis of mean weights: those there are, at most `FURTHEST_MEAN` from 1."""
    found = np.concatenate([mean[mean > 0], [0.8, 1.25]])
    low, high = float(found.min()) / 1.3, float(found.max()) * 1.3
    return max(low, 1 / FURTHEST_MEAN), min(high, FURTHEST_MEAN)


@dataclass(frozen=True, eq=False)
class Off:
    """Which points of a curve lie off the scale: bool[n] each.

    Attributes
    ----------
    below, above: beyond either end.
    unmatched: the reference has nothing there and the curve has something; its ratio is no number.

    """

    below: NDArray[np.bool_]
    above: NDArray[np.bool_]
    unmatched: NDArray[np.bool_]

    @classmethod
    def of(cls, values: Floats, low: float, high: float, unmatched: NDArray[np.bool_] | None = None) -> Off:
        """Of points, NaN for none, on an axis from low to high."""
        none = np.zeros(values.shape, dtype=bool)
        with np.errstate(invalid="ignore"):
            return cls(values < low, values > high, none if unmatched is None else unmatched)


def unmatched(part: Histogram, whole: Histogram) -> NDArray[np.bool_]:
    """Bins with nothing of the whole and something of the part."""
    return (whole.values <= 0) & (part.values > 0)
