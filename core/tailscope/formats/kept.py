"""Some of the events of a file as if there were no others: those whose numbers are all finite."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .base import EventFile
from .contents import Rows
from .ranges import row_ranges
from .store import ArrayStore, Found


class KeptRows(ArrayStore):
    """A file of arrays of which only some rows are read.

    Attributes
    ----------
    rows: int64[m], ascending, those that are.

    """

    def __init__(self, path: Path, store: ArrayStore, rows: Rows, n_events: int) -> None:
        self.path, self.container, self._store, self._n = path, store.container, store, n_events
        self.rows = rows
        self.found = {name: self._cut(found) for name, found in store.found.items()}

    def read(self, name: str, rows: slice) -> NDArray[Any]:
        """See `ArrayStore.read`."""
        if not self._is_of_events(self._store.found.get(name)):
            return self._store.read(name, rows)
        wanted = self.rows[rows]
        if not wanted.size:
            return self._store.read(name, slice(0, 0))
        first = int(wanted[0])
        return self._store.read(name, slice(first, int(wanted[-1]) + 1))[wanted - first]

    def copy_from(self, source: ArrayStore, target: Path, rows: Rows, n_events: int, about: str) -> None:
        """See `ArrayStore.copy_from`."""
        self._store.copy_from(source, target, rows, n_events, about)

    def close(self) -> None:
        """See `Contents.close`."""
        self._store.close()

    def _cut(self, found: Found) -> Found:
        return (
            replace(found, shape=(self.rows.size, *found.shape[1:])) if self._is_of_events(found) else found
        )

    def _is_of_events(self, found: Found | None) -> bool:
        return found is not None and found.shape[:1] == (self._n,)


def finite_rows(events: EventFile, store: ArrayStore) -> Rows:
    """Events of which every number that is used is finite: int64[m], ascending."""
    names = [d.name for d in events.datasets if d.used and d.name in store.found]
    finite = np.ones(events.n_events, dtype=bool)
    for name in names:
        for rows in row_ranges(events.n_events, _width(store.found[name])):
            values = store.read(name, rows)
            finite[rows] &= np.isfinite(values.reshape(len(values), -1)).all(axis=1)
    return np.flatnonzero(finite)


def _width(found: Found) -> int:
    return 8 * int(np.prod(found.shape[1:]))
