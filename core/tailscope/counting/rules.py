"""Rules: how bins are made from the values of an observable, in both samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .atoms import apart, common_ends, without
from .binning import Binning, Scale

Floats = NDArray[np.float64]
Range = tuple[float, float]

REACH = 4.0
"""How far a range goes from the median, in distances of the quantile of 5% (95%) from it."""
LOOKED_AT = 200_000
"""Events of a sample of which quantiles are taken."""


class Rule(Protocol):
    """What makes a `Binning` of an observable: bins that are fixed, or a rule that looks at the values."""

    @property
    def scale(self) -> Scale:
        """How the axis is drawn."""

    def of(self, *samples: NDArray[Any]) -> Binning:
        """Edges for the values of some samples, float[n_events] each, NaN allowed; the reference is first."""


@dataclass(frozen=True)
class AutoBinning:
    """A rule that makes a `Binning` from the values of the samples, the reference first.

    The range is the given ``low``/``high`` where they are not None. Else an end lies 4 times as far from the
    median as the quantile of 5% (95%) does, or at the smallest (largest) value where that is nearer: normal
    and exponential distributions of 10,000 events are shown whole, of a Cauchy distribution 1.3% lie beyond
    either end, and outliers do not squeeze a needle. Where that quantile is the median itself, that of 0.5%
    (99.5%) takes its place, then the smallest (largest) value. The range holds those of all samples, but goes
    beyond the reference's by the width of that at most. All this is of finite values, of the logarithms of
    positive ones on a log scale; a linear range is widened to round numbers. Values outside are under- or
    overflow, which are kept and shown.

    A single value at an end of the support that many events have has no part in this: it alone is under- or
    overflow (`tailscope.counting.atoms`).

    A constant observable gets a range of one unit (one decade) around its value; one without a single
    defined value gets [0, 1) ([0.1, 1) on a log scale).
    Observables whose values are integers in the reference, at most ``bins`` of them, get a bin for each.
    """

    scale: Scale = "linear"
    bins: int = 50
    low: float | None = None
    high: float | None = None

    def of(self, *samples: NDArray[Any]) -> Binning:
        """Edges for the values of some samples, float[n_events] each, NaN allowed; the reference is first."""
        finite = [_finite(values) for values in samples]
        if self.scale == "linear" and finite[0].size and np.all(finite[0] == np.round(finite[0])):
            return self._integers(finite) or self._equal(finite)
        ends = common_ends(finite)
        rest = [without(values, ends) for values in finite]
        if not any(map(self._usable, rest)):
            return self._equal(finite)
        return apart(self._equal(rest), finite, ends)

    def _usable(self, values: Floats) -> bool:
        return bool((values > 0).any()) if self.scale == "log" else values.size > 0

    def _integers(self, samples: Sequence[Floats]) -> Binning | None:
        low, high = self._range(samples)
        if self.low is not None or self.high is not None or high - low >= self.bins:
            return None
        return Binning(np.arange(np.floor(low), np.floor(high) + 2) - 0.5)

    def _equal(self, samples: Sequence[Floats]) -> Binning:
        low, high = self._range(samples)
        if self.scale == "log":
            # Bins are half-open: many events at the largest value (discrete energies) must not be overflow.
            high *= 1 + 1e-6 if self.high is None else 1
            low *= 1 - 1e-6 if self.low is None else 1  # its logarithm may have grown
            return Binning(np.geomspace(low, high, self.bins + 1), "log")
        if self.low is None or self.high is None:
            low, high = _rounded(low, high, self.low is None, self.high is None)
        return Binning(np.linspace(low, high, self.bins + 1))

    def _range(self, samples: Sequence[Floats]) -> Range:
        log = self.scale == "log"
        used = [np.log(values[values > 0]) if log else values for values in samples]
        low, high = _together([_range_of(values) for values in used if values.size], log=log)
        low = low if self.low is None else self.low
        high = high if self.high is None else self.high
        if not high > low * (1 + 1e-9) + 1e-300:
            spread = max(0.5, abs(low) * 1e-3)
            low, high = (low / 10**0.5, low * 10**0.5) if log else (low - spread, low + spread)
        return low, high


@dataclass(frozen=True)
class EndsApart:
    """A rule that takes given bins, but keeps a common value at an end apart; see `atoms.apart`.

    For what has natural ends, such as fractions from 0 to 1: there an end is one of a kind even where the
    value next to it is as common.
    """

    binning: Binning
    low: bool = True
    high: bool = True

    @property
    def scale(self) -> Scale:
        """How the axis is drawn."""
        return self.binning.scale

    def of(self, *samples: NDArray[Any]) -> Binning:
        """Edges for the values of some samples, float[n_events] each, NaN allowed."""
        finite = [_finite(values) for values in samples]
        low, high = common_ends(finite, alone=False)
        return apart(
            self.binning, finite, (low if self.low else None, high if self.high else None), always=True
        )


def _finite(values: NDArray[Any]) -> Floats:
    numbers: Floats = np.asarray(values, dtype=np.float64)
    return numbers[np.isfinite(numbers)]


def _range_of(values: Floats) -> Range:
    """Where one sample's values lie, float64[n] with n > 0, without far tails."""
    looked_at = values[:: max(1, values.size // LOOKED_AT)]
    quantiles = np.quantile(looked_at, [0.005, 0.05, 0.5, 0.95, 0.995]).tolist()
    first, low, median, high, last = quantiles
    smallest, largest = float(values.min()), float(values.max())
    below = next((median - q for q in (low, first) if q < median), median - smallest)
    above = next((q - median for q in (high, last) if q > median), largest - median)
    return max(smallest, median - REACH * below), min(largest, median + REACH * above)


def _together(ranges: Sequence[Range], *, log: bool) -> Range:
    """One range for all samples, the first of which keeps a third of it; out of logarithms again."""
    if not ranges:
        return (0.1, 1.0) if log else (0.0, 1.0)
    low, high = ranges[0]
    most = high - low or np.inf
    found = (
        max(min(first for first, _ in ranges), low - most),
        min(max(last for _, last in ranges), high + most),
    )
    return (float(np.exp(found[0])), float(np.exp(found[1]))) if log else found


def _rounded(low: float, high: float, move_low: bool, move_high: bool) -> Range:
    """Widen a range to multiples of a 1-2-5 step of about a fiftieth of it."""
    raw = (high - low) / 50
    power = 10.0 ** np.floor(np.log10(raw))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * (1 - 1e-12))
    return (
        float(np.floor(low / step) * step) if move_low else low,
        # Bins are half-open: a largest value on a round number must not become overflow.
        float((np.floor(high / step) + 1) * step) if move_high else high,
    )
