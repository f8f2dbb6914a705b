"""What a fit writes down about itself: typed, immutable, and plain JSON in files.

One converter serves every file and every command: `plain` makes JSON data of a record, `typed` a record of
JSON data, and says where the data do not fit. Fields with a default may be missing from older files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The base of all records: compared by value, and what has its default value is not written."""


class Epoch(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What happened in one epoch of a training.

    Attributes
    ----------
    train_loss, validation_loss: binary cross-entropy in nats; ln 2 = 0.693 is what guessing gives.
    learning_rate: at its end.
    kl: T KL/N of a Bayesian network in nats; None for others.

    """

    train_loss: float
    validation_loss: float
    learning_rate: float
    kl: float | None = None


class TrainingRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One training of a fit.

    Attributes
    ----------
    fold, member: which one, counted from 0.
    seed: of initialisation, order of batches and dropout.
    train_events, validation_events: how many it had.
    best_epoch: of the lowest validation loss, counted from 1; best_epochs: those that were kept, best first.
    restarted: whether it diverged and was trained again at a lower rate.
    learning_rate, batch_size: those that worked.
    squeezed: numbers of inputs of which a few huge values hide the others.
    epochs: what happened in each.

    """

    fold: int
    member: int
    seed: int
    train_events: int
    validation_events: int
    best_epoch: int
    best_epochs: tuple[int, ...] = ()
    restarted: bool = False
    learning_rate: float
    batch_size: int
    squeezed: tuple[int, ...] = ()
    epochs: tuple[Epoch, ...] = ()


class LeftOut(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Events of each sample that have no weight: the training events of the protocol "split"."""

    reference: int = 0
    generated: int = 0


class Provenance(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How the weights of a study came about.

    Attributes
    ----------
    weights: what they are, in words.
    features: what the classifier saw, "low", "high" or "both"; "" where that is not known.
    n_inputs: numbers that it saw of each event.
    left_out: events without weights.
    shared_events: generated events that occur in the reference sample to the last bit.
    device: it was trained on.
    notes: sentences about what did not go as usual.
    seconds: what the fit took.
    finished: when, UTC, ISO 8601.
    versions: of tailscope and of what it rests on.
    cache_key: under which the cache holds the fit.
    recalibration: the map that was applied to the weights; "" for none.

    """

    weights: str = ""
    features: str = ""
    n_inputs: int | None = None
    left_out: LeftOut | None = None
    shared_events: int | None = None
    device: str = ""
    notes: tuple[str, ...] = ()
    seconds: float | None = None
    finished: str = ""
    versions: dict[str, str] = {}
    cache_key: str = ""
    recalibration: str = ""


def plain(record: Any) -> Any:
    """JSON data (dicts, lists, numbers, strings, None) of a record, or of anything made of records."""
    return msgspec.to_builtins(record)


def typed(data: Any, kind: type[T]) -> T:
    """The record that JSON data stand for.

    Raises
    ------
    ValueError: a field that is missing or of another type; the sentence names its path, ``$.folds``.

    """
    try:
        return msgspec.convert(data, kind, strict=True)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error


def schema_of(kind: type[Any]) -> Mapping[str, Any]:
    """JSON schema (draft 2020-12) of a record."""
    return msgspec.json.schema(kind)
