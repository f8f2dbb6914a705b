"""Observable and Sample: events as the rest of tailscope sees them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import InitVar, dataclass, field, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tailscope.counting.rules import AutoBinning, Rule
from tailscope.errors import InputError
from tailscope.storage.scratch import RowsOf

from .condition import passes
from .expression import evaluate, names_in
from .observable import FUNCTION, Observable
from .particles import COORDINATES, Particles
from .source import Source
from .voxels import Voxels


class Features(Protocol):
    """Classifier inputs, in memory or in a file: anything with a shape whose rows can be read.

    ``features[start:stop]`` and ``features[row_numbers]`` (ascending) give float32[n, n_features] in memory.
    `load` makes `scratch.ScratchRows` where they are too many for the memory; an open h5py dataset will do.
    """

    @property
    def shape(self) -> tuple[int, ...]:
        """(n_events, n_features)."""
        ...

    def __getitem__(self, rows: Any, /) -> Any:
        """Read rows."""
        ...


@dataclass(frozen=True, eq=False)
class Sample:
    """Events of one origin, reference or generated.

    Attributes
    ----------
    name: for legends.
    features: float32[n_events, n_features], what the classifier sees.
    observables: name -> float32[n_events]; NaN where undefined.
    specs: the `Observable` of each column, in the order they are shown; made from the names when not given.
    domain: "calorimeter", "table", ...; two samples of different domains are not compared.
    condition: float32[n_events, n_conditions] or None, e.g. incident energies; classifier inputs too.
    event_weight: float64[n_events] or None (all 1); negative ones are allowed.
    source: file and digest; made from the arrays when not given.
    particles: which features are those of particles; None where the classifier looks at plain numbers.
    level: "low", "high" or "both", the kind of features; "" for arrays.
    rows: int64[n_events], row of each event in the file; None where these are 0, 1, 2, ...
    voxels: which features are energies of voxels and layers; None where none are.
    names: of the features, where these are matched by name (`pairing.matched`); () where by position.
    flagged: names of which some event of the pair has none; a flag for each follows the named features.
    alone: names that were left out, because the other sample of the pair does not have them.
    aside: columns of the file that are no inputs, as they seem to be counters, labels or the like.
    unread: column of the file that is no number, or was left out on request -> why.
    sentinels: column -> the value that stood for a missing number in it.
    remarks: sentences about what was left out, or read in a way that one should know.
    checked: whether the features are known to be finite, like those of a sample that was; else all are read.

    Raises
    ------
    InputError: lengths that differ, no events, features that are not finite, fewer than the particles need.

    """

    name: str
    features: Features
    observables: Mapping[str, NDArray[np.float32]]
    specs: tuple[Observable, ...] = ()
    domain: str = "table"
    condition: NDArray[np.float32] | None = None
    event_weight: NDArray[np.float64] | None = None
    source: Source | None = None
    particles: Particles | None = None
    level: str = ""
    rows: NDArray[np.int64] | None = None
    voxels: Voxels | None = None
    names: tuple[str, ...] = ()
    flagged: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)
    sentinels: Mapping[str, float] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    checked: InitVar[bool] = False

    def __post_init__(self, checked: bool) -> None:
        features = self.features
        if isinstance(features, (np.ndarray, list, tuple)):
            features = np.ascontiguousarray(features, dtype=np.float32)
            features = features[:, None] if features.ndim == 1 else features
        if len(features.shape) != 2:
            raise InputError(f"{self.name}: features must be (n_events, n_features), not {features.shape}")
        n = features.shape[0]
        if n == 0:
            raise InputError(f"{self.name}: there are no events in it")
        if self.particles is not None:
            _check_particles(self.name, self.particles, features.shape[1])
        if self.voxels is not None:
            _check_voxels(self.name, self.voxels, features.shape[1], self.condition)
        columns = {k: np.ascontiguousarray(v, dtype=np.float32) for k, v in self.observables.items()}
        for key, column in columns.items():
            if column.shape != (n,):
                raise InputError(
                    f"{self.name}: observable {key} has shape {column.shape}, but there are {n} events"
                )
        set_ = object.__setattr__
        set_(self, "features", features)
        set_(self, "observables", columns)
        if self.condition is not None:
            condition = np.ascontiguousarray(self.condition, dtype=np.float32)
            condition = condition[:, None] if condition.ndim == 1 else condition
            if condition.ndim != 2 or condition.shape[0] != n:
                raise InputError(
                    f"{self.name}: condition has shape {condition.shape}, but there are {n} events"
                )
            set_(self, "condition", condition)
        if self.event_weight is not None:
            weight = np.ascontiguousarray(self.event_weight, dtype=np.float64)
            if weight.shape != (n,) or not np.all(np.isfinite(weight)):
                raise InputError(f"{self.name}: event weights must be {n} finite numbers")
            if weight.sum() <= 0:
                raise InputError(
                    f"{self.name}: event weights sum to {weight.sum():g}; the sum must be positive"
                )
            set_(self, "event_weight", weight)
        if not checked:
            self._refuse_not_finite()
        if not self.specs:
            set_(self, "specs", tuple(Observable(k, _plain_label(k)) for k in columns))
        if {spec.name for spec in self.specs} != set(columns):
            raise InputError(f"{self.name}: observables and their descriptions have different names")
        if self.source is None:
            set_(self, "source", Source(None, self._digest(), "arrays"))

    def __len__(self) -> int:
        return self.features.shape[0]

    @property
    def n_inputs(self) -> int:
        """Classifier inputs an event: features and conditions."""
        return self.features.shape[1] + (0 if self.condition is None else self.condition.shape[1])

    @property
    def raw(self) -> tuple[str, ...]:
        """Names of features that are columns of a table as they are, so that observables hold them too."""
        return tuple(n for n in self.names if n in self.observables) if self.domain == "table" else ()

    @property
    def relative_weight(self) -> NDArray[np.float64]:
        """Event weights over their mean, float64[n_events]: what their unit leaves untouched."""
        if self.event_weight is None:
            return np.ones(len(self))
        weights: NDArray[np.float64] = self.event_weight / self.event_weight.mean()
        return weights

    def observable(self, name: str) -> NDArray[np.float32]:
        """One observable, float32[n_events].

        Raises
        ------
        InputError: no observable of that name.

        """
        try:
            return self.observables[name]
        except KeyError:
            known = ", ".join(self.observables)
            raise InputError(f"{self.name} has no observable {name!r}; it has {known}") from None

    def evaluate(self, expression: str) -> NDArray[np.float32]:
        """One observable, or an expression of some such as ``E_1/E_tot``: float32[n_events].

        Raises
        ------
        InputError: what is wrong with it (`expression.evaluate`).

        """
        if expression in self.observables:
            return self.observables[expression]
        return evaluate(expression, self.observables)

    def where(self, condition: str, others: Mapping[str, NDArray[Any]] | None = None) -> Sample:
        """The events that meet a condition on observables, such as ``n_jets == 2`` (`condition.passes`).

        ``others`` are numbers by name, [n_events] each, that the condition may name beside observables.

        Raises
        ------
        InputError: what is wrong with it; no event passes.

        """
        rows = np.flatnonzero(passes(condition, {**(others or {}), **self.observables}))
        if rows.size == 0:
            raise InputError(f"{self.name}: none of its {len(self)} events passes {condition!r}; widen it")
        return self.take(rows, f"{self.name} ({condition.strip()})")

    def with_observable(
        self,
        name: str,
        value: str | Callable[[Mapping[str, NDArray[np.float32]]], NDArray[Any]],
        *,
        label: str = "",
        unit: str = "",
        binning: Rule | None = None,
    ) -> Sample:
        """Give the same sample with one observable more; what the classifier sees stays the same.

        ``value`` is an expression of the observables there are ("E_1/E_tot"), or a function that takes them
        (name -> float32[n_events]) and returns float[n_events]; infinite values become undefined.

        Raises
        ------
        InputError: a name that is taken or not ASCII, an expression or a result that makes no sense.

        """
        if name in self.observables:
            raise InputError(f"{self.name} has an observable {name!r} already; choose another name")
        if not re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII):
            raise InputError(f"the name {name!r} is not letters, digits and underscores; choose another one")
        seen: bool | None = None
        if callable(value):
            made, expression = value(self.observables), FUNCTION
        else:
            made, expression = self.evaluate(value), value.strip()
            names = {value} if value in self.observables else names_in(value)
            parts = {spec.seen for spec in self.specs if spec.name in names}
            seen = False if False in parts else None if None in parts else True
        column = np.array(made, dtype=np.float32)
        if column.shape == (len(self),):
            column[np.isinf(column)] = np.nan
        spec = Observable(
            name,
            label or _plain_label(name),
            unit,
            binning or AutoBinning(),
            expression=expression,
            seen=seen,
        )
        return replace(
            self, observables={**self.observables, name: column}, specs=(*self.specs, spec), checked=True
        )

    def inputs(self, rows: Any) -> NDArray[np.float32]:
        """Features and conditions side by side: float32[n_rows, n_inputs]."""
        features: NDArray[np.float32] = np.asarray(self.features[rows], dtype=np.float32)
        if self.condition is None:
            return features
        return np.concatenate([features, self.condition[rows]], axis=1)

    def take(self, rows: NDArray[np.int64], name: str) -> Sample:
        """A sample of some of the events, in the order of ``rows`` int64[n]; what is on disk stays there."""
        assert self.source is not None  # set by __post_init__
        return Sample(
            name,
            rows_of((self.features,), rows),
            {key: column[rows] for key, column in self.observables.items()},
            self.specs,
            self.domain,
            None if self.condition is None else self.condition[rows],
            None if self.event_weight is None else self.event_weight[rows],
            self.source.of_rows(rows),
            self.particles,
            self.level,
            np.asarray(rows, dtype=np.int64) if self.rows is None else self.rows[rows],
            self.voxels,
            self.names,
            self.flagged,
            self.alone,
            self.aside,
            self.unread,
            self.sentinels,
            self.remarks,
            checked=True,
        )

    def chunks(self, size: int | None = None) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """(first row, inputs of up to ``size`` events) after each other, through the whole sample."""
        if size is None:  # about 8 MB, however many inputs an event has
            size = max(1, (8 << 20) // (4 * max(1, self.n_inputs)))
        for start in range(0, len(self), size):
            yield start, self.inputs(slice(start, min(start + size, len(self))))

    def _refuse_not_finite(self) -> None:
        for start, rows in self.chunks():
            bad = ~np.isfinite(rows).all(axis=1)
            if bad.any():
                raise InputError(
                    f"{self.name}: event {start + int(bad.argmax())} has a feature that is NaN or infinite "
                    f"({int(bad.sum())} such events up to event {start + len(rows)}); remove these events"
                )

    def _digest(self) -> str:
        digest = hashlib.sha256(f"{self.domain} {self.features.shape}".encode())
        for _, rows in self.chunks():
            digest.update(np.ascontiguousarray(rows).tobytes())
        for name, column in self.observables.items():
            digest.update(name.encode())
            digest.update(column.tobytes())
        if self.event_weight is not None:
            digest.update(self.event_weight.tobytes())
        return digest.hexdigest()


def rows_of(parts: tuple[Features, ...], rows: NDArray[np.int64]) -> Features:
    """Rows of several features, one after another: in memory if all of them are, else read when asked for."""
    if all(isinstance(part, np.ndarray) for part in parts):
        return np.concatenate([part[:] for part in parts])[rows] if len(parts) > 1 else parts[0][rows]
    return RowsOf(parts, rows)


def _check_particles(name: str, particles: Particles, n_features: int) -> None:
    missing = [column for column in COORDINATES if column not in particles.columns]
    if missing:
        raise InputError(
            f"{name}: particles need the columns {', '.join(COORDINATES)}; {missing[0]} is missing"
        )
    if not 0 < particles.width <= n_features:
        raise InputError(
            f"{name}: {particles.count} particles of {len(particles.columns)} numbers each are "
            f"{particles.width} features, but there are {n_features}"
        )


def _check_voxels(name: str, voxels: Voxels, n_features: int, condition: object) -> None:
    if not 0 < voxels.count <= voxels.width <= n_features or condition is None:
        raise InputError(
            f"{name}: {voxels.count} voxels and {voxels.layers} layers need {voxels.width} features and an "
            f"incident energy as condition, but there are {n_features} features"
            f"{' and no condition' if condition is None else ''}"
        )


def _plain_label(name: str) -> str:
    """A LaTeX label that prints a column name as it is."""
    return r"\mathrm{" + name.replace("_", r"\_") + "}"
