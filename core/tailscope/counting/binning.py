"""Binning: how an observable is cut into bins, and the code of each value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tailscope.errors import InputError

Scale = Literal["linear", "log"]

MAX_BINS = 253


UNDERFLOW, OVERFLOW, UNDEFINED = 0, 254, 255
"""uint8 codes beside the bins, which are 1 .. n_bins."""

OUTSIDE = 3
"""Slots beside the bins: underflow before them, overflow and undefined (NaN) after them."""


def place(
    values: ArrayLike, edges: NDArray[np.float64], *, closed: Literal["left", "right"] = "left"
) -> NDArray[np.unsignedinteger[Any]]:
    """Slot of each value: 0 below the first edge, 1 .. n_bins, n_bins + 1 from the last edge on, then NaN.

    Comparisons are made in float64, so that a float32 value meets exactly the edges shown. ``closed``: which
    end of a bin belongs to it; a value on an edge lies above it ("left") or below.
    """
    values = np.asarray(values)
    side: Literal["left", "right"] = "right" if closed == "left" else "left"
    slots = np.searchsorted(edges, values.astype(np.float64, copy=False), side=side)
    slots[np.isnan(values)] = edges.size + 1
    return slots.astype(np.min_scalar_type(edges.size + 1))


@dataclass(frozen=True, eq=False)
class Binning:
    """Bin edges of one observable.

    Bins are half-open, ``[edges[i], edges[i+1])``, the last one too: a value equal to the last edge is
    overflow. That differs from ``numpy.histogram``, whose last bin is closed.

    Attributes
    ----------
    edges: float64[n_bins + 1], strictly increasing and finite; at most 253 bins.
    scale: how the axis is drawn, "linear" or "log".

    Raises
    ------
    InputError: edges that are not increasing and finite, or too many of them.

    """

    edges: NDArray[np.float64]
    scale: Scale = "linear"

    def __post_init__(self) -> None:
        edges = np.asarray(self.edges, dtype=np.float64)
        if edges.ndim != 1 or not 2 <= edges.size <= MAX_BINS + 1:
            raise InputError(f"a binning needs 1 to {MAX_BINS} bins, not edges of shape {edges.shape}")
        if not np.all(np.isfinite(edges)) or np.any(np.diff(edges) <= 0):
            raise InputError("bin edges must be finite and strictly increasing")
        if self.scale == "log" and edges[0] <= 0:
            raise InputError("the edges of a logarithmic binning must be positive")
        edges.setflags(write=False)
        object.__setattr__(self, "edges", edges)

    def __len__(self) -> int:
        return self.edges.size - 1

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Binning):
            return NotImplemented
        return self.scale == other.scale and np.array_equal(self.edges, other.edges)

    def __hash__(self) -> int:
        return hash((self.scale, self.edges.tobytes()))

    def of(self, values: NDArray[Any]) -> Binning:
        """Return this binning whatever the values: the trivial case of `AutoBinning.of`."""
        del values
        return self

    def digitise(self, values: ArrayLike) -> NDArray[np.uint8]:
        """Code each value: 0 underflow, 1..n_bins, 254 overflow, 255 undefined (NaN).

        Comparisons are made in float64; see `place`.
        """
        code_of_slot = np.append(np.arange(self.edges.size), [OVERFLOW, UNDEFINED]).astype(np.uint8)
        codes: NDArray[np.uint8] = code_of_slot[place(values, self.edges)]
        return codes


@dataclass(frozen=True)
class AutoBinning:
    """A rule that makes a `Binning` from the values of the reference sample.

    The range is the given ``low``/``high`` where they are not None, else the quantiles ``trim`` and
    1 - ``trim`` of the finite values (positive ones on a log scale), widened to round numbers on a
    linear scale. Values outside are under- or overflow, which are kept and shown.

    A constant observable gets a range of one unit (one decade) around its value; one without a single
    defined value gets [0, 1) ([0.1, 1) on a log scale).
    Integer-valued observables with at most ``bins`` values between them get a bin for each.
    """

    scale: Scale = "linear"
    bins: int = 50
    low: float | None = None
    high: float | None = None
    trim: float = 0.0005

    def of(self, values: NDArray[Any]) -> Binning:
        """Edges for ``values`` (float[n_events], NaN allowed)."""
        values = np.asarray(values, dtype=np.float64)
        good = values[np.isfinite(values) & ((values > 0) if self.scale == "log" else True)]
        low, high = self._range(good)
        if self.scale == "log":
            # Bins are half-open: many events at the largest value (discrete energies) must not be overflow.
            high *= 1 + 1e-6 if self.high is None else 1
            return Binning(np.geomspace(low, high, self.bins + 1), "log")
        integers = good.size > 0 and bool(np.all(good == np.round(good)))
        if integers and self.low is None and self.high is None and high - low < self.bins:
            return Binning(np.arange(np.floor(low), np.floor(high) + 2) - 0.5)
        if self.low is None or self.high is None:
            low, high = _rounded(low, high, self.low is None, self.high is None)
        return Binning(np.linspace(low, high, self.bins + 1))

    def _range(self, good: NDArray[np.float64]) -> tuple[float, float]:
        default = (0.1, 1.0) if self.scale == "log" else (0.0, 1.0)
        low, high = np.quantile(good, [self.trim, 1 - self.trim]).tolist() if good.size else default
        low = low if self.low is None else self.low
        high = high if self.high is None else self.high
        if not high > low * (1 + 1e-9) + 1e-300:
            spread = max(0.5, abs(low) * 1e-3)
            low, high = (
                (low / 10**0.5, low * 10**0.5) if self.scale == "log" else (low - spread, low + spread)
            )
        return low, high


def _rounded(low: float, high: float, move_low: bool, move_high: bool) -> tuple[float, float]:
    """Widen a range to multiples of a 1-2-5 step of about a fiftieth of it."""
    raw = (high - low) / 50
    power = 10.0 ** np.floor(np.log10(raw))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * (1 - 1e-12))
    return (
        float(np.floor(low / step) * step) if move_low else low,
        # Bins are half-open: a largest value on a round number must not become overflow.
        float((np.floor(high / step) + 1) * step) if move_high else high,
    )
