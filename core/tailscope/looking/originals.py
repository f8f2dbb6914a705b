"""The events of a study as they are in the file they came from: found by its checksum, read by rows.

A study holds observables, not voxels or constituents. These are read from the original file, wherever it is
now, or from a `Bundle` that the study carries. No file is trusted by its name: what is read has the SHA-256
that the study was made of.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tailscope.domains import NUMBERS_ONLY, Domain, domain_of, drawer_of
from tailscope.errors import InputError
from tailscope.reading.reading import Reading
from tailscope.sample.drawing import Drawing
from tailscope.sample.geometry import Geometry
from tailscope.selection import SampleName
from tailscope.storage.digest import known_sha256_of

if TYPE_CHECKING:
    from tailscope.sample.source import Source
    from tailscope.weights.events import WeightedEvents
    from tailscope.weights.pair import WeightedPair
from tailscope.weights.bundle import Bundle, Rows

ADVICE = (
    "say where it is with `tailscope serve STUDY --events FILE_OR_FOLDER` or Dashboard(study, events=[...]), "
    "or let the study carry some events: `tailscope bundle STUDY`"
)
MOST_FILES = 1000
"""Files of a folder that are looked at."""

Drawer = Callable[[Mapping[str, NDArray[Any]]], Drawing]


class Originals(ABC):
    """How the events of one sample look. Events are meant by their number in the study's sample.

    Attributes
    ----------
    available: int64[m], the events that can be drawn, ascending; None where it is all of them.
    origin: what they are drawn from, for people.

    """

    available: Rows | None = None
    origin: str

    @abstractmethod
    def drawings(self, events: Rows, size: int) -> Iterator[Drawing]:
        """Draw up to ``size`` events after each other, all of them available (int64[n]).

        Raises
        ------
        FormatError: the file is damaged, or was changed a moment ago.

        """

    def draw(self, event: int) -> Drawing:
        """How one event looks: a drawing of one."""
        return next(self.drawings(np.array([event]), 1))

    def has(self, event: int) -> bool:
        """Whether an event can be drawn."""
        return self.available is None or bool(np.isin(event, self.available))


class FromArrays(Originals):
    """Events that are drawn from their arrays, in a file or in the study.

    Attributes
    ----------
    domain: the kind of event, which draws them.
    geometry: as in `Bundle`.

    """

    domain: Domain
    geometry: Geometry | None

    @abstractmethod
    def blocks(self, events: Rows, size: int) -> Iterator[dict[str, NDArray[Any]]]:
        """Arrays of up to ``size`` events after each other, in the order of ``events`` (int64[n])."""

    def drawings(self, events: Rows, size: int) -> Iterator[Drawing]:
        """See `Originals.drawings`."""
        if self.domain.draw is None:
            raise InputError(f"{self.domain.name} events are not drawn; their values are in the table")
        yield from map(self.domain.draw, self.blocks(events, size))


class _FromFile(FromArrays):
    def __init__(self, paths: Sequence[Path], events: WeightedEvents, domain: str) -> None:
        # Rows are those of the file, whatever was left out of it.
        how = Reading.of(events.source, paths, domain=domain).whole
        self._how, self._events = how, events
        self.origin = how.path.name if len(paths) == 1 else f"{how.path.name} and {len(paths) - 1} more"
        with self._how.opened() as opened:
            self.domain = domain_of(opened.domain, opened.shapes, opened.geometry)
            last = int(events.rows_in_file(np.arange(len(events))).max(initial=-1))
            if last >= opened.n_events:
                raise InputError(
                    f"{how.path.name}: the study needs event {last} of it, but its events are 0 to "
                    f"{opened.n_events - 1}; make the study again"
                )
            self.geometry = opened.geometry

    def blocks(self, events: Rows, size: int) -> Iterator[dict[str, NDArray[Any]]]:
        with self._how.opened() as opened:
            rows = self._events.rows_in_file(events)
            for start in range(0, rows.size, size):
                # Formats read ascending rows, each once.
                single, back = np.unique(rows[start : start + size], return_inverse=True)
                yield {name: values[back] for name, values in opened.at(single).items()}


class _FromBundle(FromArrays):
    def __init__(self, bundle: Bundle, domain: str) -> None:
        self._arrays, self._events = bundle.arrays, bundle.events
        shapes = {name: values.shape[1:] for name, values in bundle.arrays.items()}
        self.domain, self.geometry = domain_of(domain, shapes, bundle.geometry), bundle.geometry
        self.available = bundle.events
        self.origin = f"{bundle.events.size:,} events that the study carries"

    def blocks(self, events: Rows, size: int) -> Iterator[dict[str, NDArray[Any]]]:
        at = np.searchsorted(self._events, events)
        for start in range(0, at.size, size):
            yield {name: values[at[start : start + size]] for name, values in self._arrays.items()}


class _FromObservables(Originals):
    def __init__(self, events: WeightedEvents, drawer: Drawer) -> None:
        self._columns, self._drawer = events.observables, drawer
        self.origin = "the study's observables"
        if len(self.draw(0)) == 0:
            raise InputError("the directions of the particles are not among the observables")

    def drawings(self, events: Rows, size: int) -> Iterator[Drawing]:
        for start in range(0, events.size, size):
            rows = events[start : start + size]
            yield self._drawer({name: np.asarray(column[rows]) for name, column in self._columns.items()})


def originals(study: WeightedPair, sample: SampleName, places: Sequence[str | Path] = ()) -> Originals:
    """How the events of one sample look: from its observables where these say it all, else from its arrays.

    Parameters
    ----------
    places: files and folders where the file may be now, beside where it was and where the study is.

    Raises
    ------
    InputError: the file is not there or has changed, and the study carries none of its events; the rows of a
        table, which are not drawn.
    FormatError: the file cannot be read.

    """
    if study.domain in NUMBERS_ONLY:
        raise InputError("the rows of a table have no picture; their values are in the table")
    drawer = drawer_of(study.domain)
    if drawer is not None:
        return _FromObservables(study.sample(sample), drawer)
    return arrays_of(study, sample, places)


def arrays_of(study: WeightedPair, sample: SampleName, places: Sequence[str | Path] = ()) -> FromArrays:
    """Find the arrays of one sample's events: in their file, else in the study's bundle.

    Raises
    ------
    InputError, FormatError: as `originals`.

    """
    events = study.sample(sample)
    try:
        paths = files_of(events, sample, places)
    except InputError:
        if events.bundle is None:
            raise
        return _FromBundle(events.bundle, study.domain)
    return _FromFile(paths, events, study.domain)


def files_of(
    events: WeightedEvents, sample: SampleName, places: Sequence[str | Path] = (), *, advice: str = ADVICE
) -> tuple[Path, ...]:
    """The files that the events of a sample came from, as they were then; mostly one.

    Parameters
    ----------
    places: as in `originals`.
    advice: what to do where one is not found, for the sentence.

    Raises
    ------
    InputError: one is not there, or has changed.

    """
    return tuple(
        find(source, _likely(source, events.beside, places), sample, advice=advice)
        for source in events.source.each
    )


def find(source: Source, places: Iterable[Path], sample: str, *, advice: str = ADVICE) -> Path:
    """The file with the checksum of ``source`` among these files and folders.

    Raises
    ------
    InputError: none has it; says whether one of that name has changed.

    """
    if source.path is None:
        raise InputError(
            f"the {sample} events were given as arrays, not as a file, so that only their values are known"
        )
    name, changed = Path(source.path).name, False
    for path in places:
        for candidate in _candidates(path, name, source.size):
            if known_sha256_of(candidate) == source.digest:
                return candidate
            changed |= candidate.name == name
    found = "is not the file any more that the study was made of" if changed else "was not found"
    raise InputError(f"{name} ({sample} events, SHA-256 {source.digest[:12]}…) {found}; {advice}")


def _likely(source: Source, beside: Path | None, places: Sequence[str | Path]) -> Iterator[Path]:
    """Where the file may be, the likeliest first: places that were named, where it was, beside the study."""
    yield from map(Path, places)
    if source.path is None:
        return
    then = Path(source.path)
    yield then
    if beside is not None:
        yield beside / then.name
        if not then.is_absolute():
            yield beside / then


def _candidates(place: Path, name: str, size: int) -> Iterator[Path]:
    """The files at a place that may be it: of a folder, the one of that name and those of that size."""
    try:
        files = [place]
        if place.is_dir():
            inside = sorted(place.iterdir(), key=lambda path: (path.name != name, path.name))[:MOST_FILES]
            files = [path for path in inside if path.name == name or (size and _size(path) == size)]
        # Regular files only: a pipe or a device named by a study would never end.
        yield from [path for path in files if path.is_file()]
    except OSError:  # not ours to look into
        return


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
