"""CaloGAN and CaloFlow showers: ``energy`` (N, 1) in GeV, ``layer_0`` .. ``layer_2`` in MeV.

The layout of the CaloGAN data (Paganini, de Oliveira, Nachman, arXiv:1712.10321), which CaloFlow's samples
share. Further datasets (``overflow``, row indices) are left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .base import Dataset
from .store import ArrayStore, Found
from .stored import StoredEvents

LAYERS = {"layer_0": (3, 96), "layer_1": (12, 12), "layer_2": (12, 6)}
UNITS = {"energy": "GeV", **dict.fromkeys(LAYERS, "MeV")}

RESPONSE = (0.02, 20.0)
"""Plausible medians of deposited over incident energy: calorimeters see 0.3 (pions that leak) to 1."""


def likeness(found: Mapping[str, Found]) -> float:
    """How much of a CaloGAN file is there, 0 to 1."""
    lower = {name.lower() for name in found}
    return sum(name in lower for name in UNITS) / len(UNITS)


class CaloGAN(StoredEvents):
    """A file of CaloGAN showers; `chunks` gives energy float32[n] and the layers float32[n, rows, cells]."""

    format = "calogan"
    domain = "calorimeter"
    voxels = tuple(LAYERS)

    def __init__(self, path: Path, file: ArrayStore) -> None:
        super().__init__(path, file)
        self.title = f"CaloGAN showers in {file.container}"
        energy = file.need("energy", "(incident energies in GeV, shape (N, 1))")
        if energy.shape[1:] not in {(), (1,)}:
            raise FormatError(
                f"{path.name}: dataset energy has shape {energy.shape}, expected (N, 1): one energy each"
            )
        self.n_events = energy.shape[0]
        for name, cells in LAYERS.items():
            layer = file.need(name, f"(shape (N, {cells[0]}, {cells[1]}))")
            if layer.shape[1:] != cells:
                raise FormatError(
                    f"{path.name}: dataset {name} has shape {layer.shape}, expected "
                    f"(N, {cells[0]}, {cells[1]}); {_shape_advice(layer.shape, cells)}"
                )
            if layer.shape[0] != self.n_events:
                raise FormatError(
                    f"{path.name}: dataset {name} has {layer.shape[0]} events but energy has "
                    f"{self.n_events}; write both from the same showers"
                )
        if self.n_events == 0:
            raise FormatError(f"{path.name}: there are no events in it (energy has shape {energy.shape})")
        self.datasets = tuple(
            Dataset(f.name, f.shape, f.dtype, UNITS.get(f.name, ""), used=f.name in UNITS)
            for f in file.found.values()
        )

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """See `EventFile.shapes`; energies are given as (N,), however they are stored."""
        return {"energy": (), **LAYERS}

    def part(self, rows: slice) -> dict[str, NDArray[np.float32]]:
        """See `StoredEvents.part`."""
        arrays = {name: self.numbers(name, rows, negative=False, unit=unit) for name, unit in UNITS.items()}
        incident = arrays["energy"] = arrays["energy"].reshape(-1)
        if not incident.all():
            event = rows.start + int((incident == 0).argmax())
            raise FormatError(
                f"{self.path.name}: dataset energy: event {event} has an incident energy of 0 GeV, expected "
                "a positive one"
            )
        return arrays

    def check_units(self, arrays: Mapping[str, NDArray[np.float32]]) -> None:
        """Refuse energies that cannot be GeV and MeV; they are never scaled silently.

        Raises
        ------
        FormatError: median deposited over incident energy far from 1, with the mix-up that explains it.

        """
        incident = arrays["energy"].astype(np.float64)
        deposited = sum(arrays[name].sum(axis=(1, 2), dtype=np.float64) for name in LAYERS)
        response = float(np.median(deposited / (1000 * incident)))
        if RESPONSE[0] <= response <= RESPONSE[1]:
            return
        energy = float(np.median(incident))
        raise FormatError(
            f"{self.path.name}: the showers deposit {response:.3g} times their incident energy (median; "
            f"energy is {energy:.3g}, expected in GeV, the layers in MeV); {_units_advice(response, energy)}"
        )


def _shape_advice(shape: tuple[int, ...], cells: tuple[int, int]) -> str:
    if len(shape) == 2 and shape[1] == cells[0] * cells[1]:
        return f"reshape it with .reshape(-1, {cells[0]}, {cells[1]})"
    if shape[1:] == cells[::-1]:
        return "swap its last two axes"
    if shape[1:] in {(*cells, 1), (1, *cells)}:
        return "drop the axis of length 1"
    return "is it a sample of another detector?"


def _units_advice(response: float, energy: float) -> str:
    """The mix-up that explains deposited over incident energy, median in GeV."""
    if response == 0:
        return "most showers are empty; were the voxels written?"
    if 2e-4 < response < RESPONSE[0]:
        return (
            "dataset energy looks like MeV: divide it by 1000"
            if energy >= 1000
            else "the layers look like GeV: multiply them by 1000"
        )
    if RESPONSE[1] < response < 5e3:
        return (
            "dataset energy looks like TeV: multiply it by 1000"
            if energy < 1
            else "the layers look like keV: divide them by 1000"
        )
    if 2e-7 < response < 5e-6:
        return "energy looks like MeV and the layers like GeV: swap their units"
    if 5e-6 <= response <= 2e-4:
        return "the voxels look normalised: multiply them back to MeV"
    return "check the units of both and write the file again"
