"""Some events of a file, copied in the file's own format: what other tools read, they read again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import InputError
from tailscope.storage.atomic import atomic_path

from .reading import Reading


def copy_rows(
    source: str | Path | Reading, rows: NDArray[np.int64], output: str | Path, *, about: str = ""
) -> Path:
    """Write some events of a file to ``output`` in the same format, whole or not at all.

    Every array with one row an event is cut to these rows; all else in the file (names, binnings,
    attributes) is copied as it is, so that `load` and everybody's own scripts read the copy like the file.

    Parameters
    ----------
    source: a file of events that `load` reads, or how it is read (its domain and binning count); ROOT files
        are the exception, they are only read.
    rows: int64[n], event numbers from 0; they are written in this order, repeats are allowed.
    output: replaced where it exists; not the file itself.
    about: where the copy comes from; kept in the attribute ``tailscope`` of HDF5 files, other formats have no
        place for it.

    Raises
    ------
    InputError: no rows, rows that the file does not have, ``output`` is the file or has another format's
        ending.
    FormatError: as `load`; a ROOT file; a text file whose lines are not its events.
    StudyError: ``output`` cannot be written.

    """
    how = source if isinstance(source, Reading) else Reading(Path(source))
    path, output, rows = how.path, Path(output), np.asarray(rows, dtype=np.int64)
    with how.opened() as events:
        _refuse_ending(path, events.contents.container, output)
        if rows.size == 0:
            raise InputError(f"{path.name}: no event is to be copied; choose a wider selection")
        if rows.min() < 0 or rows.max() >= events.n_events:
            wrong = int(rows.min() if rows.min() < 0 else rows.max())
            raise InputError(
                f"{path.name}: there is no event {wrong}, its events are 0 to {events.n_events - 1}"
            )
        if output.exists() and any(output.samefile(one) for one in how.paths):
            raise InputError(f"{output.name}: the output is the input; choose another name")
        with atomic_path(output) as temporary:
            events.contents.copy_rows(temporary, rows, events.n_events, about)
    return output


def check_endings(how: Reading, *outputs: Path) -> None:
    """Find out before the work whether copies of a file's rows may be called like this.

    Raises
    ------
    InputError: an ending of another format.
    FormatError: as `load`.

    """
    with how.opened() as events:
        for output in outputs:
            _refuse_ending(how.path, events.contents.container, output)


ENDINGS = {
    "HDF5": (".h5", ".hdf5", ".hdf"),
    "npz": (".npz",),
    "npy": (".npy",),
    "Parquet": (".parquet", ".pq"),
    "CSV": (".csv", ".tsv", ".txt", ".dat"),
    "ROOT": (".root",),
    "packed": (".gz", ".bz2", ".xz", ".zst", ".zip"),
}
"""Container -> how its files end; an ending of none of these says nothing."""


def _refuse_ending(path: Path, container: str, output: Path) -> None:
    if container not in ENDINGS or container == "ROOT":  # of which no rows are copied
        return
    ending = output.suffix.lower()
    says = next((name for name, endings in ENDINGS.items() if ending in endings), container)
    if says == container or ending == path.suffix.lower():
        return
    own = path.suffix if path.suffix.lower() in ENDINGS[container] else ENDINGS[container][0]
    raise InputError(
        f"{output.name}: events of {path.name} are copied in its own format, {container}; choose the ending "
        f"{own}"
    )
