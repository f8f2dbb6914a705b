"""Jets in tables of four-momenta, as the top tagging reference data (arXiv:1902.09914) have them.

Columns ``E_0, PX_0, PY_0, PZ_0, E_1, ...`` in GeV, zero padded, in pandas' HDF5 of either kind.

All other columns (``truthE``, ``ttv``, ``is_signal_new``, ...) are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tailscope.errors import FormatError

from .base import Dataset, refuse_bad_numbers
from .constituents import MAX_PARTICLES, Floats, StoredConstituents
from .store import ArrayStore, Found

KINDS = ("E", "PX", "PY", "PZ")
SHOWN = 8
"""So many names of columns that are left alone are said."""
_NAME = re.compile(r"(E|PX|PY|PZ)_(\d{1,4})", re.IGNORECASE)


class Place(NamedTuple):
    """Where one number of a constituent is.

    Attributes
    ----------
    array: which of the file.
    column: which number along its last axis.
    number: of the constituent.
    kind: which of `KINDS`.

    """

    array: str
    column: int
    number: int
    kind: int


def likeness(found: Mapping[str, Found]) -> float:
    """1 with a constituent whose four numbers are all there, else 0."""
    kinds: dict[int, set[int]] = {}
    for place in _places(found):
        kinds.setdefault(place.number, set()).add(place.kind)
    return float(any(len(there) == len(KINDS) for there in kinds.values()))


def _columns(found: Found) -> tuple[str, ...]:
    """Names of the numbers along the last axis; an array (N,) is a column itself."""
    return found.columns or (found.name.rpartition("/")[2],) * (len(found.shape) == 1)


def _places(found: Mapping[str, Found]) -> list[Place]:
    return [
        Place(f.name, column, int(match[2]), KINDS.index(match[1].upper()))
        for f in found.values()
        for column, name in enumerate(_columns(f))
        if (match := _NAME.fullmatch(name))
    ]


class TopTagging(StoredConstituents):
    """A table of jets' constituents; `chunks` gives what `JetFile` says.

    Raises
    ------
    FormatError: a constituent lacks a number or has one twice, blocks of other lengths, no jets.

    """

    format = "toptagging"

    def __init__(self, path: Path, file: ArrayStore) -> None:
        super().__init__(path, file)
        places = _places(file.found)
        if not places:
            file.need("E_0", "(columns E_0, PX_0, PY_0, PZ_0, E_1, ...)")
        numbers = sorted({place.number for place in places})
        self._check(numbers, places)
        self._n_slots = self.slots = len(numbers)
        self._places: dict[str, list[tuple[int, int, int]]] = {}
        for array, column, number, kind in places:
            self._places.setdefault(array, []).append((numbers.index(number), kind, column))
        arrays = [file.usable(name) for name in self._places]
        self.n_events = arrays[0].shape[0]
        for found in arrays:
            if found.shape[0] != self.n_events:
                raise FormatError(
                    f"{path.name}: dataset {found.name} has {found.shape[0]} jets but {arrays[0].name} has "
                    f"{self.n_events}; write both from the same jets"
                )
        if self.n_events == 0:
            raise FormatError(f"{path.name}: there are no jets in it ({arrays[0].name} has no rows)")
        for found in arrays:
            if found.columns and found.shape[1:] != (len(found.columns),):  # pandas' way of writing no rows
                raise FormatError(
                    f"{path.name}: there are no jets in it (dataset {found.name} has shape {found.shape} for "
                    f"{len(found.columns)} columns)"
                )
        self.title = (
            f"jets of the constituents in columns E_{numbers[0]} to PZ_{numbers[-1]} of {file.container}, "
            "read as (E, px, py, pz)"
        )
        if others := [name for f in file.found.values() for name in f.columns if not _NAME.fullmatch(name)]:
            more = f" and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
            self.title += f"; {', '.join(others[:SHOWN])}{more} left alone"
        self.datasets = tuple(
            Dataset(f.name, f.shape, f.dtype, "GeV" if used else "", used=used)
            for f in file.found.values()
            for used in [f.name in self._places]
        )

    def _check(self, numbers: list[int], places: list[Place]) -> None:
        """Refuse constituents that are not whole.

        Raises
        ------
        FormatError: one lacks a number, or has one twice; there are too many.

        """
        kinds: dict[int, list[int]] = {number: [] for number in numbers}
        for place in places:
            kinds[place.number].append(place.kind)
        for number, there in kinds.items():
            if sorted(there) != list(range(len(KINDS))):
                has = ", ".join(f"{KINDS[kind]}_{number}" for kind in sorted(there))
                raise FormatError(
                    f"{self.path.name}: constituent {number} has the columns {has}, expected "
                    f"{', '.join(f'{kind}_{number}' for kind in KINDS)}, each once; write all four or none"
                )
        if len(numbers) > MAX_PARTICLES:
            raise FormatError(
                f"{self.path.name}: there are columns of {len(numbers)} constituents, expected at most "
                f"{MAX_PARTICLES}; keep the hardest"
            )

    @property
    def where(self) -> str:
        """See `StoredConstituents.where`."""
        return f"{self.path.name}: columns E_0, PX_0, PY_0, PZ_0, ..."

    def four_momenta(self, rows: slice) -> Floats:
        """See `StoredConstituents.four_momenta`."""
        momenta = np.zeros((rows.stop - rows.start, self._n_slots, len(KINDS)))
        for array, places in self._places.items():
            slots, kinds, columns = np.array(places).T
            values = self.contents.read(array, rows).reshape(len(momenta), -1)[:, columns]
            refuse_bad_numbers(f"{self.path.name}: dataset {array}", values, rows.start)
            momenta[:, slots, kinds] = values
        return momenta
