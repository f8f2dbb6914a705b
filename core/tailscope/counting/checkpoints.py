"""Checkpoints: cumulative histograms of a sorted sample at every some events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import kernels
from .codes import slot_table
from .threads import in_threads

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
