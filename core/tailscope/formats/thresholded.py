"""Showers above a threshold: voxels below it are empty, as in the CaloChallenge's evaluation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError, InputError

from .base import EventFile

IN_MEV = {"eV": 1e-6, "keV": 1e-3, "MeV": 1.0, "GeV": 1e3}
_ENERGY = re.compile(r"\s*([0-9.]+(?:[eE][-+]?[0-9]+)?)\s*([A-Za-z]+)\s*")


def energy_in_mev(text: str) -> float:
    """An energy with its unit, such as "15.15 keV", in MeV.

    Raises
    ------
    InputError: no positive number with one of the units eV, keV, MeV, GeV.

    """
    match = _ENERGY.fullmatch(text)
    try:
        energy = float(match[1]) * IN_MEV[match[2]] if match else 0.0
    except (KeyError, ValueError):
        energy = 0.0
    if not 0 < energy < np.inf:
        raise InputError(f"threshold {text!r} is no energy with its unit; write it like '15.15 keV'")
    return energy


class Thresholded(EventFile):
    """The same events with all voxels below a threshold (in MeV) set to 0.

    Raises
    ------
    FormatError: these events have no voxels.

    """

    def __init__(self, events: EventFile, threshold: float) -> None:
        if not events.voxels:
            raise FormatError(
                f"{events.path.name}: a threshold is one of voxels, but this is a file of {events.title}; "
                "leave it out"
            )
        self._events, self._threshold = events, np.float32(threshold)
        self.format, self.domain, self.path = events.format, events.domain, events.path
        self.title = f"{events.title}, voxels of at least {threshold * 1e3:g} keV"
        self.n_events, self.datasets, self.contents = events.n_events, events.datasets, events.contents
        self.geometry, self.parts, self.voxels = events.geometry, events.parts, events.voxels
        self.rows, self.counts = events.rows, events.counts

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """See `EventFile.shapes`."""
        return self._events.shapes

    def chunks(self, stop: int | None = None) -> Iterator[tuple[int, Mapping[str, NDArray[Any]]]]:
        """See `EventFile.chunks`."""
        for start, arrays in self._events.chunks(stop):
            yield start, self._cut(arrays)

    def at(self, rows: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """See `EventFile.at`."""
        return self._cut(self._events.at(rows))

    def close(self) -> None:
        """See `EventFile.close`."""
        self._events.close()

    def _cut(self, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        return {
            name: np.where(values < self._threshold, np.float32(0), values) if name in self.voxels else values
            for name, values in arrays.items()
        }
