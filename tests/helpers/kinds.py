"""A small file of every kind of event."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from helpers import muons, particles
from helpers.showers import challenge, empty, made_up, write

Arrays = dict[str, Any]


def _above_a_kev(showers: Arrays) -> Arrays:
    """Without the absurdly small energies of showers that are made up."""
    return {k: v if "energ" in k else np.where(v > 1e-3, v, 0) for k, v in showers.items()}


def _showers(n: int) -> Arrays:
    """CaloGAN showers, one in twenty without any energy in the calorimeter."""
    made = _above_a_kev(made_up(n - n // 20))
    return {k: np.concatenate([v, empty(n // 20)[k]]) for k, v in made.items()}


def _table(n: int) -> Arrays:
    """A Gaussian, what depends on it, a whole number, and a constant."""
    rng = np.random.default_rng(5)
    x = rng.normal(3, 1, n)
    return {"x": x, "y": x**2 + rng.normal(0, 0.3, n), "count": rng.poisson(2, n), "one": np.ones(n)}


KINDS: dict[str, Callable[[int], Arrays]] = {
    "table": _table,
    "calogan": _showers,
    "calochallenge": lambda n: _above_a_kev(challenge(n)),
    "zjets": particles.zjets,
    "jets": particles.jets,
    "jets without their pT": lambda n: {"particle_features": particles.jets(n)["particle_features"]},
    "dimuon": muons.table,
    "dimuon in angles": lambda n: muons.only(muons.table(n), "pt", "eta", "phi", "Q"),
    "old dimuon": lambda n: muons.only(muons.table(n), "pt", "eta", "M"),
}


def write_kind(path: Path, name: str, n: int) -> Path:
    """Write n events of that kind as HDF5."""
    return write(path, KINDS[name](n))
