"""What a container holds, opened: columns and rows, whatever they mean."""

from __future__ import annotations

import difflib
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

Rows = NDArray[np.int64]


class Contents(ABC):
    """An opened file of one container.

    Attributes
    ----------
    path: the file.
    container: its kind, for people: "HDF5", "npz", "Parquet", "CSV", "ROOT".

    """

    path: Path
    container: str

    def column(self, name: str, stop: int) -> NDArray[Any]:
        """One number an event of the first ``stop`` events, or of as many as there are, as it is stored: [n].

        Raises
        ------
        FormatError: no such column, not one number an event, a container that has no columns.

        """
        raise FormatError(
            f"{self.path.name}: event weights are not read from {self.container} files; write a table of the "
            "events with them"
        )

    def copy_rows(self, target: Path, rows: Rows, n_events: int, about: str) -> None:
        """Write events ``rows`` (int64[n], in this order, repeats allowed) to ``target``, in the same way.

        Arrays with ``n_events`` rows are cut to these; all else in the file is copied as it is. ``about``
        says where the events come from, where a container has a place for it.

        Raises
        ------
        FormatError: a container that is only read; a text file whose lines are not its events.

        """
        raise FormatError(
            f"{self.path.name}: {self.container} files are only read; save its events as HDF5 first"
        )

    @abstractmethod
    def close(self) -> None:
        """Close the file; twice does no harm."""


def hint(missing: str, present: Iterable[str]) -> str:
    """Name what is there, and the closest to what is missing: "there are a, b (did you mean a?)"."""
    names = sorted(present)
    shown = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    close = difflib.get_close_matches(missing.lower(), [n.lower() for n in names], n=1, cutoff=0.6)
    closest = next((n for n in names if close and n.lower() == close[0]), None)
    there = f"there is {shown}" if len(names) == 1 else f"there are {shown}" if names else "it is empty"
    return there + (f"; the closest name is {closest}" if closest else "")


def no_column(path: Path, name: str, columns: Iterable[str]) -> FormatError:
    """There is no column of that name."""
    return FormatError(f"{path.name}: there is no column {name} for event weights; {hint(name, columns)}")
