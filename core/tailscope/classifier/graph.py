"""A step of a training as one CUDA graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock

import torch

WARM_UP = 3
"""Times that a step is done before it is captured: libraries are set up in the first ones."""

_capturing = RLock()


def captured(step: Callable[[], None], device: torch.device) -> Callable[[], None]:
    """Return the step itself, or on CUDA the replay of a graph of it: one launch instead of a hundred.

    The step is done `WARM_UP` times beforehand, on other devices once. It reads and writes the same tensors
    each time, and asks the device for no value.
    """
    if device.type != "cuda":
        step()
        return step
    stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
    stream.wait_stream(torch.cuda.current_stream(device))
    with torch.cuda.stream(stream):
        for _ in range(WARM_UP):
            step()
    torch.cuda.current_stream(device).wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    # Other threads copy events meanwhile, which is none of this one's business.
    with _capturing, torch.cuda.graph(graph, capture_error_mode="thread_local"):
        step()
    return graph.replay


@contextmanager
def no_capture(device: torch.device) -> Iterator[None]:
    """Work with a device in a way that no capture of another thread allows, such as to wait for all of it."""
    if device.type != "cuda":
        yield
        return
    with _capturing:
        yield
