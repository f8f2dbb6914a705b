"""What the classifier sees of an event: low-level inputs, high-level observables, or both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import InputError
from tailscope.sample.observable import Arrays

from .base import Domain, Level

LEVELS: tuple[Level, ...] = ("low", "high", "both")

SMALLEST = 1e-4
"""Added to an observable before its logarithm is taken, so that an empty layer has one."""


class Computed(NamedTuple):
    """What is kept of n events.

    Attributes
    ----------
    features: float32[n, n_features], what the classifier sees beside the conditions.
    condition: float32[n, n_conditions]; None without any.
    observables: name -> float32[n]; NaN where undefined.

    """

    features: NDArray[np.float32]
    condition: NDArray[np.float32] | None
    observables: Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Inputs:
    """The classifier inputs of one domain at one level; conditions come on top.

    "low" is the domain's own features: voxels, constituents, momenta. "high" is one number an observable: its
    logarithm where its axis is logarithmic, 0 where it is undefined. "both" is one after the other.

    Attributes
    ----------
    domain: whose.
    level: "low", "high" or "both".

    """

    domain: Domain
    level: Level

    @classmethod
    def of(cls, domain: Domain, level: Level | None) -> Inputs:
        """Those of a level; the domain's default when None.

        Raises
        ------
        InputError: a level that does not exist, or that this domain does not have.

        """
        chosen = domain.default_level if level is None else level
        if chosen not in LEVELS:
            raise InputError(f"features {chosen!r} do not exist; choose one of {', '.join(LEVELS)}")
        if chosen != "low" and not domain.has_levels:
            raise InputError(
                f"features {chosen!r}: the columns of a {domain.name} are its observables, there are no "
                "others; leave it out"
            )
        return cls(domain, chosen)

    @property
    def high(self) -> tuple[str, ...]:
        """Names of the observables that are inputs; () at level "low"."""
        if self.level == "low":
            return ()
        return tuple(o.name for o in self.domain.observables if self.sees(o.name))

    @property
    def n(self) -> int:
        """How many numbers there are an event, conditions not counted."""
        return len(self.high) + (0 if self.level == "high" else self.domain.n_features)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the features, where they are matched by name; () where by position."""
        low = self.domain.feature_names
        if self.level == "low":
            return low
        if self.level == "high":
            return self.high
        return (*low, *(f"{name} itself" if name in low else name for name in self.high)) if low else ()

    def sees(self, name: str) -> bool:
        """Whether an observable is an input, or computed from inputs alone."""
        return name not in self.domain.unseen

    def computed(self, arrays: Arrays) -> Computed:
        """All that is kept of some events, of their arrays."""
        prepared = self.domain.prepare(arrays)
        observables = self.domain.observed(prepared)
        condition = None if self.domain.condition is None else self.domain.condition(prepared)
        return Computed(self._features(prepared, observables), condition, observables)

    def _features(self, arrays: Arrays, columns: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        if self.level == "low":
            return self.domain.features(arrays)
        scales = {o.name: o.binning.scale for o in self.domain.observables}
        numbers = [_as_input(columns[name], log=scales[name] == "log") for name in self.high]
        observables = np.stack(numbers, axis=1).astype(np.float32)
        if self.level == "high":
            return observables
        return np.concatenate([self.domain.features(arrays), observables], axis=1)


def _as_input(values: NDArray[np.float32], *, log: bool) -> NDArray[np.float32]:
    numbers = np.log(np.maximum(values, 0) + np.float32(SMALLEST)) if log else values
    return np.nan_to_num(numbers)
