"""The column of a file that holds one weight an event, whatever else the file holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .base import hint, refuse_bad_numbers
from .hdf5 import HDF5Store
from .npz import NpzStore
from .parquet import Parquet
from .sniff import container_of
from .store import ArrayStore
from .text import CSV


def read_event_weights(path: Path, name: str, stop: int) -> NDArray[np.float64]:
    """Event weights of the first ``stop`` events, float64[stop], from a column (or an array of shape (N,)).

    Raises
    ------
    FormatError: no such column, not one finite number for each event, a format that has no columns.

    """
    container = container_of(path)
    if container == "root":
        raise FormatError(
            f"{path.name}: event weights are not read from ROOT files; write a table of the events with them"
        )
    if container in ("hdf5", "npz"):
        store = HDF5Store(path) if container == "hdf5" else NpzStore(path)
        try:
            values = _of_store(store, name, stop)
        finally:
            store.close()
    else:
        table = CSV(path) if container == "text" else Parquet(path)
        try:
            if name not in table.columns:
                raise _missing(path, name, table.columns)
            values = table.numbers(name)[:stop]
        finally:
            table.close()
    if len(values) < stop:
        raise FormatError(f"{path.name}: column {name} has {len(values)} event weights for {stop} events")
    refuse_bad_numbers(f"{path.name}: column {name} (event weights)", values, 0)
    return values.astype(np.float64)


def _of_store(store: ArrayStore, name: str, stop: int) -> NDArray[np.float64]:
    if name not in store.found:
        raise _missing(store.path, name, tuple(f.name for f in store.found.values() if not f.is_text))
    found = store.usable(name)
    if found.is_text or found.shape[1:] not in {(), (1,)}:
        raise FormatError(
            f"{store.path.name}: dataset {name} has shape {found.shape}, expected (N,): one event weight for "
            "each event"
        )
    values: NDArray[np.float64] = store.read(name, slice(0, min(stop, found.shape[0]))).reshape(-1)
    return values


def _missing(path: Path, name: str, columns: tuple[str, ...]) -> FormatError:
    return FormatError(f"{path.name}: there is no column {name} for event weights; {hint(name, columns)}")
