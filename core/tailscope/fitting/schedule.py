"""Where trainings run: one after the other, several at once on the processors, or in stacks on a GPU."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import islice
from queue import SimpleQueue
from threading import Event

import numpy as np

from tailscope.classifier import at_most, processors
from tailscope.config import SOLVED
from tailscope.storage.cache import Cache

from .bench import Bench
from .job import Done, Job
from .progress import EpochDone, Listener
from .stacks import Ready, run_stack, sorted_out

ROW_BYTES = 2 << 30
"""Memory for the rows of the trainings that are sorted into stacks together."""

Task = Callable[[Listener, Event], Sequence[Done]]
"""Does one job or several, when it is told whom to tell of epochs and what stops it."""


def run_all(
    jobs: Iterator[Job],
    bench: Bench,
    store: Cache,
    tell: Listener,
    at_once: int | None = None,
    stacked: bool | None = None,
) -> Iterator[Done]:
    """Run trainings and give each with what it left, as soon as it is done.

    Parameters
    ----------
    jobs: taken when there is room for one, so that their rows do not fill the memory.
    tell: called after each epoch, by the thread that iterates.
    at_once: how many run at the same time, see `number_at_once`. It has no influence on the weights.
    stacked: whether trainings with the same settings become stacks (`classifier.Stack`); None for on CUDA.

    Raises
    ------
    TrainingError: as `training.run`; the other trainings are stopped and keep their checkpoints.

    """
    if stacked or (stacked is None and bench.pool.device.type == "cuda"):
        for some in _windows(jobs):
            yield from _in_stacks(some, bench, store, tell)
        return
    n = number_at_once(bench, at_once)
    if n > 1:
        yield from _in_threads([(n, (_task(job, bench, store) for job in jobs))], bench, tell)
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


def _windows(jobs: Iterator[Job]) -> Iterator[list[Job]]:
    """All jobs, so many at a time that their rows need no more than `ROW_BYTES`."""
    some: list[Job] = []
    size = 0
    for job in jobs:
        some.append(job)
        training = job.training
        size += sum(rows.nbytes for rows in (training.train, training.validation, training.scored))
        if size > ROW_BYTES:
            yield some
            some, size = [], 0
    if some:
        yield some


def _in_stacks(jobs: Sequence[Job], bench: Bench, store: Cache, tell: Listener) -> Iterator[Done]:
    """Stacks and other networks one by one on the device; beside them, on the processors, what is solved."""
    solved: list[Job] = []
    networks: list[Job] = []
    for job in jobs:
        (solved if job.training.settings.network in SOLVED else networks).append(job)
    stacks, alone = sorted_out(networks, bench, store)
    on_device: list[Task] = [_stack_task(members, bench, store) for members in stacks]
    on_device += [_task(job, bench, store) for job in alone]
    on_processors = [_task(job, bench, store) for job in solved]
    n = max(1, processors() // bench.threads)
    yield from _in_threads([(1, iter(on_device)), (n, iter(on_processors))], bench, tell)


def _task(job: Job, bench: Bench, store: Cache) -> Task:
    return lambda tell, stop: [(job, job.run(bench, store, tell, stop))]


def _stack_task(members: Sequence[Ready], bench: Bench, store: Cache) -> Task:
    return lambda tell, stop: run_stack(members, bench, store, tell, stop)


def _in_threads(lanes: Sequence[tuple[int, Iterator[Task]]], bench: Bench, tell: Listener) -> Iterator[Done]:
    """Do the tasks of all lanes, in each so many at the same time."""
    stop = Event()
    messages: SimpleQueue[EpochDone | tuple[int, Sequence[Done]] | BaseException] = SimpleQueue()

    def work(lane: int, task: Task) -> None:
        try:
            messages.put((lane, task(messages.put, stop)))
        except BaseException as error:  # noqa: BLE001 - it is raised where the caller waits
            messages.put(error)

    with at_most(bench.threads), ExitStack() as pools:
        started = [
            pools.enter_context(ThreadPoolExecutor(n, thread_name_prefix="training")) for n, _ in lanes
        ]

        def begin(lane: int, most: int) -> int:
            """Start so many more tasks of a lane, if it has them."""
            some = list(islice(lanes[lane][1], most))
            for task in some:
                started[lane].submit(work, lane, task)
            return len(some)

        try:
            running = sum(begin(lane, n) for lane, (n, _) in enumerate(lanes))
            while running:
                message = messages.get()
                if isinstance(message, BaseException):
                    raise message
                if isinstance(message, EpochDone):
                    tell(message)
                    continue
                lane, done = message
                running -= 1
                yield from done
                running += begin(lane, 1)
        finally:
            # Also where the listener raises, or nobody wants more: no whole training is waited for.
            stop.set()
