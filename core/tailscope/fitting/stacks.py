"""Trainings with the same settings as stacks: which go together, and what becomes of each."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Event

from tailscope import classifier
from tailscope.errors import TrainingError
from tailscope.optional import needing
from tailscope.storage.cache import Cache
from tailscope.storage.memory import usable

from .bench import Bench
from .job import Done, Job
from .plan import BEST, Labels, Training
from .progress import Listener
from .training import put_checkpoint, put_network, say, settings_of, trained

with needing("torch", "fitting", TrainingError):
    import torch

log = logging.getLogger(__name__)

CHECKPOINT_SECONDS = 60.0
"""Time between checkpoints of a stack: to write them takes as long as some epochs."""
ROOM = 0.6
"""Part of the free memory of a device that a stack may fill."""
COPIES_OF_PARAMETERS = 8
"""Parameters, gradients, two moments, the average, the best ones, and those of a step before."""


@dataclass(frozen=True, eq=False)
class Ready:
    """A job that can be part of a stack, and where its training was stopped, if it was."""

    job: Job
    progress: classifier.Progress | None

    @property
    def training(self) -> Training:
        """What is to be done."""
        return self.job.training


def sorted_out(jobs: Iterable[Job], bench: Bench, store: Cache) -> tuple[list[list[Ready]], list[Job]]:
    """Jobs whose trainings go together, as many as the memory has room for, and those that go alone.

    Together go perceptrons with the same settings and as many batches, at the same epoch. Alone go other
    networks, those with several best epochs, watched epochs or patience, those that the cache holds, and
    those whose inputs do not lie on the device as a whole.
    """
    together: dict[object, list[Ready]] = {}
    alone = []
    for job in jobs:
        training = job.training
        ready = _ready(job, bench, store)
        if ready is None:
            alone.append(job)
            continue
        batches = classifier.Batches.of(training.train.size, training.settings)
        epoch = ready.progress.epoch if ready.progress else 0
        together.setdefault((training.settings, batches.wanted, batches.taken, epoch), []).append(ready)
    return [part for group in together.values() for part in _parts(group, bench)], alone


def _ready(job: Job, bench: Bench, store: Cache) -> Ready | None:
    """The job with its progress, or None where it has to go alone."""
    training = job.training
    settings = training.settings
    plain = settings.network == "mlp" and settings.best_epochs == 1
    if not plain or settings.watch_epochs or settings.patience or not bench.is_resident:
        return None
    if store.has("network", training.key):
        return None
    saved = store.get("checkpoint", training.key)
    if saved is None:
        return Ready(job, None)
    # A lower rate or smaller batches: its second chance.
    if settings_of(saved) != settings:
        return None
    progress = classifier.unpacked(*saved)
    return Ready(job, progress if progress.epoch else None)


def _parts(group: list[Ready], bench: Bench) -> list[list[Ready]]:
    """Stacks of a group that have room in the memory, one of them at a time.

    A member needs its parameters some times over and what a step leaves for its gradients, and a whitened
    copy of the events that no other member sees.
    """
    settings, n = group[0].training.settings, bench.pool.n_inputs
    hidden, layers = settings.hidden, settings.layers
    parameters = hidden * (n + 1 + (layers - 1) * (hidden + 1)) + hidden + 1
    parts: list[list[Ready]] = []
    room = 0.0
    copies: set[bytes] = set()
    for ready in group:
        rows = ready.training.train.size
        batch = classifier.Batches.of(rows, settings).size
        needed = 4 * (COPIES_OF_PARAMETERS * parameters + batch * (4 * n + 6 * layers * hidden) + 12 * rows)
        copy = bench.sight_of(ready.training)
        of_copy = 4 * bench.pool.n_rows * n if copy else 0
        if not parts or room < needed + of_copy * (copy not in copies):
            parts.append([])
            copies = set()
            room = _room(bench.pool.device)
        room -= needed + of_copy * (copy not in copies)
        copies.add(copy)
        parts[-1].append(ready)
    return parts


def _room(device: torch.device) -> float:
    """Bytes that a stack may take."""
    if device.type != "cuda":
        return ROOM * usable()
    torch.cuda.empty_cache()
    return ROOM * torch.cuda.mem_get_info(device)[0]


def run_stack(
    members: Sequence[Ready], bench: Bench, store: Cache, tell: Listener, stop: Event | None = None
) -> list[Done]:
    """Train a stack and score the events that each member never saw.

    Each network goes into the cache under its own key, as it does alone. A member that diverges starts again
    alone, with a lower rate; a stack that does not fit into the memory is halved.

    Raises
    ------
    TrainingError: as `training.run`.
    Stopped: ``stop`` was set.

    """
    if len(members) == 1:
        return [_alone(members[0].job, bench, store, tell, stop)]
    try:
        done, diverged = _together(members, bench, store, tell, stop)
    except torch.OutOfMemoryError:
        half = len(members) // 2
        log.warning(
            "a stack of %d trainings does not fit into the memory of the device; it is halved", len(members)
        )
    else:
        return done + [_slower(job, error, bench, store, tell, stop) for job, error in diverged]
    # Out here the traceback no longer holds on to the tensors of the failed attempt.
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    done = []
    for part in (members[:half], members[half:]):
        groups, alone = sorted_out((one.job for one in part), bench, store)
        done += [_alone(job, bench, store, tell, stop) for job in alone]
        for group in groups:
            done += run_stack(group, bench, store, tell, stop)
    return done


def _alone(job: Job, bench: Bench, store: Cache, tell: Listener, stop: Event | None) -> Done:
    return job, job.run(bench, store, tell, stop)


def _together(
    members: Sequence[Ready], bench: Bench, store: Cache, tell: Listener, stop: Event | None
) -> tuple[list[Done], list[tuple[Job, classifier.DivergedError]]]:
    """What became of the members, and those that diverged."""
    trainings = [one.training for one in members]
    settings = trainings[0].settings
    rows, positions = _read(trainings, bench)
    stacked = [
        classifier.Member(copy, column, one.train, one.validation, one.seed)
        for one, (copy, column) in zip(trainings, positions, strict=True)
    ]
    with classifier.Stack.at_work(rows, stacked, settings, stop) as stack:
        if members[0].progress is not None:
            stack.restore([one.progress for one in members if one.progress is not None])
        kept = time.monotonic()
        while stack.epoch < settings.epochs and len(stack.diverged) < len(members):
            stack.one_epoch()
            healthy = [k for k in range(len(members)) if k not in stack.diverged]
            if stack.epoch < settings.epochs and time.monotonic() - kept >= CHECKPOINT_SECONDS:
                stack.store()
                for k in healthy:
                    put_checkpoint(trainings[k], store, stack.progress[k], settings)
                kept = time.monotonic()
            for k in healthy:
                last = stack.progress[k].history[-1]
                tell(members[k].job.told(stack.epoch, last.train_loss, last.validation_loss))
        records = {
            k: put_network(trainings[k], bench, store, [state], stack.progress[k], settings)[1]
            for k, state in enumerate(stack.best())
            if k not in stack.diverged
        }
        logits = stack.logits([one.scored for one in trainings])
        diverged = [(members[k].job, error) for k, error in stack.diverged.items()]
    done = [
        (members[k].job, trained(trainings[k], _labelled(trainings[k], bench), {BEST: logits[k]}, record))
        for k, record in records.items()
    ]
    return done, diverged


def _slower(
    job: Job, error: TrainingError, bench: Bench, store: Cache, tell: Listener, stop: Event | None
) -> Done:
    """The second chance of a member that diverged: alone, from the start, at a lower rate."""
    slower = classifier.slower(job.training.settings)
    say(job.training, f"{error}; it starts again, once, with the learning rate {slower.learning_rate:g}")
    put_checkpoint(job.training, store, classifier.Progress(), slower)
    return _alone(job, bench, store, tell, stop)


def _labelled(training: Training, bench: Bench) -> classifier.Labelled:
    return classifier.Labelled(bench.pool, training.labels.is_reference, training.labels.weight)


def _read(trainings: Sequence[Training], bench: Bench) -> tuple[classifier.StackRows, list[tuple[int, int]]]:
    """What a stack reads, and of each member which copy of the pool, and which labels."""
    copies: dict[bytes, tuple[int, Training]] = {}
    columns: dict[int, tuple[int, Labels]] = {}
    positions = []
    for training in trainings:
        sight, labels = bench.sight_of(training), training.labels
        copies.setdefault(sight, (len(copies), training))
        columns.setdefault(id(labels), (len(columns), labels))
        positions.append((copies[sight][0], columns[id(labels)][0]))
    rows = classifier.StackRows(
        (bench.rows_for(training) for _, training in copies.values()),
        len(copies),
        [(labels.is_reference, labels.weight) for _, labels in columns.values()],
        width=bench.pool.n_inputs,
        compress=trainings[0].settings.compress,
        whitened=trainings[0].settings.whiten,
    )
    return rows, positions
