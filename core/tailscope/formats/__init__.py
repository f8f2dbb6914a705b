"""Formats: one file each, path -> named arrays and units. No physics.

`open_events` recognises a file by its first bytes, then by its keys and shapes. A new HDF5 format is one
new module with a ``likeness(found)`` and an `EventFile`, and one line in `HDF5_FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from tailscope.errors import FormatError
from . import calogan
from .base import Dataset, EventFile
from .hdf5 import Found, SafeFile

__all__ = ["Dataset", "EventFile", "open_events"]


class _Hdf5Format(NamedTuple):
    likeness: Callable[[Mapping[str, Found]], float]
    open: Callable[[Path, SafeFile], EventFile]
    domain: str


HDF5_FORMATS = (_Hdf5Format(calogan.likeness, calogan.CaloGAN, calogan.CaloGAN.domain),)


def open_events(path: str | Path, domain: str | None = None) -> EventFile:
    """Open a file of events; ``domain`` restricts the formats to those of one kind of event.

    Raises
    ------
    FormatError: no format fits, or the one that fits best finds something wrong.

    """
    path = Path(path)
    return _open_hdf5(path, domain)


def _open_hdf5(path: Path, domain: str | None) -> EventFile:
    file = SafeFile(path)
    try:
        formats = [f for f in HDF5_FORMATS if domain in (None, f.domain)]
        best = max(formats, key=lambda f: f.likeness(file.found))
        return best.open(path, file)
    except FormatError:
        file.close()
        raise
