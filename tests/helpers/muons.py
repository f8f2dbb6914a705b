"""Dimuon tables that are made up, with all of CMS's columns, and NanoAOD files of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from helpers.particles import zjets

MUON = 0.1056584


def table(n: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Run, Event, E1, px1, py1, pz1, pt1, eta1, phi1, Q1, dxy1, iso1, E2, ..., M, all float64."""
    rng = np.random.default_rng(seed)
    p = zjets(n, seed)["momenta"][:, :2, 1:].astype(np.float64)
    turn = rng.uniform(-np.pi, np.pi, n)
    charge = rng.choice([-1, 1], n)
    columns = {"Run": np.full(n, 165617), "Event": np.arange(n)}
    total = np.zeros((n, 4))
    for i in (0, 1):
        x, y, z = p[:, i].T
        x, y = x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)
        energy, pt = np.sqrt(x**2 + y**2 + z**2 + MUON**2), np.hypot(x, y)
        total += np.stack([energy, x, y, z], axis=1)
        kinematics = {"E": energy, "px": x, "py": y, "pz": z, "pt": pt}
        angles = {"eta": np.arcsinh(z / pt), "phi": np.arctan2(y, x), "Q": charge * (1 - 2 * i)}
        detector = {"dxy": rng.normal(0, 0.02, n), "iso": rng.exponential(0.1, n)}
        columns |= {f"{name}{i + 1}": v for name, v in (kinematics | angles | detector).items()}
    columns["M"] = np.sqrt(total[:, 0] ** 2 - (total[:, 1:] ** 2).sum(axis=1))
    return columns


def only(columns: dict[str, np.ndarray], *kinds: str) -> dict[str, np.ndarray]:
    """The columns of some kinds, of both muons, and those of neither that are named."""
    return {name: v for name, v in columns.items() if name.rstrip("12") in kinds}


def write_nanoaod(
    path: Path,
    columns: dict[str, np.ndarray],
    *,
    tree: str = "Events",
    drop: str = "",
    basket: int = 1 << 20,
) -> None:
    """A tree of events with 0 to 3 muons; those of ``columns`` are the hardest two of every other event.

    So many events are compressed together as ``basket`` says.
    """
    import awkward
    import uproot

    n = len(columns["pt1"])
    counts = np.where(np.arange(n) % 3 == 2, 3, 2)
    branches = {}
    names = {"pt": "Muon_pt", "eta": "Muon_eta", "phi": "Muon_phi", "Q": "Muon_charge", "dxy": "Muon_dxy"}
    order = np.where(columns["pt1"] >= columns["pt2"], 0, 1)
    for kind, name in names.items():
        both = np.stack([columns[f"{kind}1"], columns[f"{kind}2"]], axis=1)
        soft = {"pt": 0.5, "Q": 1}.get(kind, 0.0)
        rows = []
        for i in range(n):
            hardest = both[i] if order[i] == 0 else both[i, ::-1]
            listed = list(hardest if i % 2 == 0 else hardest[::-1]) + [soft] * (counts[i] - 2)
            rows += [listed, [soft] * (i % 2)]  # after each event one with no or a single muon
        branches[name] = awkward.values_astype(awkward.Array(rows), "int32" if kind == "Q" else "float32")
    with uproot.recreate(path) as file:
        file.mktree(tree, {name: branches[name].type for name in branches if name != drop})
        for start in range(0, 2 * n, basket):
            part = slice(start, start + basket)
            file[tree].extend({name: values[part] for name, values in branches.items() if name != drop})
