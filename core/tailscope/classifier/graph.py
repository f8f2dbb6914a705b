"""A step of a training as one CUDA graph."""

from __future__ import annotations

from collections.abc import Callable

import torch

WARM_UP = 3
"""Times that a step is done before it is captured: libraries are set up in the first ones."""


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
    # Other threads may grow trees or whiten inputs meanwhile.
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):
        step()
    return graph.replay
