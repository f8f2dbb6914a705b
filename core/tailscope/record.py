"""What a fit writes down about itself: typed, immutable, and plain JSON in files.

One converter serves every file and every command: `plain` makes JSON data of a record, `typed` a record of
JSON data, and says where the data do not fit. Fields with a default may be missing from older files.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
import numpy as np

T = TypeVar("T")

Count = Annotated[int, msgspec.Meta(ge=0)]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """The base of all records: immutable, compared by value."""


class BothSamples(Record, Generic[T], frozen=True, kw_only=True):
    """Something of the reference and of the generated sample."""

    reference: T
    generated: T


class BothTails(Record, Generic[T], frozen=True, kw_only=True):
    """Something of the low and of the high tail."""

    low: T
    high: T


class Epoch(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What happened in one epoch of a training.

    Attributes
    ----------
    train_loss, validation_loss: binary cross-entropy in nats; ln 2 = 0.693 is what guessing gives.
    learning_rate: at its end; None in older studies, which did not keep it.
    kl: T KL/N of a Bayesian network in nats; None for others.

    """

    train_loss: float
    validation_loss: float
    learning_rate: float | None = None
    kl: float | None = None


class TrainingRecord(Record, frozen=True, kw_only=True):
    """One training of a fit.

    Attributes
    ----------
    fold, member: which one, counted from 0.
    kind: of `config.CANDIDATES`; "" where a fit trains one network alone.
    seed: of initialisation, order of batches and dropout.
    train_events, validation_events: how many it had.
    best_epoch: of the lowest validation loss, counted from 1.
    best_epochs: those whose networks make the weights, best first; see `kept`.
    restarted: whether it diverged and was trained again at a lower rate.
    learning_rate, batch_size: those that worked; 0 in older studies, which did not keep the latter.
    squeezed: numbers of inputs of which a few huge values hide the others.
    epochs: what happened in each.

    Raises
    ------
    ValueError: a best epoch that was not trained.

    """

    fold: Count
    member: Count
    kind: str = ""
    seed: int
    train_events: Count
    validation_events: Count
    best_epoch: int
    best_epochs: tuple[int, ...] = ()
    restarted: bool = False
    learning_rate: float
    batch_size: Count = 0
    squeezed: tuple[Count, ...] = ()
    epochs: tuple[Epoch, ...]

    def __post_init__(self) -> None:
        if not all(1 <= epoch <= len(self.epochs) for epoch in (self.best_epoch, *self.best_epochs)):
            raise ValueError(f"a best epoch that is none of the {len(self.epochs)} epochs")

    @property
    def kept(self) -> tuple[int, ...]:
        """Epochs whose networks make the weights, best first; older studies name the best one alone."""
        return self.best_epochs or (self.best_epoch,)


class LeftOut(Record, frozen=True, kw_only=True):
    """Events of each sample that have no weight: the training events of the protocol "split"."""

    reference: Count
    generated: Count


class Distinct(Record, frozen=True, kw_only=True):
    """How many events of a sample differ, in what a classifier sees of them, of how many.

    Attributes
    ----------
    discrete: events of a value that occurs more than once because it is discrete, and not since they are
        copies (`fitting.repeats`); None where that is not known.

    """

    distinct: Count
    of: Count
    discrete: Count | None = None


class Given(Record, frozen=True, kw_only=True):
    """How far one of the conditions (incident energies) of both samples differs; see `sample.given`.

    Attributes
    ----------
    distance, p: of Kolmogorov and Smirnov, and how probable as large a one is for one distribution.
    missing: part of the reference whose condition no generated event has.
    leaked: part of the generated sample whose condition no reference event has.

    """

    distance: float
    p: float
    missing: float
    leaked: float


class SecondLook(Record, frozen=True, kw_only=True):
    """What a second classifier found in all observables that the weights miss; see `fitting.second_look`.

    Attributes
    ----------
    reference, generated: events of each sample that it looked at.
    auc, auc_error: with which it tells reference events from reweighted generated ones, 0.5 if w is right;
        and the standard deviation of that; None where no weight is finite.
    missed, missed_error: least root mean square of what log w misses, and its error where it misses nothing.
    observables: along which it differs most, at most three.
    information: of the weights of these events, in nats (`weights.information`); None where it is infinite.
    gain, gain_error: by how much it grows where what the second classifier found is added to log w.

    """

    reference: Count
    generated: Count
    auc: float | None
    auc_error: float | None
    missed: float
    missed_error: float
    observables: tuple[str, ...]
    information: float | None
    gain: float
    gain_error: float


class Interpolation(Record, frozen=True, kw_only=True):
    """Imported weights of one sample, carried over to the other; see `fitting.other_weights`.

    Attributes
    ----------
    sample: whose weights were not given, "reference" or "generated".
    events: events of the other one from whose weights they were learned.
    r2: part of the variance of log w that is told out of fold; None where all are the same.

    """

    sample: Literal["reference", "generated"]
    events: Count
    r2: float | None


class Provenance(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How the weights of a study came about; what is not known is not written.

    Attributes
    ----------
    weights: what they are, in words.
    features: what the classifier saw, "low", "high" or "both"; "" where that is not known.
    n_inputs: numbers that it saw of each event.
    left_out: events without weights.
    shares: how much each candidate counts in log w, a mean of the folds; {} where one network is trained.
    shared_events: generated events that are copies of reference events, to the last bit.
    repeated: how many events of each sample that was fitted differ; None where that is not known.
    given: each condition that generators are given; None where samples have none, or in older studies.
    device: it was trained on.
    notes: sentences about what did not go as usual; None where there was no fit.
    seconds: what the fit took.
    finished: when, UTC, ISO 8601.
    versions: of tailscope and of what it rests on.
    cache_key: under which the cache holds the fit.
    recalibration: the map that was applied to the weights; "" for none.
    interpolated: how the weights of the other sample were made where those of one were imported; None where
        both were.
    second: what a second classifier found that the weights miss; None where none has looked.
    remarks: sentences about how the files were read and matched: what was left out, what is undefined.

    """

    weights: str = ""
    features: str = ""
    n_inputs: Count | None = None
    left_out: LeftOut | None = None
    shares: dict[str, float] = {}
    shared_events: Count | None = None
    repeated: BothSamples[Distinct] | None = None
    given: tuple[Given, ...] | None = None
    device: str = ""
    notes: tuple[str, ...] | None = None
    seconds: float | None = None
    finished: str = ""
    versions: dict[str, str] = {}
    cache_key: str = ""
    recalibration: str = ""
    interpolated: Interpolation | None = None
    second: SecondLook | None = None
    remarks: tuple[str, ...] = ()


class MisfitError(ValueError):
    """JSON data that do not fit a record.

    Attributes
    ----------
    path: of the field, ``$.history[0].train_events``.
    problem: what is wrong with it, ``expected int, got str``.

    """

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path, self.problem = path, problem


def plain(record: object) -> Any:
    """JSON data (dicts, lists, numbers, strings, None) of a record, or of anything made of records."""
    return _listed(msgspec.to_builtins(record, enc_hook=_number))


def _listed(data: Any) -> Any:
    """Lists where there are tuples, as after a way through JSON."""
    if isinstance(data, dict):
        return {key: _listed(value) for key, value in data.items()}
    return [_listed(value) for value in data] if isinstance(data, list | tuple) else data


def _number(value: object) -> object:
    """Numbers of numpy, which people give where Python's are meant."""
    if isinstance(value, np.generic):
        return value.item()
    raise NotImplementedError


def typed(data: object, kind: type[T]) -> T:
    """The record that JSON data stand for.

    Raises
    ------
    MisfitError: a field that is missing or of another type.

    """
    try:
        return msgspec.convert(data, kind, strict=True)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at ")
        problem = problem.replace("`", "")
        raise MisfitError(path.strip("`") or "$", problem[:1].lower() + problem[1:]) from error


def parsed(text: bytes | str) -> Any:
    """JSON data of a text; NaN and infinite numbers are no JSON.

    Raises
    ------
    ValueError: something else than JSON.

    """
    try:
        return msgspec.json.decode(text)
    except (RecursionError, UnicodeEncodeError) as error:
        raise ValueError("JSON is malformed: nested too deeply, or no Unicode") from error


def schema_of(kind: type[Any]) -> Mapping[str, object]:
    """JSON schema (draft 2020-12) of a record."""
    schema: Mapping[str, object] = _described(parsed(msgspec.json.encode(msgspec.json.schema(kind))))
    return schema


def _described(schema: Any) -> Any:
    """Without the indentation of docstrings, which some versions of Python keep."""
    if isinstance(schema, list):
        return [_described(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: inspect.cleandoc(part) if key == "description" and isinstance(part, str) else _described(part)
        for key, part in schema.items()
    }


def finite(value: float) -> float | None:
    """JSON knows no infinity: None stands for it, and for what is undefined."""
    return float(value) if math.isfinite(value) else None
