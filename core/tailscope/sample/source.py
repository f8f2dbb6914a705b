"""Where a sample came from, and how it was read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class HowRead:
    """How a file was read, as `load` takes it; "" and None for what was not given, or is not known.

    Attributes
    ----------
    domain: the kind of event it was read as, whether that was asked for or guessed.
    level: what the classifier sees, `load`'s ``features``.
    max_events, observables, where, event_weight: see `load`.
    part, names, columns, drop, label: see `Choice`.
    common: whether the inputs are those that both samples of a pair had.
    drop_undefined: whether events with an undefined number were left out.
    threshold: in MeV, below which voxels were set to 0; None without one.
    arrays: the arrays that both samples of a pair have, where one has more; () for all.
    most_particles: constituents that are kept of each jet, as many as the other sample has; None for all.

    """

    domain: str = ""
    level: str = ""
    max_events: int | None = None
    observables: dict[str, str] = field(default_factory=dict, hash=False)
    where: str = ""
    event_weight: str = ""
    part: str = ""
    names: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    label: tuple[str, ...] = ()
    common: bool = False
    drop_undefined: bool = False
    threshold: float | None = None
    arrays: tuple[str, ...] = ()
    most_particles: int | None = None


@dataclass(frozen=True)
class SourceFile:
    """One of several files: as it was named, SHA-256 of its bytes, how many these are, and its events."""

    path: str
    sha256: str
    size: int
    n_events: int


@dataclass(frozen=True)
class Source:
    """Where a sample came from: enough to find it again and to tell whether it is still the same.

    Attributes
    ----------
    path: the file, as it was named; None for arrays that were given in memory.
    sha256: of the file's bytes, or of the arrays; of some events of a file, of these and their row numbers;
        of several files, of their checksums in hexadecimal digits one after another.
    format: `EventFile.format`, or "arrays".
    file_sha256: of the file's bytes, where ``sha256`` is not that; else "".
    size: of the file in bytes, so that one that is not it need not be read; 0 where it is not known.
    binning: the binning file that was given for it; else "".
    reading: how the file was read.
    files: where there are several, whose rows come one after another; ``path`` is the first then.

    """

    path: str | None
    sha256: str
    format: str
    file_sha256: str = ""
    size: int = 0
    binning: str = ""
    reading: HowRead = field(default_factory=HowRead)
    files: tuple[SourceFile, ...] = ()

    @property
    def each(self) -> tuple[Source, ...]:
        """One source for each file."""
        if not self.files:
            return (self,)
        return tuple(
            replace(self, path=one.path, sha256=one.sha256, file_sha256="", size=one.size, files=())
            for one in self.files
        )

    def places(self, rows: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
        """Where rows of the sample lie: ``row`` in its file, and which ``file`` where there are several."""
        if not self.files:
            return {"row": rows}
        starts = np.cumsum([0, *(one.n_events for one in self.files[:-1])])
        file = np.searchsorted(starts, rows, side="right") - 1
        return {"file": file, "row": rows - starts[file]}

    @property
    def digest(self) -> str:
        """SHA-256 of the file's bytes; of the arrays where there is no file."""
        return self.file_sha256 or self.sha256

    def of_rows(self, rows: NDArray[np.int64]) -> Source:
        """Where some of the events (int64[n]) came from: the same file, and not the same events."""
        digest = hashlib.sha256(self.sha256.encode() + rows.astype("<i8").tobytes()).hexdigest()
        return replace(self, sha256=digest, file_sha256=self.digest)
