"""Ranges of rows: files are read in pieces of some MB, or no more than what lies about chosen rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHUNK_BYTES = 4 << 20
"""How much of a file is held at a time: rows are read in chunks of about this size."""


def row_ranges(n_rows: int, bytes_per_row: int) -> Iterator[slice]:
    """Cut n_rows into ranges of about `CHUNK_BYTES` each, at least one row."""
    step = rows_at_a_time(bytes_per_row)
    for start in range(0, n_rows, step):
        yield slice(start, min(start + step, n_rows))


def rows_at_a_time(bytes_per_row: int) -> int:
    """Rows of about `CHUNK_BYTES`, at least one."""
    return max(1, CHUNK_BYTES // max(1, bytes_per_row))


BRIDGED_BYTES = 256 << 10
"""Rows closer than this are read in one piece: jumping costs as much as reading that far."""


def runs(rows: NDArray[np.int64], bytes_per_row: int) -> Iterator[slice]:
    """Ranges of rows that hold all of ``rows`` (int64[n], ascending), of at most about `CHUNK_BYTES` each."""
    longest, gap = (max(1, n // max(1, bytes_per_row)) for n in (CHUNK_BYTES, BRIDGED_BYTES))
    start = stop = -1
    for row in rows.tolist():
        if start < 0 or row - stop > gap or row - start >= longest:
            if start >= 0:
                yield slice(start, stop)
            start = row
        stop = row + 1
    if start >= 0:
        yield slice(start, stop)


def gathered(
    chunks: Iterable[tuple[int, Mapping[str, NDArray[Any]]]], rows: NDArray[np.int64]
) -> dict[str, NDArray[Any]]:
    """Pick ``rows`` (int64[n], ascending) out of chunks that hold them all: name -> array of n rows."""
    parts: dict[str, list[NDArray[Any]]] = {}
    for start, arrays in chunks:
        length = len(next(iter(arrays.values())))
        first, last = np.searchsorted(rows, [start, start + length])
        if first < last:
            for name, values in arrays.items():
                parts.setdefault(name, []).append(values[rows[first:last] - start])
    return {name: np.concatenate(values) for name, values in parts.items()}
