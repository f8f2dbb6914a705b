"""The study file: one HDF5 file; observables lie in it in one piece, so that they can be memory-mapped."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from tailscope.errors import ConfigError, InputError, StudyError
from tailscope.record import MisfitError, parsed, plain, typed
from tailscope.sample.geometry import Geometry
from tailscope.sample.source import HowRead
from tailscope.selection import SampleName
from tailscope.storage.atomic import atomic_path
from tailscope.storage.new_hdf5 import new_hdf5
from tailscope.weights.bundle import Bundle
from tailscope.weights.epochs import EpochWeights
from tailscope.weights.events import SAMPLES, WeightedEvents
from tailscope.weights.null_band import GRID, NullBand
from tailscope.weights.pair import WeightedPair

from . import older
from .metadata import StudyRecord

SCHEMA = 1
"""Raised when an older tailscope would misread the file; groups that it overlooks do not raise it."""
_FORMAT = "tailscope study"


def write(study: WeightedPair, path: Path) -> Path:
    """Write a study, whole or not at all; see `Study.save`."""
    with atomic_path(path) as temporary, new_hdf5(temporary, libver=("earliest", "v110")) as file:
        file.attrs["format"] = _FORMAT
        file.attrs["schema"] = SCHEMA
        # In the places where the first version looked for them.
        about = plain(StudyRecord.of(study))
        history = json.dumps([older.reduced(one, older.TRAINING) for one in about.pop("history")]).encode()
        sources = about.pop("source")
        config = older.reduced(about["config"] or {}, older.CONFIG)
        file.attrs["study"] = json.dumps(about | {"config": config})
        file.create_dataset("history", data=np.frombuffer(history, np.uint8))
        for name in SAMPLES:
            group = file.create_group(name)
            # Older versions read what they know of a source, and nothing beside it.
            if (reading := sources[name].pop("reading")) != plain(HowRead()):
                group.attrs["reading"] = json.dumps(reading)
            group.attrs["source"] = json.dumps(sources[name])
            _write_events(group, study.sample(name))
        if study.null is not None:
            _write_null(file.create_group("null"), study.null)
        for weights in study.epochs:
            group = file.create_group(f"epochs/{weights.epoch}")
            for name in SAMPLES:
                _write_checked(group, name, weights.log_w[name])
    return path


def _write_null(group: h5py.Group, band: NullBand) -> None:
    """The band's counts below each point of the grid, which is stored so that a file explains itself."""
    for name, counts in (("reference", band.reference), ("generated", band.generated), ("auc", band.auc)):
        _write_checked(group, name, counts)
    group.create_dataset("log_w", data=GRID)


def _read_null(file: h5py.File) -> NullBand | None:
    if "null" not in file:
        return None
    columns = {name: _checked(file[f"null/{name}"]) for name in ("reference", "generated", "auc")}
    shape = (columns["auc"].size, GRID.size + 1)
    if not np.array_equal(file["null/log_w"][()], GRID) or any(columns[n].shape != shape for n in SAMPLES):
        raise ValueError(f"the null band should have {GRID.size} points")
    return NullBand(**columns)


def _read_epochs(file: h5py.File) -> tuple[EpochWeights, ...]:
    if "epochs" not in file:
        return ()
    found = []
    for epoch in sorted(file["epochs"], key=int):
        log_w = {name: _checked(file[f"epochs/{epoch}/{name}"]) for name in SAMPLES}
        for name in SAMPLES:
            if log_w[name].dtype != np.float32 or log_w[name].shape != file[f"{name}/log_w"].shape:
                raise ValueError(f"the weights after epoch {epoch} are not one for each event")
        found.append(EpochWeights(int(epoch), log_w))
    return tuple(found)


def _write_bundle(group: h5py.Group, bundle: Bundle) -> None:
    group.attrs["geometry"] = json.dumps(plain(bundle.geometry))
    _write_checked(group, "events", bundle.events)
    arrays = group.create_group("arrays")
    for name, values in bundle.arrays.items():
        _write_checked(arrays, name, values, compression="gzip", shuffle=True)


def _read_bundle(group: h5py.Group, n_events: int) -> Bundle | None:
    if "bundle" not in group:
        return None
    geometry = parsed(group["bundle"].attrs["geometry"])
    events = _checked(group["bundle/events"])
    arrays = {name: _checked(dataset) for name, dataset in group["bundle/arrays"].items()}
    if events[-1] >= n_events:
        raise ValueError(f"the bundle holds event {events[-1]} of {n_events}")
    return Bundle(events, arrays, None if geometry is None else typed(geometry, Geometry))


def _write_checked(group: h5py.Group, name: str, values: NDArray[Any], **options: Any) -> None:
    """Write a dataset with its checksum; see `_checked`."""
    dataset = group.create_dataset(name, data=values, **options)
    dataset.attrs["sha256"] = hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()


def _checked(dataset: h5py.Dataset) -> NDArray[Any]:
    """Read a dataset and compare it with its checksum."""
    values: NDArray[Any] = dataset[()]
    if hashlib.sha256(values.tobytes()).hexdigest() != dataset.attrs["sha256"]:
        raise ValueError(f"the checksum of {dataset.name} does not fit")
    return values


def _write_events(group: h5py.Group, events: WeightedEvents) -> None:
    group.attrs["name"] = events.name
    columns: dict[str, NDArray[Any]] = {"log_w": events.log_w, "members": events.members, "fold": events.fold}
    if events.event_weight is not None:
        columns["event_weight"] = events.event_weight
    if events.rows is not None:
        columns["rows"] = events.rows
    for name, column in columns.items():
        _write_checked(group, name, column)
    if events.bundle is not None:
        _write_bundle(group.create_group("bundle"), events.bundle)
    observables = group.create_group("observables")
    for name, column in events.observables.items():
        observables.create_dataset(name, data=np.asarray(column))


def is_study(path: Path) -> bool:
    """Whether a file says of itself that it is a study."""
    try:
        with h5py.File(path, "r") as file:
            return bool(file.attrs.get("format") == _FORMAT)
    except OSError:
        return False


def read(path: Path) -> WeightedPair:
    """Read a study file; observables are memory-mapped, so a study larger than memory opens at once.

    Raises
    ------
    StudyError: not there, not a study file, damaged, with a record that does not fit, or written by a newer
        version of tailscope.

    """
    if not path.is_file():
        raise StudyError(f"{path}: there is no such file; `tailscope fit REF GEN -o STUDY` makes a study")
    if not is_study(path):
        raise StudyError(f"{path} is not a study file; `tailscope show {path.name}` says what it is")
    try:
        with h5py.File(path, "r") as file:
            schema = int(file.attrs["schema"])
            if schema > SCHEMA:
                raise StudyError(
                    f"{path} was written by a newer tailscope (schema {schema}, this one reads {SCHEMA}); "
                    "upgrade tailscope"
                )
            about = _record(metadata(file))
            return WeightedPair(
                about.name,
                about.domain,
                tuple(o.observable for o in about.observables),
                _read_events(path, file, "reference", about),
                _read_events(path, file, "generated", about),
                config=about.config,
                history=about.history,
                provenance=about.provenance,
                null=_read_null(file),
                epochs=_read_epochs(file),
            )
    except MisfitError as error:
        raise StudyError(
            f"{path}: its record does not fit at {error.path}: {error.problem}; make the study again"
        ) from error
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError, InputError) as error:
        raise StudyError(f"{path} is damaged ({error}); make the study again") from error


def _record(data: dict[str, object]) -> StudyRecord:
    try:
        return typed(data, StudyRecord)
    except ConfigError as error:  # settings of the right types that make no sense
        raise MisfitError("$.config", str(error)) from error


def metadata(file: h5py.File) -> dict[str, object]:
    """JSON data of an opened study file's `StudyRecord`, gathered from where they lie in it.

    Raises
    ------
    KeyError, TypeError, ValueError: metadata that are not there, or no JSON.

    """
    about: dict[str, object] = dict(parsed(file.attrs["study"]))
    if about.get("config") == {}:  # of imported weights, from the first version on
        about["config"] = None
    about["config"] = older.completed(about.get("config"), older.CONFIG)
    about["history"] = parsed(file["history"][()].tobytes())
    about["source"] = {
        name: {**parsed(file[name].attrs["source"]), "reading": parsed(file[name].attrs.get("reading", "{}"))}
        for name in SAMPLES
    }
    return about


def _read_events(path: Path, file: h5py.File, name: SampleName, about: StudyRecord) -> WeightedEvents:
    group = file[name]
    columns: dict[str, NDArray[Any]] = {}
    for column in ("log_w", "members", "fold", "event_weight", "rows"):
        if column in group:
            columns[column] = _checked(group[column])
    n = columns["log_w"].size
    observables = {o.name: _mapped(path, group[f"observables/{o.name}"], n) for o in about.observables}
    return WeightedEvents(
        name=str(group.attrs["name"]),
        log_w=columns["log_w"],
        observables=observables,
        members=columns["members"],
        fold=columns["fold"],
        event_weight=columns.get("event_weight"),
        source=about.source.reference if name == "reference" else about.source.generated,
        rows=columns.get("rows"),
        bundle=_read_bundle(group, n),
        beside=path.absolute().parent,
    )


def _mapped(path: Path, dataset: h5py.Dataset, n_events: int) -> NDArray[np.float32]:
    """Map a contiguous dataset into memory; nothing is read until it is looked at."""
    if dataset.dtype != np.float32 or dataset.shape != (n_events,) or dataset.is_virtual or dataset.external:
        raise ValueError(f"{dataset.name} should be {n_events} float32 in one piece")
    offset = dataset.id.get_offset()
    if offset is None or offset + 4 * n_events > path.stat().st_size:
        raise ValueError(f"{dataset.name} does not lie in this file in one piece")
    return np.memmap(path, np.float32, "r", offset, (n_events,))
