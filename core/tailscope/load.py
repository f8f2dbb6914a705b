"""load and describe: from a file of events to a Sample, or to what is in it."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .domains import Domain, check_name, domain_of
from .errors import FormatError, InputError
from .formats import Dataset, open_events
from .sample import Observable, Sample, Source

Chunk = tuple[int, Mapping[str, NDArray[Any]]]
Progress = Callable[[int, int], None]


def load(
    path: str | Path,
    *,
    domain: str | None = None,
    binning: str | Path | None = None,
    name: str | None = None,
    max_events: int | None = None,
    observables: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Sample:
    """Read a file of events: recognise its format, compute features and observables.

    Only one chunk of the file (some MB) is held beside the result.

    Parameters
    ----------
    path
        The file; its format is recognised by content, keys and shapes.
    domain
        Only formats of this kind of event ("calorimeter", "events", "jets", ...), where the guess is not
        wanted.
    binning
        The XML file that says where the voxels of CaloChallenge showers lie, for other detectors than those
        of datasets 1 to 3, which are known by their number of voxels.
    name
        For legends; the file's name without its suffix when None.
    max_events
        The first so many events only.
    observables
        One's own beside those of the domain, name -> expression: ``{"R": "E_1/E_tot"}``.
    progress
        Called with (events done, events in all) after each chunk.

    Raises
    ------
    FormatError: the file is not what its format says; the sentence says what was found and expected.
    InputError: a domain that does not exist, ``max_events`` below 1, more events than memory holds.

    """
    path = Path(path)
    if max_events is not None and max_events < 1:
        raise InputError(f"max_events is {max_events}, expected at least 1 (or None for all events)")
    if domain is not None:
        check_name(domain)
    with open_events(path, domain, binning) as events:
        kind = domain_of(events.domain, events.shapes, events.geometry)
        n = events.n_events if max_events is None else min(max_events, events.n_events)
        features, condition, columns = _room_for(path, n, kind)
        # Closed here, so that nothing reads on in a file that is closed when this stops half way.
        with closing(_read_ahead(events.chunks(n))) as chunks:
            for start, arrays in chunks:
                prepared = kind.prepare(arrays)
                values = kind.features(prepared)
                stop = start + len(values)
                features[start:stop] = values
                if kind.condition is not None and condition is not None:
                    condition[start:stop] = kind.condition(prepared)
                for key, column in kind.observe(prepared).items():
                    columns[key][start:stop] = column
                if progress is not None:
                    progress(stop, n)
        source = Source(str(path), sha256_of(path), events.format)
    sample = Sample(
        name=path.stem if name is None else name,
        features=features,
        observables=columns,
        specs=kind.shown,
        domain=kind.name,
        condition=condition,
        source=source,
        particles=kind.particles,
    )
    for key, expression in (observables or {}).items():
        sample = sample.with_observable(key, expression)
    return sample


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, read in pieces.

    Raises
    ------
    FormatError: it cannot be read.

    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FormatError(
            f"{path.name}: reading the file failed ({error.strerror}); is its disk still there?"
        ) from error


def _room_for(
    path: Path, n: int, kind: Domain
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None, dict[str, NDArray[np.float32]]]:
    """Room for everything that is kept, laid out before reading: no second copy is ever made.

    Raises
    ------
    InputError: there is not so much memory in this machine.

    """
    needed = 4 * n * (kind.n_features + kind.n_conditions + len(kind.observables))
    if needed > 0.8 * _memory():
        raise InputError(
            f"{path.name}: {n} events need {needed / 1e9:.1f} GB of memory, this machine has "
            f"{_memory() / 1e9:.1f} GB; read fewer with max_events"
        )
    features = np.empty((n, kind.n_features), dtype=np.float32)
    condition = np.empty((n, kind.n_conditions), dtype=np.float32) if kind.n_conditions else None
    return features, condition, {o.name: np.empty(n, dtype=np.float32) for o in kind.observables}


def _memory() -> float:
    """Bytes of memory in this machine; unlimited where the system does not tell.

    Asked beforehand because Linux promises any amount, and ends the process when it is used.
    """
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):
        return math.inf


def _read_ahead(chunks: Iterator[Chunk]) -> Generator[Chunk, None, None]:
    """Give the same chunks; the next one is read while one is computed with."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = pool.submit(next, chunks, None)
            yield chunk


@dataclass(frozen=True)
class Range:
    """Smallest and largest value of one dataset, as it is in the file."""

    low: float
    high: float


@dataclass(frozen=True)
class Description:
    """What a file of events holds: what ``tailscope show FILE`` prints.

    Attributes
    ----------
    path: the file.
    format, title: short name of the format, and its name for people.
    domain: the kind of event.
    n_events: rows.
    size: bytes of the file.
    sha256: of the file's bytes.
    datasets: everything found, with shape, dtype and unit; ``used`` says whether it is read.
    ranges: dataset -> smallest and largest value, of those that are read.
    observables: what is computed from them.
    left_out: names of observables for which the file has too little.
    n_inputs: numbers that the classifier sees of each event.

    """

    path: str
    format: str
    title: str
    domain: str
    n_events: int
    size: int
    sha256: str
    datasets: tuple[Dataset, ...]
    ranges: Mapping[str, Range]
    observables: tuple[Observable, ...]
    n_inputs: int
    left_out: tuple[str, ...] = ()


def describe(
    path: str | Path,
    *,
    domain: str | None = None,
    binning: str | Path | None = None,
    progress: Progress | None = None,
) -> Description:
    """Say what a file of events holds; every value is read and checked, a chunk at a time.

    Raises
    ------
    FormatError, InputError: as `load` does.

    """
    path = Path(path)
    if domain is not None:
        check_name(domain)
    with open_events(path, domain, binning) as events:
        kind = domain_of(events.domain, events.shapes, events.geometry)
        ranges: dict[str, Range] = {}
        for start, arrays in events.chunks():
            for key, values in arrays.items():
                low, high = float(values.min()), float(values.max())
                before = ranges.get(key, Range(low, high))
                ranges[key] = Range(min(low, before.low), max(high, before.high))
            if progress is not None:
                progress(start + len(next(iter(arrays.values()))), events.n_events)
        return Description(
            path=str(path),
            format=events.format,
            title=events.title,
            domain=kind.name,
            n_events=events.n_events,
            size=path.stat().st_size,
            sha256=sha256_of(path),
            datasets=events.datasets,
            ranges=ranges,
            observables=kind.shown,
            n_inputs=kind.n_features + kind.n_conditions,
            left_out=kind.left_out,
        )
