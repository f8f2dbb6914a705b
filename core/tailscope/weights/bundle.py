"""Arrays of some events that a study carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import InputError
from tailscope.sample.geometry import Geometry

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Bundle:
    """Arrays of some events of a sample, kept in the study.

    Attributes
    ----------
    events: int64[m], numbers of these events in the study's sample, ascending.
    arrays: name -> array of m rows, as the format of the file gives them.
    geometry: where the voxels of showers lie, for formats in which that differs from file to file.

    Raises
    ------
    InputError: numbers that are not ascending, arrays of another length.

    """

    events: Rows
    arrays: Mapping[str, NDArray[Any]]
    geometry: Geometry | None = None

    def __post_init__(self) -> None:
        events = self.events
        if events.ndim != 1 or events.dtype != np.int64 or np.any(np.diff(events) <= 0) or events.size == 0:
            raise InputError("the events of a bundle must be ascending numbers")
        if events[0] < 0 or any(len(values) != events.size for values in self.arrays.values()):
            raise InputError(f"the arrays of a bundle of {events.size} events must have as many rows")

    def take(self, rows: Rows) -> Bundle | None:
        """What is carried of some events of the sample (int64[m]), counted by their place in it."""
        carried = np.flatnonzero(np.isin(rows, self.events))
        if carried.size == 0:
            return None
        at = np.searchsorted(self.events, rows[carried])
        return Bundle(carried, {name: values[at] for name, values in self.arrays.items()}, self.geometry)
