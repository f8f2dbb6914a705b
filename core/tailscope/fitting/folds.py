"""Folds by a hash of each event, so that events that occur in both samples share one."""

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
    shared: number of generated events that occur in the reference sample, to the last bit.

    """

    reference: NDArray[np.int16]
    generated: NDArray[np.int16]
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
    names: tuple[str, str], hashes: tuple[NDArray[np.uint64], NDArray[np.uint64]], n_folds: int
) -> Folds:
    """Deal the distinct events of each sample to folds in the order of their hashes.

    That keeps the folds of each sample equally large (stratified), gives duplicates one fold, and makes the
    reference's folds depend on the reference alone, so that studies of one reference share them.

    Parameters
    ----------
    names, hashes: of the reference and the generated sample; see `event_hashes`.

    Raises
    ------
    InputError: a sample with fewer distinct events than would give each fold two.

    """
    ref_hash, gen_hash = hashes
    ref_fold = _deal(ref_hash, n_folds)
    known, first = np.unique(ref_hash, return_index=True)
    where = np.minimum(np.searchsorted(known, gen_hash), known.size - 1)
    is_shared = known[where] == gen_hash
    gen_fold = np.where(is_shared, ref_fold[first[where]], 0).astype(np.int16)
    gen_fold[~is_shared] = _deal(gen_hash[~is_shared], n_folds)
    for name, known, fold in zip(names, hashes, (ref_fold, gen_fold), strict=True):
        smallest = int(np.bincount(fold, minlength=n_folds).min())
        if smallest < 2:
            distinct = np.unique(known).size
            different = "" if distinct == known.size else f", of which only {distinct} differ"
            raise InputError(
                f"{name} has {known.size} events{different}, too few for {n_folds} folds (one holds "
                f"{smallest}); use fewer folds or more events"
            )
    return Folds(ref_fold, gen_fold, int(is_shared.sum()))


def _deal(hashes: NDArray[np.uint64], n_folds: int) -> NDArray[np.int16]:
    _, rank = np.unique(hashes, return_inverse=True)
    return (rank % n_folds).astype(np.int16)


def held_out_part(hashes: NDArray[np.uint64], part: float) -> NDArray[np.bool_]:
    """Pick a part of events by their hashes, equal events together: bool[n_events]."""
    mixed = hashes * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(11)
    chosen = mixed.astype(np.float64) / 2.0**53 < part
    if chosen.all() or not chosen.any():  # few events: the smallest hash alone
        chosen = mixed == mixed.min()
    return chosen
