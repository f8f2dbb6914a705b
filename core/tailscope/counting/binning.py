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

    def of(self, *samples: NDArray[Any]) -> Binning:
        """Return this binning whatever the values: the trivial case of `Rule.of`."""
        del samples
        return self

    def digitise(self, values: ArrayLike) -> NDArray[np.uint8]:
        """Code each value: 0 underflow, 1..n_bins, 254 overflow, 255 undefined (NaN).

        Comparisons are made in float64; see `place`.
        """
        code_of_slot = np.append(np.arange(self.edges.size), [OVERFLOW, UNDEFINED]).astype(np.uint8)
        codes: NDArray[np.uint8] = code_of_slot[place(values, self.edges)]
        return codes
