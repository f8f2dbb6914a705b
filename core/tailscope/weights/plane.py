"""Two observables at once: mean log w, ratios and counts in their plane, and where selections lie in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np

from tailscope.counting.binning import Binning
from tailscope.counting.pair_counts import (
    F2,
    F2L,
    F2L2,
    FL,
    V2,
    V2W2,
    VW,
    Axis,
    F,
    PairCounts,
    V,
    pair_counts,
)
from tailscope.selection import Cut, SampleName, Selection

from .events import SAMPLES, Floats
from .pair import WeightedPair

LEAST_BINS, MOST_BINS = 20, 60
"""Of an axis, where the observable has as many."""
EVENTS = 12
"""Of both samples together, in a bin on average: fewer make bins larger."""

NARROWEST, WIDEST = 0.5, 2.0
"""Bins by which the density of a selection is smoothed."""

Estimate = tuple[Floats, Floats]
"""A number a bin and its standard error, float64[n_x, n_y] each; NaN where there is none."""


@dataclass(frozen=True, eq=False)
class Plane:
    """What is drawn of two observables.

    Attributes
    ----------
    reference, generated: all events within the slice.
    selections: those of each selection, read off its right sample; its cuts on the two are ignored.

    """

    reference: PairCounts
    generated: PairCounts
    selections: tuple[PairCounts, ...]

    @property
    def x(self) -> Axis:
        """The first observable."""
        return self.reference.x

    @property
    def y(self) -> Axis:
        """The second one."""
        return self.reference.y

    @cached_property
    def events(self) -> Floats:
        """Events of both samples in each bin: float64[n_x, n_y]."""
        return self.reference.inside() + self.generated.inside()

    @cached_property
    def mean_log_w(self) -> Estimate:
        """Mean of log w over the events of both samples, each sample counting as much as the other.

        With event weights v, S their sum in a sample, u = v/S, and over the events of the bin

            mean = sum u log w / sum u,    error^2 = sum u^2 (log w - mean)^2 / (sum u)^2.

        Events of w = 0 or w = inf are left out. The error of a bin of one event is unknown: NaN.
        """
        sums = np.zeros((5, *self.events.shape))
        for counts in (self.reference, self.generated):
            scale = 1 / (counts.sums[..., V].sum() or 1.0)
            sums += [scale * counts.inside(column) for column in (F, FL)] + [
                scale**2 * counts.inside(column) for column in (F2, F2L, F2L2)
            ]
        u, ul, u2, u2l, u2l2 = sums
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = np.where(u > 0, ul / u, np.nan)
            squares = u2l2 - 2 * mean * u2l + mean**2 * u2
            error = np.sqrt(np.clip(squares, 0, None)) / u
        return mean, np.where(self.events > 1, error, np.nan)

    @cached_property
    def ratio(self) -> Estimate:
        """Share of the generated events over that of the reference events, and its error.

        Inf where there are no reference events, with an error of NaN.
        """
        return self._ratio(V, V2)

    @cached_property
    def closure(self) -> Estimate:
        """The same of the generated events reweighted by w: 1 where the weights repair the pair."""
        return self._ratio(VW, V2W2)

    def _ratio(self, column: int, squares: int) -> Estimate:
        top, its_variance = _shares(self.generated, column, squares)
        bottom, other_variance = _shares(self.reference, V, V2)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.where(bottom > 0, top / bottom, np.where(top > 0, np.inf, np.nan))
            error = np.sqrt(its_variance + found**2 * other_variance) / bottom
        return found, np.where(bottom > 0, error, np.nan)

    def density(self, number: int) -> Floats:
        """Events of a selection (or their weights) per bin of the binnings, smoothed: float64[n_x, n_y].

        The fewer events, the wider the Gaussian: Scott's rule for two dimensions, n^(-1/6) of the spread,
        within `NARROWEST` and `WIDEST`.
        """
        from scipy.ndimage import gaussian_filter

        counts = self.selections[number]
        values = np.clip(counts.inside(V), 0, None)
        density = values / np.multiply.outer(self.x.merged, self.y.merged)
        if not (events := counts.inside().sum()):
            return density
        narrow = events ** (-1 / 6)
        widths = []
        for axis in (0, 1):
            along = values.sum(axis=1 - axis)
            at = np.arange(along.size)
            mean = np.average(at, weights=along) if along.any() else 0.0
            spread = sqrt(np.average((at - mean) ** 2, weights=along)) if along.any() else 0.0
            widths.append(float(np.clip(narrow * spread, NARROWEST, WIDEST)))
        smooth: Floats = gaussian_filter(density, widths, mode="nearest")
        return smooth


def levels(density: Floats, shares: Sequence[float]) -> list[float]:
    """Heights above which a density holds given shares of all there is; ascending, each once.

    Those of highest-density regions (Hyndman 1996): 0.9 gives the lowest line around 90% of the events.
    """
    falling = np.sort(density[density > 0])[::-1]
    if not falling.size:
        return []
    held = np.cumsum(falling) / falling.sum()
    found = {float(falling[min(int(np.searchsorted(held, share)), falling.size - 1)]) for share in shares}
    return sorted(found)


def plane(
    study: WeightedPair,
    x: str,
    y: str,
    selections: Sequence[Selection] = (),
    within: tuple[Cut, ...] = (),
) -> Plane:
    """Count two observables: all events within a slice, and those of selections.

    Raises
    ------
    InputError, SelectionError: an observable that is not there.

    """
    axes = _axes(study, x, y)

    def count(sample: SampleName, selection: Selection) -> PairCounts:
        index = study.index(sample)
        places = index.places(selection, within=within, shown=(x, y))
        return pair_counts(index, *axes, places, reweight=sample == "generated")

    reference, generated = (count(sample, Selection()) for sample in SAMPLES)
    return Plane(reference, generated, tuple(count(s.right_sample, s) for s in selections))


def _axes(study: WeightedPair, x: str, y: str) -> tuple[Axis, Axis]:
    """Bins of the pair: as many as the events of the study allow."""
    most = int(np.clip(sqrt(len(study) / EVENTS), LEAST_BINS, MOST_BINS))
    binnings = [study.observable(name).binning for name in (x, y)]
    first, second = (
        Axis.of(name, binning, most)
        for name, binning in zip((x, y), binnings, strict=True)
        if isinstance(binning, Binning)
    )
    return first, second


def _shares(counts: PairCounts, column: int, squares: int) -> Estimate:
    """Shares of the whole sample in each bin, and their variances."""
    total = float(counts.sums[..., column].sum()) or 1.0
    return counts.inside(column) / total, counts.inside(squares) / total**2
