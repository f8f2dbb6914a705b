"""Torch's own random numbers, borrowed: initial parameters of a network can be drawn from no others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import torch

_lock = Lock()


@contextmanager
def borrowed_randomness(seed: int | None = None) -> Iterator[None]:
    """Hold torch's own stream of random numbers on the CPU, alone, and give it back as it was.

    Every network is made inside of this, also those whose parameters are overwritten at once: otherwise one
    thread would draw from the stream that another one has just seeded.
    """
    with _lock, torch.random.fork_rng(devices=[]):
        if seed is not None:
            torch.manual_seed(seed)
        yield
