"""Choice: which part of a file is read, which of its columns, and what those without names are called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from pathlib import Path

from tailscope.errors import FormatError

from .contents import hint


@dataclass(frozen=True)
class Choice:
    """What of a file is asked for. Names may hold ``*`` and ``?``: "PRI_*" are all that begin with it.

    Attributes
    ----------
    part: group of an HDF5 file or tree of a ROOT file that is one sample; "" for the whole file.
    names: of the columns of a file that has none.
    columns: the only columns that are inputs and observables; () for all that are neither counters, labels,
        weights nor identifiers.
    drop: columns that are neither.
    label: columns that say what an event is; conditions can name them, the classifier never sees them.

    """

    part: str = ""
    names: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    label: tuple[str, ...] = ()

    @property
    def of_columns(self) -> bool:
        """Whether it says anything about columns."""
        return any(getattr(self, field.name) for field in fields(self) if field.name != "part")


def chosen(path: Path, option: str, asked: Sequence[str], there: Iterable[str]) -> tuple[str, ...]:
    """Names that were asked for, in the order of the file.

    Raises
    ------
    FormatError: one that is not there, with the closest that is.

    """
    names = tuple(there)
    found: set[str] = set()
    for wanted in asked:
        matches = {wanted} if wanted in names else {n for n in names if fnmatchcase(n, wanted)}
        if not matches:
            raise FormatError(f"{path.name}: {option} names {wanted}, but {hint(wanted, names)}")
        found |= matches
    return tuple(name for name in names if name in found)
