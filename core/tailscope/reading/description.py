"""What a file of events holds, and what would be done with it: what ``tailscope show FILE`` prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.domains import LEVELS, Domain, Inputs, Level, check_name, domain_of
from tailscope.formats import Dataset, EventFile
from tailscope.formats.table import Table
from tailscope.formats.units import split_unit
from tailscope.sample.condition import passes
from tailscope.sample.expression import evaluate
from tailscope.sample.geometry import Geometry
from tailscope.sample.missing import Counted, without
from tailscope.sample.observable import Observable

from .load import Progress, asked_of
from .reading import Reading
from .remarks import left_alone


@dataclass(frozen=True)
class Range:
    """Smallest and largest value of one dataset, as it is in the file."""

    low: float
    high: float


@dataclass(frozen=True)
class Part:
    """One of the quantities that share an array."""

    name: str
    unit: str
    range: Range


@dataclass(frozen=True)
class Own:
    """One observable that somebody asked for: what it is like in this file; range None if never defined."""

    expression: str
    range: Range | None
    undefined: int


@dataclass(frozen=True)
class Undefined:
    """Events in which a column of a table is undefined; ``written`` as -999 or the like, None for NaN."""

    events: int
    written: float | None


@dataclass(frozen=True)
class Description:
    """What a file of events holds: what ``tailscope show FILE`` prints.

    Attributes
    ----------
    path: the file.
    format, title: short name of the format, and its name for people.
    domain: the kind of event.
    n_events: rows.
    size: bytes of the file.
    sha256: of the file's bytes.
    datasets: everything found, with shape, dtype and unit; ``used`` says whether it is read.
    ranges: array that is read -> smallest and largest value.
    parts: array of several quantities -> name, unit and range of each.
    layers: of showers in cylindrical voxels, "0 to 44: 9 radii x 16 angles"; "" for all else.
    observables: what is computed from them.
    left_out: names of observables for which the file has too little.
    inputs: level -> numbers that the classifier would see of each event, conditions included.
    level: which of these is taken by default.
    reason: why, where that is not "low".
    low_level: the low-level inputs in words.
    unseen: names of observables that the classifier does not see.
    own: one's own observables: range and number of events in which each is undefined.
    where: condition that somebody asked about; "" for none.
    n_passing: events that meet it; all of them without one.
    undefined: column of a table -> `Undefined`, for those that are anywhere.
    remarks: sentences about what is left out of it, and why.

    """

    path: str
    format: str
    title: str
    domain: str
    n_events: int
    size: int
    sha256: str
    datasets: tuple[Dataset, ...]
    ranges: Mapping[str, Range]
    parts: Mapping[str, tuple[Part, ...]]
    layers: str
    observables: tuple[Observable, ...]
    inputs: Mapping[Level, int]
    level: Level = "low"
    reason: str = ""
    low_level: str = ""
    unseen: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    own: Mapping[str, Own] = field(default_factory=dict)
    where: str = ""
    n_passing: int = 0
    undefined: Mapping[str, Undefined] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    @property
    def n_inputs(self) -> int:
        """Numbers that the classifier sees of each event by default."""
        return self.inputs[self.level]


def describe(
    path: str | Path,
    *,
    domain: str | None = None,
    binning: str | Path | None = None,
    observables: Mapping[str, str] | None = None,
    where: str | None = None,
    progress: Progress | None = None,
) -> Description:
    """Say what a file of events holds; every value is read and checked, a chunk at a time.

    Raises
    ------
    FormatError, InputError: as `load` does.

    """
    how = Reading(
        Path(path),
        domain,
        None if binning is None else Path(binning),
        observables=dict(observables or {}),
        where=where,
    )
    return described(how, progress)


def described(how: Reading, progress: Progress | None = None) -> Description:
    """Say what a file of events holds, as `describe` does.

    Raises
    ------
    FormatError, InputError: as `load`.

    """
    if how.domain is not None:
        check_name(how.domain)
    with how.opened() as events:
        kind = domain_of(events.domain, events.shapes, events.geometry)
        is_table = kind.name == Table.domain
        ranges: dict[str, Range] = {}
        parts: dict[str, list[Range | None]] = {key: [None] * len(p) for key, p in events.parts.items()}
        counted: dict[str, Counted] = {name: Counted() for name in events.columns} if is_table else {}
        for start, arrays in events.chunks():
            for key, values in arrays.items():
                if is_table:
                    counted[key].add(values)
                    continue
                ranges[key] = _wider(ranges.get(key), values)
                for i, before in enumerate(parts.get(key, [])):
                    parts[key][i] = _wider(before, values[..., i])
            if progress is not None:
                progress(start + len(next(iter(arrays.values()))), events.n_events)
        ranges |= {name: Range(*found.range) for name, found in counted.items() if found.range is not None}
        sentinels = {name: found.sentinel for name, found in counted.items()}
        own, n_passing = _evaluated(how, events, kind, sentinels)
        undefined = {name: Undefined(f.undefined, f.sentinel) for name, f in counted.items() if f.undefined}
        source = how.source_of(events, kind.name, kind.default_level)
        levels = LEVELS if kind.has_levels else LEVELS[:1]
        return Description(
            path=str(how.path),
            format=events.format,
            title=events.title,
            domain=kind.name,
            n_events=events.n_events,
            size=source.size,
            sha256=source.sha256,
            datasets=events.datasets,
            ranges=ranges,
            parts={
                key: tuple(
                    Part(name, unit, span)
                    for (name, unit), span in zip(events.parts[key], spans, strict=True)
                    if span is not None
                )
                for key, spans in parts.items()
                if key in ranges
            },
            layers=_layers(events.geometry),
            observables=kind.shown,
            inputs={level: Inputs.of(kind, level).n + kind.n_conditions for level in levels},
            level=kind.default_level,
            reason=kind.reason,
            low_level=kind.inputs,
            unseen=kind.unseen,
            left_out=kind.left_out,
            own=own,
            where=how.where or "",
            n_passing=n_passing,
            undefined=undefined,
            remarks=tuple(left_alone(events, how.event_weight)),
        )


def _evaluated(
    how: Reading, events: EventFile, kind: Domain, sentinels: Mapping[str, float | None]
) -> tuple[dict[str, Own], int]:
    """Own observables, and how many events meet the condition."""
    own: dict[str, Own] = {}
    if not how.observables and how.where is None:
        return own, events.n_events
    n_passing = 0
    others = {
        name: events.named(name, events.n_events)
        for name in asked_of(how, [o.name for o in kind.shown], events)
    }
    for start, arrays in events.chunks():
        columns = kind.observe(arrays)
        columns = {name: without(values, sentinels.get(name)) for name, values in columns.items()}
        stop = start + len(next(iter(columns.values())))
        for key, expression in how.observables.items():
            columns[split_unit(key)[0]] = values = evaluate(expression, columns)
            own[key] = _seen_so_far(own.get(key), expression, values)
        if how.where is not None:
            around = {name: values[start:stop] for name, values in others.items()}
            n_passing += int(passes(how.where, {**around, **columns}).sum())
    return own, events.n_events if how.where is None else n_passing


def _layers(geometry: Geometry | None) -> str:
    """Layers of equal voxels together: "0: 8 radii; 1 to 2: 16 radii x 10 angles"."""
    if geometry is None:
        return ""
    groups: list[tuple[list[int], str]] = []
    for layer in geometry.layers:
        radii = len(layer.r_edges) - 1
        shape = f"{radii} radii" + (f" x {layer.n_alpha} angles" if layer.n_alpha > 1 else "")
        if groups and groups[-1][1] == shape and layer.id == groups[-1][0][-1] + 1:
            groups[-1][0].append(layer.id)
        else:
            groups.append(([layer.id], shape))
    return "; ".join(f"{ids[0]}{f' to {ids[-1]}' if len(ids) > 1 else ''}: {shape}" for ids, shape in groups)


def _wider(before: Range | None, values: NDArray[Any]) -> Range:
    low, high = float(values.min()), float(values.max())
    return Range(low, high) if before is None else Range(min(low, before.low), max(high, before.high))


def _seen_so_far(before: Own | None, expression: str, values: NDArray[np.float32]) -> Own:
    defined = values[~np.isnan(values)]
    span = before.range if before else None
    undefined = values.size - defined.size + (before.undefined if before else 0)
    return Own(expression, _wider(span, defined) if defined.size else span, undefined)
