"""What FastJet says of some jets of PYTHIA; run as a script, it writes fastjet.json."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np

HERE = Path(__file__).parent
JETS = HERE.parents[1] / "data" / "jets_reference.h5"


def answers(constituents: np.ndarray) -> dict[str, float]:
    """FastJet's mass, N-subjettiness (exclusive kT axes), C_2 and D_2 of massless (eta, phi, pT) [n, 3]."""
    fastjet: Any = importlib.import_module("fastjet")
    definition = fastjet.JetDefinition(fastjet.kt_algorithm, 1000.0)
    eta, phi, pt = np.asarray(constituents, dtype=np.float64).T
    p4 = np.stack([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta), pt * np.cosh(eta)], axis=1)
    particles = [fastjet.PseudoJet(*p) for p in p4.tolist()]
    clusters = fastjet.ClusterSequence(particles, definition)
    found = {"mass_rel": clusters.exclusive_jets(1)[0].m()}
    for n in (1, 2, 3):
        axes = clusters.exclusive_jets(n)
        distances = [p.pt() * min(p.delta_R(axis) for axis in axes) for p in particles]
        found[f"tau{n}"] = sum(distances) / pt.sum()
    awkward: Any = importlib.import_module("awkward")
    importlib.import_module("vector").register_awkward()
    columns = dict(zip(("px", "py", "pz", "E"), p4.T, strict=True))
    whole = fastjet.ClusterSequence(awkward.zip(columns, with_name="Momentum4D"), definition)
    for name in ("C2", "D2"):
        found[name] = float(whole.exclusive_jets_energy_correlator(njets=1, beta=1, func=name.lower()))
    return found


def main() -> None:
    """Write the first two jets of each kind: gluons, light quarks, tops."""
    with h5py.File(JETS) as file:
        kinds, particles = file["type"][:], file["particle_features"][:]
    rows = [row for kind in (0, 1, 2) for row in np.flatnonzero(kinds == kind)[:2]]
    table = []
    for row in rows:
        there = particles[row, particles[row, :, 2] > 0, :3]
        # float32 in as few digits as give it back.
        constituents = [[float(str(x)) for x in particle] for particle in there]
        table.append({"constituents": constituents, "fastjet": answers(np.array(constituents))})
    (HERE / "fastjet.json").write_text(json.dumps(table, indent=None, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
