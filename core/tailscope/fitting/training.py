"""run: one training, from its events to the log weights of those that it never saw."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from threading import Event
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope import classifier
from tailscope.config import SOLVED, TrainingSettings
from tailscope.errors import TrainingError
from tailscope.optional import needing
from tailscope.record import TrainingRecord, plain, typed
from tailscope.storage.cache import Cache, Entry

from .bench import Bench
from .plan import BEST, Training, watched
from .recorded import recorded
from .solving import solved

with needing("torch", "fitting", TrainingError):
    import torch

log = logging.getLogger(__name__)

Arrays = dict[str, NDArray[Any]]
AfterEpoch = Callable[[int, float, float], None]
"""Told the epoch, the training and the validation loss."""


@dataclass(frozen=True, eq=False)
class Trained:
    """What a training leaves.

    Attributes
    ----------
    scores: of `Training.states`, the log weights of the events that it scores, float32[n_scored, states x
        outputs], the best state first.
    record: what happened.

    """

    scores: dict[str, NDArray[np.float32]]
    record: TrainingRecord


def run(
    training: Training,
    bench: Bench,
    store: Cache,
    after_epoch: AfterEpoch = lambda *_: None,
    stop: Event | None = None,
) -> Trained:
    """Train (or find trained) one network and score the events that it never saw.

    Every epoch leaves a checkpoint in the cache and the end the network, both under the training's own key:
    what was stopped goes on there. Nothing else is written, so that any number of trainings can run at once.

    Raises
    ------
    TrainingError: a training that diverged twice, or too little memory.
    Stopped: ``stop`` was set.

    """
    with classifier.at_most(bench.threads):
        found = store.get("network", training.key)
        solvable = training.settings.network in SOLVED
        labelled = classifier.Labelled(
            bench.pool if solvable else bench.rows_for(training),
            training.labels.is_reference,
            training.labels.weight,
        )
        if found is not None:
            arrays, record = found[0], typed(found[1], TrainingRecord)
        elif solvable:
            arrays, record = solved(training, bench, after_epoch)
            store.put("network", training.key, arrays, plain(record))
        else:
            arrays, record = _train(training, bench, labelled, store, after_epoch, stop)
        logits = (
            {BEST: arrays["logits"]} if solvable else _logits(training, bench, labelled, arrays, record.seed)
        )
        return trained(training, labelled, logits, record)


def trained(
    training: Training,
    labelled: classifier.Labelled,
    logits: Mapping[str, NDArray[np.floating]],
    record: TrainingRecord,
) -> Trained:
    """Log weights: log w = logit + log(S_gen/S_ref), with the sums of event weights of the training."""
    s_ref, s_gen = labelled.class_sums(torch.from_numpy(training.train).to(labelled.device))
    shift = np.log(s_gen / s_ref)
    return Trained({kept: (some + shift).astype(np.float32) for kept, some in logits.items()}, record)


def _logits(
    training: Training, bench: Bench, labelled: classifier.Labelled, arrays: Arrays, seed: int
) -> dict[str, NDArray[np.float64]]:
    """Logits of the scored events by all states."""
    network = classifier.blank_network(labelled.pool, training.settings)
    logits = {}
    for kept, states in training.states.items():
        columns = []
        for state in range(states):
            prefix = f"{kept}.{state}."
            one = {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}
            network.load_state_dict(classifier.as_tensors(one))
            draws = classifier.outputs_of(network, training.outputs, seed + state)
            with classifier.refusing("events could not be scored"):
                columns.append(_scored(training, bench, labelled, draws))
        logits[kept] = np.concatenate(columns, axis=1, dtype=np.float64)
    return logits


def _scored(
    training: Training, bench: Bench, labelled: classifier.Labelled, networks: Sequence[Any]
) -> NDArray[np.float32]:
    """Logits float32[n_scored, n_networks]."""
    pool = bench.pool
    if training.settings.whiten or pool.resident is not None:
        return classifier.score_rows(networks, labelled.pool, training.scored)
    inside = training.scored < pool.n_reference
    parts = training.scored[inside], training.scored[~inside] - pool.n_reference
    return np.concatenate(
        [
            classifier.score_all(networks, sample, pool.device, rows)
            for sample, rows in zip(bench.samples, parts, strict=True)
        ]
    )


def _train(
    training: Training,
    bench: Bench,
    labelled: classifier.Labelled,
    store: Cache,
    after_epoch: AfterEpoch,
    stop: Event | None,
) -> tuple[Arrays, TrainingRecord]:
    """Train one network, from its checkpoint on where there is one, and keep it in the cache."""

    def keep(progress: classifier.Progress, settings: TrainingSettings) -> None:
        if progress.epoch < settings.epochs:
            put_checkpoint(training, store, progress, settings)
        last = progress.history[-1]
        after_epoch(progress.epoch, last.train_loss, last.validation_loss)

    def train(settings: TrainingSettings) -> tuple[list[dict[str, torch.Tensor]], classifier.Progress]:
        saved = store.get("checkpoint", training.key)
        return classifier.train(
            labelled,
            training.train,
            training.validation,
            settings,
            training.seed,
            progress=classifier.unpacked(*saved) if saved else None,
            after_epoch=lambda progress: keep(progress, settings),
            stop=stop,
        )

    begun = _settings(training, store)
    (states, progress), settings = classifier.with_second_chance(
        train,
        begun,
        restarted=begun.learning_rate < training.settings.learning_rate,
        start_again=lambda: store.drop("checkpoint", training.key),
        say=lambda note: say(training, note),
    )
    return put_network(training, bench, store, states, progress, settings)


def say(training: Training, note: str) -> None:
    """Tell the log what happened to a training."""
    log.warning("fold %d, member %d: %s", training.fold + 1, training.member + 1, note)


def put_checkpoint(
    training: Training, store: Cache, progress: classifier.Progress, settings: TrainingSettings
) -> None:
    """Keep what a training needs to go on with these settings."""
    arrays, data = classifier.packed(progress)
    store.put("checkpoint", training.key, arrays, data | {"settings": asdict(settings)})


def put_network(
    training: Training,
    bench: Bench,
    store: Cache,
    states: Sequence[dict[str, torch.Tensor]],
    progress: classifier.Progress,
    settings: TrainingSettings,
) -> tuple[Arrays, TrainingRecord]:
    """Keep a trained network, by the states that it had in its best epochs, in place of its checkpoint."""
    record = recorded(
        training,
        best_epochs=(epoch for epoch, _ in progress.best),
        learning_rate=settings.learning_rate,
        epochs=progress.history,
        batch_size=settings.batch_size,
        restarted=settings.learning_rate < training.settings.learning_rate,
        squeezed=_squeezed(training, bench, states[0]["scale"].cpu().numpy()),
    )
    kept = {BEST: states} | {
        watched(epoch): [progress.state(f"watch.{epoch}.")] for epoch in training.settings.watch_epochs
    }
    arrays = {
        f"{what}.{i}.{name}": array
        for what, some in kept.items()
        for i, state in enumerate(some)
        for name, array in classifier.as_arrays(state).items()
    }
    store.put("network", training.key, arrays, plain(record))
    store.drop("checkpoint", training.key)
    return arrays, record


def _squeezed(training: Training, bench: Bench, scale: NDArray[np.float32]) -> tuple[int, ...]:
    """Inputs that a few huge values hide from a network that standardises all of them."""
    alone = training.settings.network == "particlenet-lite"
    if training.settings.whiten or alone or not bench.pool.standardised:
        return ()
    return tuple(classifier.squeezed(bench.central_ranges, scale))


def _settings(training: Training, store: Cache) -> TrainingSettings:
    """Settings with which a stopped training went on, maybe by its second chance; else the fit's."""
    saved = store.get("checkpoint", training.key)
    return training.settings if saved is None else settings_of(saved)


def settings_of(checkpoint: Entry) -> TrainingSettings:
    """Settings of the training that left a checkpoint."""
    known = {field.name for field in fields(TrainingSettings)}
    return TrainingSettings(**{k: v for k, v in checkpoint[1]["settings"].items() if k in known})
