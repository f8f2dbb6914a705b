"""What an `Index` looks up in: codes in order of weight, and cumulative histograms every some events."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from . import kernels
from .binning import UNDEFINED, Binning

T = TypeVar("T")

THREADS = min(8, os.cpu_count() or 1)
CHUNK = 262_144
"""Events digitised at a time: what is copied from a memory-mapped column stays in the processor's cache."""
GROUP = 8
"""Observables digitised together: one byte each an event, until they are sorted."""
CHECKPOINT_BYTES = 1.2
"""Checkpoints come as often as this many bytes an event and observable allow, but not below 1024 events."""


@dataclass(frozen=True, eq=False)
class Counts:
    """Cumulative counts at every ``every``-th event.

    Attributes
    ----------
    codes: uint8[n, n_obs].
    slots: uint16 or uint32[n_obs, 256], where each code is counted.
    cumulative: uint32[ceil(n / every) + 1, n_slots], of the events before; the last row is all of them.

    """

    codes: NDArray[np.uint8]
    slots: NDArray[Any]
    every: int
    cumulative: NDArray[np.uint32]

    @classmethod
    def build(cls, codes: NDArray[np.uint8], offsets: NDArray[np.int64], bytes_a_slot: int) -> Counts:
        """Count blocks and accumulate; ``bytes_a_slot``: what a slot of a checkpoint takes, with all sums."""
        n, n_obs = codes.shape
        n_slots = int(offsets[-1])
        slots = slot_table(offsets)
        every = 1024
        while every * CHECKPOINT_BYTES * n_obs < n_slots * bytes_a_slot:
            every *= 2
        n_blocks = -(-n // every)
        cumulative = np.zeros((n_blocks + 1, n_slots), dtype=np.uint32)
        in_threads(
            lambda first, last: kernels.count_blocks(codes, slots, every, first, last, cumulative), n_blocks
        )
        kernels.accumulate_counts(cumulative)
        cumulative.setflags(write=False)
        return cls(codes, slots, every, cumulative)

    def span(self, start: int, stop: int) -> NDArray[np.int64]:
        """Counts of a range of the sorted sample: int64[n_slots]."""
        counts = np.empty(self.cumulative.shape[1], dtype=np.int64)
        kernels.count_span(self.codes, self.slots, self.every, self.cumulative, start, stop, counts)
        return counts


@dataclass(frozen=True, eq=False)
class Sums:
    """Cumulative sums of weights and squares beside the counts.

    Attributes
    ----------
    weights: log w, event weights (or empty), and whether w is part of the weight.
    cumulative: float64[ceil(n / every) + 1, n_slots, 2].

    """

    counts: Counts
    weights: tuple[NDArray[np.float64], NDArray[np.float64], bool]
    cumulative: NDArray[np.float64]

    @classmethod
    def build(
        cls, counts: Counts, log_w: NDArray[np.float64], event_weight: NDArray[np.float64], reweight: bool
    ) -> Sums:
        """Sum blocks and accumulate, at the checkpoints of ``counts``."""
        n_rows, n_slots = counts.cumulative.shape
        weights = (log_w, event_weight, reweight)
        cumulative = np.zeros((n_rows, n_slots, 2))
        in_threads(
            lambda first, last: kernels.sum_blocks(
                counts.codes, counts.slots, *weights, counts.every, first, last, cumulative
            ),
            n_rows - 1,
        )
        kernels.accumulate_sums(cumulative)
        cumulative.setflags(write=False)
        return cls(counts, weights, cumulative)

    def span(self, start: int, stop: int, counts: NDArray[np.int64]) -> NDArray[np.float64]:
        """Sums of a range, float64[n_slots, 2]; its counts are written into ``counts``."""
        of = self.counts
        sums = np.empty((counts.size, 2))
        kernels.count_and_sum_span(
            of.codes,
            of.slots,
            *self.weights,
            of.every,
            of.cumulative,
            self.cumulative,
            start,
            stop,
            counts,
            sums,
        )
        return sums


def sorted_codes(
    order: NDArray[np.uint32], columns: Mapping[str, NDArray[np.float32]], binnings: Mapping[str, Binning]
) -> NDArray[np.uint8]:
    """Digitise all observables and put the codes in order of weight: uint8[n, n_obs]."""
    names = tuple(binnings)
    codes = np.empty((order.size, len(names)), dtype=np.uint8)
    for begin in range(0, len(names), GROUP):
        group = names[begin : begin + GROUP]
        unsorted = _file_order_codes([columns[name] for name in group], [binnings[name] for name in group])
        in_threads(partial(kernels.gather, unsorted, order, begin, codes), order.size)
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
                kernels.digitise(values, edges, number, codes[start:stop])

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


def in_threads(work: Callable[[int, int], T], n: int) -> list[T]:
    """Call ``work(first, last)`` for consecutive parts of range(n) at once; at least one, maybe empty."""
    edges = [n * i // THREADS for i in range(THREADS + 1)] if n >= THREADS else [0, n]
    if len(edges) == 2:
        return [work(0, n)]
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, edges[:-1], edges[1:]))
