"""Read weights that somebody already has, for both samples or for one of them, from one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .containers import CONTAINERS, container_of

NAMES = {"log_w": ("log_w_reference", "log_w_generated"), "w": ("w_reference", "w_generated")}
"""What the two arrays may be called: natural logarithms of w, or w itself. Logarithms win."""


class LogWeights(NamedTuple):
    """Natural logarithms of w = p_reference/p_generated, float64[n_events] of each sample, in file order.

    None for a sample without any, as reweighters leave it; never for both.
    """

    reference: NDArray[np.float64] | None
    generated: NDArray[np.float64] | None


def read_log_weights(path: str | Path) -> LogWeights:
    """Read arrays ``log_w_reference`` and ``log_w_generated``, or ``w_reference`` and ``w_generated``.

    They are datasets of an HDF5 file, arrays of an npz file or columns of a CSV file, where the shorter
    column ends in empty cells. One of the two is enough. w = 0 and w = inf are kept.

    Raises
    ------
    FormatError: no such file or arrays, not one number an event, NaN, negative w.

    """
    path = Path(path)
    container = container_of(path)
    if container.ragged is None:
        *others, last = (c.name for c in CONTAINERS if c.ragged is not None)
        raise FormatError(
            f"{path.name}: weights are read from {', '.join(others)} or {last}; convert the file"
        )
    found = container.ragged(path, {name for names in NAMES.values() for name in names})
    for enough in (all, any):
        for kind, names in NAMES.items():
            if enough(name in found for name in names):
                return LogWeights(
                    *(_log_w(path, name, found[name], kind) if name in found else None for name in names)
                )
    raise FormatError(
        f"{path.name}: expected log_w_reference and log_w_generated (natural logarithms of w = "
        f"p_reference/p_generated), or w_reference and w_generated, or one of them; "
        f"there is {', '.join(found) or 'nothing'}"
    )


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
