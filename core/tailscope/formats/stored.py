"""Events made of the arrays of a file, read by ranges of rows: what formats in HDF5 and npz share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .base import EventFile, as_float32, refuse_bad_numbers
from .ranges import gathered, row_ranges, runs
from .store import ArrayStore


class StoredEvents(EventFile):
    """Events of a file of arrays; a format checks how these are laid out and says what a range of rows is."""

    contents: ArrayStore

    def __init__(self, path: Path, file: ArrayStore) -> None:
        self.path, self.contents = path, file

    @abstractmethod
    def part(self, rows: slice) -> Mapping[str, NDArray[Any]]:
        """Arrays of a range of rows, checked: see `EventFile.chunks`."""

    def check_units(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Refuse the first rows where their units cannot be right."""

    def chunks(self, stop: int | None = None) -> Iterator[tuple[int, Mapping[str, NDArray[Any]]]]:
        """See `EventFile.chunks`."""
        n = self.n_events if stop is None else min(stop, self.n_events)
        for rows in row_ranges(n, self._bytes_per_row):
            arrays = self.part(rows)
            if rows.start == 0:
                self.check_units(arrays)
            yield rows.start, arrays

    def at(self, rows: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """See `EventFile.at`."""
        return gathered(((r.start, self.part(r)) for r in runs(rows, self._bytes_per_row)), rows)

    def numbers(
        self, name: str, rows: slice, *, negative: bool = True, unit: str = ""
    ) -> NDArray[np.float32]:
        """Rows of one array as float32, of the shape it has in the file.

        Raises
        ------
        FormatError: NaN, infinities, numbers that float32 does not hold, negative ones where there are none.

        """
        where = f"{self.path.name}: dataset {name}"
        values = self.contents.read(name, rows)
        refuse_bad_numbers(where, values, rows.start, negative=negative, unit=unit)
        return np.ascontiguousarray(as_float32(where, values))

    def close(self) -> None:
        """See `EventFile.close`."""
        self.contents.close()

    @property
    def _bytes_per_row(self) -> int:
        return 8 * sum(int(np.prod(shape)) for shape in self.shapes.values())
