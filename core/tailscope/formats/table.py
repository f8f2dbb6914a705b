"""Tables of numbers: columns of equal length, whatever the container. Text columns are left alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .base import Dataset, EventFile, as_float32, refuse_bad_numbers
from .store import ArrayStore, Found
from .stored import StoredEvents

MAX_COLUMNS = 2000


class Table(EventFile):
    """What all tables share; `chunks` gives float32[n] columns."""

    format = "table"
    domain = "table"

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """See `EventFile.shapes`; a column of shape (N, 1) is given as (N,)."""
        return {d.name: () for d in self.datasets if d.used}

    def _settle(self, n_events: int, datasets: Sequence[Dataset]) -> None:
        """Set what was found, after checking that it is a table at all.

        Raises
        ------
        FormatError: no events, no columns of numbers, or too many.

        """
        self.n_events, self.datasets = n_events, tuple(datasets)
        if not self.columns:
            text = ", ".join(d.name for d in datasets)
            raise FormatError(
                f"{self.path.name}: there is no column of numbers in it ({text or 'nothing at all'}); "
                "is it the right file?"
            )
        if len(self.columns) > MAX_COLUMNS:
            raise FormatError(
                f"{self.path.name}: there are {len(self.columns)} columns in it, expected at most "
                f"{MAX_COLUMNS}; keep the ones to look at"
            )
        if n_events == 0:
            raise FormatError(f"{self.path.name}: there are no events in it, only column names")

    def _checked(self, name: str, values: NDArray[Any], start: int) -> NDArray[np.float32]:
        """One column of the rows from ``start`` as float32[n]; whoever cut NaN away says so in the file."""
        where = f"{self.path.name}: column {name}"
        refuse_bad_numbers(where, values, start)
        return as_float32(where, values)


def likeness(found: Mapping[str, Found]) -> float:
    """0.5, less than a full match of any other format, when every array is a column; else 0."""
    columns = [f for f in found.values() if not f.is_text]
    return 0.5 if columns and all(_is_column(f) for f in columns) else 0.0


def _is_column(found: Found) -> bool:
    return len(found.shape) == 1 or (len(found.shape) == 2 and found.shape[1] == 1)


class StoredColumns(Table, StoredEvents):
    """Columns in a file of arrays (HDF5, npz), one array of shape (N,) or (N, 1) each."""

    def __init__(self, path: Path, file: ArrayStore) -> None:
        super().__init__(path, file)
        self.title = f"table in {file.container}"
        used = [file.usable(f.name) for f in file.found.values() if _is_column(f) and not f.is_text]
        for column in used:
            if column.shape[0] != used[0].shape[0]:
                raise FormatError(
                    f"{path.name}: column {column.name} has {column.shape[0]} rows but {used[0].name} has "
                    f"{used[0].shape[0]}; write all columns from the same events"
                )
        self._settle(
            used[0].shape[0] if used else 0,
            [Dataset(f.name, f.shape, f.dtype, used=f in used) for f in file.found.values()],
        )

    def part(self, rows: slice) -> dict[str, NDArray[np.float32]]:
        """See `StoredEvents.part`."""
        return {
            name: self._checked(name, self.contents.read(name, rows).reshape(-1), rows.start)
            for name in self.columns
        }
