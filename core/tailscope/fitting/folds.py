"""Folds by a hash of each event, so that copies of one event share one, in both samples.

Events that are equal because their values are discrete (`repeats.discrete`) are dealt like different ones, by
the hash and the order within their sample.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import InputError
from tailscope.sample.sample import Sample


@dataclass(frozen=True, eq=False)
class Folds:
    """Which fold leaves an event out.

    Attributes
    ----------
    reference, generated: int16[n_events] of each sample.
    keys: uint64[n_events] of each sample, equal for events that stay together wherever they are dealt.
    shared: number of generated events that are copies of reference events.

    """

    reference: NDArray[np.int16]
    generated: NDArray[np.int16]
    keys: tuple[NDArray[np.uint64], NDArray[np.uint64]]
    shared: int


def event_hashes(sample: Sample, seed: int) -> NDArray[np.uint64]:
    """A 64-bit hash of each event's classifier inputs, uint64[n_events]; equal events, equal hashes."""
    key = seed.to_bytes(8, "little")
    hashes = np.empty(len(sample), np.uint64)
    for start, rows in sample.chunks():
        positive = np.ascontiguousarray(rows + np.float32(0))  # -0.0 and 0.0 are the same number
        hashes[start : start + len(rows)] = [
            int.from_bytes(hashlib.blake2b(row, digest_size=8, key=key).digest(), "little")
            for row in positive
        ]
    return hashes


def assign_folds(
    names: tuple[str, str],
    hashes: tuple[NDArray[np.uint64], NDArray[np.uint64]],
    discrete: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    n_folds: int,
) -> Folds:
    """Deal the distinct events of each sample to folds in the order of their hashes.

    That keeps the folds of each sample equally large (stratified), gives copies one fold, and makes the
    reference's folds depend on the reference alone, so that studies of one reference share them. The one
    exception are the second and later reference events of one value: whether they stay with the first or are
    dealt is known from both samples; which fold they are dealt to, and all others, from the reference alone.

    Events of a discrete value are dealt whatever the folds of its others are, not equally many to each fold:
    a fold with more of a value than its share would be scored by networks that saw less, and what fluctuates
    would be learned from itself.

    Parameters
    ----------
    names, hashes: of the reference and the generated sample; see `event_hashes`.
    discrete: whether the value of an event is; see `repeats.discrete`. Equal events, equal answers.

    Raises
    ------
    InputError: a sample with fewer distinct events than would give each fold two.

    """
    ref_hash, gen_hash = hashes
    ref_key, gen_key = _own_keys(ref_hash, 0), _own_keys(gen_hash, 1)
    known, first, which = np.unique(ref_hash, return_index=True, return_inverse=True)
    ref_fold = (which % n_folds).astype(np.int16)
    later = np.ones(ref_hash.size, dtype=bool)
    later[first] = False
    apart = later & discrete[0]
    ref_fold[apart] = _deal(ref_key[later], n_folds, known.size)[discrete[0][later]]
    where = np.minimum(np.searchsorted(known, gen_hash), known.size - 1)
    is_shared = (known[where] == gen_hash) & ~discrete[1]
    keys = np.where(apart, ref_key, ref_hash), np.where(discrete[1], gen_key, gen_hash)
    gen_fold = np.where(is_shared, ref_fold[first[where]], 0).astype(np.int16)
    gen_fold[~is_shared] = _deal(keys[1][~is_shared], n_folds)
    for name, known, fold in zip(names, keys, (ref_fold, gen_fold), strict=True):
        smallest = int(np.bincount(fold, minlength=n_folds).min())
        if smallest < 2:
            distinct = np.unique(known).size
            different = "" if distinct == known.size else f", of which only {distinct} differ"
            raise InputError(
                f"{name} has {known.size} events{different}, too few for {n_folds} folds (one holds "
                f"{smallest}); use fewer folds or more events"
            )
    return Folds(ref_fold, gen_fold, keys, int(is_shared.sum()))


def _deal(keys: NDArray[np.uint64], n_folds: int, first: int = 0) -> NDArray[np.int16]:
    """Folds by the rank of each key, from the fold of number ``first`` on."""
    _, rank = np.unique(keys, return_inverse=True)
    return ((rank + first) % n_folds).astype(np.int16)


def _own_keys(hashes: NDArray[np.uint64], sample: int) -> NDArray[np.uint64]:
    """A key for each event, mixed of its hash, its sample and its number among equal events of that.

    The mixing is that of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
    """
    order = np.argsort(hashes, kind="stable")
    ranks = np.arange(hashes.size)
    is_first = np.append(True, np.diff(hashes[order]) != 0)
    number: NDArray[np.uint64] = np.empty(hashes.size, np.uint64)
    number[order] = ranks - np.maximum.accumulate(np.where(is_first, ranks, 0))
    mixed: NDArray[np.uint64] = hashes + (2 * number + np.uint64(sample + 1)) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def held_out_part(keys: NDArray[np.uint64], part: float) -> NDArray[np.bool_]:
    """Pick a part of events by their keys, equal ones together: bool[n_events]."""
    mixed = keys * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(11)
    chosen = mixed.astype(np.float64) / 2.0**53 < part
    if chosen.all() or not chosen.any():  # few events: the smallest key alone
        chosen = mixed == mixed.min()
    return chosen
