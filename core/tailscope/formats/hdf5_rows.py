"""Write some rows of an HDF5 file to a new one."""

from __future__ import annotations

from collections.abc import Iterator

import h5py
import numpy as np

from .contents import Rows
from .store import RECORDS, ArrayStore, Found, is_index

BLOCK_BYTES = 256 << 20
"""How much of one dataset is held while it is copied."""
MAX_TEXT = 256
"""Bytes of a word of text that is copied with its event."""


def copy_into(store: ArrayStore, old: h5py.File, new: h5py.File, rows: Rows, n_events: int) -> None:
    """Copy events ``rows`` of ``store``, whose file is ``old``: see `Contents.copy_rows`.

    Attributes are copied too. Datasets that cannot be read are left out.
    """
    for name, found in _sources(store):
        parent = new.require_group(name.rpartition("/")[0] or "/")
        _copy_attributes(old[parent.name], parent)
        events = found.shape[:1] == (n_events,)
        if events and (not found.problem or _is_short_text(found, old)):
            _copy_events(store, found, rows, old, new)
        elif not found.problem or (found.is_text and not events):
            old.copy(name, new, name)


def _sources(store: ArrayStore) -> Iterator[tuple[str, Found]]:
    """The datasets of a file: records whole, and without PyTables' indices, which are of the old rows."""
    records: set[str] = set()
    for found in store.found.values():
        if found.record and found.record not in records:
            records.add(found.record)
            yield found.record, Found(found.record, found.shape[:1], RECORDS)
        elif not found.record and not is_index(found.name):
            yield found.name, found


def _copy_attributes(old: h5py.HLObject, new: h5py.HLObject) -> None:
    """All but references, which would point into the other file."""
    for key in old.attrs:
        kind = old.attrs.get_id(key).dtype
        if not kind.hasobject or h5py.check_string_dtype(kind) is not None:
            # With its type: PyTables tells text from bytes by the encoding.
            new.attrs.create(key, old.attrs[key], dtype=kind)


def _is_short_text(found: Found, file: h5py.File) -> bool:
    """One word an event, such as a kind of muon: no format reads it, but somebody's own script may."""
    return found.is_text and len(found.shape) == 1 and file[found.name].dtype.itemsize <= MAX_TEXT


def _copy_events(store: ArrayStore, found: Found, rows: Rows, old: h5py.File, new: h5py.File) -> None:
    dataset = old[found.name]
    copy = new.create_dataset(
        found.name, (len(rows), *found.shape[1:]), dataset.dtype, compression="gzip", shuffle=True
    )
    _copy_attributes(dataset, copy)
    bytes_per_row = dataset.dtype.itemsize * int(np.prod(found.shape[1:]))
    # Blocks, so that memory stays bounded; large ones, as rows in any order read the source for each.
    step = max(1, BLOCK_BYTES // max(1, bytes_per_row))
    for start in range(0, len(rows), step):
        copy[start : start + step] = store.gathered(found, rows[start : start + step])
