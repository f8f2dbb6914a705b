"""What a fit will do, before anything is done: which events train which network, and which it scores.

A `Training` is a value that can be sent anywhere: it names rows of the pool of both samples and settings, and
nothing of where or when it will run. Members, folds, watched epochs and null runs are all trainings of plans.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tailscope.config import FitConfig, TrainingSettings
from tailscope.errors import ConfigError, InputError
from tailscope.sample.sample import Sample
from tailscope.storage.cache import key_of

from .folds import assign_folds, held_out_part

Rows = NDArray[np.int64]

BEST = "best"
"""Among the states of a training, those of its best epochs; see `watched` for the others."""


def watched(epoch: int) -> str:
    """Among the states of a training, the one after an epoch that is watched."""
    return f"watch.{epoch}"


@dataclass(frozen=True, eq=False)
class Labels:
    """Which events of the pool (those of the reference sample first) count as reference events.

    Attributes
    ----------
    is_reference: bool[n_pool].
    weight: float64[n_pool], event weights with a mean of 1 over the events of each label; None for all 1.

    """

    is_reference: NDArray[np.bool_]
    weight: NDArray[np.float64] | None = None

    @classmethod
    def of(cls, reference: Sample, generated: Sample) -> Labels:
        """The labels that the events have."""
        weight = None
        if reference.event_weight is not None or generated.event_weight is not None:
            weight = np.concatenate([reference.relative_weight, generated.relative_weight])
        return cls(np.arange(len(reference) + len(generated)) < len(reference), weight)

    def permuted(self, rng: np.random.Generator) -> Labels:
        """As many of each label, dealt at random; events keep their weights, scaled to a mean of 1 again.

        Raises
        ------
        InputError: so many negative weights that those of one label do not add up to anything positive.

        """
        is_reference = rng.permutation(self.is_reference)
        weight = self.weight
        if weight is not None:
            weight = weight.copy()
            for side in (is_reference, ~is_reference):
                mean = float(weight[side].mean())
                if mean <= 0:
                    raise InputError(
                        "there are so many negative event weights that those of permuted labels add up to "
                        f"{mean * int(side.sum()):g}; a null band needs a positive sum"
                    )
                weight[side] /= mean
        return Labels(is_reference, weight)


@dataclass(frozen=True, eq=False)
class Training:
    """One network to train, and the events that it scores.

    Attributes
    ----------
    fold, member: which one of its fit, counted from 0.
    kind: of `config.CANDIDATES`; "" for one network alone.
    labels: what it is to learn.
    train, validation, scored: int64 rows of the pool, no row in two of them.
    seed: of initialisation, order of batches and dropout.
    settings: of the network and its training.
    outputs: log weights that each state of the network gives an event (`FitConfig.outputs`).
    key: under which the cache holds it.

    """

    fold: int
    member: int
    kind: str
    labels: Labels
    train: Rows
    validation: Rows
    scored: Rows
    seed: int
    settings: TrainingSettings
    outputs: int
    key: str

    @property
    def states(self) -> dict[str, int]:
        """How many states of it are scored: the best ones, and one for each watched epoch."""
        return {BEST: self.settings.best_epochs} | {watched(e): 1 for e in self.settings.watch_epochs}


@dataclass(frozen=True, eq=False)
class Plan:
    """All trainings of one fit.

    Attributes
    ----------
    config: with nothing left to choose (`FitConfig.for_sample`).
    labels: of the events of the pool.
    fold: int16[n_pool], which fold leaves an event out.
    shared: generated events that are copies of reference events.
    keys: uint64[n_pool], equal for events that stay together; see `folds.Folds`.
    key: under which the cache holds the fit.

    """

    config: FitConfig
    labels: Labels
    fold: NDArray[np.int16]
    shared: int
    keys: NDArray[np.uint64]
    key: str

    def trainings(self) -> Iterator[Training]:
        """All of them in order, each made when it is asked for: their rows need room."""
        for fold in range(self.config.scored_folds):
            for place in range(self.config.networks):
                yield self.training(fold, place)

    def training(self, fold: int, place: int) -> Training:
        """One of them: it trains on the other folds, of which a part, chosen by keys, validates.

        Parameters
        ----------
        place: among the networks of a fold; candidates come one after the other, each with all its members.

        """
        number = fold * self.config.networks + place
        candidate, member = divmod(place, self.config.members_each)
        kind = self.config.kinds[candidate] if self.config.kinds else ""
        train, held = [], []
        for side in (self.labels.is_reference, ~self.labels.is_reference):
            rows = np.flatnonzero(side & (self.fold != fold))
            chosen = held_out_part(self.keys[rows] + np.uint64(number), self.config.validation)
            train.append(rows[~chosen])
            held.append(rows[chosen])
            self._refuse_negative(train[-1], "training")
            self._refuse_negative(held[-1], "validation")
        return Training(
            fold,
            member,
            kind,
            self.labels,
            np.concatenate(train),
            np.concatenate(held),
            np.flatnonzero(self.fold == fold),
            self.config.seed * 1_000_003 + number,
            self.config.settings_of(kind),
            self.config.outputs,
            key_of(fit=self.key, fold=fold, place=place),
        )

    def _refuse_negative(self, rows: Rows, what: str) -> None:
        """Refuse events of one label whose event weights do not add up to a density."""
        if self.labels.weight is None or (total := float(self.labels.weight[rows].sum())) > 0:
            return
        raise InputError(
            f"the event weights of the {rows.size} {what} events of one sample and fold sum to {total:.3g}: "
            "too many are negative for so few events; take more events"
        )


def plan_of(
    names: tuple[str, str],
    labels: Labels,
    hashes: NDArray[np.uint64],
    discrete: NDArray[np.bool_],
    config: FitConfig,
    key: str,
) -> Plan:
    """Deal the events of a pool to folds.

    Parameters
    ----------
    names: of both samples, for sentences.
    hashes: uint64[n_pool], see `folds.event_hashes`.
    discrete: bool[n_pool], see `repeats.discrete`.
    config: with nothing left to choose.

    Raises
    ------
    InputError: fewer distinct events than the folds need.

    """
    sides = labels.is_reference, ~labels.is_reference
    folds = assign_folds(
        names,
        (hashes[sides[0]], hashes[sides[1]]),
        (discrete[sides[0]], discrete[sides[1]]),
        config.folds,
    )
    fold, keys = np.empty(hashes.size, np.int16), np.empty(hashes.size, np.uint64)
    for side, of_side, own in zip(sides, (folds.reference, folds.generated), folds.keys, strict=True):
        fold[side], keys[side] = of_side, own
    return Plan(config, labels, fold, folds.shared, keys, key)


def check_at_once(at_once: int | None) -> None:
    """Refuse what is no number of trainings at the same time.

    Raises
    ------
    ConfigError: fewer than one.

    """
    if at_once is not None and at_once < 1:
        raise ConfigError(f"{at_once} trainings at once make no sense; choose at least 1")
