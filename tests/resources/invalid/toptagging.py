"""Tables that are almost top tagging's. Each writes itself; its sentence stands beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from helpers.constituents import lab_jets, momenta, top_tagging

Writer = Callable[[Path], object]
N = 25
MOMENTA = momenta(lab_jets(N, slots=8))
TABLE = top_tagging(MOMENTA)


def table(values: pd.DataFrame) -> Writer:
    """Write as pandas does."""
    return lambda path: values.to_hdf(path, key="table")


def changed(jet: int, column: str, value: float) -> Writer:
    """One number is another."""
    values = TABLE.copy()
    values.loc[jet, column] = value
    return table(values)


def many(path: Path) -> None:
    """More constituents than are read."""
    names = [f"{kind}_{i}" for i in range(501) for kind in ("E", "PX", "PY", "PZ")]
    pd.DataFrame(np.ones((2, len(names))), columns=names).to_hdf(path, key="table")


def of_other_lengths(path: Path) -> None:
    TABLE.astype({name: np.float64 for name in TABLE if name.startswith("PX")}).to_hdf(path, key="table")
    with h5py.File(path, "r+") as file:
        shorter = file["table/block1_values"][:-1]
        del file["table/block1_values"]
        file["table/block1_values"] = shorter


ZEROS = {f"{kind}_{i}": 0.0 for i in range(8) for kind in ("E", "PX", "PY", "PZ")}

CASES: dict[str, tuple[Writer, str]] = {
    "no_px.h5": (
        table(TABLE.drop(columns="PX_2")),
        "constituent 2 has the columns E_2, PY_2, PZ_2, expected E_2, PX_2, PY_2, PZ_2, each once",
    ),
    "twice.h5": (
        table(TABLE.rename(columns={"truthE": "e_3"})),
        "constituent 3 has the columns E_3, E_3, PX_3, PY_3, PZ_3, expected",
    ),
    "many.h5": (many, "there are columns of 501 constituents, expected at most 500; keep the hardest"),
    "lengths.h5": (of_other_lengths, "block1_values has 24 jets but table/block0_values has 25; write both"),
    "no_jets.h5": (
        table(TABLE.iloc[:0]),
        r"there are no jets in it \(dataset table/block0_values has shape \(1, 1\) for 36 columns",
    ),
    "nan.h5": (changed(7, "PY_1", np.nan), "dataset table/block0_values: event 7 has nan"),
    "infinite.h5": (changed(7, "E_0", np.inf), "dataset table/block0_values: event 7 has inf"),
    "order.h5": (
        table(
            TABLE.rename(columns=lambda name: {"E": "PZ", "PZ": "E"}.get(name[:-2], name[:-2]) + name[-2:])
        ),
        r"columns E_0, PX_0, .*: jet 0 has a constituent with \|p\| above E; check the order",
    ),
    "negative.h5": (changed(4, "E_0", -100), r"jet 4 has a constituent with \|p\| above E"),
    "beam.h5": (
        table(TABLE.assign(PX_1=0.0, PY_1=0.0)),
        r"jet 0 has a constituent along the beam \(px = py = 0 but E above 0\), expected zeros for padding",
    ),
    "empty.h5": (
        table(pd.concat([TABLE.iloc[:5], TABLE.iloc[5:6].assign(**ZEROS)])),
        r"jet 5 has zero momentum: no constituent with pT above 0; .* \(1 such jets in 0 to 5\)",
    ),
    "mev.h5": (table(1000 * TABLE), "the median pT is .*, expected GeV; it looks like MeV: divide"),
}
