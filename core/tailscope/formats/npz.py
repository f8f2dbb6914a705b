"""Open npz files: the header of each array is checked first, then rows are read as they are unpacked.

numpy.load would unpack a whole array at once, however much it declares. No pickle is ever opened: an
array of objects is refused by its header.
"""

from __future__ import annotations

import math
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .contents import Rows
from .damage import RAISED, one_sentence
from .store import MAX_OBJECTS, RECORDS, ArrayStore, Found, expands_too_far, number_type, size

MAX_BY_COLUMNS = 1 << 30
"""Bytes of an array stored column by column, which has to be read whole."""

ERRORS = (*RAISED, zipfile.BadZipFile, zlib.error, tokenize.TokenError, SyntaxError, EOFError)
"""What zipfile and numpy's header parser raise on damaged files."""
_one_sentence = partial(one_sentence, "npz", ERRORS)


class NpzStore(ArrayStore):
    """A checked npz file. Arrays are read best from the first row to the last: a zip cannot be rewound.

    Raises
    ------
    FormatError: not a zip file of arrays, or a damaged one.

    """

    container = "npz"

    def __init__(self, path: Path, part: str = "") -> None:
        if part:
            raise FormatError(
                f"{path.name}: an npz file has no groups, but {part} was asked for; leave it out"
            )
        self.path = path
        self._dtypes: dict[str, np.dtype[Any]] = {}
        self._by_columns: dict[str, NDArray[Any] | None] = {}
        self._kept: tuple[str, tuple[int, int], NDArray[Any]] | None = None
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
                self.found = {f.name: f for m in members for f in self._described(m)}
        except FormatError:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._streams.clear()
        self._file.close()

    def read(self, name: str, rows: slice) -> NDArray[Any]:
        """Rows of one array as they are stored."""
        record = self.found[name].record if name in self.found else ""
        if record:
            values: NDArray[Any] = self._rows(record, (), rows)[name[len(record) + 1 :]]
            return values
        return self._rows(name, self.found[name].shape[1:] if name in self.found else (), rows)

    def _rows(self, name: str, shape: tuple[int, ...], rows: slice) -> NDArray[Any]:
        """Rows of an array as it lies in the file; the last ones are kept for the next field of records."""
        if self._kept is not None and self._kept[:2] == (name, (rows.start, rows.stop)):
            return self._kept[2]
        if name in self._by_columns:
            values = self._whole_by_columns(name)[rows]
        else:
            values = self._unpacked(name, shape, rows)
        if self._dtypes[name].names:
            self._kept = name, (rows.start, rows.stop), values
        return values

    def _unpacked(self, name: str, shape: tuple[int, ...], rows: slice) -> NDArray[Any]:
        dtype = self._dtypes[name]
        with _one_sentence(self.path, f"reading array {name}"):
            stream, position = self._streams.pop(name, (None, 0))
            if stream is None or position > rows.start:
                stream, position = self._zip.open(name + ".npy"), 0
                header_of(stream)
            read_exactly(stream, (rows.start - position) * math.prod(shape) * dtype.itemsize)
            data = read_exactly(stream, (rows.stop - rows.start) * math.prod(shape) * dtype.itemsize)
            self._streams[name] = stream, rows.stop
            return np.frombuffer(data, dtype=dtype).reshape(-1, *shape)

    def _whole_by_columns(self, name: str) -> NDArray[Any]:
        """An array that is stored column by column, whole: it cannot be read by rows."""
        whole = self._by_columns[name]
        if whole is None:
            shape = self.found[name].shape
            flat = self._unpacked(name, (), slice(0, math.prod(shape)))
            whole = self._by_columns[name] = np.ascontiguousarray(flat.reshape(shape, order="F"))
        return whole

    def copy_from(self, source: ArrayStore, target: Path, rows: Rows, n_events: int, about: str) -> None:
        """See `ArrayStore.copy_from`; npz has no place for ``about``."""
        arrays: dict[str, Any] = {}
        for found in source.found.values():
            name = found.record or found.name
            if found.problem or name in arrays:
                continue
            array = Found(name, found.shape[:1], RECORDS) if found.record else found
            arrays[name] = source.gathered(
                array, rows if found.shape[:1] == (n_events,) else np.arange(found.shape[0])
            )
        with target.open("wb") as file:  # numpy would add .npz to a name
            np.savez_compressed(file, **arrays)

    def _described(self, member: zipfile.ZipInfo) -> Iterator[Found]:
        """An array, or the fields of its records."""
        found = self._describe(member)
        records = self._dtypes[found.name]
        if not records.names:
            yield found
            return
        for field in records.names:
            base, shape = records[field].subdtype or (records[field], ())
            kind, problem = number_type(base)
            yield Found(
                f"{found.name}/{field}",
                (*found.shape, *shape),
                kind,
                found.problem or problem,
                record=found.name,
            )

    def _describe(self, member: zipfile.ZipInfo) -> Found:
        name = member.filename.removesuffix(".npy")
        with self._zip.open(member) as stream:
            shape, by_columns, dtype = header_of(stream)
            header = stream.tell()
        kind, problem = number_type(dtype)
        problem = "" if dtype.names else problem
        declared = math.prod(shape) * dtype.itemsize
        if not shape:
            problem = "is a single value, expected one row for each event"
        elif not problem and declared > member.file_size - header:
            problem = (
                f"declares {size(declared)} of shape {shape} but holds {size(member.file_size - header)}; "
                "write the file again"
            )
        elif not problem and by_columns and len(shape) > 1:
            if declared <= MAX_BY_COLUMNS:
                self._by_columns[name] = None
            else:
                problem = "is stored column by column; save np.ascontiguousarray of it"
        problem = problem or expands_too_far(shape, declared, member.compress_size)
        self._dtypes[name] = dtype
        return Found(name, shape, kind, problem)


def header_of(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """(shape, Fortran order, dtype); leaves the stream at the first value."""
    version = npy.read_magic(stream)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, by_columns, dtype = read(stream)
    if version == (3, 0) and dtype.names:
        # Version 2.0 in all but this: names are UTF-8, which numpy reads by no public function.
        dtype.names = tuple(name.encode("latin1").decode("utf-8") for name in dtype.names)
    if any(n < 0 for n in shape):
        raise ValueError(f"shape {shape}")
    return shape, by_columns, dtype


def read_exactly(stream: IO[bytes], n_bytes: int) -> bytes:
    """So many bytes from where a stream is; EOFError where there are fewer."""
    data = stream.read(n_bytes) if n_bytes else b""
    if len(data) < n_bytes:
        raise EOFError(f"{len(data)} bytes where {n_bytes} were expected")
    return data
