"""Write some rows of a file of events to a new file of the same format."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from tailscope.cache import atomic_path
from tailscope.errors import FormatError, InputError

from .base import row_ranges
from .hdf5 import HDF5Store
from .npz import NpzStore
from .sniff import container_of
from .store import ArrayStore
from .text import lines_before

Rows = NDArray[np.int64]


def write_rows(source: Path, target: Path, rows: Rows, n_events: int) -> Path:
    """Write events ``rows`` (int64[n], in this order, repeats allowed) of ``source`` to ``target``.

    Arrays with ``n_events`` rows are cut to these; all else in the file is copied as it is. Datasets that
    cannot be read are left out.

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
    return target


def _hdf5(source: Path, target: Path, rows: Rows, n_events: int) -> None:
    store = HDF5Store(source)
    try:
        with h5py.File(source, "r", locking=False) as old, h5py.File(target, "w") as new:
            new.attrs.update(old.attrs)
            for name, found in store.found.items():
                if found.shape[:1] == (n_events,) and not found.problem:
                    data = _gathered(store, name, rows)
                    dataset = new.create_dataset(name, data=data, compression="gzip", shuffle=True)
                    dataset.attrs.update(old[name].attrs)
                elif not found.problem or (found.is_text and found.shape[:1] != (n_events,)):
                    new.require_group(name.rpartition("/")[0] or "/")
                    old.copy(name, new, name)
    finally:
        store.close()


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
    """``array[rows]``, read from the first event to the last a few MB at a time."""
    found = store.found[name]
    order = np.argsort(rows, kind="stable")
    ascending = rows[order]
    result: NDArray[Any] | None = None
    for part in row_ranges(found.shape[0], 8 * int(np.prod(found.shape[1:]))):
        values = store.read(name, part)
        if result is None:
            result = np.empty((len(rows), *found.shape[1:]), dtype=values.dtype)
        first, last = np.searchsorted(ascending, [part.start, part.stop])
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
