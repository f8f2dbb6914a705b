"""Small files in the layouts that people bring: those of public data sets, of generators, of bug reports."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from helpers.constituents import lab_jets, momenta, top_tagging, write_jagged
from helpers.muons import write_nanoaod
from helpers.particles import jets


def events(n: int = 400, seed: int = 0) -> pd.DataFrame:
    """mass, pt, eta and n_jets of made-up events; two seeds are two samples of one density."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "mass": rng.normal(91, 3, n),
            "pt": rng.exponential(30, n),
            "eta": rng.normal(0, 1, n),
            "n_jets": rng.poisson(1, n),
        }
    )


def csv(folder: Path, name: str, frame: pd.DataFrame, **options: object) -> Path:
    """A table as text."""
    frame.to_csv(folder / name, index=False, **options)
    return folder / name


def text(folder: Path, name: str, content: str) -> Path:
    """A file with this content."""
    (folder / name).write_text(content, encoding="utf-8")
    return folder / name


def hdf5(folder: Path, name: str, arrays: Mapping[str, object]) -> Path:
    """Arrays under their names, which HDF5 lists by the alphabet; "/" in a name makes groups."""
    with h5py.File(folder / name, "w") as file:
        for key, values in arrays.items():
            file[key] = values
    return folder / name


def npz(folder: Path, name: str, **arrays: object) -> Path:
    """Arrays as numpy.savez writes them."""
    np.savez(folder / name, **arrays)
    return folder / name


def savetxt(folder: Path, name: str, frame: pd.DataFrame, *lines: str) -> Path:
    """Numbers as numpy.savetxt writes them, below lines behind #."""
    np.savetxt(folder / name, frame.to_numpy(), header="\n".join(lines))
    return folder / name


def challenge_of_higgs(n: int = 400, seed: int = 0) -> pd.DataFrame:
    """Columns as in the HiggsML challenge: an identifier, weights, labels of text, -999 without two jets."""
    rng = np.random.default_rng(seed)
    n_jets = rng.integers(0, 4, n)
    one, two = n_jets > 0, n_jets > 1
    return pd.DataFrame(
        {
            "EventId": 100_000 + np.arange(n) + n * seed,
            "DER_mass_vis": rng.normal(80, 20, n),
            "DER_mass_jet_jet": np.where(two, rng.exponential(100, n), -999.0),
            "PRI_tau_pt": 20 + rng.exponential(20, n),
            "PRI_jet_num": n_jets,
            "PRI_jet_leading_pt": np.where(one, 30 + rng.exponential(50, n), -999.0),
            "Weight": rng.exponential(1 + seed, n),
            "Label": rng.choice(["s", "b"], n),
            "KaggleWeight": rng.exponential(1 + seed, n),
        }
    )


def tops(n: int = 200, seed: int = 0, slots: int = 6) -> pd.DataFrame:
    """Top tagging's table: E_0, PX_0, ... of the constituents, and what follows them."""
    return top_tagging(momenta(lab_jets(n, slots, seed)))


def jetnet(n: int = 300, seed: int = 0) -> dict[str, np.ndarray]:
    """JetNet's ``particle_features`` and ``jet_features``."""
    return jets(n, 10, seed)


def nanoaod(path: Path, columns: dict[str, np.ndarray], *others: str) -> Path:
    """NanoAOD with branches beside those of muons: an isolation a muon, or ``genWeight`` an event."""
    import awkward
    import uproot

    write_nanoaod(path, columns)
    with uproot.open(path) as file:
        tree = file["Events"]
        branches = {name: tree[name].array() for name in tree.iterkeys() if not name.startswith("n")}
    rng = np.random.default_rng(0)
    counts = awkward.num(branches["Muon_pt"])
    for name in others:
        values = rng.exponential(0.1, int(awkward.sum(counts))).astype(np.float32)
        branches[name] = (
            awkward.unflatten(values, counts)
            if name.startswith("Muon_")
            else np.where(np.arange(len(counts)) % 10 == 0, -1.0, 1.0).astype(np.float32)
        )
    with uproot.recreate(path) as file:
        file.mktree(
            "Events", {k: v.dtype if isinstance(v, np.ndarray) else v.type for k, v in branches.items()}
        )
        file["Events"].extend(branches)
    return path


def jagged_tree(path: Path, n: int = 200, seed: int = 0) -> Path:
    """A ROOT tree of jets as JetClass has them: lists of constituents, numbers of each jet beside."""
    made = lab_jets(n, 8, seed)
    branches = {f"part_{name}": made[name] for name in ("pt", "eta", "phi", "mass")}
    write_jagged(path, {**branches, "jet_sdmass": made["pt"].sum(axis=1)})
    return path


def rntuple(path: Path, columns: dict[str, np.ndarray]) -> Path:
    """NanoAOD as an RNTuple, whose muons are a list of records: branches are called Muon.pt, Muon.eta ..."""
    import awkward
    import uproot

    write_nanoaod(path, columns)
    with uproot.open(path) as file:
        muons = {name: file["Events"][f"Muon_{name}"].array() for name in ("pt", "eta", "phi", "charge")}
    with uproot.recreate(path) as file:
        file.mkrntuple("Events", {"Muon": awkward.zip(muons)})
    return path
