"""Several files of events as one, where their container cannot join arrays (text, Parquet, ROOT)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .base import EventFile
from .contents import Contents, Rows
from .table import Table


class Several(EventFile):
    """Events of several files, one file after another; all of one format and with the same arrays.

    Raises
    ------
    FormatError: another format, other arrays or other units than in the first file.

    """

    def __init__(self, files: Sequence[EventFile]) -> None:
        first = files[0]
        for other in files[1:]:
            if isinstance(first, Table) and isinstance(other, Table):
                other.like(first)
        for other in files[1:]:
            if other.format != first.format or other.domain != first.domain:
                raise FormatError(
                    f"{other.path.name}: it is a file of {other.title}, but {first.path.name} is one of "
                    f"{first.title}; join only files of one format"
                )
            if dict(other.shapes) != dict(first.shapes):
                differ = sorted(set(other.shapes.items()) ^ set(first.shapes.items()))
                raise FormatError(
                    f"{other.path.name}: {', '.join(sorted({name for name, _ in differ})[:6])} is not alike "
                    f"in {first.path.name}; join only files of the same columns"
                )
            _refuse_other_units(first, other)
        self._files = tuple(files)
        self.format, self.domain, self.path = first.format, first.domain, first.path
        self.title = f"{first.title}, {len(files)} files"
        self.counts = tuple(file.n_events for file in files)
        self.n_events = sum(self.counts)
        self.geometry, self.parts, self.voxels = first.geometry, first.parts, first.voxels
        self.contents = _Contents(first.contents, self._files)
        self._describe()

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """See `EventFile.shapes`."""
        return self._files[0].shapes

    def chunks(self, stop: int | None = None) -> Iterator[tuple[int, Mapping[str, NDArray[Any]]]]:
        """See `EventFile.chunks`."""
        before, n = 0, self.n_events if stop is None else stop
        for file in self._files:
            if before >= n:
                return
            for start, arrays in file.chunks(n - before):
                yield before + start, {name: arrays[name] for name in self.shapes}
            before += file.n_events

    def named(self, name: str, stop: int) -> NDArray[Any]:
        """See `EventFile.named`."""
        return np.concatenate([file.named(name, file.n_events) for file in self._files])[:stop]

    def only(self, names: Iterable[str]) -> None:
        """See `EventFile.only`."""
        kept = tuple(names)
        for file in self._files:
            file.only(kept)

    def leave_out(self, names: Iterable[str], why: str) -> None:
        """See `EventFile.leave_out`."""
        gone = tuple(names)
        for file in self._files:
            file.leave_out(gone, why)
        self._describe()

    def close(self) -> None:
        """See `EventFile.close`."""
        for file in self._files:
            file.close()

    def _describe(self) -> None:
        first = self._files[0]
        self.datasets = tuple(
            replace(d, shape=(self.n_events, *d.shape[1:])) if d.shape[:1] == (first.n_events,) else d
            for d in first.datasets
        )


def _refuse_other_units(first: EventFile, other: EventFile) -> None:
    """Refuse a file that states another unit of a column than the first one; one that states none is taken.

    Raises
    ------
    FormatError: there is such a column.

    """
    units = {d.name: d.unit for d in first.datasets if d.used}
    for d in other.datasets:
        if d.used and d.unit and units.get(d.name) and d.unit != units[d.name]:
            raise FormatError(
                f"{other.path.name}: {d.name} is in {d.unit}, but in {units[d.name]} in {first.path.name}; "
                "write all files in one unit"
            )


class _Contents(Contents):
    """What the containers of several files hold: they are only read."""

    def __init__(self, first: Contents, files: Sequence[EventFile]) -> None:
        self.path, self.container, self._files = first.path, first.container, files

    def column(self, name: str, stop: int) -> NDArray[Any]:
        """See `Contents.column`."""
        return np.concatenate([file.named(name, file.n_events) for file in self._files])[:stop]

    def copy_rows(self, target: Path, rows: Rows, n_events: int, about: str) -> None:
        """See `Contents.copy_rows`: rows of several files have no file of their own format.

        Raises
        ------
        FormatError: always.

        """
        raise FormatError(
            f"{self.path.name}: rows of several files are not copied in this format; export their values "
            "instead (`tailscope export` without --original, to .csv or .h5)"
        )

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            file.close()
