"""Open npz files: the header of each array is checked first, then rows are read as they are unpacked.

numpy.load would unpack a whole array at once, however much it declares. No pickle is ever opened: an
array of objects is refused by its header.
"""

from __future__ import annotations

import math
import tokenize
import zipfile
import zlib
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .contents import Rows
from .damage import RAISED, one_sentence
from .store import MAX_OBJECTS, ArrayStore, Found, expands_too_far, number_type, size

_ERRORS = (*RAISED, zipfile.BadZipFile, zlib.error, tokenize.TokenError, SyntaxError, EOFError)
"""What zipfile and numpy's header parser raise on damaged files."""
_one_sentence = partial(one_sentence, "npz", _ERRORS)


class NpzStore(ArrayStore):
    """A checked npz file. Arrays are read best from the first row to the last: a zip cannot be rewound.

    Raises
    ------
    FormatError: not a zip file of arrays, or a damaged one.

    """

    container = "npz"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._dtypes: dict[str, np.dtype[Any]] = {}
        self._streams: dict[str, tuple[IO[bytes], int]] = {}
        with _one_sentence(path, "opening it"):
            self._file = path.open("rb")
        try:
            with _one_sentence(path, "opening it"):
                self._zip = zipfile.ZipFile(self._file)
            with _one_sentence(path, "listing its arrays"):
                members = [m for m in self._zip.infolist() if m.filename.endswith(".npy")]
                if len(members) > MAX_OBJECTS:
                    raise FormatError(
                        f"{path.name}: there are {len(members)} arrays in it; is it the right file?"
                    )
                self.found = {f.name: f for f in map(self._describe, members)}
        except FormatError:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._streams.clear()
        self._file.close()

    def read(self, name: str, rows: slice) -> NDArray[Any]:
        """Rows of one array as they are stored."""
        shape, dtype = self.found[name].shape[1:], self._dtypes[name]
        with _one_sentence(self.path, f"reading array {name}"):
            stream, position = self._streams.pop(name, (None, 0))
            if stream is None or position > rows.start:
                stream, position = self._zip.open(name + ".npy"), 0
                _header(stream)
            _read_exactly(stream, (rows.start - position) * math.prod(shape) * dtype.itemsize)
            data = _read_exactly(stream, (rows.stop - rows.start) * math.prod(shape) * dtype.itemsize)
            self._streams[name] = stream, rows.stop
            return np.frombuffer(data, dtype=dtype).reshape(-1, *shape)

    def copy_rows(self, target: Path, rows: Rows, n_events: int, about: str) -> None:
        """See `Contents.copy_rows`; npz has no place for ``about``."""
        arrays: dict[str, Any] = {
            name: self.gathered(name, rows if found.shape[:1] == (n_events,) else np.arange(found.shape[0]))
            for name, found in self.found.items()
            if not found.problem
        }
        with target.open("wb") as file:  # numpy would add .npz to a name
            np.savez_compressed(file, **arrays)

    def _describe(self, member: zipfile.ZipInfo) -> Found:
        name = member.filename.removesuffix(".npy")
        with self._zip.open(member) as stream:
            shape, by_columns, dtype = _header(stream)
            header = stream.tell()
        kind, problem = number_type(dtype)
        declared = math.prod(shape) * dtype.itemsize
        if not shape:
            problem = "is a single value, expected one row for each event"
        elif not problem and declared > member.file_size - header:
            problem = (
                f"declares {size(declared)} of shape {shape} but holds {size(member.file_size - header)}; "
                "write the file again"
            )
        elif not problem and by_columns and len(shape) > 1:
            problem = "is stored column by column; save np.ascontiguousarray of it"
        problem = problem or expands_too_far(shape, declared, member.compress_size)
        self._dtypes[name] = dtype
        return Found(name, shape, kind, problem)


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """(shape, Fortran order, dtype); leaves the stream at the first value."""
    version = npy.read_magic(stream)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, by_columns, dtype = read(stream)
    if any(n < 0 for n in shape):
        raise ValueError(f"shape {shape}")
    return shape, by_columns, dtype


def _read_exactly(stream: IO[bytes], n_bytes: int) -> bytes:
    data = stream.read(n_bytes) if n_bytes else b""
    if len(data) < n_bytes:
        raise EOFError(f"{len(data)} bytes where {n_bytes} were expected")
    return data
