"""Domain: what is computed from the arrays of one kind of event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import InputError
from tailscope.sample.drawing import Drawing
from tailscope.sample.observable import Arrays, Observable
from tailscope.sample.particles import Particles
from tailscope.sample.voxels import Voxels

Level = Literal["low", "high", "both"]
"""What of an event the classifier gets: see `inputs.Inputs`."""


def _as_they_are(arrays: Arrays) -> Arrays:
    return arrays


@dataclass(frozen=True)
class Domain:
    """One kind of event: classifier features, conditions and observables of its arrays. No I/O.

    Attributes
    ----------
    name: "calorimeter", "table", ...; samples of different domains are not compared.
    observables: in the order they are computed.
    features: the low-level inputs, arrays of n events -> float32[n, n_features], finite.
    n_features: how many numbers ``features`` gives an event, so that memory can be laid out beforehand.
    condition: arrays -> float32[n, n_conditions], what generators are conditioned on; None without any.
    n_conditions: 0 without any.
    first_row: names of the observables shown first on the wall.
    left_out: names of observables for which these arrays are too few.
    particles: which features are those of particles, for networks that look at these one by one.
    prepare: wraps the arrays of a chunk so that sums shared by several observables are made once.
    inputs: the low-level inputs in words, for ``tailscope show``.
    unseen: names of observables that do not follow from the low-level inputs, such as azimuths where all is
        invariant under rotations. They are no high-level inputs either, and the page marks them.
    level: the inputs that are taken when nobody chooses, in a domain with levels.
    reason: why the default is "high"; "" where it is not.
    has_levels: False where features and observables are the same, as in tables; "low" is all there is then.
    draw: arrays of n events -> how these look (`Drawing`); None for events that are numbers only.
    voxels: which features are energies of voxels and layers.
    feature_names: of the features, where files may have some of them, or in another order; () where their
        number says which they are.

    """

    name: str
    observables: tuple[Observable, ...]
    features: Callable[[Arrays], NDArray[np.float32]]
    n_features: int
    condition: Callable[[Arrays], NDArray[np.float32]] | None = None
    n_conditions: int = 0
    first_row: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    particles: Particles | None = None
    prepare: Callable[[Arrays], Arrays] = _as_they_are
    inputs: str = ""
    unseen: tuple[str, ...] = ()
    level: Level = "both"
    reason: str = ""
    has_levels: bool = True
    draw: Callable[[Arrays], Drawing] | None = None
    voxels: Voxels | None = None
    feature_names: tuple[str, ...] = ()

    @property
    def default_level(self) -> Level:
        """The inputs that are taken when nobody chooses."""
        return self.level if self.has_levels else "low"

    @property
    def shown(self) -> tuple[Observable, ...]:
        """The observables in the order they are shown: those of the first row, then the others."""
        names = [o.name for o in self.observables]
        first = [names.index(name) for name in self.first_row if name in names]
        others = [number for number in range(len(names)) if number not in first]
        return tuple(self.observables[number] for number in first + others)

    def observe(self, arrays: Arrays) -> dict[str, NDArray[np.float32]]:
        """Every observable of these events: name -> float32[n], NaN where undefined.

        Raises
        ------
        InputError: an observable that was given as numbers and not as a function.

        """
        return self.observed(self.prepare(arrays))

    def observed(self, prepared: Arrays) -> dict[str, NDArray[np.float32]]:
        """The same, of arrays that are prepared already."""
        return {spec.name: _computed(spec, prepared) for spec in self.observables}


def _computed(spec: Observable, arrays: Arrays) -> NDArray[Any]:
    if spec.compute is None:
        raise InputError(f"observable {spec.name} has no function that computes it from arrays")
    return spec.compute(arrays)
