"""Several files of arrays as one: each array is theirs one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .contents import Rows, hint
from .store import ArrayStore, Found


class JoinedStore(ArrayStore):
    """Files of one container with the same arrays; what only some of them have is left out.

    Raises
    ------
    FormatError: an array of another shape, type or unit than in the first file, none in common.

    """

    def __init__(self, stores: Sequence[ArrayStore]) -> None:
        first = stores[0]
        self.path, self.container, self._stores = first.path, first.container, tuple(stores)
        self.found = {}
        for name, found in first.found.items():
            same = [store.found[name] for store in stores if name in store.found]
            if not found.shape or len(same) < len(stores):
                continue
            for store, other in zip(stores, same, strict=True):
                if differs := _differs(name, other, found):
                    what, advice = differs
                    raise FormatError(f"{store.path.name}: {what} in {first.path.name}; {advice}")
            problem = next((other.problem for other in same if other.problem), "")
            length = sum(other.shape[0] for other in same)
            self.found[name] = replace(found, shape=(length, *found.shape[1:]), problem=problem)
        everything = {name: found for store in stores for name, found in store.found.items()}
        self.partial = tuple(f for name, f in everything.items() if f.shape and name not in self.found)
        if not self.found:
            last = stores[-1]
            name = next(iter(first.found), "")
            raise FormatError(
                f"{last.path.name}: it has no array in common with {first.path.name} ({name}); "
                f"{hint(name, last.found)}"
            )

    def read(self, name: str, rows: slice) -> NDArray[Any]:
        """See `ArrayStore.read`."""
        length_of = name if name in self.found else self._field_of(name)
        parts: list[NDArray[Any]] = []
        start = 0
        for store in self._stores:
            stop = start + store.found[length_of].shape[0]
            low, high = max(rows.start, start), min(rows.stop, stop)
            if low < high or (rows.start >= rows.stop and not parts):
                parts.append(store.read(name, slice(low - start, max(high, low) - start)))
            start = stop
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def copy_from(self, source: ArrayStore, target: Path, rows: Rows, n_events: int, about: str) -> None:
        """See `ArrayStore.copy_from`; all else in the files is that of the first."""
        self._stores[0].copy_from(source, target, rows, n_events, about)

    def counts(self, name: str) -> tuple[int, ...]:
        """How many rows of an array each file has."""
        return tuple(store.found[name].shape[0] for store in self._stores)

    def close(self) -> None:
        """See `Contents.close`."""
        for store in self._stores:
            store.close()

    def _field_of(self, record: str) -> str:
        """A field of records, which tells how many of these a file has."""
        return next(name for name, found in self.found.items() if found.record == record)


def _differs(name: str, found: Found, first: Found) -> tuple[str, str] | None:
    """(what is not as in the first file, what to do about it); None where nothing is."""
    if found.shape[1:] != first.shape[1:]:
        return f"{name} has shape {found.shape} but {first.shape}", "join only files of one layout"
    if found.columns != first.columns:
        mine, theirs = next(pair for pair in zip_longest(found.columns, first.columns) if pair[0] != pair[1])
        return (
            f"{name} holds {mine} where it holds {theirs}",
            "write the same columns in the same order to all files",
        )
    if found.unit and first.unit and found.unit != first.unit:
        return f"{name} is in {found.unit}, but in {first.unit}", "write all files in one unit"
    return None
