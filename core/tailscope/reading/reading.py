"""Reading: how a file of events is read, as one value."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import cast

from tailscope.domains import Level
from tailscope.errors import FormatError, InputError
from tailscope.formats import Choice, EventFile, open_events
from tailscope.formats.thresholded import Thresholded
from tailscope.sample.source import HowRead, Source, SourceFile
from tailscope.storage.digest import sha256_of


@dataclass(frozen=True)
class Reading:
    """A file of events and how it is read; what the options mean, `load` says.

    Raises
    ------
    InputError: ``max_events`` below 1.

    """

    path: Path
    domain: str | None = None
    binning: Path | None = None
    name: str | None = None
    max_events: int | None = None
    observables: Mapping[str, str] = field(default_factory=dict)
    where: str | None = None
    features: Level | None = None
    event_weight: str | None = None
    in_memory: bool | None = None
    cache: Path | None = None
    choice: Choice = field(default_factory=Choice)
    drop_undefined: bool = False
    common: bool = False
    threshold: float | None = None
    more: tuple[Path, ...] = ()
    arrays: tuple[str, ...] = ()
    most_particles: int | None = None

    def __post_init__(self) -> None:
        if self.max_events is not None and self.max_events < 1:
            raise InputError(f"max_events is {self.max_events}, expected at least 1 (or None for all events)")

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files, whose events come one after another."""
        return (self.path, *self.more)

    @classmethod
    def of(cls, source: Source, paths: Sequence[Path] = (), *, domain: str | None = None) -> Reading:
        """How the events of a source were read, from its files where they are now.

        Parameters
        ----------
        paths: where these are, in the source's order; where they were when there are none.
        domain: the kind of event, for sources of older studies that do not say it.

        Raises
        ------
        InputError: the events were given as arrays.

        """
        files = tuple(paths) or tuple(Path(one.path) for one in source.each if one.path is not None)
        if not files:
            raise InputError("the events were given as arrays, not as a file; give them again")
        how = source.reading
        return cls(
            files[0],
            how.domain or domain,
            Path(source.binning) if source.binning else None,
            max_events=how.max_events,
            observables=dict(how.observables),
            where=how.where or None,
            features=cast("Level", how.level) if how.level else None,
            event_weight=how.event_weight or None,
            choice=Choice(how.part, how.names, how.columns, how.drop, how.label),
            drop_undefined=how.drop_undefined,
            common=how.common,
            threshold=how.threshold,
            more=files[1:],
            arrays=how.arrays,
            most_particles=how.most_particles,
        )

    @property
    def whole(self) -> Reading:
        """The same with every event of the file, so that rows are those of the file."""
        return replace(self, drop_undefined=False)

    @property
    def sample_name(self) -> str:
        """Name of the sample, for legends."""
        if self.name is not None:
            return self.name
        stem = f"{self.path.stem} and {len(self.more)} more" if self.more else self.path.stem
        return f"{stem}:{self.choice.part}" if self.choice.part else stem

    def opened(self) -> EventFile:
        """The file, whose format is recognised by content, keys and shapes.

        Raises
        ------
        FormatError: it is not what its format says.

        """
        events = open_events(
            self.paths,
            self.domain,
            self.binning,
            self.choice,
            drop_undefined=self.drop_undefined,
            most_particles=self.most_particles,
        )
        try:
            if self.arrays:
                events.only(self.arrays)
            return events if self.threshold is None else Thresholded(events, self.threshold)
        except FormatError:
            events.close()
            raise

    def source_of(self, events: EventFile, domain: str, level: Level) -> Source:
        """What is kept of this reading beside the events: enough to read the same again.

        Raises
        ------
        FormatError: a file cannot be read.

        """
        digests = [sha256_of(path) for path in self.paths]
        sizes = [path.stat().st_size for path in self.paths]
        return Source(
            str(self.path),
            digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest(),
            events.format,
            size=sum(sizes),
            binning="" if self.binning is None else str(self.binning),
            reading=HowRead(
                domain,
                level,
                self.max_events,
                dict(self.observables),
                self.where or "",
                self.event_weight or "",
                **asdict(self.choice),
                common=self.common,
                drop_undefined=self.drop_undefined,
                threshold=self.threshold,
                arrays=self.arrays,
                most_particles=self.most_particles,
            ),
            files=tuple(
                SourceFile(str(path), digest, size, n)
                for path, digest, size, n in zip(self.paths, digests, sizes, events.counts, strict=True)
            )
            if self.more
            else (),
        )
