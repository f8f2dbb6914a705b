"""Files that are almost JetNet's. Each writes itself; its sentence stands beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from helpers.particles import jets
from helpers.showers import write

Writer = Callable[[Path], object]
N = 25
GOOD = jets(N)
PARTICLES, JETS = GOOD["particle_features"], GOOD["jet_features"]


def changed(**changes: Any) -> Writer:
    """A good file in which some datasets are others; None leaves one out."""
    datasets = {name: values for name, values in (GOOD | changes).items() if values is not None}
    return lambda path: write(path, datasets)


def particle(jet: int, index: int, column: int, value: float) -> Writer:
    values = PARTICLES.copy()
    values[jet, index, column] = value
    return changed(particle_features=values)


def jet(number: int, column: int, value: float) -> Writer:
    values = JETS.copy()
    values[number, column] = value
    return changed(jet_features=values)


def empty_jet(path: Path) -> None:
    values = PARTICLES.copy()
    values[6] = 0
    changed(particle_features=values)(path)


CASES: dict[str, tuple[Writer, str]] = {
    "only_jets.h5": (
        changed(particle_features=None),
        r"holds jet_features \(25, 4\), expected .* or jets \(particle_features\)",
    ),
    "flat_jets.h5": (
        changed(particle_features=PARTICLES.reshape(N, 120)),
        r"particle_features has shape \(25, 120\).*reshape it with .reshape\(-1, 30, 4\)",
    ),
    "transposed.h5": (
        changed(particle_features=PARTICLES.transpose(0, 2, 1)),
        r"has shape \(25, 4, 30\).*swap its last two axes",
    ),
    "two_columns.h5": (changed(particle_features=PARTICLES[:, :, :2]), r"\(25, 30, 2\).*four numbers"),
    "fewer_jets.h5": (
        changed(jet_features=JETS[:-1]),
        r"jet_features has shape \(24, 4\), expected \(25, 4\)",
    ),
    "no_jets.h5": (
        changed(particle_features=PARTICLES[:0], jet_features=JETS[:0]),
        r"there are no jets in it \(particle_features has shape \(0, 30, 4\)\)",
    ),
    "nan_jet.h5": (particle(3, 0, 0, np.nan), r"dataset particle_features: event 3 has nan"),
    "infinite_jet.h5": (jet(2, 0, np.inf), r"dataset jet_features: event 2 has inf"),
    "half_mask.h5": (particle(4, 1, 3, 0.5), r"jet 4 has a mask other than 0 and 1"),
    "masked.h5": (particle(5, 0, 3, 0), r"jet 5 has a particle with pT_rel above 0 but mask 0"),
    "no_momentum.h5": (particle(8, 2, 2, 0), r"jet 8 has a particle with mask 1 but pT_rel 0"),
    "negative_pt.h5": (particle(7, 1, 2, -0.1), r"jet 7 has a particle with negative pT_rel"),
    "degrees.h5": (particle(2, 0, 1, 20.0), r"jet 2 has a particle far from its jet, expected .*in radians"),
    "empty_jet.h5": (empty_jet, r"jet 6 has zero momentum: no particle with pT_rel above 0; remove"),
    "absolute.h5": (
        changed(particle_features=PARTICLES * np.array([1, 1, 1000, 1], np.float32)),
        r"pT_rel of a jet's particles sums to 950 \(median\), expected about 1; divide the third column",
    ),
    "zero_pt.h5": (jet(9, 0, 0), r"dataset jet_features: jet 9 has a pT that is not above 0 GeV"),
    "negative_mass.h5": (jet(9, 2, -1), r"jet 9 has a negative mass"),
    "multiplicity.h5": (jet(1, 3, 2), r"jet 1 has another number of particles than its mask"),
    "jets_in_mev.h5": (
        changed(jet_features=JETS * np.array([1000, 1, 1000, 1], np.float32)),
        r"the median pT is .*it looks like MeV: divide pT and mass by 1000",
    ),
    "text_jets.h5": (changed(jet_features=np.full((N, 4), b"1")), r"dataset jet_features holds text"),
    "enormous.h5": (
        changed(jet_features=JETS.astype(np.float64) * 1e300),
        r"dataset jet_features: there are values up to .*more than float32 holds",
    ),
}
