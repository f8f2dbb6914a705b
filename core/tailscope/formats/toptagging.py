"""Jets in tables of four-momenta, as the top tagging reference data (arXiv:1902.09914) have them.

Columns ``E_0, PX_0, PY_0, PZ_0, E_1, ...`` in GeV, zero padded, in pandas' HDF5 of either kind; of
other tables (Parquet, text) `tabled_jets` reads them.

All other columns (``truthE``, ``ttv``, ``is_signal_new``, ...) are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .base import Dataset, refuse_bad_numbers
from .choice import Choice
from .constituents import MAX_PARTICLES, Floats, StoredConstituents
from .store import ArrayStore, Found
from .stored_columns import StoredColumns

COLUMNS = "columns E_0, PX_0, PY_0, PZ_0, ..."
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


class Layout:
    """Which columns of some arrays are the four-momenta of constituents.

    Attributes
    ----------
    places: array -> (slot, kind, column) of each number in it, int64[n, 3].
    slots: how many constituents there are.
    others: names of all other columns.
    said: for a title.

    Raises
    ------
    FormatError: a constituent lacks a number or has one twice, there are too many.

    """

    def __init__(self, path: Path, container: str, columns: Mapping[str, Sequence[str]]) -> None:
        places = _places(columns)
        numbers = sorted({place.number for place in places})
        kinds: dict[int, list[int]] = {number: [] for number in numbers}
        for place in places:
            kinds[place.number].append(place.kind)
        for number, there in kinds.items():
            if sorted(there) != list(range(len(KINDS))):
                has = ", ".join(f"{KINDS[kind]}_{number}" for kind in sorted(there))
                raise FormatError(
                    f"{path.name}: constituent {number} has the columns {has}, expected "
                    f"{', '.join(f'{kind}_{number}' for kind in KINDS)}, each once; write all four or none"
                )
        if len(numbers) > MAX_PARTICLES:
            raise FormatError(
                f"{path.name}: there are columns of {len(numbers)} constituents, expected at most "
                f"{MAX_PARTICLES}; keep the hardest"
            )
        self.slots = len(numbers)
        found: dict[str, list[tuple[int, int, int]]] = {}
        for array, column, number, kind in places:
            found.setdefault(array, []).append((numbers.index(number), kind, column))
        self.places = {array: np.array(there) for array, there in found.items()}
        self.others = [name for names in columns.values() for name in names if not _NAME.fullmatch(name)]
        self.said = (
            f"jets of the constituents in columns E_{numbers[0]} to PZ_{numbers[-1]} of {container}, "
            "read as (E, px, py, pz)"
        )
        if self.others:
            more = f" and {len(self.others) - SHOWN} more" if len(self.others) > SHOWN else ""
            self.said += f"; {', '.join(self.others[:SHOWN])}{more} left alone"


def likeness(found: Mapping[str, Found]) -> float:
    """1 with a constituent whose four numbers are all there, else 0."""
    return float(has_constituent(_columns(found)))


def has_constituent(columns: Mapping[str, Sequence[str]]) -> bool:
    """Whether the columns of some arrays (array -> names) hold the four numbers of any constituent."""
    kinds: dict[int, set[int]] = {}
    for place in _places(columns):
        kinds.setdefault(place.number, set()).add(place.kind)
    return any(len(there) == len(KINDS) for there in kinds.values())


def _columns(found: Mapping[str, Found]) -> dict[str, tuple[str, ...]]:
    """Names of the numbers along the last axis of each array; an array (N,) is a column itself."""
    return {
        f.name: f.columns or (f.name.rpartition("/")[2],) * (len(f.shape) == 1 and not f.inner)
        for f in found.values()
        if not f.is_text
    }


def _places(columns: Mapping[str, Sequence[str]]) -> list[Place]:
    return [
        Place(array, column, int(match[2]), KINDS.index(match[1].upper()))
        for array, names in columns.items()
        for column, name in enumerate(names)
        if (match := _NAME.fullmatch(name))
    ]


class TopTagging(StoredConstituents):
    """A table of jets' constituents in arrays; `chunks` gives what `JetFile` says.

    Raises
    ------
    FormatError: as `Layout`; arrays of other lengths, no jets.

    """

    format = "toptagging"

    def __init__(self, path: Path, file: ArrayStore) -> None:
        super().__init__(path, file)
        if not likeness(file.found):
            file.need("E_0", "(columns E_0, PX_0, PY_0, PZ_0, E_1, ...)")
        self._layout = Layout(path, file.container, _columns(file.found))
        self.title, self.slots = self._layout.said, self._layout.slots
        arrays = [file.usable(name) for name in self._layout.places]
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
        self.datasets = tuple(self._described())

    def _described(self) -> Iterator[Dataset]:
        """Arrays, and the columns in them that are left alone."""
        for f in self.contents.found.values():
            used = f.name in self._layout.places
            yield Dataset(f.name, f.shape, f.dtype, "GeV" if used else "", used=used)
            for name in f.columns:
                if name in self._layout.others:
                    yield Dataset(name, f.shape[:1], f.dtype, used=False)

    def named(self, name: str, stop: int) -> NDArray[Any]:
        """See `EventFile.named`."""
        if name in self.contents.found:
            return super().named(name, stop)
        return StoredColumns(self.path, self.contents, Choice(columns=(name,))).named(name, stop)

    @property
    def where(self) -> str:
        """See `StoredConstituents.where`."""
        return f"{self.path.name}: {COLUMNS}"

    def four_momenta(self, rows: slice) -> Floats:
        """See `StoredConstituents.four_momenta`."""
        momenta = np.zeros((rows.stop - rows.start, self._layout.slots, len(KINDS)))
        for array, places in self._layout.places.items():
            slots, kinds, columns = places.T
            values = self.contents.read(array, rows).reshape(len(momenta), -1)[:, columns]
            refuse_bad_numbers(f"{self.path.name}: dataset {array}", values, rows.start)
            momenta[:, slots, kinds] = values
        return momenta
