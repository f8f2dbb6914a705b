"""What every format gives: an opened file of events, described first and then read by rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError
from tailscope.sample.geometry import Geometry

from .contents import Contents, Rows
from .ranges import gathered
from .roles import Role

FLOAT32_MAX = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Dataset:
    """One dataset, array or column as a file declares it.

    Attributes
    ----------
    name: its path in the file, or the column's name.
    shape: (n_events, ...) for those that are read.
    dtype: as numpy writes it, or what it is instead ("text", "compound").
    unit: "GeV", "MeV", "" for none or not known.
    used: False for what is left alone, such as row indices.
    role: of a column; "feature" for whatever is no column.
    why: why it is left alone, where that is worth a word.

    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    unit: str = ""
    used: bool = True
    role: Role = "feature"
    why: str = ""


class EventFile(ABC):
    """An opened file whose structure was checked: arrays of equal length, read by ranges of rows.

    Attributes
    ----------
    format: short name of the format, e.g. "calogan"; kept in `Source.format`.
    title: the same for people, e.g. "CaloGAN showers in HDF5".
    domain: the kind of event inside, a name that `tailscope.domains` knows.
    path: the file.
    n_events: rows.
    datasets: everything that was found, in the order of the file.
    geometry: where the voxels of showers lie, for formats in which that differs from file to file.
    parts: array -> (name, unit) of each number along its last axis, where these are different quantities.
    contents: all that its container holds, of which the events are made.
    rows: int64[n_events], row of each event in the file; None where these are 0, 1, 2, ...
    voxels: arrays of energies of voxels, all in MeV.
    counts: events in each file, where there are several, those that are left out included; else ().

    """

    format: str
    domain: str
    title: str
    path: Path
    n_events: int
    datasets: tuple[Dataset, ...]
    geometry: Geometry | None = None
    parts: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType({})
    contents: Contents
    rows: Rows | None = None
    voxels: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()

    @abstractmethod
    def chunks(self, stop: int | None = None) -> Iterator[tuple[int, Mapping[str, NDArray[Any]]]]:
        """(first row, name -> array of those rows), through the first ``stop`` events (all when None).

        Raises
        ------
        FormatError: values that are NaN, infinite, negative energies, units that cannot be right, ...

        """

    def at(self, rows: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """Events ``rows`` (int64[n], ascending): name -> array of n rows, as `chunks` gives them.

        Formats that can jump read no more than what lies about these rows, all others up to the last one.

        Raises
        ------
        FormatError: as `chunks`.

        """
        return gathered(self.chunks(int(rows[-1]) + 1), rows)

    def event_weights(self, name: str, stop: int) -> NDArray[np.float64]:
        """Weights of the first ``stop`` events, float64[stop], from a column (or an array of shape (N,)).

        Raises
        ------
        FormatError: no such column, not one finite number for each event, a container that has no columns.

        """
        values = self.named(name, stop)
        where = f"{self.path.name}: column {name}"
        if len(values) < stop:
            raise FormatError(f"{where} has {len(values)} event weights for {stop} events")
        refuse_bad_numbers(f"{where} (event weights)", values, 0)
        return values.astype(np.float64)

    def only(self, names: Iterable[str]) -> None:
        """Give these arrays alone, as the other sample of a pair has no others.

        Raises
        ------
        FormatError: the events cannot do without the others.

        """
        if missing := sorted(set(self.shapes) - set(names)):
            raise FormatError(f"{self.path.name}: {self.title} are not read without {', '.join(missing)}")

    def leave_out(self, names: Iterable[str], why: str) -> None:
        """Leave datasets alone that would be read, such as what is used as event weights."""
        gone = set(names)
        self.datasets = tuple(
            replace(d, used=False, why=why) if d.name in gone and d.used else d for d in self.datasets
        )

    def named(self, name: str, stop: int) -> NDArray[Any]:
        """One number an event by its name in the file, whether it is used or not: see `Contents.column`."""
        return self.contents.column(name, stop)

    @abstractmethod
    def close(self) -> None:
        """Close the file; twice does no harm."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of what `chunks` gives."""
        return tuple(self.shapes)

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Shape of one event in each array that `chunks` gives: what a domain needs to know beforehand."""
        return {d.name: d.shape[1:] for d in self.datasets if d.used}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def refuse_bad_numbers(
    where: str, values: NDArray[Any], start: int, *, negative: bool = True, unit: str = ""
) -> None:
    """Raise when values[n, ...] of the events from ``start`` hold NaN, inf or (unless allowed) negatives.

    Raises
    ------
    FormatError: with the first such event, its value and how many there are in this part of the file.

    """
    if values.size == 0:
        return
    low, high = values.min(), values.max()  # NaN comes out of both, inf of one
    if np.isfinite(low) and np.isfinite(high) and (negative or low >= 0):
        return
    flat = values.reshape(len(values), -1)
    bad = ~np.isfinite(flat) if not (np.isfinite(low) and np.isfinite(high)) else flat < 0
    event = int(bad.any(axis=1).argmax())
    value = flat[event][bad[event]][0]
    found = f"{value:g} {unit}".strip()
    expected = "finite numbers" if negative else "finite numbers of at least 0"
    advice = "remove these events or write the file again"
    if not np.isfinite(value):
        advice = "leave such events out with --drop-undefined (drop_undefined=True), or write the file again"
    raise FormatError(
        f"{where}: event {start + event} has {found} ({int(bad.sum())} such values in events {start} to "
        f"{start + len(values) - 1}), expected {expected}; {advice}"
    )


def as_float32(where: str, values: NDArray[Any]) -> NDArray[np.float32]:
    """Numbers as float32, of the same shape; NaN stays.

    Raises
    ------
    FormatError: float32 does not hold them.

    """
    if values.dtype != np.float32:
        largest = (
            max(abs(np.fmin.reduce(values, None)), abs(np.fmax.reduce(values, None))) if values.size else 0
        )
        if float(largest) > FLOAT32_MAX:
            raise FormatError(
                f"{where}: there are values up to {largest:g}, more than float32 holds; change its unit"
            )
        values = values.astype(np.float32)
    return values
