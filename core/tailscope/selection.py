"""Cut and Selection: plain data that says which events are meant."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .errors import SelectionError
from .record import MisfitError, plain, typed

SampleName = Literal["reference", "generated"]


def _check_range(what: str, low: float | None, high: float | None) -> None:
    for value in (low, high):
        if value is not None and (not isinstance(value, (int, float)) or math.isnan(value)):
            raise SelectionError(f"{what}: {value!r} is not a number; use None for an open end")
    if low is not None and high is not None and low > high:
        raise SelectionError(f"{what}: the range [{low:g}, {high:g}) is inverted; swap its ends")


def _log(w: float) -> float:
    return math.log(w) if w > 0 else -math.inf


@dataclass(frozen=True)
class Cut:
    """``low <= observable < high``; None is an open end. Undefined values (NaN) never pass.

    Raises
    ------
    SelectionError: an inverted range or an end that is not a number.

    """

    observable: str
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        _check_range(f"cut on {self.observable}", self.low, self.high)

    def mask(self, values: NDArray[Any]) -> NDArray[np.bool_]:
        """Which of ``values`` (float[n]) pass; compared in float64."""
        passed: NDArray[np.bool_] = ~np.isnan(values)
        if self.low is not None:
            passed &= values >= np.float64(self.low)
        if self.high is not None:
            passed &= values < np.float64(self.high)
        return passed


@dataclass(frozen=True)
class Selection:
    """A half-open range ``low <= w < high`` of the weight w = p_reference/p_generated, with further cuts.

    Ranges are compared as ``log(low) <= log w < log(high)`` in float64. None is an open end, so a selection
    with ``high=None`` holds w = inf, and one with ``low=None`` or 0 holds w = 0.

    Attributes
    ----------
    low, high: range in w (not log w).
    cuts: further cuts, all of which must pass.
    name, colour: for the page and its legends; colour as "#rrggbb", "" for the next free one.
    sample: read off "reference" or "generated"; None picks the right one: a high tail (only ``low`` given)
        is read off the reference sample, everything else off the generated one.

    Raises
    ------
    SelectionError: an inverted range, a negative weight, an end that is not a number.

    """

    low: float | None = None
    high: float | None = None
    cuts: tuple[Cut, ...] = ()
    name: str = ""
    colour: str = ""
    sample: SampleName | None = None

    def __post_init__(self) -> None:
        label = f"selection {self.name!r}" if self.name else "selection"
        _check_range(label, self.low, self.high)
        for end in (self.low, self.high):
            if end is not None and end < 0:
                raise SelectionError(f"{label}: weights are never negative, {end:g} is; use None or 0")
        if self.sample not in (None, "reference", "generated"):
            raise SelectionError(
                f"{label}: sample must be 'reference', 'generated' or None, not {self.sample!r}"
            )
        object.__setattr__(self, "cuts", tuple(self.cuts))

    @property
    def right_sample(self) -> SampleName:
        """The sample this selection is read off.

        Under-produced phase space (w >> 1) is hardly ever generated, so it must be read off the reference;
        over-produced phase space (w << 1) off the generated sample.
        """
        if self.sample is not None:
            return self.sample
        high_tail = self.low is not None and self.high is None and self.low > 0
        return "reference" if high_tail else "generated"

    def mask(self, log_w: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which events the weight range takes: bool[n] from log weights float[n]; cuts are not looked at.

        ``high=None`` takes w = inf, ``high=math.inf`` does not: ranges are half-open.
        """
        passed = np.ones(log_w.shape, dtype=bool)
        if self.low is not None:
            passed &= log_w >= _log(self.low)
        if self.high is not None:
            passed &= log_w < _log(self.high)
        return passed

    def slice_of(self, sorted_log_w: NDArray[np.float64]) -> tuple[int, int]:
        """The same range as row numbers [start, stop) of ascending log weights."""
        start = 0 if self.low is None else int(np.searchsorted(sorted_log_w, _log(self.low), side="left"))
        stop = sorted_log_w.size
        if self.high is not None:
            stop = int(np.searchsorted(sorted_log_w, _log(self.high), side="left"))
        return start, max(start, stop)

    def to_dict(self) -> dict[str, object]:
        """Plain JSON data."""
        return dict(plain(self))

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Selection:
        """Inverse of `to_dict`.

        Raises
        ------
        SelectionError: keys that are not known, values of a wrong type.

        """
        try:
            found = typed(data, cls)
        except MisfitError as error:
            raise SelectionError(f"not a selection: {error}") from error
        cuts: Any = data.get("cuts", ())
        unknown = _unknown(data, cls) + [key for cut in cuts for key in _unknown(cut, Cut)]
        if unknown:
            raise SelectionError(f"not a selection: nobody knows its {', '.join(unknown)}")
        return found


def _unknown(data: Mapping[str, object], kind: type[Cut | Selection]) -> list[str]:
    return sorted({*data} - {f.name for f in fields(kind)})
