"""Numbers that stand for none: -999 and the like, where a table has no empty cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

CANDIDATES = tuple(-float(digits) for digits in ("99", "999", "9999", "99999", "999999"))
"""What is written for a missing number."""
FEWEST = 2
"""Events that have it, at least."""
APART = 0.5
"""All other values lie above this part of it: -999 is one among others where there is -700, too."""


@dataclass
class Counted:
    """What was seen of one column so far.

    Attributes
    ----------
    n, nan: values, and those that are NaN.
    low: smallest value other than each candidate: candidate -> value.
    equal: candidate -> how many have exactly this value.
    lowest, high: smallest and largest value.

    """

    n: int = 0
    nan: int = 0
    low: dict[float, float] = field(default_factory=lambda: dict.fromkeys(CANDIDATES, np.inf))
    equal: dict[float, int] = field(default_factory=lambda: dict.fromkeys(CANDIDATES, 0))
    lowest: float = np.inf
    high: float = -np.inf

    def add(self, values: NDArray[np.float32]) -> None:
        """Count float32[n] more."""
        self.n += values.size
        missing = np.isnan(values)
        self.nan += int(missing.sum())
        defined = values[~missing]
        if not defined.size:
            return
        lowest = float(defined.min())
        self.lowest, self.high = min(self.lowest, lowest), max(self.high, float(defined.max()))
        for candidate in CANDIDATES:
            if lowest > candidate:  # none of this one, and none of those below it
                self.low[candidate] = min(self.low[candidate], lowest)
                continue
            equal = defined == np.float32(candidate)
            self.equal[candidate] += int(equal.sum())
            others = defined[~equal]
            if others.size:
                self.low[candidate] = min(self.low[candidate], float(others.min()))

    @property
    def sentinel(self) -> float | None:
        """The value that stands for a missing number; None where none does."""
        for candidate in CANDIDATES:
            if self.equal[candidate] >= FEWEST and self.low[candidate] > APART * candidate:
                return candidate
        return None

    @property
    def undefined(self) -> int:
        """Events without a number."""
        return self.nan + (0 if self.sentinel is None else self.equal[self.sentinel])

    @property
    def range(self) -> tuple[float, float] | None:
        """Smallest and largest number; None where there is none."""
        if self.undefined == self.n:
            return None
        return (self.lowest if self.sentinel is None else self.low[self.sentinel]), self.high


def sentinels(columns: Mapping[str, NDArray[np.float32]]) -> dict[str, float]:
    """Column -> the value that stands for a missing number, where one does."""
    found = {}
    for name, values in columns.items():
        counted = Counted()
        counted.add(values)
        if (sentinel := counted.sentinel) is not None:
            found[name] = sentinel
    return found


def without(values: NDArray[np.float32], sentinel: float | None) -> NDArray[np.float32]:
    """The same numbers, NaN where they are the sentinel."""
    if sentinel is None:
        return values
    missing = values == np.float32(sentinel)
    return np.where(missing, np.float32(np.nan), values) if missing.any() else values
