"""New HDF5 files on disks that may be full.

HDF5 cannot close a file that it could not write: the process dies by a segmentation fault. So it writes to a
file of Python's, which takes what finds no room without a word, and tells when HDF5 is done.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

RECORDS = "table"
"""What a dataset of records is called that stands for a whole file."""


class _Sink(io.FileIO):
    """A file whose first error is kept; what is written after it is lost."""

    error: OSError | None = None

    def write(self, data: Any) -> int:
        """All of it."""
        left = memoryview(data).cast("B")
        size = len(left)
        while len(left) and self.error is None:
            try:
                left = left[super().write(left) :]
            except OSError as error:
                self.error = error
        return size

    def truncate(self, size: int | None = None) -> int:
        """See `io.FileIO`."""
        try:
            return super().truncate(size)
        except OSError as error:
            self.error = self.error or error
            return size or 0


@contextmanager
def new_hdf5(path: Path, **options: Any) -> Iterator[h5py.File]:
    """Write an HDF5 file, as ``h5py.File(path, "w", **options)`` does.

    Raises
    ------
    OSError: the disk is full.

    """
    with _Sink(path, "w+") as sink:
        try:
            with h5py.File(sink, "w", **options) as file:
                yield file
        finally:
            if sink.error is not None:
                raise sink.error


def write_columns(parent: h5py.Group, name: str, columns: Mapping[str, NDArray[Any]], **options: Any) -> None:
    """Write columns of equal length so that ``parent[name][column]`` gives each, whatever it is called.

    They are datasets of a group; or the fields of one dataset of records where a name has a slash, which
    HDF5 would take for a group of its own, or is a dot.
    """
    if all("/" not in column and column != "." for column in columns):
        group = parent.require_group(name)
        for column, values in columns.items():
            group.create_dataset(column, data=values, **options)
        return
    records = np.empty(len(next(iter(columns.values()))), [(key, x.dtype) for key, x in columns.items()])
    for column, values in columns.items():
        records[column] = values
    parent.create_dataset(name.strip("/") or RECORDS, data=records, **options)
