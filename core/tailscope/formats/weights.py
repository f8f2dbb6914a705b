"""Read weights that somebody already has, for both samples, from one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .hdf5 import HDF5Store
from .npz import NpzStore
from .sniff import container_of
from .store import ArrayStore

NAMES = {"log_w": ("log_w_reference", "log_w_generated"), "w": ("w_reference", "w_generated")}
"""What the two arrays may be called: natural logarithms of w, or w itself. Logarithms win."""


class LogWeights(NamedTuple):
    """Natural logarithms of w = p_reference/p_generated, float64[n_events] of each sample, in file order."""

    reference: NDArray[np.float64]
    generated: NDArray[np.float64]


def read_log_weights(path: str | Path) -> LogWeights:
    """Read arrays ``log_w_reference`` and ``log_w_generated``, or ``w_reference`` and ``w_generated``.

    They are datasets of an HDF5 file, arrays of an npz file or columns of a CSV file, where the shorter
    column ends in empty cells. w = 0 and w = inf are kept.

    Raises
    ------
    FormatError: no such file or arrays, not one number an event, NaN, negative w.

    """
    path = Path(path)
    container = container_of(path)
    if container == "text":
        found = _columns(path)
    elif container in {"hdf5", "npz"}:
        found = _arrays(HDF5Store(path) if container == "hdf5" else NpzStore(path))
    else:
        raise FormatError(f"{path.name}: weights are read from HDF5, npz or CSV; convert the file")
    for kind, names in NAMES.items():
        if all(name in found for name in names):
            reference, generated = (_log_w(path, name, found[name], kind) for name in names)
            return LogWeights(reference, generated)
    raise FormatError(
        f"{path.name}: expected log_w_reference and log_w_generated (natural logarithms of w = "
        f"p_reference/p_generated), or w_reference and w_generated; there is {', '.join(found) or 'nothing'}"
    )


def _arrays(store: ArrayStore) -> dict[str, NDArray[Any]]:
    wanted = {name for names in NAMES.values() for name in names}
    try:
        return {name: _read(store, name) if name in wanted else np.empty(0) for name in store.found}
    finally:
        store.close()


def _read(store: ArrayStore, name: str) -> NDArray[Any]:
    shape = store.usable(name).shape
    return store.read(name, slice(0, shape[0])) if shape else np.empty(shape)


def _columns(path: Path) -> dict[str, NDArray[Any]]:
    try:
        table = pd.read_csv(path, comment="#", skipinitialspace=True)
    except (ValueError, OSError) as error:
        raise FormatError(f"{path.name}: it is not a CSV table with a line of names ({error})") from error
    columns = {}
    for name in table.columns:
        column = table[name].to_numpy()
        filled = np.flatnonzero(pd.notna(column))
        columns[str(name).strip()] = column[: filled[-1] + 1 if filled.size else 0]
    return columns


def _log_w(path: Path, name: str, values: NDArray[Any], kind: str) -> NDArray[np.float64]:
    where = f"{path.name}: {name}"
    values = values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
    if values.ndim != 1 or values.dtype.kind not in "fiu":
        raise FormatError(
            f"{where} has shape {values.shape} and type {values.dtype}, expected one number an event"
        )
    numbers = values.astype(np.float64)
    if np.isnan(numbers).any():
        event = int(np.isnan(numbers).argmax())
        raise FormatError(f"{where}: event {event} is NaN; write w = 0 or w = inf where a density vanishes")
    if kind == "log_w":
        return numbers
    if (numbers < 0).any():
        event = int((numbers < 0).argmax())
        raise FormatError(
            f"{where}: event {event} is {numbers[event]:g}, but weights are never negative; "
            "if these are logarithms, call the arrays log_w_reference and log_w_generated"
        )
    with np.errstate(divide="ignore"):
        return np.log(numbers)
