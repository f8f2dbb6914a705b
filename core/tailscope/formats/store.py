"""A file of named arrays (HDF5, npz): what is in it is known before a single value is read."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .contents import Contents, Rows, hint, no_column
from .ranges import row_ranges

MAX_OBJECTS = 10_000
PARTIAL = "not in all files"
"""Why an array of several files is left alone."""
EXPANSION_BYTES, EXPANSION_RATIO = 64 << 20, 1000
"""An array may not declare more than both: so many bytes, and so many times what it stores."""


@dataclass(frozen=True)
class Found:
    """One array of a file as it is declared.

    Attributes
    ----------
    name: its path in the file; of a field of records, "dataset/field".
    shape, dtype: see `base.Dataset`.
    problem: why it cannot be read, "" if it can.
    columns: names of the numbers along its last axis, where the file says them.
    unit: as the file says it.
    record: the dataset whose records this is a field of; "" for an array of its own.
    inner: whether it is bookkeeping of the library that wrote the file, such as an index of rows.

    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    problem: str = ""
    columns: tuple[str, ...] = ()
    unit: str = ""
    record: str = ""
    inner: bool = False

    @property
    def is_text(self) -> bool:
        """Names or comments, which no classifier reads and nobody misses."""
        return self.dtype == TEXT


class ArrayStore(Contents):
    """An opened file of arrays.

    Attributes
    ----------
    found: its arrays by name.
    partial: arrays that only some of several files have, which are not among these.

    """

    found: dict[str, Found]
    partial: tuple[Found, ...] = ()

    @abstractmethod
    def __init__(self, path: Path) -> None: ...

    @abstractmethod
    def read(self, name: str, rows: slice) -> NDArray[Any]:
        """Rows of one array as they are stored.

        Raises
        ------
        FormatError: the file is damaged there.

        """

    def column(self, name: str, stop: int) -> NDArray[Any]:
        """See `Contents.column`: an array of shape (N,) or (N, 1)."""
        if name not in self.found:
            raise no_column(self.path, name, (f.name for f in self.found.values() if not f.is_text))
        found = self.usable(name)
        if found.is_text or found.shape[1:] not in {(), (1,)}:
            raise FormatError(
                f"{self.path.name}: dataset {name} has shape {found.shape}, expected (N,): one event weight "
                "for each event"
            )
        return self.read(name, slice(0, min(stop, found.shape[0]))).reshape(-1)

    def copy_rows(self, target: Path, rows: Rows, n_events: int, about: str) -> None:
        """See `Contents.copy_rows`."""
        self.copy_from(self, target, rows, n_events, about)

    @abstractmethod
    def copy_from(self, source: ArrayStore, target: Path, rows: Rows, n_events: int, about: str) -> None:
        """Write events ``rows`` of ``source``, whose arrays are those of this file or begin with them.

        All that is no array of events is copied from this file; see `Contents.copy_rows`.
        """

    def gathered(self, found: Found, rows: Rows) -> NDArray[Any]:
        """``array[rows]`` (int64[n], in any order), read a few MB at a time."""
        order = np.argsort(rows, kind="stable")
        ascending = rows[order]
        result: NDArray[Any] | None = None
        for part in row_ranges(found.shape[0], 8 * int(np.prod(found.shape[1:]))):
            first, last = np.searchsorted(ascending, [part.start, part.stop])
            if first == last and result is not None:
                continue
            values = self.read(found.name, part)
            if result is None:
                result = np.empty((len(rows), *found.shape[1:]), dtype=values.dtype)
            result[order[first:last]] = values[ascending[first:last] - part.start]
        return np.empty((0, *found.shape[1:])) if result is None else result

    @classmethod
    def ragged(cls, path: Path, names: Collection[str]) -> Mapping[str, NDArray[Any]]:
        """The arrays of these names in a file, whole, and nothing of all others: name -> [n_i, ...]."""
        store = cls(path)
        try:
            return {name: store._whole(name) if name in names else np.empty(0) for name in store.found}
        finally:
            store.close()

    def _whole(self, name: str) -> NDArray[Any]:
        shape = self.usable(name).shape
        return self.read(name, slice(0, shape[0])) if shape else np.empty(shape)

    def need(self, name: str, expected: str) -> Found:
        """Give the array that a format cannot do without.

        Raises
        ------
        FormatError: it is missing, or cannot be read.

        """
        if name not in self.found:
            raise FormatError(
                f"{self.path.name}: dataset {name} {expected} is missing; {hint(name, self.found)}"
            )
        return self.usable(name)

    def usable(self, name: str) -> Found:
        """Give an array that is there.

        Raises
        ------
        FormatError: it cannot be read.

        """
        found = self.found[name]
        if found.problem:
            raise FormatError(f"{self.path.name}: dataset {name} {found.problem}")
        return found


TEXT, OBJECTS, RECORDS = "text", "text or variable-length objects", "compound records"
_KINDS = {
    "c": "complex numbers",
    "V": RECORDS,
    "O": OBJECTS,
    "S": TEXT,
    "U": TEXT,
}


def number_type(dtype: np.dtype[Any]) -> tuple[str, str]:
    """(dtype for people, why it cannot be used): real numbers of up to 64 bits can, "" then."""
    kind = _KINDS.get(dtype.kind)
    if dtype.subdtype is not None:
        kind = "arrays inside each element"
    elif kind is None and (dtype.kind not in "fiub" or dtype.itemsize > 8):
        kind = f"numbers of type {dtype}"
    if kind is None:
        return str(dtype), ""
    return kind, f"holds {kind}, expected real numbers; write it again as float32"


def is_index(name: str) -> bool:
    """Whether a dataset is an index that PyTables keeps beside its table; it holds for the rows there are."""
    return name.startswith("_i_") or "/_i_" in name


def expands_too_far(shape: tuple[int, ...], declared: int, stored: int) -> str:
    """Why an array that declares so many bytes and stores so few is not read; "" when it may be."""
    if declared <= EXPANSION_BYTES or declared <= EXPANSION_RATIO * stored:
        return ""
    return (
        f"declares {size(declared)} of shape {shape} but stores only {size(stored)}, which no sample of "
        "events compresses to; write the file again with the events it really has"
    )


def size(n_bytes: int) -> str:
    """Bytes as people say them: 8.2 TB."""
    value, units = float(n_bytes), iter(("bytes", "kB", "MB", "GB", "TB"))
    unit = next(units)
    for larger in units:
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.3g} {unit}"
