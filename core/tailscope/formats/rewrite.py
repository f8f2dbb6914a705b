"""Write some rows of a file of events to a new file of the same format."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError, InputError
from tailscope.storage.atomic import atomic_path

from .base import row_ranges
from .hdf5 import HDF5Store
from .npz import NpzStore
from .sniff import container_of
from .store import ArrayStore, Found
from .text import lines_before

Rows = NDArray[np.int64]

BLOCK_BYTES = 256 << 20
"""How much of one dataset is held while it is copied."""
MAX_TEXT = 256
"""Bytes of a word of text that is copied with its event."""


def write_rows(source: Path, target: Path, rows: Rows, n_events: int, about: str = "") -> Path:
    """Write events ``rows`` (int64[n], in this order, repeats allowed) of ``source`` to ``target``.

    Arrays with ``n_events`` rows are cut to these; all else in the file is copied as it is, with its
    attributes. Datasets that cannot be read are left out. ``about`` becomes HDF5's attribute ``tailscope``.

    Raises
    ------
    InputError: both are the same file.
    FormatError: a ROOT file, which is only read; a text file whose lines are not its events.

    """
    if target.exists() and target.samefile(source):
        raise InputError(f"{target.name}: the output is the input; choose another name")
    container = container_of(source)
    if container == "root":
        raise FormatError(f"{source.name}: ROOT files are only read; save its muons as CSV or HDF5 first")
    write = {"hdf5": _hdf5, "npz": _npz, "parquet": _parquet, "text": _text}[container]
    with atomic_path(target) as temporary:
        write(source, temporary, rows, n_events)
        if about and container == "hdf5":
            with h5py.File(temporary, "a") as file:
                file.attrs["tailscope"] = about
    return target


def _hdf5(source: Path, target: Path, rows: Rows, n_events: int) -> None:
    store = HDF5Store(source)
    try:
        with h5py.File(source, "r", locking=False) as old, h5py.File(target, "w") as new:
            for name, found in store.found.items():
                parent = new.require_group(name.rpartition("/")[0] or "/")
                _copy_attributes(old[parent.name], parent)
                events = found.shape[:1] == (n_events,)
                if events and (not found.problem or _is_short_text(found, old)):
                    _copy_events(store, found, rows, old, new)
                elif not found.problem or (found.is_text and not events):
                    old.copy(name, new, name)
    finally:
        store.close()


def _copy_attributes(old: h5py.HLObject, new: h5py.HLObject) -> None:
    """All but references, which would point into the other file."""
    for key in old.attrs:
        kind = old.attrs.get_id(key).dtype
        if not kind.hasobject or h5py.check_string_dtype(kind) is not None:
            new.attrs[key] = old.attrs[key]


def _is_short_text(found: Found, file: h5py.File) -> bool:
    """One word an event, such as a kind of muon: no format reads it, but somebody's own script may."""
    return found.is_text and len(found.shape) == 1 and file[found.name].dtype.itemsize <= MAX_TEXT


def _copy_events(store: HDF5Store, found: Found, rows: Rows, old: h5py.File, new: h5py.File) -> None:
    dataset = old[found.name]
    copy = new.create_dataset(
        found.name, (len(rows), *found.shape[1:]), dataset.dtype, compression="gzip", shuffle=True
    )
    _copy_attributes(dataset, copy)
    bytes_per_row = dataset.dtype.itemsize * int(np.prod(found.shape[1:]))
    # Blocks, so that memory stays bounded; large ones, as rows in any order read the source for each.
    step = max(1, BLOCK_BYTES // max(1, bytes_per_row))
    for start in range(0, len(rows), step):
        copy[start : start + step] = _gathered(store, found.name, rows[start : start + step])


def _npz(source: Path, target: Path, rows: Rows, n_events: int) -> None:
    store = NpzStore(source)
    try:
        arrays: dict[str, Any] = {
            name: _gathered(
                store, name, rows if found.shape[:1] == (n_events,) else np.arange(found.shape[0])
            )
            for name, found in store.found.items()
            if not found.problem
        }
    finally:
        store.close()
    with target.open("wb") as file:  # numpy would add .npz to a name
        np.savez_compressed(file, **arrays)


def _gathered(store: ArrayStore, name: str, rows: Rows) -> NDArray[Any]:
    """``array[rows]``, read from the first of these events to the last a few MB at a time."""
    found = store.found[name]
    order = np.argsort(rows, kind="stable")
    ascending = rows[order]
    result: NDArray[Any] | None = None
    for part in row_ranges(found.shape[0], 8 * int(np.prod(found.shape[1:]))):
        first, last = np.searchsorted(ascending, [part.start, part.stop])
        if first == last and result is not None:
            continue
        values = store.read(name, part)
        if result is None:
            result = np.empty((len(rows), *found.shape[1:]), dtype=values.dtype)
        result[order[first:last]] = values[ascending[first:last] - part.start]
    return np.empty((0, *found.shape[1:])) if result is None else result


def _parquet(source: Path, target: Path, rows: Rows, n_events: int) -> None:
    parquet: Any = importlib.import_module("pyarrow.parquet")
    parquet.write_table(parquet.read_table(source).take(rows), target)


def _text(source: Path, target: Path, rows: Rows, n_events: int) -> None:
    lines = source.read_text(encoding="utf-8-sig").splitlines()
    before = lines_before(source)
    events = [line for line in lines[before:] if line.strip()]
    if len(events) != n_events:
        raise FormatError(
            f"{source.name}: there are {len(events)} lines for {n_events} events; save it with one line for "
            "each"
        )
    target.write_text("\n".join([*lines[:before], *(events[i] for i in rows)]) + "\n", encoding="utf-8")
