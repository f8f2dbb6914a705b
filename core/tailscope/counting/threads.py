"""Parts of a range, worked on at once: the compiled loops let go of the interpreter."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

THREADS = min(8, os.cpu_count() or 1)


def in_threads(work: Callable[[int, int], T], n: int) -> list[T]:
    """Call ``work(first, last)`` for consecutive parts of range(n) at once; at least one, maybe empty."""
    edges = [n * i // THREADS for i in range(THREADS + 1)] if n >= THREADS else [0, n]
    if len(edges) == 2:
        return [work(0, n)]
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, edges[:-1], edges[1:]))
