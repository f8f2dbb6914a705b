"""Where trainings run: one after the other, or several at once on the processors of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from queue import SimpleQueue
from threading import Event

import numpy as np

from tailscope.classifier import at_most, processors
from tailscope.storage.cache import Cache

from .bench import Bench
from .plan import Training
from .progress import EpochDone, Listener
from .training import Trained, run


@dataclass(frozen=True, eq=False)
class Job:
    """A training and its place among all that are to be done.

    Attributes
    ----------
    number, of: which one of how many, counted from 0.
    training: what is to be done.

    """

    number: int
    of: int
    training: Training

    def run(self, bench: Bench, store: Cache, tell: Listener, stop: Event | None = None) -> Trained:
        """Run it here and now; see `training.run`."""
        epochs = self.training.settings.epochs
        last: list[EpochDone] = []

        def after_epoch(epoch: int, train_loss: float, validation_loss: float) -> None:
            last[:] = [EpochDone(self.number, self.of, epoch, epochs, train_loss, validation_loss)]
            tell(last[0])

        trained = run(self.training, bench, store, after_epoch, stop)
        if last and last[0].epoch < epochs:
            tell(replace(last[0], epoch=epochs))
        return trained


def run_all(
    jobs: Iterator[Job], bench: Bench, store: Cache, tell: Listener, at_once: int | None = None
) -> Iterator[tuple[Job, Trained]]:
    """Run trainings and give each with what it left, as soon as it is done.

    Parameters
    ----------
    jobs: taken when there is room for one, so that their rows do not fill the memory.
    tell: called after each epoch, by the thread that iterates.
    at_once: how many run at the same time, see `number_at_once`. It has no influence on the weights.

    Raises
    ------
    TrainingError: as `training.run`; the other trainings are stopped and keep their checkpoints.

    """
    n = number_at_once(bench, at_once)
    if n > 1:
        yield from _in_threads(jobs, bench, store, tell, n)
        return
    for job in jobs:
        yield job, job.run(bench, store, tell)


def number_at_once(bench: Bench, wanted: int | None) -> int:
    """How many trainings run at the same time: on a CPU so many that all processors work, elsewhere one.

    Torch lets go of the interpreter in its kernels, so that threads will do. With features on disk, since
    memory is short, it is one: each training holds some hundred MB of what it has just read.
    """
    if bench.pool.device.type != "cpu":
        return 1
    if wanted is None and not all(isinstance(sample.features, np.ndarray) for sample in bench.samples):
        return 1
    return wanted or max(1, processors() // bench.threads)


def _in_threads(
    jobs: Iterator[Job], bench: Bench, store: Cache, tell: Listener, n: int
) -> Iterator[tuple[Job, Trained]]:
    stop = Event()
    messages: SimpleQueue[EpochDone | tuple[Job, Trained] | BaseException] = SimpleQueue()

    def work(job: Job) -> None:
        try:
            messages.put((job, job.run(bench, store, messages.put, stop)))
        except BaseException as error:  # noqa: BLE001 - it is raised where the caller waits
            messages.put(error)

    with at_most(bench.threads), ThreadPoolExecutor(n, thread_name_prefix="training") as pool:
        try:
            running = 0
            for job in islice(jobs, n):
                pool.submit(work, job)
                running += 1
            while running:
                message = messages.get()
                if isinstance(message, BaseException):
                    raise message
                if isinstance(message, EpochDone):
                    tell(message)
                    continue
                running -= 1
                yield message
                for job in islice(jobs, 1):
                    pool.submit(work, job)
                    running += 1
        finally:
            # Also where the listener raises, or nobody wants more: no whole training is waited for.
            stop.set()
