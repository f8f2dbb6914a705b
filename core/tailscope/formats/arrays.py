"""Arrays of any names and shapes: the format of a kind of event that tailscope does not know itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .base import Dataset, EventFile
from .store import ArrayStore, Found
from .stored import StoredEvents

Declared = Mapping[str, tuple[tuple[int | None, ...], str]]
"""Array -> (shape of one event, unit); None in a shape is any length, "" is no unit."""


Likeness = Callable[[Mapping[str, Found]], float]
"""How much of a format is in a file, 0 to 1, by the arrays that are there."""

Opener = Callable[[Path, ArrayStore], EventFile]
"""Checks a file of a format and gives its events."""


class ArrayFormat(NamedTuple):
    """One layout of named arrays in HDF5 or npz.

    Attributes
    ----------
    keys: what it is and which arrays it has, for the sentence that no format fits.
    domain: the kind of event.
    likeness, open: see `Likeness` and `Opener`.

    """

    keys: str
    domain: str
    likeness: Likeness
    open: Opener


def arrays_format(title: str, domain: str, arrays: Declared) -> ArrayFormat:
    """Declare a format: these arrays, one row an event, are given to the domain as float32[n, ...].

    >>> hits = arrays_format("hits in a tracker", "tracks", {"hits": ((20, 3), "mm")})

    What is not finite, or has another shape, is refused in one sentence.
    """
    return ArrayFormat(
        f"{title} ({', '.join(arrays)})",
        domain,
        partial(_likeness, arrays),
        partial(NamedArrays, title, domain, arrays),
    )


def _likeness(arrays: Declared, found: Mapping[str, Found]) -> float:
    return sum(name in found for name in arrays) / len(arrays)


class NamedArrays(StoredEvents):
    """A file with the arrays of an `arrays_format`; `chunks` gives these as float32[n, ...]."""

    def __init__(self, title: str, domain: str, arrays: Declared, path: Path, file: ArrayStore) -> None:
        super().__init__(path, file)
        self.domain = self.format = domain
        self.title = f"{title} in {file.container}"
        self._arrays = arrays
        found = {}
        for name, (shape, _) in arrays.items():
            expected = f"(N, {', '.join('any' if n is None else str(n) for n in shape)})"
            found[name] = there = file.need(name, f"(shape {expected})")
            if not _fits(there.shape[1:], shape):
                raise FormatError(
                    f"{path.name}: dataset {name} has shape {there.shape}, expected {expected}; reshape it"
                )
        first = next(iter(found.values()))
        for there in found.values():
            if there.shape[0] != first.shape[0]:
                raise FormatError(
                    f"{path.name}: dataset {there.name} has {there.shape[0]} events but {first.name} has "
                    f"{first.shape[0]}; write both from the same events"
                )
        self.n_events = first.shape[0]
        if self.n_events == 0:
            raise FormatError(f"{path.name}: there are no events in it ({first.name} has no rows)")
        self.datasets = tuple(
            Dataset(f.name, f.shape, f.dtype, arrays[f.name][1] if used else "", used=used)
            for f in file.found.values()
            for used in [f.name in arrays]
        )

    def part(self, rows: slice) -> dict[str, NDArray[np.float32]]:
        """See `StoredEvents.part`."""
        return {name: self.numbers(name, rows, unit=unit) for name, (_, unit) in self._arrays.items()}


def _fits(shape: tuple[int, ...], expected: tuple[int | None, ...]) -> bool:
    """Whether the shape of an event is as declared."""
    return len(shape) == len(expected) and all(
        e is None or n == e for n, e in zip(shape, expected, strict=True)
    )
