"""Files that are almost tables in Parquet. Each writes itself; its sentence stands beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

Writer = Callable[[Path], object]
X = np.arange(50, dtype=np.float64)


def columns(**values: Any) -> Writer:
    return lambda path: parquet.write_table(pa.table(values), path)


def mangled(change: Callable[[bytes], bytes]) -> Writer:
    def writer(path: Path) -> None:
        columns(x=X, y=X)(path)
        path.write_bytes(change(path.read_bytes()))

    return writer


def changed(event: int, value: Any) -> list[Any]:
    return [value if i == event else x for i, x in enumerate(X.tolist())]


def one_row_more(stored: bytes) -> bytes:
    """Let the footer count 51 rows where 50 are: the first field of 64 bits after the schema."""
    footer = len(stored) - 8 - int.from_bytes(stored[-8:-4], "little")
    at = stored.index(b"\x16\x64", footer) + 1  # zigzag: 50 is 0x64, 51 is 0x66
    return stored[:at] + b"\x66" + stored[at + 1 :]


DAMAGED = r"the Parquet file is damaged: (opening|reading) it failed \(.*\); copy or write it again"
NO_NUMBERS = r"there is no column of numbers in it "

MUONS_IN_MEV = {"pt1": 4e4, "pt2": 3e4, "eta1": 1.0, "eta2": 0.0}

CASES: dict[str, tuple[Writer, str]] = {
    "parquet.parquet": (
        lambda path: path.write_bytes(b"PAR1" + bytes(40) + b"PAR1"),
        DAMAGED,
    ),
    "cut_short.parquet": (
        mangled(lambda b: b[:-20]),
        DAMAGED,
    ),
    "half.parquet": (mangled(lambda b: b[: len(b) // 2]), DAMAGED),
    "overwritten.parquet": (
        mangled(lambda b: b[:10] + b"\xff" * 100 + b[110:]),
        DAMAGED,
    ),
    "one_row_more.parquet": (
        mangled(one_row_more),
        r"the Parquet file ends after 50 of the 51 events that it says it holds; copy or write it again",
    ),
    "twice.parquet": (
        lambda path: parquet.write_table(pa.table([X, X], names=["pt", "pt"]), path),
        r"column name pt occurs twice; rename one of the two",
    ),
    "large.parquet": (
        columns(x=changed(1, 1e300)),
        r"column x: there are values up to 1e\+300",
    ),
    "no_rows.parquet": (columns(x=X[:0]), r"there are no events in it, only column names"),
    "words.parquet": (
        columns(name=["a", "b"], kind=["c", "d"]),
        NO_NUMBERS + r"\(name, kind\)",
    ),
    "lists.parquet": (columns(pt=[[1.0, 2.0], [3.0]]), NO_NUMBERS + r"\(pt\)"),
    "records.parquet": (
        columns(mu=[{"pt": 1.0}, {"pt": 2.0}]),
        NO_NUMBERS + r"\(mu\)",
    ),
    "dates.parquet": (
        columns(when=X.astype("datetime64[s]")),
        NO_NUMBERS + r"\(when\)",
    ),
    "many.parquet": (
        columns(**{f"c{i}": X[:1] for i in range(2001)}),
        r"there are 2001 columns in it, expected at most 2000",
    ),
    "muons_in_mev.parquet": (
        columns(**{name: np.full(20, value) for name, value in MUONS_IN_MEV.items()}),
        r"column pt1 has a median of 4e\+04, expected GeV; it looks like MeV",
    ),
}
