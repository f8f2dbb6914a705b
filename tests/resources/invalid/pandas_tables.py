"""Pandas' HDF5 tables that are almost Z+jets events. Each writes itself; its sentence stands beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from helpers.particles import pandas_fixed
from helpers.showers import write

from .zjets import MOMENTA, N, Writer, record

FLAT = MOMENTA.reshape(N, 20)


def pandas(values: np.ndarray, **more: Any) -> Writer:
    return lambda path: write(path, pandas_fixed(values) | more)


def with_number(event: int, column: int, value: float) -> Writer:
    values = FLAT.copy()
    values[event, column] = value
    return pandas(values)


def with_particle(event: int, particle: int, p4: tuple[float, ...]) -> Writer:
    values = FLAT.copy()
    values[event, 4 * particle : 4 * particle + 4] = p4
    return pandas(values)


def _never_written(path: Path) -> None:
    import h5py

    with h5py.File(path, "w") as file:
        file.create_dataset("events/block0_values", (N, 20), "f4")


CASES: dict[str, tuple[Writer, str]] = {
    "two_tables.h5": (
        pandas(FLAT, **pandas_fixed(FLAT, "more")),
        r"there are 2 pandas tables in it \(events/block0_values, more/block0_values\)",
    ),
    "two_blocks.h5": (
        pandas(FLAT, **{"events/block1_values": np.ones((N, 1), np.int64)}),
        r"the pandas table events has columns of several types",
    ),
    "records.h5": (
        lambda path: write(path, {"events/table": record}),
        r"dataset events/table/values_block_0: event 0 has fewer than two muons",
    ),
    "objects.h5": (
        pandas(FLAT, **{"events/block0_values": np.full((N, 20), b"1.5")}),
        r"dataset events/block0_values holds text",
    ),
    "nan_pandas.h5": (with_number(6, 1, np.nan), r"dataset events/block0_values: event 6 has nan"),
    "infinite_pandas.h5": (with_number(2, 0, np.inf), r"dataset events/block0_values: event 2 has inf"),
    "no_rows_pandas.h5": (
        pandas(FLAT[:0]),
        r"no events in it \(events/block0_values has no rows\)",
    ),
    "column_first.h5": (
        pandas(np.concatenate([np.arange(N)[:, None], FLAT], axis=1).astype(np.float32)),
        r"event 0, mu1, has E = 0 GeV but \|p\| = ",
    ),
    "energy_last_pandas.h5": (
        pandas(np.roll(MOMENTA, -1, axis=2).reshape(N, 20)),
        r"event 0, mu1, has E = .*looks like E: write E first",
    ),
    "gap_pandas.h5": (
        with_particle(5, 3, (0, 0, 0, 0)),
        r"event 5 has a third jet but no second",
    ),
    "mev_pandas.h5": (pandas(1000 * FLAT), r"the median pT of mu1 is .*; it looks like MeV: divide by 1000"),
    "never_written.h5": (
        _never_written,
        r"dataset events/block0_values declares .* but was never written",
    ),
}
