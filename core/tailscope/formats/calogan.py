"""CaloGAN and CaloFlow showers: ``energy`` (N, 1) in GeV, ``layer_0`` .. ``layer_2`` in MeV.

The layout of the CaloGAN data (Paganini, de Oliveira, Nachman, arXiv:1712.10321), which CaloFlow's samples
share. Further datasets (``overflow``, row indices) are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .base import Dataset, EventFile, gathered, refuse_bad_numbers, row_ranges, runs
from .store import ArrayStore, Found

LAYERS = {"layer_0": (3, 96), "layer_1": (12, 12), "layer_2": (12, 6)}
BYTES_PER_ROW = 8 * sum(rows * cells for rows, cells in LAYERS.values())
UNITS = {"energy": "GeV", **dict.fromkeys(LAYERS, "MeV")}

RESPONSE = (0.02, 20.0)
"""Plausible medians of deposited over incident energy: calorimeters see 0.3 (pions that leak) to 1."""


def likeness(found: Mapping[str, Found]) -> float:
    """How much of a CaloGAN file is there, 0 to 1."""
    lower = {name.lower() for name in found}
    return sum(name in lower for name in UNITS) / len(UNITS)


class CaloGAN(EventFile):
    """A file of CaloGAN showers; `chunks` gives energy float32[n] and the layers float32[n, rows, cells]."""

    format = "calogan"
    domain = "calorimeter"

    def __init__(self, path: Path, file: ArrayStore) -> None:
        self.path = path
        self.title = f"CaloGAN showers in {file.container}"
        self._file = file
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

    def chunks(self, stop: int | None = None) -> Iterator[tuple[int, Mapping[str, NDArray[Any]]]]:
        """See `EventFile.chunks`."""
        n = self.n_events if stop is None else min(stop, self.n_events)
        for rows in row_ranges(n, BYTES_PER_ROW):
            arrays = self._part(rows)
            if rows.start == 0:
                _check_units(self.path, arrays)
            yield rows.start, arrays

    def at(self, rows: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """See `EventFile.at`."""
        return gathered(((r.start, self._part(r)) for r in runs(rows, BYTES_PER_ROW)), rows)

    def close(self) -> None:
        """See `EventFile.close`."""
        self._file.close()

    def _part(self, rows: slice) -> dict[str, NDArray[np.float32]]:
        return {name: self._checked(name, rows) for name in UNITS}

    def _checked(self, name: str, rows: slice) -> NDArray[np.float32]:
        where, unit = f"{self.path.name}: dataset {name}", UNITS[name]
        values = self._file.read(name, rows)
        refuse_bad_numbers(where, values, rows.start, negative=False, unit=unit)
        if name == "energy":
            values = values.reshape(-1)
            if not values.all():
                event = rows.start + int((values == 0).argmax())
                raise FormatError(
                    f"{where}: event {event} has an incident energy of 0 GeV, expected a positive one"
                )
        if values.dtype != np.float32:
            if values.max() > np.finfo(np.float32).max:
                raise FormatError(
                    f"{where}: there are energies up to {values.max():g} {unit}, which cannot be"
                )
            values = values.astype(np.float32)
        return values


def _shape_advice(shape: tuple[int, ...], cells: tuple[int, int]) -> str:
    if len(shape) == 2 and shape[1] == cells[0] * cells[1]:
        return f"reshape it with .reshape(-1, {cells[0]}, {cells[1]})"
    if shape[1:] == cells[::-1]:
        return "swap its last two axes"
    if shape[1:] in {(*cells, 1), (1, *cells)}:
        return "drop the axis of length 1"
    return "is it a sample of another detector?"


def _check_units(path: Path, arrays: Mapping[str, NDArray[np.float32]]) -> None:
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
    found = (
        f"{path.name}: the showers deposit {response:.3g} times their incident energy (median; energy is "
        f"{energy:.3g}, expected in GeV, the layers in MeV)"
    )
    if response == 0:
        advice = "most showers are empty; were the voxels written?"
    elif 2e-4 < response < RESPONSE[0]:
        advice = (
            "dataset energy looks like MeV: divide it by 1000"
            if energy >= 1000
            else "the layers look like GeV: multiply them by 1000"
        )
    elif RESPONSE[1] < response < 5e3:
        advice = (
            "dataset energy looks like TeV: multiply it by 1000"
            if energy < 1
            else "the layers look like keV: divide them by 1000"
        )
    elif 2e-7 < response < 5e-6:
        advice = "energy looks like MeV and the layers like GeV: swap their units"
    elif 5e-6 <= response <= 2e-4:
        advice = "the voxels look normalised: multiply them back to MeV"
    else:
        advice = "check the units of both and write the file again"
    raise FormatError(f"{found}; {advice}")
