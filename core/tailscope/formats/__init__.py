"""Formats: one file each, path -> named arrays and units. No physics.

`open_events` recognises the container by its first bytes (`containers.py`), and what is in it by keys and
shapes (`layouts.py`). A new format of named arrays (HDF5, npz) is one new module with a ``likeness(found)``
and a `StoredEvents`, and one entry in `ARRAY_FORMATS`; a new container is one with `Contents`, and one
entry in `CONTAINERS`. Other packages bring formats by entry points (`tailscope.plugins`): an `ArrayFormat`,
which `arrays_format` declares in one line, or a `FileFormat`. They are looked at where no format of
tailscope's own fits whole.
"""

from .arrays import ArrayFormat, arrays_format
from .base import Dataset, EventFile
from .choice import Choice
from .foreign import FileFormat
from .layouts import OWN_DOMAINS
from .opening import open_events

__all__ = [
    "OWN_DOMAINS",
    "ArrayFormat",
    "Choice",
    "Dataset",
    "EventFile",
    "FileFormat",
    "arrays_format",
    "open_events",
]
