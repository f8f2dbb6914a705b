"""Some events of a file, copied in the file's own format: what other tools read, they read again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import InputError

from . import open_events
from .rewrite import write_rows


def copy_rows(
    path: str | Path,
    rows: NDArray[np.int64],
    output: str | Path,
    *,
    domain: str | None = None,
    binning: str | Path | None = None,
    about: str = "",
) -> Path:
    """Write events ``rows`` of the file ``path`` to ``output`` in the same format, whole or not at all.

    Every array with one row an event is cut to these rows; all else in the file (names, binnings,
    attributes) is copied as it is, so that `load` and everybody's own scripts read the copy like the file.

    Parameters
    ----------
    path: a file of events that `load` reads; ROOT files are the exception, they are only read.
    rows: int64[n], event numbers from 0; they are written in this order, repeats are allowed.
    output: replaced where it exists; not the file itself.
    domain, binning: as `load` takes them.
    about: where the copy comes from; kept in the attribute ``tailscope`` of HDF5 files, other formats have no
        place for it.

    Raises
    ------
    InputError: no rows, rows that the file does not have, ``output`` is ``path``.
    FormatError: as `load`; a ROOT file; a text file whose lines are not its events.
    StudyError: ``output`` cannot be written.

    """
    path, rows = Path(path), np.asarray(rows, dtype=np.int64)
    with open_events(path, domain, binning) as events:
        n_events = events.n_events
    if rows.size == 0:
        raise InputError(f"{path.name}: no event is to be copied; choose a wider selection")
    if rows.min() < 0 or rows.max() >= n_events:
        wrong = int(rows.min() if rows.min() < 0 else rows.max())
        raise InputError(f"{path.name}: there is no event {wrong}, its events are 0 to {n_events - 1}")
    return write_rows(path, Path(output), rows, n_events, about)
