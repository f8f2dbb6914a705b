"""From the arrays of a kind of event to plain numbers, and back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Arrays = Mapping[str, NDArray[Any]]
Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class Numbers:
    """Events as a generative network sees them.

    Attributes
    ----------
    values: float64[n, n_values], what the network makes; NaN where an event has no such number.
    given: float64[n, n_given], what it is told (incident energy, how many jets), of order one. New events
        take what they are given from training events, drawn at random.

    """

    values: Floats
    given: Floats


class Codec(ABC):
    """One kind of event. ``decode`` inverts ``encode`` up to what is symmetric (a rotation about the beam).

    Constraints hold by construction: particles are on their mass shell, pT order and thresholds are kept,
    the voxels of a layer add up to its energy, padding is zero.
    """

    def learn(self, arrays: Arrays) -> dict[str, float]:
        """Give constants of the training events that ``encode`` and ``decode`` need."""
        return {}

    @abstractmethod
    def encode(self, arrays: Arrays, constants: Mapping[str, float]) -> Numbers:
        """Give the numbers of these events."""

    def possible(self, numbers: Numbers, constants: Mapping[str, float]) -> NDArray[np.bool_]:
        """Which of these are events at all, bool[n]; others are drawn again."""
        return np.ones(len(numbers.values), dtype=bool)

    @abstractmethod
    def decode(
        self, numbers: Numbers, constants: Mapping[str, float], random: np.random.Generator
    ) -> dict[str, NDArray[Any]]:
        """Give events with these numbers: float32 arrays as the format reads them."""
