"""Trees that are almost JetClass's. Each writes itself; its sentence stands beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from helpers.constituents import lab_jets, momenta, truth, write_jagged

Writer = Callable[[Path], object]
N = 25
PT, ETA, PHI, MASS = lab_jets(N, slots=8).values()
MOMENTA = momenta(lab_jets(N, slots=8))
RELATIVE, JETS = truth(MOMENTA)
ANGLES = {"part_pt": PT, "part_eta": ETA, "part_phi": PHI, "part_mass": MASS}
CARTESIAN = {f"part_{name}": MOMENTA[..., k] for k, name in enumerate(("energy", "px", "py", "pz"))}
DISTANCES = {"part_pt": PT, "part_deta": RELATIVE[..., 0], "part_dphi": RELATIVE[..., 1]}


def tree(branches: dict[str, np.ndarray], **changes: np.ndarray) -> Writer:
    """Write some branches, of which some are others."""
    return lambda path: write_jagged(path, branches | changes)


def at(values: np.ndarray, jet: int, value: float) -> np.ndarray:
    """The second constituent of a jet has another number."""
    values = values.copy()
    values[jet, 1] = value
    return values


def two_trees(path: Path) -> None:
    import uproot

    with uproot.recreate(path) as file:
        for name in ("train", "test"):
            file.mktree(name, dict.fromkeys(ANGLES, "var * float32"))


def lists_of_lists(path: Path) -> None:
    import awkward
    import uproot

    branches = {key: awkward.Array([[1.0, 2.0]] * 4) for key in ("part_pt", "part_eta")}
    with uproot.recreate(path) as file:
        file["tree"] = branches | {"part_phi": np.ones(4)}


CASES: dict[str, tuple[Writer, str]] = {
    "two_trees.root": (two_trees, r"there are 2 trees of jets in it \(train, test\), expected one"),
    "numbers.root": (
        lists_of_lists,
        "branch part_phi of tree tree holds double, expected one list of numbers for each jet",
    ),
    "lengths.root": (
        lambda path: write_jagged(path, ANGLES | {"part_phi": PHI}, other={"part_eta": ETA[:, :1]}),
        "branch part_eta: jet 0 has another number of constituents than part_pt",
    ),
    "no_jet_pt.root": (
        tree(DISTANCES, jet_eta=JETS[:, 1]),
        "branch jet_pt of tree tree is missing, which part_deta and part_dphi need .* name is jet_eta",
    ),
    "nan.root": (tree(ANGLES, part_eta=at(ETA, 3, np.nan)), "branch part_eta: event 3 has nan"),
    "negative_pt.root": (tree(ANGLES, part_pt=at(PT, 3, -1)), "tree tree: jet 3 has a negative part_pt"),
    "negative_mass.root": (tree(ANGLES, part_mass=at(MASS, 3, -1)), "jet 3 has a negative part_mass; remove"),
    "far.root": (tree(ANGLES, part_eta=at(ETA, 3, 1e30)), "jet 3 has a part_eta beyond 20; remove such jets"),
    "huge.root": (tree(ANGLES, part_pt=at(PT, 3, 1e30)), "jet 3 has a constituent of more than 1e.15 GeV"),
    "light.root": (
        tree(CARTESIAN, part_energy=at(MOMENTA[..., 0], 3, 1e-3)),
        r"jet 3 has a constituent with \|p\| above E; check the order E, px, py, pz",
    ),
    "mev.root": (
        tree(ANGLES, part_pt=1000 * PT),
        "tree tree: the median pT is .*, expected GeV; it looks like",
    ),
    "not_relative.root": (
        tree(DISTANCES, jet_pt=np.ones(N)),
        "pT_rel of a jet's particles sums to .* expected about 1",
    ),
    "no_pt.root": (
        tree(DISTANCES, jet_pt=np.zeros(N)),
        "jet 0 has a jet_pt that is not above 0 GeV; remove such jets",
    ),
    "empty.root": (
        tree({name: 0 * values for name, values in ANGLES.items()}),
        r"there are no jets in it \(of the 25 entries of tree tree none has constituents\)",
    ),
}
