"""load: from a file of events to a Sample."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.domains import Inputs, Level, check_name, domain_of
from tailscope.errors import FormatError, InputError
from tailscope.formats import OWN_DOMAINS, Choice, EventFile
from tailscope.formats.roles import GUESSED
from tailscope.formats.table import Table
from tailscope.formats.thresholded import energy_in_mev
from tailscope.formats.units import split_unit
from tailscope.sample.expression import names_in
from tailscope.sample.missing import sentinels, without
from tailscope.sample.sample import Sample
from tailscope.storage import memory
from tailscope.storage.cache import default_folder
from tailscope.storage.scratch import ScratchRows

from .reading import Reading
from .remarks import left_alone, undefined, without_rows
from .undefined import defined

Chunk = tuple[int, Mapping[str, NDArray[Any]]]
Progress = Callable[[int, int], None]

LARGEST_SHARE = 0.25
"""Part of the memory that the features of a sample may fill: two samples leave as much for the rest."""


def load(
    path: str | Path | Sequence[str | Path],
    *,
    domain: str | None = None,
    binning: str | Path | None = None,
    name: str | None = None,
    max_events: int | None = None,
    observables: Mapping[str, str] | None = None,
    where: str | None = None,
    features: Level | None = None,
    event_weight: str | None = None,
    in_memory: bool | None = None,
    cache: str | Path | None = None,
    choice: Choice | None = None,
    drop_undefined: bool = False,
    threshold: str | None = None,
    progress: Progress | None = None,
) -> Sample:
    """Read a file of events: recognise its format, compute features and observables.

    Only one chunk of the file (some MB) is held beside the result.

    Parameters
    ----------
    path
        The file, whose format is recognised by content, keys and shapes; or several, which are one sample.
    domain
        Only formats of this kind of event ("calorimeter", "events", "jets", ...), where the guess is not
        wanted.
    binning
        The XML file that says where the voxels of CaloChallenge showers lie, for other detectors than those
        of datasets 1 to 3, which are known by their number of voxels.
    name
        For legends; the file's name without its suffix when None.
    max_events
        The first so many events only.
    observables
        One's own beside those of the domain, name -> expression: ``{"R": "E_1/E_tot"}``, or with a unit
        ``{"dE [MeV]": "E_0 - E_2"}``.
    where
        Only the events that meet a condition on observables, one's own included: ``n_jets == 2`` or
        ``0.4 < dR_j1j2 < 1 and pT_j1 > 50`` (see `condition.passes`). It may also name columns of the file
        that are no observables, such as labels: ``label == 1``. It becomes part of the sample's name.
    features
        What the classifier sees: "low" (voxels, constituents, momenta), "high" (the observables) or "both";
        the domain's default when None, which is "high" where voxels are too many.
    event_weight
        Column (or array of shape (N,)) with the weight of each event, as generators write them; negative ones
        are allowed, their sum must be positive. It is then neither feature nor observable.
    in_memory
        Whether the features are held in memory (True) or stay on disk, from where a training reads them row
        by row (False): voxels that are zero then take no room, and the weights are the same to the last bit.
        When None, they stay on disk where they would fill more than a quarter of the memory of this machine
        or job.
    cache
        Folder for features that stay on disk, in a file that is gone with the process; by default
        $TAILSCOPE_CACHE, else the user's cache folder.
    choice
        Which group or tree of the file, and which columns of a table (`Choice`). Counters, identifiers,
        labels and event weights are no inputs unless they are asked for.
    drop_undefined
        Leave out the events of a table of which a number is undefined (NaN, infinite, or -999 and the like);
        else these are kept, and a classifier input says that there is none.
    threshold
        An energy such as "15.15 keV" below which a voxel of a shower is empty.
    progress
        Called with (events done, events in all) after each chunk.

    Raises
    ------
    FormatError: the file is not what its format says; the sentence says what was found and expected.
    InputError: a domain or features that do not exist, ``max_events`` below 1, more events than memory (or
        the disk) holds, an expression that makes no sense.

    """
    paths = [Path(one) for one in ((path,) if isinstance(path, (str, Path)) else path)]
    if not paths:
        raise InputError("no file was named; name at least one")
    return read(
        Reading(
            paths[0],
            domain,
            None if binning is None else Path(binning),
            name,
            max_events,
            dict(observables or {}),
            where,
            features,
            event_weight,
            in_memory,
            None if cache is None else Path(cache),
            choice or Choice(),
            drop_undefined,
            threshold=None if threshold is None else energy_in_mev(threshold),
            more=tuple(paths[1:]),
        ),
        progress,
    )


def read(how: Reading, progress: Progress | None = None) -> Sample:
    """Read a file of events as `load` does.

    Raises
    ------
    FormatError, InputError: as `load`.

    """
    if how.domain is not None:
        check_name(how.domain)
    with how.opened() as events:
        if how.event_weight is not None:
            _set_aside(events, how.event_weight)
        remarks = list(left_alone(events, how.event_weight))
        if how.threshold is not None:
            remarks.append(f"{how.sample_name}: voxels below {how.threshold * 1e3:g} keV are set to 0")
        kind = domain_of(events.domain, events.shapes, events.geometry)
        n = events.n_events if how.max_events is None else min(how.max_events, events.n_events)
        inputs = Inputs.of(kind, how.features)
        on_disk = _stays_on_disk(n, inputs) if how.in_memory is None else not how.in_memory
        matrix, condition, columns = _room_for(how.path, n, inputs, _folder(how.cache) if on_disk else None)
        # Closed here, so that nothing reads on in a file that is closed when this stops half way.
        with closing(_read_ahead(events.chunks(n))) as chunks:
            for start, arrays in chunks:
                found = inputs.computed(arrays)
                stop = start + len(found.features)
                if isinstance(matrix, ScratchRows):
                    matrix.append(found.features)
                else:
                    matrix[start:stop] = found.features
                if found.condition is not None and condition is not None:
                    condition[start:stop] = found.condition
                for key, column in found.observables.items():
                    columns[key][start:stop] = column
                if progress is not None:
                    progress(stop, n)
        weights = None if how.event_weight is None else events.event_weights(how.event_weight, n)
        others = {name: events.named(name, n) for name in asked_of(how, columns, events)}
        source = how.source_of(events, kind.name, inputs.level)
    if events.rows is not None:
        remarks.append(without_rows(how.sample_name, events))
    units = {d.name: d.unit for d in events.datasets} if kind.name == Table.domain else {}
    missing = sentinels(columns) if kind.name == Table.domain else {}
    columns = {name: without(values, missing.get(name)) for name, values in columns.items()}
    if kind.name == Table.domain:
        remarks += undefined(how.sample_name, columns, missing)
    sample = Sample(
        name=how.sample_name,
        features=matrix,
        observables=columns,
        specs=tuple(
            replace(spec, seen=inputs.sees(spec.name), unit=spec.unit or units.get(spec.name, ""))
            for spec in kind.shown
        ),
        domain=kind.name,
        condition=condition,
        event_weight=weights,
        source=source,
        particles=None if inputs.level == "high" else kind.particles,
        level=inputs.level,
        voxels=None if inputs.level == "high" else kind.voxels,
        rows=None if events.rows is None else events.rows[:n],
        names=inputs.names,
        aside=tuple(d.name for d in events.datasets if d.why in GUESSED),
        unread={d.name: d.why for d in events.datasets if d.why and d.why not in GUESSED},
        sentinels=missing,
        remarks=tuple(remarks),
    )
    for key, expression in how.observables.items():
        name, unit = split_unit(key)
        sample = sample.with_observable(name, expression, unit=unit)
    if how.drop_undefined:
        sample = defined(sample)
    return sample if how.where is None else sample.where(how.where, others)


def asked_of(how: Reading, columns: Collection[str], events: EventFile) -> Iterator[str]:
    """Names in the condition of a reading that are columns of the file, and no observables.

    Raises
    ------
    FormatError: one that holds text.

    """
    own = {split_unit(key)[0] for key in how.observables}
    there = {d.name: d for d in events.datasets}
    for name in sorted(names_in(how.where, {*columns, *there})) if how.where else ():
        if name in columns or name in own or name not in there:
            continue
        if there[name].why == "text":
            raise FormatError(
                f"{events.path.name}: {name} holds text, and conditions compare numbers; write it as 0 and 1"
            )
        yield name


def _set_aside(events: EventFile, name: str) -> None:
    """Take the column of event weights out of what a table gives; what it is of other arrays, a domain knows.

    Raises
    ------
    FormatError: it is the table's only column, or what other events are made of.

    """
    if name not in events.columns:
        return
    if events.domain in OWN_DOMAINS - {"table"} or len(events.columns) == 1:
        raise FormatError(
            f"{events.path.name}: column {name} is what these events ({events.title}) are made of, so it "
            "cannot be their event weight; name another column"
        )
    events.leave_out([name], "the event weight")


def _stays_on_disk(n: int, inputs: Inputs) -> bool:
    return 4 * n * inputs.n > memory.usable() * LARGEST_SHARE


def _folder(cache: Path | None) -> Path:
    return (default_folder() if cache is None else cache) / "scratch"


def _room_for(
    path: Path, n: int, inputs: Inputs, scratch: Path | None
) -> tuple[NDArray[np.float32] | ScratchRows, NDArray[np.float32] | None, dict[str, NDArray[np.float32]]]:
    """Room for everything that is kept, laid out before reading: no second copy is ever made.

    Raises
    ------
    InputError: there is not so much memory in this machine, or the scratch folder cannot be written.

    """
    kind = inputs.domain
    kept = kind.n_conditions + len(kind.observables) + (0 if scratch else inputs.n)
    needed, there = 4 * n * kept, memory.usable()
    if needed > 0.8 * there:
        way_out = "" if scratch else ", or leave the features on disk (--on-disk, in_memory=False)"
        raise InputError(
            f"{path.name}: {n} events need {needed / 1e9:.1f} GB of memory, there are {there / 1e9:.1f} GB; "
            f"read fewer with max_events{way_out}"
        )
    features = ScratchRows(inputs.n, scratch) if scratch else np.empty((n, inputs.n), dtype=np.float32)
    condition = np.empty((n, kind.n_conditions), dtype=np.float32) if kind.n_conditions else None
    return features, condition, {o.name: np.empty(n, dtype=np.float32) for o in kind.observables}


def _read_ahead(chunks: Iterator[Chunk]) -> Generator[Chunk, None, None]:
    """Give the same chunks; the next one is read while one is computed with."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = pool.submit(next, chunks, None)
            yield chunk
