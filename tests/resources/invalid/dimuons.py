"""Files that are almost dimuon samples. Each writes itself; its sentence stands beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers.muons import only, table, write_nanoaod
from helpers.showers import write

Writer = Callable[[Path], object]
N = 24
GOOD = table(N)


def csv(**changes: Any) -> Writer:
    """A good table in which some columns are others."""
    return lambda path: pd.DataFrame(GOOD | changes).to_csv(path, index=False)


def cell(column: str, event: int, value: Any) -> Writer:
    values = GOOD[column].astype(object)
    values[event] = value
    return csv(**{column: values})


def nanoaod(*, tree: str = "Events", drop: str = "", **changes: Any) -> Writer:
    return lambda path: write_nanoaod(path, GOOD | changes, tree=tree, drop=drop)


def lonely_muons(path: Path) -> None:
    import awkward
    import uproot

    one = awkward.Array([[5.0], [7.0], []])
    with uproot.recreate(path) as file:
        file["Events"] = dict.fromkeys(("Muon_pt", "Muon_eta", "Muon_phi"), one)


def no_tree(path: Path) -> None:
    import uproot

    with uproot.recreate(path) as file:
        file["histogram"] = np.histogram(np.arange(5.0))


def too_many_entries(path: Path) -> None:
    """A tree whose own number of entries, the first of them in the file, was damaged."""
    nanoaod()(path)
    data, said = path.read_bytes(), (2 * N).to_bytes(8, "big")
    at = data.index(said)
    path.write_bytes(data[:at] + b"\0" + b"\xff" * 7 + data[at + 8 :])


def cut_short(path: Path) -> None:
    write_nanoaod(path, GOOD)
    path.write_bytes(path.read_bytes()[:2000])


CASES: dict[str, tuple[Writer, str]] = {
    "word.csv": (cell("pt2", 3, "n/k"), r"column pt2 has 'n/k' at event 3, expected a number"),
    "gap.csv": (cell("eta1", 5, ""), r"column eta1: event 5 has nan"),
    "charge.csv": (cell("Q1", 2, 3), r"column Q1: event 2 has 3 .*expected a charge of \+1 or -1"),
    "no_pt.csv": (cell("pt1", 0, 0), r"column pt1: event 0 has 0 .*expected a positive pT in GeV"),
    "at_rest.csv": (cell("E2", 7, -1), r"column E2: event 7 has -1 .*expected a positive energy"),
    "degrees.csv": (
        csv(phi1=np.degrees(GOOD["phi1"]), phi2=np.degrees(GOOD["phi2"])),
        r"column phi1: event \d+ has .*expected an angle in radians; is it in degrees\?",
    ),
    "theta.csv": (csv(eta2=np.full(N, 88.0)), r"column eta2: event 0 has 88 .*expected a pseudorapidity"),
    "all_in_mev.csv": (
        lambda path: pd.DataFrame(
            {k: v * 1000 if k[:1] in {"p", "E"} and k[:2] != "ph" else v for k, v in GOOD.items()}
        ).to_csv(path, index=False),
        r"column pt1 has a median of .*, expected GeV; it looks like MeV: divide by 1000",
    ),
    "mixed_units.csv": (
        csv(px1=GOOD["px1"] * 1000, py1=GOOD["py1"] * 1000),
        r"column pt1 has a median of .* but px1 and py1 give .*; write all of them in GeV",
    ),
    "no_direction.csv": (
        lambda path: pd.DataFrame(
            only(GOOD, "E", "px", "py", "pz") | {"px2": 0 * GOOD["px2"], "py2": 0 * GOOD["py2"]}
        ).to_csv(path, index=False),
        r"column px2: event 0 has px = py = 0",
    ),
    "same.csv": (csv(Pt_1=GOOD["pt1"]), r"columns pt1 and Pt_1 both mean pt1; drop one"),
    "short_column.h5": (
        lambda path: write(path, GOOD | {"pt2": GOOD["pt2"][:-1]}),
        r"column pt2 has 23 rows but .* has 24",
    ),
    "no_muons.root": (nanoaod(drop="Muon_eta"), r"branch Muon_eta of tree Events is missing; .*Muon_pt"),
    "other_tree.root": (nanoaod(tree="Runs"), r"tree Events is missing; there is Runs"),
    "no_tree.root": (no_tree, r"there is histogram in it, expected NanoAOD's tree Events"),
    "single.root": (lonely_muons, r"none of the 3 events has two muons"),
    "nan.root": (
        nanoaod(phi1=np.where(np.arange(N) == 4, np.nan, GOOD["phi1"])),
        r"Muon_phi: event 4 has nan",
    ),
    "mev.root": (
        nanoaod(pt1=1000 * GOOD["pt1"], pt2=1000 * GOOD["pt2"]),
        r"column pt1 has a median of .*it looks like MeV",
    ),
    "cut_short.root": (cut_short, r"the ROOT file is damaged: listing the branches of Events failed"),
    "too_many_entries.root": (
        too_many_entries,
        r"tree Events says that it has 72057594037927935 entries but branch Muon_pt holds \d+; copy or write",
    ),
    "infinite.root": (
        nanoaod(eta2=np.where(np.arange(N) == 6, -np.inf, GOOD["eta2"])),
        r"Muon_eta: event \d+ has -inf",
    ),
    "degrees.root": (
        nanoaod(phi1=np.degrees(GOOD["phi1"]), phi2=np.degrees(GOOD["phi2"])),
        r"column phi\d: event \d+ has .*is it in degrees\?",
    ),
    "charge.root": (nanoaod(Q1=np.full(N, 3)), r"column Q\d: event \d+ has 3 .*expected a charge"),
    "no_pt.root": (nanoaod(drop="Muon_pt"), r"branch Muon_pt of tree Events is missing; .*Muon_eta"),
    "signature.root": (
        lambda path: path.write_bytes(b"root" + bytes(60)),
        r"there is nothing in it, expected NanoAOD|the ROOT file",
    ),
}
