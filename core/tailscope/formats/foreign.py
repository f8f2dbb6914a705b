"""Formats of other packages, held to what tailscope's own promise."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import PluginError
from tailscope.plugins import FORMATS, Plugin, plugins

from .arrays import ArrayFormat, Opener
from .base import EventFile
from .choice import Choice
from .containers import container_of
from .contents import Contents, Rows
from .store import ArrayStore, Found

log = logging.getLogger("tailscope.formats")


@dataclass(frozen=True)
class FileFormat:
    """One kind of file that is neither HDF5, npz, Parquet, ROOT nor a table of text, or one of these inside.

    It is asked about files that no built-in format reads.

    Attributes
    ----------
    title: what it is, in the plural: "events in LHE files".
    domain: the kind of event.
    recognises: path and the first 4096 bytes -> whether it is such a file.
    open: checks the file and gives its events.

    """

    title: str
    domain: str
    recognises: Callable[[Path, bytes], bool]
    open: Callable[[Path], EventFile]


HEAD_BYTES = 4096
F = TypeVar("F", ArrayFormat, FileFormat)


class Foreign(EventFile):
    """Events of another package's format; what it gives is checked before anything is made of it."""

    def __init__(self, plugin: Plugin, events: EventFile, store: ArrayStore | None = None) -> None:
        if not isinstance(events, EventFile):
            raise plugin.wrong(f"opens a {type(events).__name__}, expected a tailscope.formats.EventFile")
        self._plugin, self._events = plugin, events
        with plugin.blamed("describing its file"):
            self.format, self.domain, self.title = str(events.format), str(events.domain), str(events.title)
            self.path, self.n_events = Path(events.path), int(events.n_events)
            self.datasets, self.geometry, self.parts = tuple(events.datasets), events.geometry, events.parts
            self._shapes = {name: tuple(shape) for name, shape in events.shapes.items()}
        self.contents = _Reopened(self.path) if store is None else store
        if self.n_events < 1 or not self._shapes:
            raise plugin.wrong(f"says that {self.path.name} has {self.n_events} events of {self._shapes}")

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """See `EventFile.shapes`."""
        return self._shapes

    def chunks(self, stop: int | None = None) -> Iterator[tuple[int, Mapping[str, NDArray[Any]]]]:
        """See `EventFile.chunks`."""
        n = self.n_events if stop is None else min(stop, self.n_events)
        expected = 0
        with self._plugin.blamed("reading its file"):
            pieces = iter(self._events.chunks(stop))
        while expected < n:
            with self._plugin.blamed("reading its file"):
                start, arrays = next(pieces, (n, {}))
                arrays = {name: np.asarray(values) for name, values in arrays.items()}
            sizes = {len(values) for values in arrays.values() if values.ndim}
            shapes = {name: values.shape[1:] for name, values in arrays.items()}
            if start != expected or len(sizes) != 1 or shapes != self._shapes:
                found = ", ".join(f"{name} {values.shape}" for name, values in arrays.items()) or "no arrays"
                raise self._plugin.wrong(
                    f"gives {found} for {self.path.name} from event {expected} on, expected equally many "
                    f"events of {self._shapes}"
                )
            (size,) = sizes
            expected += size
            if size == 0 or expected > n:
                raise self._plugin.wrong(f"gives {expected} events of {self.path.name}, which has {n}")
            yield start, arrays

    def at(self, rows: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """See `EventFile.at`."""
        with self._plugin.blamed("reading its file"):
            arrays = {name: np.asarray(values) for name, values in self._events.at(rows).items()}
        if {name: values.shape for name, values in arrays.items()} != {
            name: (len(rows), *shape) for name, shape in self._shapes.items()
        }:
            raise self._plugin.wrong(f"gives other arrays than {self._shapes} for events of {self.path.name}")
        return arrays

    def close(self) -> None:
        """See `EventFile.close`."""
        with self._plugin.blamed("closing its file"):
            self._events.close()
        self.contents.close()


class _Reopened(Contents):
    """What tailscope's own containers find in a file of a `FileFormat`: columns of a table, maybe."""

    container = "such"

    def __init__(self, path: Path) -> None:
        self.path = path

    def column(self, name: str, stop: int) -> NDArray[Any]:
        """See `Contents.column`."""
        with closing(container_of(self.path).open(self.path, Choice())) as contents:
            return contents.column(name, stop)

    def copy_rows(self, target: Path, rows: Rows, n_events: int, about: str) -> None:
        """See `Contents.copy_rows`."""
        with closing(container_of(self.path).open(self.path, Choice())) as contents:
            contents.copy_rows(target, rows, n_events, about)

    def close(self) -> None:
        """Nothing stays open."""


def best_of_arrays(
    found: Mapping[str, Found], domain: str | None, beyond: float, least: float = 0
) -> Opener | None:
    """Opener of the format of arrays that is there most.

    None where nothing is there by more than ``beyond`` and by at least ``least``. Those that do not work are
    passed over, and named in the log.
    """
    best: tuple[Plugin, ArrayFormat] | None = None
    for plugin, format_ in _loaded(ArrayFormat):
        if domain not in (None, format_.domain):
            continue
        try:
            with plugin.blamed("looking at a file"):
                likeness = float(format_.likeness(found))
        except PluginError as error:
            log.warning("%s", error)
            continue
        if likeness > beyond and likeness >= least:
            best, beyond = (plugin, format_), likeness
    if best is None:
        return None
    chosen, its = best

    def opened(path: Path, store: ArrayStore) -> EventFile:
        with chosen.blamed(f"opening {path.name}"):
            events = its.open(path, store)
        return Foreign(chosen, events, store)

    return opened


def open_file(path: Path, domain: str | None) -> EventFile | None:
    """Give the events of a file that a `FileFormat` recognises; None where none does.

    Raises
    ------
    FormatError, PluginError: it recognises the file, and finds something wrong or does not work.

    """
    for plugin, format_ in _loaded(FileFormat):
        if domain not in (None, format_.domain):
            continue
        try:
            with path.open("rb") as file, plugin.blamed(f"looking at {path.name}"):
                recognised = bool(format_.recognises(path, file.read(HEAD_BYTES)))
        except OSError:
            return None
        except PluginError as error:
            log.warning("%s", error)
            continue
        if recognised:
            with plugin.blamed(f"opening {path.name}"):
                events = format_.open(path)
            return Foreign(plugin, events)
    return None


def known() -> tuple[str, ...]:
    """What formats of arrays other packages bring, in words."""
    return tuple(format_.keys for _, format_ in _loaded(ArrayFormat))


def _loaded(kind: type[F]) -> Iterator[tuple[Plugin, F]]:
    """Formats of that kind that can be loaded; the others are named in the log."""
    for plugin in plugins(FORMATS):
        try:
            format_ = plugin.load()
            if not isinstance(format_, (ArrayFormat, FileFormat)):
                raise plugin.wrong(
                    f"is a {type(format_).__name__}, expected a tailscope.formats.ArrayFormat or FileFormat"
                )
        except PluginError as error:
            log.warning("%s", error)
            continue
        if isinstance(format_, kind):
            yield plugin, format_
