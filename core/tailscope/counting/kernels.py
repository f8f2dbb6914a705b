"""Compiled loops that count events, for `index`, `tally` and `checkpoints`. Checks are the callers'.

Codes lie event after event, ``uint8[n, n_obs]``: the some hundred events that a cut leaves over are then one
contiguous piece of memory, and neighbouring increments go to different histograms, so that none waits for
the one before. Observable after observable takes twice as long.

All loops release the GIL and write only to their last arguments, so that ranges can be shared among threads.
What they share:

- ``codes`` uint8[n, n_obs] and ``slots`` uint[n_obs, 256], where the code of an observable is counted: a
  table, because looking up is faster than telling overflow and undefined from bins (and unsigned numbers
  throughout: numba lets signed ones count from the end, at a price);
- ``log_w`` float64[n] ascending, ``event_weight`` float64[n] or empty (all 1), ``reweight``: an event's
  weight is ``exp(log_w) * event_weight``, or ``event_weight`` alone;
- ``first``, ``last``: range of observables; ``start``, ``stop``: range of events;
- ``counts`` int64[n_slots] and ``sums`` float64[n_slots, 2] (sum of weights, of squared weights): what is
  added to, ``sign`` times.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .code_kernels import Codes, Floats, jit

LARGEST_LOG_W = 300.0
"""A weight beyond exp(300) counts as infinite: no float64 could hold a sum of its squares."""

SlotTable = NDArray[np.unsignedinteger[Any]]
Integers = NDArray[np.int64]


@jit
def _weight(log_w: Floats, event_weight: Floats, reweight: bool, i: int) -> float:
    weight = 1.0
    if reweight:
        weight = np.exp(log_w[i]) if log_w[i] <= LARGEST_LOG_W else 0.0
    if event_weight.size > 0:
        weight *= event_weight[i]
    return weight


@jit
def count(
    codes: Codes, slots: SlotTable, first: int, last: int, start: int, stop: int, sign: int, counts: Integers
) -> None:
    """Histogram every event of a range."""
    for i in range(start, stop):
        for o in range(np.uint64(first), np.uint64(last)):
            counts[slots[o, codes[i, o]]] += sign


@jit
def count_and_sum(
    codes: Codes,
    slots: SlotTable,
    log_w: Floats,
    event_weight: Floats,
    reweight: bool,
    first: int,
    last: int,
    start: int,
    stop: int,
    sign: int,
    counts: Integers,
    sums: Floats,
) -> None:
    """Histogram every event of a range, with weights."""
    for i in range(start, stop):
        weight = _weight(log_w, event_weight, reweight, i)
        square = sign * weight * weight
        weight *= sign
        for o in range(np.uint64(first), np.uint64(last)):
            slot = slots[o, codes[i, o]]
            counts[slot] += sign
            sums[slot, 0] += weight
            sums[slot, 1] += square


@jit
def count_rows(
    codes: Codes, slots: SlotTable, first: int, last: int, rows: NDArray[np.uint32], counts: Integers
) -> None:
    """Histogram some events."""
    for i in rows:
        for o in range(np.uint64(first), np.uint64(last)):
            counts[slots[o, codes[i, o]]] += 1


@jit
def count_and_sum_rows(
    codes: Codes,
    slots: SlotTable,
    log_w: Floats,
    event_weight: Floats,
    reweight: bool,
    first: int,
    last: int,
    rows: NDArray[np.uint32],
    counts: Integers,
    sums: Floats,
) -> None:
    """Histogram some events, with weights."""
    for i in rows:
        weight = _weight(log_w, event_weight, reweight, i)
        square = weight * weight
        for o in range(np.uint64(first), np.uint64(last)):
            slot = slots[o, codes[i, o]]
            counts[slot] += 1
            sums[slot, 0] += weight
            sums[slot, 1] += square


@jit
def count_blocks(
    codes: Codes, slots: SlotTable, every: int, first: int, last: int, cumulative: NDArray[np.uint32]
) -> None:
    """Histogram blocks ``first`` to ``last`` of ``every`` events: block b into ``cumulative[b + 1]``."""
    n, n_obs = codes.shape
    for b in range(first, last):
        block = cumulative[b + 1]
        for i in range(b * every, min((b + 1) * every, n)):
            for o in range(np.uint64(n_obs)):
                block[slots[o, codes[i, o]]] += np.uint32(1)


@jit
def sum_blocks(
    codes: Codes,
    slots: SlotTable,
    log_w: Floats,
    event_weight: Floats,
    reweight: bool,
    every: int,
    first: int,
    last: int,
    cumulative: Floats,
) -> None:
    """Sum weights and squares of blocks ``first`` to ``last``: block b into ``cumulative[b + 1]``."""
    n, n_obs = codes.shape
    for b in range(first, last):
        block = cumulative[b + 1]
        for i in range(b * every, min((b + 1) * every, n)):
            weight = _weight(log_w, event_weight, reweight, i)
            for o in range(np.uint64(n_obs)):
                slot = slots[o, codes[i, o]]
                block[slot, 0] += weight
                block[slot, 1] += weight * weight


@jit
def accumulate_counts(cumulative: NDArray[np.uint32]) -> None:
    """Turn block histograms into cumulative ones, in place."""
    for b in range(1, cumulative.shape[0]):
        for slot in range(cumulative.shape[1]):
            cumulative[b, slot] += cumulative[b - 1, slot]


@jit
def accumulate_sums(cumulative: Floats) -> None:
    """Turn block sums into cumulative ones, in place.

    Neumaier's compensated summation (ZAMM 54, 1974): rounding does not grow with the number of blocks.
    """
    _, n_slots, kinds = cumulative.shape
    total = np.zeros((n_slots, kinds))
    lost = np.zeros((n_slots, kinds))
    for b in range(1, cumulative.shape[0]):
        for slot in range(n_slots):
            for kind in range(kinds):
                old, new = total[slot, kind], cumulative[b, slot, kind]
                both = old + new
                lost[slot, kind] += (old - both) + new if abs(old) >= abs(new) else (new - both) + old
                total[slot, kind] = both
                cumulative[b, slot, kind] = both + lost[slot, kind]


@jit
def tidy(counts: Integers, sums: Floats) -> None:
    """Take back the rounding of differences: nothing where there is no event, no negative squares."""
    for slot in range(counts.size):
        there = counts[slot] != 0
        sums[slot, 0] = sums[slot, 0] if there else 0.0
        sums[slot, 1] = max(sums[slot, 1], 0.0) if there else 0.0


@jit
def _checkpoint(every: int, n: int, position: int) -> int:
    """Number of the checkpoint nearest to a position; the last one, of all n events, may come early."""
    return min((position + every // 2) // every, (n + every - 1) // every)


@jit
def count_span(
    codes: Codes,
    slots: SlotTable,
    every: int,
    cumulative: NDArray[np.uint32],
    start: int,
    stop: int,
    counts: Integers,
) -> None:
    """Write the histograms of events [start, stop): two checkpoints and at most ``every`` residual events."""
    n, n_obs = codes.shape
    if stop - start <= every:
        counts[:] = 0
        count(codes, slots, 0, n_obs, start, stop, 1, counts)
        return
    low, high = _checkpoint(every, n, start), _checkpoint(every, n, stop)
    for slot in range(counts.size):
        counts[slot] = np.int64(cumulative[high, slot]) - np.int64(cumulative[low, slot])
    at_low, at_high = min(low * every, n), min(high * every, n)
    count(codes, slots, 0, n_obs, start, at_low, 1, counts)
    count(codes, slots, 0, n_obs, at_low, start, -1, counts)
    count(codes, slots, 0, n_obs, at_high, stop, 1, counts)
    count(codes, slots, 0, n_obs, stop, at_high, -1, counts)


@jit
def count_and_sum_span(
    codes: Codes,
    slots: SlotTable,
    log_w: Floats,
    event_weight: Floats,
    reweight: bool,
    every: int,
    cumulative: NDArray[np.uint32],
    cumulative_sums: Floats,
    start: int,
    stop: int,
    counts: Integers,
    sums: Floats,
) -> None:
    """`count_span` with weights."""
    n, n_obs = codes.shape
    if stop - start <= every:
        counts[:] = 0
        sums[:] = 0.0
        count_and_sum(codes, slots, log_w, event_weight, reweight, 0, n_obs, start, stop, 1, counts, sums)
        return
    low, high = _checkpoint(every, n, start), _checkpoint(every, n, stop)
    for slot in range(counts.size):
        counts[slot] = np.int64(cumulative[high, slot]) - np.int64(cumulative[low, slot])
        for kind in range(2):
            sums[slot, kind] = cumulative_sums[high, slot, kind] - cumulative_sums[low, slot, kind]
    at_low, at_high = min(low * every, n), min(high * every, n)
    args = (codes, slots, log_w, event_weight, reweight, 0, n_obs)
    count_and_sum(*args, start, at_low, 1, counts, sums)
    count_and_sum(*args, at_low, start, -1, counts, sums)
    count_and_sum(*args, at_high, stop, 1, counts, sums)
    count_and_sum(*args, stop, at_high, -1, counts, sums)
    tidy(counts, sums)


@jit
def count_segments(
    passed: NDArray[np.bool_],
    codes: Codes,
    slots: SlotTable,
    first: int,
    last: int,
    boundaries: Integers,
    begin: int,
    end: int,
    counts: NDArray[np.uint32],
) -> None:
    """Histogram the passing events from boundary j - 1 to j into ``counts[j]``, j from begin to end."""
    for j in range(begin, end):
        segment = counts[j]
        for i in range(boundaries[j - 1] if j > 0 else 0, boundaries[j]):
            if passed[i]:
                for o in range(np.uint64(first), np.uint64(last)):
                    segment[slots[o, codes[i, o]]] += np.uint32(1)


@jit
def count_pairs(
    codes: Codes,
    slots: SlotTable,
    brushed: int,
    rows: NDArray[np.uint32],
    cube: NDArray[np.uint32],
) -> None:
    """Histogram all observables for each slot of one: ``cube`` uint32[its slots, n_slots]."""
    for i in rows:
        row = slots[brushed, codes[i, brushed]] - slots[brushed, 0]
        plane = cube[row]
        for o in range(np.uint64(codes.shape[1])):
            plane[slots[o, codes[i, o]]] += np.uint32(1)
