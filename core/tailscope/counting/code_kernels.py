"""Compiled loops that make codes and look them up. Checks are the callers'.

Each lets go of the interpreter and writes only to what it is given for that, so that ranges of events can be
shared among threads.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tailscope.compiled import compiled

from .binning import OVERFLOW, UNDEFINED

Codes = NDArray[np.uint8]
Floats = NDArray[np.float64]

jit = compiled()


@jit
def digitise(values: NDArray[np.float32], edges: Floats, column: int, codes: Codes) -> None:
    """`Binning.digitise` of float32[n] into ``codes[:, column]``, compared in float64.

    A bisection, one step after another for some hundred values at a time: no step waits for the one before
    and none is a branch to be guessed, which makes it three times as fast as value after value. ``edges`` is
    filled up to a power of two with NaN, which no value reaches.
    """
    found = np.empty(512, dtype=np.uint32)
    for start in range(0, values.size, found.size):
        n = min(found.size, values.size - start)
        found[:] = 0
        half = np.uint32(edges.size >> 1)
        while half > 0:
            for i in range(n):
                below = edges[found[i] + half - np.uint32(1)] <= np.float64(values[start + i])
                found[i] += half * np.uint32(below)
            half >>= np.uint32(1)
        for i in range(n):
            code = np.uint8(OVERFLOW if np.isnan(edges[found[i]]) else found[i])
            codes[start + i, column] = UNDEFINED if np.isnan(values[start + i]) else code


@jit
def gather(source: Codes, order: NDArray[np.uint32], first: int, codes: Codes, start: int, stop: int) -> None:
    """``codes[start:stop, first:] = source[order[start:stop]]``, as many columns as ``source`` has."""
    for i in range(start, stop):
        row = order[i]
        for column in range(source.shape[1]):
            codes[i, first + column] = source[row, column]


@jit
def judge(
    codes: Codes, column: int, by_code: NDArray[np.uint8], start: int, stop: int, verdicts: NDArray[np.uint8]
) -> None:
    """Look up what the codes of one observable say: ``verdicts[i - start]`` for a range of events."""
    for i in range(start, stop):
        verdicts[i - start] = by_code[codes[i, column]]
