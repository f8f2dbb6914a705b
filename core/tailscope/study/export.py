"""Selected events out of a study: row numbers, weights and observables, or the rows of the original file.

Both say where they came from.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import InputError
from tailscope.looking.originals import files_of
from tailscope.reading.copy import copy_rows
from tailscope.reading.reading import Reading
from tailscope.record import Record, plain
from tailscope.sample.source import Source
from tailscope.selection import SampleName, Selection
from tailscope.storage.atomic import atomic_path
from tailscope.storage.new_hdf5 import new_hdf5, write_columns
from tailscope.version import __version__
from tailscope.weights.events import SPREAD
from tailscope.weights.pair import WeightedPair

HDF5, CSV = (".h5", ".hdf5"), (".csv",)
ADVICE = "say where it is now with `tailscope export --events FILE_OR_FOLDER`"


def export_events(
    study: WeightedPair, selection: Selection, path: str | Path, *, sample: SampleName | None = None
) -> int:
    """Write the selected events of one sample to HDF5 or CSV, whole or not at all, and say how many.

    Columns: ``row`` (int64, row number in the sample's own file, of which the sample may be a part; with
    ``file``, the number of the file in the sample's ``source``, where it came from several),
    ``log_w`` and ``w`` (float64), ``event_weight`` (float64) where the sample has any, and every observable
    of the study (float32, NaN where undefined). In HDF5 these are ``file["observables"][name]``
    (`write_columns`); in CSV an observable that is called like one of ours is ``observable_w``.
    The HDF5 attribute ``tailscope``, or the first line of the CSV after ``# tailscope ``, is JSON
    (`ExportRecord`): study and its digest, sample, selection, source file's SHA-256, version, and which
    columns are observables.

    Parameters
    ----------
    sample: read off "reference" or "generated"; that of the selection when None.

    Raises
    ------
    InputError: an ending that is neither .h5, .hdf5 nor .csv.
    SelectionError: a cut on an observable that the study does not have.
    StudyError: the file cannot be written.

    """
    path = Path(path)
    if path.suffix not in HDF5 + CSV:
        raise InputError(
            f"{path.name}: events are written to .h5, .hdf5 or .csv; choose one of these endings"
        )
    name = selection.right_sample if sample is None else sample
    events, rows = study.sample(name), study.select(name, selection)
    columns: dict[str, NDArray[Any]] = {
        **events.source.places(events.rows_in_file(rows)),
        "log_w": events.log_w[rows],
        "w": study.weights(name)[rows],
    }
    if events.event_weight is not None:
        columns["event_weight"] = events.event_weight[rows]
    observables = {key: np.asarray(column[rows]) for key, column in events.observables.items()}
    names = _apart(list(observables), columns) if path.suffix in CSV else {key: key for key in observables}
    # The spread of the weights is ours, too.
    holds = {column: key for key, column in names.items() if key != SPREAD}
    about = _about(study, selection, name, holds)
    with atomic_path(path) as temporary:
        if path.suffix in HDF5:
            _write_hdf5(temporary, columns, observables, about)
        else:
            _write_csv(temporary, columns | {names[k]: v for k, v in observables.items()}, about)
    return int(rows.size)


def export_original(
    study: WeightedPair,
    selection: Selection,
    path: str | Path,
    *,
    sample: SampleName | None = None,
    places: Sequence[str | Path] = (),
) -> int:
    """Copy the selected events of one sample out of its own file, in that file's format, and say how many.

    The file is known by its SHA-256, wherever it is now. HDF5 copies carry the attribute ``tailscope``, as
    those of `export_events` do.

    Parameters
    ----------
    sample: read off "reference" or "generated"; that of the selection when None.
    places: files and folders where the file may be, beside where it was and where the study is.

    Raises
    ------
    InputError: the file is not found or has changed, no event is selected, an ending of another format.
    FormatError: a ROOT file, which is only read.
    SelectionError: a cut on an observable that the study does not have.
    StudyError: the copy cannot be written.

    """
    path = Path(path)
    name = selection.right_sample if sample is None else sample
    events, rows = study.sample(name), study.select(name, selection)
    originals = files_of(events, name, places, advice=ADVICE)
    original = originals[0]
    if _ending(path) != _ending(original):
        raise InputError(
            f"{path.name}: events of {original.name} are copied in its own format; choose the ending "
            f"{original.suffix}"
        )
    copy_rows(
        Reading.of(events.source, originals, domain=study.domain).whole,
        events.rows_in_file(rows),
        path,
        about=_about(study, selection, name),
    )
    return int(rows.size)


def _ending(path: Path) -> str:
    return HDF5[0] if path.suffix in HDF5 else path.suffix


class ExportRecord(Record, frozen=True, kw_only=True):
    """What makes the same events again.

    Attributes
    ----------
    version: of tailscope.
    study, digest: name and digest of the study.
    sample, source: which sample, and the file it came from.
    selection: which events.
    units: observable -> its unit.
    columns: column -> the observable that it holds; every other column is tailscope's. {} in copies of
        original rows, whose columns are those of their file.

    """

    version: str
    study: str
    digest: str
    sample: SampleName
    source: Source
    selection: Selection
    units: dict[str, str]
    columns: dict[str, str]


def _about(
    study: WeightedPair, selection: Selection, sample: SampleName, columns: Mapping[str, str] | None = None
) -> str:
    """JSON of the `ExportRecord`."""
    record = ExportRecord(
        version=__version__,
        study=study.name,
        digest=study.digest,
        sample=sample,
        source=study.sample(sample).source,
        selection=selection,
        units={o.name: o.unit for o in study.observables},
        columns=dict(columns or {}),
    )
    return json.dumps(plain(record))


def _write_hdf5(
    path: Path, columns: dict[str, NDArray[Any]], observables: dict[str, NDArray[Any]], about: str
) -> None:
    with new_hdf5(path) as file:
        file.attrs["tailscope"] = about
        for key, values in columns.items():
            file.create_dataset(key, data=values)
        write_columns(file, "observables", observables)


def _write_csv(path: Path, columns: dict[str, NDArray[Any]], about: str) -> None:
    """Shortest decimals that give the same numbers again."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"# tailscope {about}\n")
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*(values.astype(str) for values in columns.values()), strict=True))


def _apart(observables: Sequence[str], own: Collection[str]) -> dict[str, str]:
    """Observable -> a column of its own: not one of ours, and none that a spreadsheet would run."""
    found = {key: key for key in observables if key not in own and _harmless(key) == key}
    for key in observables:
        if key not in found:
            column = f"observable_{key}" if key in own else _harmless(key)
            while column in {*own, *found.values()}:
                column = f"observable_{column}"
            found[key] = column
    return {key: found[key] for key in observables}


def _harmless(name: str) -> str:
    return f"'{name}" if name[:1] in {"=", "+", "-", "@", "\t", "\r"} else name
