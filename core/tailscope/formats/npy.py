"""npy files: one array without a name. The header is checked first, then rows are read; nothing is unpickled.

Only arrays of three dimensions are taken, as jets' constituents may lie in them.
"""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .contents import Rows
from .damage import one_sentence
from .npz import ERRORS, header_of, read_exactly
from .store import ArrayStore, Found, number_type, size

NAME = "array"
"""What the array is called, as it has no name."""
_one_sentence = partial(one_sentence, "npy", ERRORS)


class NpyStore(ArrayStore):
    """A checked npy file, whose array is called "array".

    Raises
    ------
    FormatError: a damaged file, an array of other than three dimensions or of anything but numbers.

    """

    container = "npy"

    def __init__(self, path: Path) -> None:
        self.path = path
        with _one_sentence(path, "opening it"):
            self._file = path.open("rb")
        try:
            with _one_sentence(path, "reading its header"):
                self._shape, by_columns, self._dtype = header_of(self._file)
                self._start = self._file.tell()
                stored = path.stat().st_size - self._start
            self._check(by_columns, stored)
        except FormatError:
            self.close()
            raise
        self.found = {NAME: Found(NAME, self._shape, str(self._dtype))}

    def _check(self, by_columns: bool, stored: int) -> None:
        _, problem = number_type(self._dtype)
        if self._dtype.names:
            problem = "holds records; save them with numpy.savez(file, events=array), which is read"
        declared = math.prod(self._shape) * self._dtype.itemsize
        if len(self._shape) != 3 and not problem:
            raise FormatError(
                f"{self.path.name}: the file is a single numpy array without names, of shape {self._shape}; "
                "save it with numpy.savez(file, name=column, ...)"
            )
        if not problem and declared > stored:
            problem = (
                f"declares {size(declared)} of shape {self._shape} but holds {size(stored)}; "
                "write the file again"
            )
        if not problem and by_columns:
            problem = "is stored column by column; save np.ascontiguousarray of it"
        if problem:
            raise FormatError(f"{self.path.name}: the array {problem}")

    def read(self, name: str, rows: slice) -> NDArray[Any]:
        """See `ArrayStore.read`."""
        bytes_per_row = math.prod(self._shape[1:]) * self._dtype.itemsize
        with _one_sentence(self.path, f"reading events {rows.start} to {rows.stop - 1}"):
            self._file.seek(self._start + rows.start * bytes_per_row)
            data = read_exactly(self._file, (rows.stop - rows.start) * bytes_per_row)
            return np.frombuffer(data, dtype=self._dtype).reshape(-1, *self._shape[1:])

    def copy_from(self, source: ArrayStore, target: Path, rows: Rows, n_events: int, about: str) -> None:
        """See `ArrayStore.copy_from`; npy has no place for ``about``."""
        with target.open("wb") as file:  # numpy would add .npy to a name
            np.save(file, source.gathered(source.found[NAME], rows), allow_pickle=False)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
