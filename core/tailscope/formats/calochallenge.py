"""CaloChallenge showers: ``incident_energies`` (N, 1) and ``showers`` (N, n_voxels), both in MeV.

The layout of the Fast Calorimeter Simulation Challenge 2022 (arXiv:2410.21611). Where each voxel lies is in a
binning file; those of datasets 1 to 3 come with tailscope and are recognised by the number of voxels.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .base import Dataset
from .binning import geometry_of
from .store import ArrayStore, Found
from .stored import StoredEvents

INCIDENT, SHOWERS = "incident_energies", "showers"

RESPONSE = (0.02, 20.0)
"""Plausible medians of deposited over incident energy, as in CaloGAN's format."""


def likeness(found: Mapping[str, Found]) -> float:
    """How much of a CaloChallenge file is there, 0 to 1."""
    return ((INCIDENT in found) + (SHOWERS in found)) / 2


class CaloChallenge(StoredEvents):
    """A file of CaloChallenge showers; `chunks` gives float32[n] and float32[n, n_voxels], both in MeV."""

    format = "calochallenge"
    domain = "calorimeter"
    voxels = (SHOWERS,)

    def __init__(self, path: Path, file: ArrayStore, binning: Path | None = None) -> None:
        super().__init__(path, file)
        incident = file.need(INCIDENT, "(incident energies in MeV, shape (N, 1))")
        showers = file.need(SHOWERS, "(voxel energies in MeV, shape (N, n_voxels))")
        if incident.shape[1:] not in {(), (1,)}:
            raise FormatError(
                f"{path.name}: dataset {INCIDENT} has shape {incident.shape}, expected (N, 1): one energy "
                "each"
            )
        if len(showers.shape) != 2:
            flat = int(np.prod(showers.shape[1:]))
            raise FormatError(
                f"{path.name}: dataset {SHOWERS} has shape {showers.shape}, expected (N, n_voxels); reshape "
                f"it with .reshape(-1, {flat}), radius fastest, then angle, then layer"
            )
        if incident.shape[0] != showers.shape[0]:
            raise FormatError(
                f"{path.name}: dataset {SHOWERS} has {showers.shape[0]} events but {INCIDENT} has "
                f"{incident.shape[0]}; write both from the same showers"
            )
        self.n_events, self._n_voxels = showers.shape
        if self.n_events == 0:
            raise FormatError(f"{path.name}: there are no events in it ({SHOWERS} has shape {showers.shape})")
        self.geometry = geometry_of(path, self._n_voxels, binning)
        self.title = f"CaloChallenge showers ({self.geometry.name}) in {file.container}"
        self.datasets = tuple(
            Dataset(f.name, f.shape, f.dtype, "MeV" if used else "", used=used)
            for f in file.found.values()
            for used in [f.name in {INCIDENT, SHOWERS}]
        )

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """See `EventFile.shapes`."""
        return {INCIDENT: (), SHOWERS: (self._n_voxels,)}

    def part(self, rows: slice) -> dict[str, NDArray[np.float32]]:
        """See `StoredEvents.part`."""
        incident, showers = (
            self.numbers(name, rows, negative=False, unit="MeV") for name in (INCIDENT, SHOWERS)
        )
        if not incident.all():
            event = rows.start + int((incident == 0).argmax())
            raise FormatError(
                f"{self.path.name}: dataset {INCIDENT}: event {event} has an incident energy of 0 MeV, "
                "expected a positive one"
            )
        return {INCIDENT: incident.reshape(-1), SHOWERS: showers}

    def check_units(self, arrays: Mapping[str, NDArray[np.float32]]) -> None:
        """Refuse energies that cannot both be MeV; they are never scaled silently."""
        deposited = arrays[SHOWERS].sum(axis=1, dtype=np.float64)
        response = float(np.median(deposited / arrays[INCIDENT]))
        if RESPONSE[0] <= response <= RESPONSE[1]:
            return
        advice = "check the units of both and write the file again"
        if response == 0:
            advice = "most showers are empty; were the voxels written?"
        elif RESPONSE[1] < response < 5e3:
            advice = f"dataset {INCIDENT} looks like GeV: multiply it by 1000"
        elif 2e-4 < response < RESPONSE[0]:
            advice = f"dataset {SHOWERS} looks like GeV: multiply it by 1000"
        raise FormatError(
            f"{self.path.name}: the showers deposit {response:.3g} times their incident energy (median; both "
            f"are expected in MeV); {advice}"
        )
