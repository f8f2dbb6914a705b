"""Features that stay on disk: sparse rows in a temporary file, read back in any order.

A shower of dataset 3 has 40,500 voxels, most of them empty. Its file is compressed in blocks of hundreds of
showers, so that one shower costs the unpacking of a block; a training wants them in random order, a hundred
times. So features are written once, while the file is read anyway, to a file in which every row stands by
itself: the bits that are not zero and where they belong, or the row as it is where that takes less room. What
comes back is equal to the last bit. The file has no name (where the system allows that) and is gone with the
process, killed or not.
"""

from __future__ import annotations

import os
import tempfile
import threading
import weakref
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.compiled import compiled
from tailscope.errors import InputError

READ_TOGETHER = 16 << 20
"""Rows that lie beside each other are read with one call, up to so many bytes."""
SHORT = 1 << 16
"""Places of fewer features than this take two bytes each, else four."""

Words = NDArray[np.uint32]
Places = NDArray[np.uint16] | NDArray[np.uint32]


class ScratchRows:
    """Float32[n_events, n_features] in a file: `append` rows, then read them like those of an array.

    ``rows[start:stop]``, ``rows[row_numbers]`` in any order and with repeats; both give arrays in memory.

    Raises
    ------
    InputError: the folder cannot be written, or the disk is full.

    """

    def __init__(self, n_features: int, folder: Path) -> None:
        self._n_features = n_features
        self._folder = folder
        self._ends = [np.zeros(1, np.int64)]
        self._starts: NDArray[np.int64] | None = None
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # Open as long as the features are in use.
            self._file: Any = tempfile.TemporaryFile(  # noqa: SIM115
                prefix="features-", dir=folder, buffering=0
            )
            weakref.finalize(self, self._file.close)
        except OSError as error:
            raise InputError(
                f"{folder} cannot hold features that are too many for the memory: {error.strerror}; choose "
                "another folder with --cache or $TAILSCOPE_CACHE"
            ) from error

    def append(self, rows: NDArray[np.float32]) -> None:
        """Write rows float32[n, n_features] behind those there are."""
        if len(rows) == 0:
            return
        bits = np.ascontiguousarray(rows, dtype=np.float32).view(np.uint32)
        length = _lengths(np.count_nonzero(bits, axis=1), self._n_features)
        ends = self._ends[-1][-1] + np.cumsum(length)
        words = np.zeros(int(length.sum()), np.uint32)
        _pack(bits, np.concatenate([[0], np.cumsum(length)]), words, _as_places(words, self._n_features))
        with self._lock:
            try:
                self._file.seek(0, os.SEEK_END)
                data = words.view(np.uint8)
                while data.size:
                    data = data[self._file.write(data) :]
            except OSError as error:
                raise InputError(
                    f"{self._folder} cannot hold features that are too many for the memory: {error.strerror} "
                    f"after {4 * int(ends[0]) / 1e9:.1f} GB; choose another folder with --cache or "
                    "$TAILSCOPE_CACHE"
                ) from error
        self._ends.append(ends)
        self._starts = None

    @property
    def shape(self) -> tuple[int, int]:
        """(n_events, n_features)."""
        return self._offsets.size - 1, self._n_features

    @property
    def nbytes(self) -> int:
        """Bytes on disk; at most those of the array."""
        return 4 * int(self._offsets[-1])

    @property
    def _offsets(self) -> NDArray[np.int64]:
        """Where each row begins, and where the last one ends, in words of 4 bytes: int64[n_events + 1]."""
        if self._starts is None:
            self._starts = np.concatenate(self._ends)
            self._ends = [self._starts]
        return self._starts

    def __getitem__(self, rows: Any) -> NDArray[np.float32]:
        n = self.shape[0]
        numbers = np.arange(n)[rows] if isinstance(rows, slice) else np.asarray(rows, dtype=np.int64)
        result = np.zeros((numbers.size, self._n_features), np.float32)
        if numbers.size == 0:
            return result
        if numbers.min() < 0 or numbers.max() >= n:
            raise IndexError(f"rows {numbers.min()} to {numbers.max()} of {n}")
        order = np.argsort(numbers, kind="stable")
        ascending = numbers[order]
        first, last = self._offsets[ascending], self._offsets[ascending + 1]
        # Rows that follow each other (or repeat) are one piece of the file.
        apart = (np.diff(ascending) > 1) | (np.diff(first // (READ_TOGETHER // 4)) > 0)
        edges = [0, *(np.flatnonzero(apart) + 1), ascending.size]
        bits = result.view(np.uint32)
        for start, stop in pairwise(edges):
            base = first[start]
            words = self._read(int(base), int(last[stop - 1]))
            places = _as_places(words, self._n_features)
            _unpack(words, places, first[start:stop] - base, last[start:stop] - base, order[start:stop], bits)
        return result

    def _read(self, start: int, stop: int) -> Words:
        words = np.empty(stop - start, np.uint32)
        data = words.view(np.uint8)
        with self._lock:
            try:
                self._file.seek(4 * start)
                while data.size:
                    got = self._file.readinto(data)
                    if not got:
                        raise OSError(None, "it is shorter than it was")
                    data = data[got:]
            except OSError as error:
                raise InputError(
                    f"features in {self._folder} cannot be read back: {error.strerror}; is its disk "
                    "still there?"
                ) from error
        return words


class RowsOf:
    """Rows of several features, one after another, which are read when they are asked for.

    ``rows`` int64[n] count through all ``parts``: what a sample of some events of others is made of.
    """

    def __init__(self, parts: tuple[Any, ...], rows: NDArray[np.int64]) -> None:
        self._parts, self._rows = parts, rows
        self._starts = np.cumsum([0, *(part.shape[0] for part in parts)])

    @property
    def shape(self) -> tuple[int, int]:
        """(n_events, n_features)."""
        return self._rows.size, int(self._parts[0].shape[1])

    def __getitem__(self, rows: Any) -> NDArray[np.float32]:
        numbers = self._rows[rows]
        result = np.empty((numbers.size, self.shape[1]), np.float32)
        for part, start, stop in zip(self._parts, self._starts, self._starts[1:], strict=False):
            inside = (numbers >= start) & (numbers < stop)
            if inside.any():
                result[inside] = part[numbers[inside] - start]
        return result


def _lengths(filled: NDArray[np.int64], n_features: int) -> NDArray[np.int64]:
    """Words of rows of which so many features are not zero."""
    sparse = filled + (-(-filled // 2) if n_features < SHORT else filled)
    length: NDArray[np.int64] = np.minimum(sparse, n_features)
    return length


def _as_places(words: Words, n_features: int) -> Places:
    """See the same memory as numbers of features."""
    return words.view(np.uint16) if n_features < SHORT else words


@compiled()
def _pack(bits: Words, starts: NDArray[np.int64], words: Words, places: Places) -> None:
    """Write each row: values first, then their places; or as it is, where that is not longer."""
    per_word = places.size // max(1, words.size)
    for event in range(bits.shape[0]):
        start, stop = starts[event], starts[event + 1]
        row = bits[event]
        if stop - start == row.size:
            words[start:stop] = row
            continue
        filled = 0
        for i in range(row.size):
            filled += row[i] != 0
        at, place = start, per_word * (start + filled)
        for i in range(row.size):
            if row[i] != 0:
                words[at] = row[i]
                places[place] = i
                at += 1
                place += 1


@compiled()
def _unpack(
    words: Words,
    places: Places,
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    into: NDArray[np.int64],
    result: Words,
) -> None:
    """Inverse of `_pack` for rows from ``starts`` to ``ends``, into rows ``into`` of zeros."""
    per_word = places.size // max(1, words.size)
    for k in range(starts.size):
        start, length = starts[k], ends[k] - starts[k]
        row = result[into[k]]
        if length == row.size:
            row[:] = words[start : start + length]
            continue
        # n values of one word each and n places: with two places a word, 3 n/2 words, rounded up.
        filled = length // 2 if per_word == 1 else 2 * length // 3
        place = per_word * (start + filled)
        for i in range(filled):
            row[places[place + i]] = words[start + i]
