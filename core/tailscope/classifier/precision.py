"""How exactly CUDA multiplies matrices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

TF32 = True
"""Whether trainings on CUDA round the factors of their products to 10 bits (TF32), where float32 has 23.

Sums, parameters and everything else stay float32, and events are scored in float32. bfloat16 is no faster in
networks of this size, and costs accuracy.
"""


@contextmanager
def products(device: torch.device, *, tf32: bool) -> Iterator[None]:
    """Multiply matrices on CUDA in TF32 or in float32; other devices are left alone."""
    if device.type != "cuda":
        yield
        return
    before = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = tf32
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32 = before
