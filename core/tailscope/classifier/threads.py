"""How many processors one training takes."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from tailscope.storage.memory import processors_of_job

SMALL_BATCH = 1e8
"""Products of a forward pass below which a second thread slows a training down: it waits longer for the other
one than both work."""


def processors() -> int:
    """Processors that this process may use, by the scheduler and by the quota of its container or job."""
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, math.ceil(min(there, processors_of_job())))


def threads_each(products: float, trainings: int) -> int:
    """Threads of each of so many trainings, whose forward pass of a batch has so many products.

    It depends on the fit and the machine alone, and not on how many trainings run at once: sums of several
    threads differ in their last bits.
    """
    return 1 if products < SMALL_BATCH else max(1, processors() // trainings)


@contextmanager
def at_most(threads: int) -> Iterator[None]:
    """Torch uses so many threads for what this thread asks of it, and threads that begin meanwhile.

    The number is kept for each thread, and once for those that begin: whoever starts several restores it
    when they have ended.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
