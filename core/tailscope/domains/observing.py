"""What kinds of events write of their observables: how one is made, and what many of them share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from tailscope.counting.binning import Binning
from tailscope.counting.rules import EndsApart, Rule
from tailscope.sample.observable import Arrays, Observable

from .kinematics import Floats

FRACTION = EndsApart(Binning(np.arange(52) / 50))
"""Bins of 0.02 from 0; the last, [1, 1.02), holds exactly 1, which is overflow alone where it is common."""

W = TypeVar("W")


@dataclass(frozen=True)
class Maker(Generic[W]):
    """Makes the observables of one kind of event.

    Attributes
    ----------
    wrap: arrays -> what values are computed from, with the sums they share (`Wrapped.of`).

    """

    wrap: Callable[[Arrays], W]

    def __call__(
        self, name: str, label: str, unit: str, binning: Rule, value: Callable[[W], Floats]
    ) -> Observable:
        """Make one: ``value`` gives float64[n] of n wrapped events, NaN where it is undefined."""

        def compute(arrays: Arrays) -> NDArray[np.float32]:
            return value(self.wrap(arrays)).astype(np.float32)

        return Observable(name, label, unit, binning, compute)
