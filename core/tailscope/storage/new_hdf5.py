"""New HDF5 files on disks that may be full.

HDF5 cannot close a file that it could not write: the process dies by a segmentation fault. So it writes to a
file of Python's, which takes what finds no room without a word, and tells when HDF5 is done.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py


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
