"""Codes: each observable of each event as one byte, in order of weight; and what a code says of a cut."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.selection import Cut

from . import code_kernels
from .binning import OVERFLOW, UNDEFINED, Binning
from .threads import in_threads

CHUNK = 262_144
"""Events digitised at a time: what is copied from a memory-mapped column stays in the processor's cache."""
GROUP = 8
"""Observables digitised together: one byte each an event, until they are sorted."""

FAIL, PASS, LOOK = 0, 1, 2
"""What a code says of a cut; where the cut goes through a bin, the value has to be looked at."""


def sorted_codes(
    order: NDArray[np.uint32], columns: Mapping[str, NDArray[np.float32]], binnings: Mapping[str, Binning]
) -> NDArray[np.uint8]:
    """Digitise all observables and put the codes in order of weight: uint8[n, n_obs]."""
    names = tuple(binnings)
    codes = np.empty((order.size, len(names)), dtype=np.uint8)
    for begin in range(0, len(names), GROUP):
        group = names[begin : begin + GROUP]
        unsorted = _file_order_codes([columns[name] for name in group], [binnings[name] for name in group])
        in_threads(partial(code_kernels.gather, unsorted, order, begin, codes), order.size)
    return codes


def _file_order_codes(columns: list[NDArray[np.float32]], binnings: list[Binning]) -> NDArray[np.uint8]:
    """Digitise some observables: uint8[n, len(columns)]."""
    codes = np.empty((columns[0].size, len(columns)), dtype=np.uint8)
    padded = [padded_edges(binning.edges) for binning in binnings]

    def digitise(first: int, last: int) -> None:
        for start in range(first, last, CHUNK):
            stop = min(start + CHUNK, last)
            for number, (column, edges) in enumerate(zip(columns, padded, strict=True)):
                values = np.array(column[start:stop], dtype=np.float32)
                code_kernels.digitise(values, edges, number, codes[start:stop])

    in_threads(digitise, len(codes))
    return codes


def slot_table(offsets: NDArray[np.int64]) -> NDArray[Any]:
    """Slot of each code of each observable: uint[n_obs, 256]; codes that no bin has point at overflow."""
    code = np.arange(256)
    first, end = offsets[:-1, None], offsets[1:, None]
    slots = np.where(code == UNDEFINED, end - 1, np.minimum(first + code, end - 2))
    slots = slots.astype(np.uint16 if offsets[-1] < 2**16 else np.uint32)  # the smaller fits the first cache
    slots.setflags(write=False)
    return slots


def padded_edges(edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Edges filled up with NaN to a power of two, with at least one NaN."""
    padded = np.full(2 ** edges.size.bit_length(), np.nan)
    padded[: edges.size] = edges
    return padded


def by_code(cut: Cut, binning: Binning) -> NDArray[np.uint8]:
    """What a code alone says about a cut: uint8[256] of `FAIL`, `PASS`, `LOOK`."""
    low = -np.inf if cut.low is None else float(cut.low)
    high = np.inf if cut.high is None else float(cut.high)
    lowest, highest = np.append(-np.inf, binning.edges), np.append(binning.edges, np.inf)
    # Bins are half-open like cuts; only overflow holds its upper end, +inf, which no `high` lets pass.
    inside = (lowest >= low) & (highest <= high)
    inside[-1] &= cut.high is None
    outside = (highest <= low) | (lowest >= high)
    outside[-1] &= not np.isposinf(low)
    verdicts = np.full(256, FAIL, dtype=np.uint8)
    codes = np.append(np.arange(len(binning) + 1), OVERFLOW)
    verdicts[codes] = np.where(inside, PASS, np.where(outside, FAIL, LOOK))
    verdicts[UNDEFINED] = FAIL
    return verdicts
