"""A table of columns in a file of arrays (HDF5, npz): arrays of shape (N,), (N, 1) or (N, k), and records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .base import Dataset
from .choice import Choice
from .ranges import gathered, row_ranges, runs
from .store import OBJECTS, PARTIAL, ArrayStore, Found, is_index
from .table import Columns, Table
from .units import split_units

OURS = ("file", "row", "log_w", "w", "event_weight")
"""What `tailscope export` writes beside the group of observables."""
OBSERVABLES, SPREAD = "observables/", "observables/sigma_log_w"
"""That group, and the one of them that is of the weights."""


MAX_UNNAMED = 100
"""Columns of an array that does not name them."""


class _Place(NamedTuple):
    """Where a column lies: an array, and the number along its last axis; None where there is one only."""

    array: Found
    number: int | None
    unit: str


def likeness(found: Mapping[str, Found]) -> float:
    """0.5, less than a full match of any other format, when every array is a column; 0.2 when some are.

    0 beside arrays of the same events that are none, such as images: what these are, is not known.
    """
    numbers = [f for f in found.values() if _numeric(f)]
    columns = [f for f in numbers if _is_column(f) or _is_block(f)]
    if not columns or any(f not in columns and f.shape[0] == columns[0].shape[0] for f in numbers):
        return 0.0
    return 0.5 if all(_is_column(f) or f.columns or f.record for f in numbers) else 0.2


def samples_in(found: Mapping[str, Found]) -> tuple[str, ...]:
    """Groups that hold the same names each, such as ``geant4`` and ``flow``: several samples in one file."""
    inside: dict[str, set[str]] = {}
    for f in found.values():
        if _numeric(f) and f.name.count("/") >= 1:
            group, _, name = f.name.partition("/")
            inside.setdefault(group, set()).add(name)
    same = Counter(frozenset(names) for names in inside.values()).most_common(1)
    if not same or same[0][1] < 2:
        return ()
    return tuple(sorted(group for group, names in inside.items() if names == same[0][0]))


def _numeric(found: Found) -> bool:
    """Whether it could be columns at all: text, single values and bookkeeping never are."""
    return len(found.shape) > 0 and not found.is_text and found.dtype != OBJECTS and not found.inner


def _is_column(found: Found) -> bool:
    return len(found.shape) == 1 or (len(found.shape) == 2 and found.shape[1] == 1)


def _is_block(found: Found) -> bool:
    """Whether its last axis is one of columns: wide arrays without names are images or voxels, rather."""
    return len(found.shape) == 2 and (bool(found.columns) or found.shape[1] <= MAX_UNNAMED)


class StoredColumns(Table):
    """Columns in a file of arrays."""

    def __init__(self, path: Path, file: ArrayStore, choice: Choice | None = None) -> None:
        self.path, self.contents = path, file
        self.title = f"table in {file.container}"
        self._file, choice = file, choice or Choice()
        if groups := samples_in(file.found):
            raise FormatError(
                f"{path.name}: its groups {', '.join(groups[:6])} hold the same names, so that each is "
                f"a sample of its own; name one, like {path.name}:{groups[0]}"
            )
        arrays = [f for f in file.found.values() if _numeric(f) and (_is_column(f) or _is_block(f))]
        n = _length(path, arrays)
        used = [file.usable(f.name) for f in arrays if f.shape[0] == n]
        self._places = _named(path, used, choice)
        partial = [
            Dataset(f.name, f.shape, f.dtype, used=False, why=PARTIAL) for f in file.partial if not f.inner
        ]
        self.settle(n, [*_described(list(file.found.values()), self._places, n), *partial], choice)

    def stored(self, names: Sequence[str], stop: int) -> Iterator[tuple[int, Columns]]:
        """See `Table.stored`."""
        for rows in row_ranges(stop, self._bytes_per_row(names)):
            yield rows.start, self._part(names, rows)

    def at(self, rows: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """See `EventFile.at`."""
        parts = (
            (r.start, self._part(self.columns, r)) for r in runs(rows, self._bytes_per_row(self.columns))
        )
        return gathered(((start, self.as_float32(part)) for start, part in parts), rows)

    def _part(self, names: Sequence[str], rows: slice) -> Columns:
        places = {name: self._places[name] for name in names}
        read = {name: self._file.read(name, rows) for name in {p.array.name for p in places.values()}}
        return {name: _column(read[p.array.name], p.number) for name, p in places.items()}

    def _bytes_per_row(self, names: Sequence[str]) -> int:
        arrays = {self._places[name].array.name: self._places[name].array for name in names}
        return sum(8 * int(np.prod(f.shape[1:])) for f in arrays.values())

    def named(self, name: str, stop: int) -> NDArray[Any]:
        """See `EventFile.named`."""
        if name not in self._places:
            return self._file.column(name, stop)
        parts = [part[name] for _, part in self.stored([name], min(stop, self.n_events))]
        return np.concatenate(parts)

    def close(self) -> None:
        """See `EventFile.close`."""
        self._file.close()


def _column(values: NDArray[Any], index: int | None) -> NDArray[Any]:
    return values.reshape(-1) if index is None else values[:, index]


def _length(path: Path, arrays: Sequence[Found]) -> int:
    """How many events there are: the length of most columns; much shorter or longer arrays are left alone.

    Raises
    ------
    FormatError: columns of nearly the same length.

    """
    lengths = Counter(f.shape[0] for f in arrays)
    n = max(lengths, key=lambda length: (lengths[length], length), default=0)
    first = next((f for f in arrays if f.shape[0] == n), None)
    for f in arrays:
        if first is not None and f.shape[0] != n and n < 2 * f.shape[0] and f.shape[0] < 2 * n:
            raise FormatError(
                f"{path.name}: column {f.name} has {f.shape[0]} rows but {first.name} has "
                f"{n}; write all columns from the same events"
            )
    return n


def _named(path: Path, arrays: Sequence[Found], choice: Choice) -> dict[str, _Place]:
    """Name every column: as the file does, as the choice does, else by its array and number.

    A unit behind a name ("pt [GeV]") is no part of it.
    """
    prefix = _common_group(arrays)
    unnamed = sum(f.shape[1] for f in arrays if not _is_column(f) and not f.columns)
    if choice.names and len(choice.names) != unnamed:
        raise FormatError(
            f"{path.name}: --names gives {len(choice.names)} names for {unnamed} columns without one; "
            "give as many"
        )
    given = iter(choice.names)
    names = {f.name for f in arrays}
    exported = _is_export(arrays)
    alone = len({f.record or f.name for f in arrays}) == 1 or not _repeated(arrays)
    places: dict[str, _Place] = {}
    for f in arrays:
        short = f.name.removeprefix(prefix)
        if exported:
            inside = f.name.startswith(OBSERVABLES)
            short = f.name.removeprefix(OBSERVABLES) if inside else _apart(f.name, names)
        if _is_column(f) and not (f.columns and f.shape[1:] == (1,)):
            found: list[tuple[str, int | None]] = [(short, None)]
        elif f.columns:
            found = [(c if alone else f"{short}/{c}", i) for i, c in enumerate(f.columns)]
        else:
            found = [(next(given, f"{short}_{i}"), i) for i in range(f.shape[1])]
        for name, index in found:
            if name in places:
                raise FormatError(f"{path.name}: column name {name} occurs twice; rename one of the two")
            places[name] = _Place(f, index, f.unit)
    bare, units = split_units(list(places))
    return {
        name: place._replace(unit=unit or place.unit)
        for name, unit, place in zip(bare, units, places.values(), strict=True)
    }


def _apart(name: str, names: Collection[str]) -> str:
    """A column of the export itself, which an observable may be called like."""
    return f"{name} (exported)" if OBSERVABLES + name in names else name


def _repeated(arrays: Sequence[Found]) -> bool:
    """Whether blocks have names in common, so that these do not tell columns apart."""
    names = Counter(name for f in arrays for name in f.columns)
    return any(count > 1 for count in names.values())


def _common_group(arrays: Sequence[Found]) -> str:
    """The group, or the records, that all columns are in, with a slash; "" where there is none."""
    records = {f.record for f in arrays}
    if len(records) == 1 and "" not in records:
        return records.pop() + "/"
    groups = {f.name.rpartition("/")[0] for f in arrays}
    return groups.pop() + "/" if len(groups) == 1 and "" not in groups else ""


def _described(found: Sequence[Found], places: Mapping[str, _Place], n: int) -> Iterator[Dataset]:
    names: dict[str, list[str]] = {}
    for name, place in places.items():
        names.setdefault(place.array.name, []).append(name)
    ours = {f.name for f in found if f.name in {*OURS, SPREAD}} if _is_export(found) else set()
    for f in found:
        for name in names.get(f.name, ()):
            why = "of the export" if f.name in ours else ""
            yield Dataset(name, (n,), f.dtype, places[name].unit, used=not why, why=why)
        # What pandas notes beside its columns, such as their names, is nobody's column.
        if f.name not in names and not is_index(f.name) and not (f.inner and f.is_text):
            yield Dataset(f.name, f.shape, f.dtype, used=False, why=_why_not(f, n))


def _is_export(found: Sequence[Found]) -> bool:
    names = {f.name for f in found}
    return {"row", "log_w", "w"} <= names and any(name.startswith(OBSERVABLES) for name in names)


def _why_not(found: Found, n: int) -> str:
    if not found.shape:
        return "a single value"
    if found.is_text or found.dtype == OBJECTS:
        return "text"
    if found.inner:
        return "row numbers"
    return f"{found.shape[0]} rows" if found.shape[0] != n else "no column"
