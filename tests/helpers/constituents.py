"""Made-up jets in the laboratory, and what tailscope should make of them, computed one by one."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd

PION = 0.13957


def lab_jets(n: int, slots: int = 30, seed: int = 0) -> dict[str, np.ndarray]:
    """pt, eta, phi, mass of constituents, float64[n, slots]: 3 to ``slots`` of them, hardest first.

    Jets of some 500 GeV, also about phi = pi; padding is all zeros.
    """
    rng = np.random.default_rng(seed)
    there = np.arange(slots) < rng.integers(3, slots + 1, n)[:, None]
    share = rng.exponential(1, (n, slots)) * there
    pt = rng.uniform(450, 600, (n, 1)) * share / share.sum(axis=1, keepdims=True)
    pt = -np.sort(-pt, axis=1)
    eta = rng.normal(0, 1, (n, 1)) + rng.normal(0, 0.15, (n, slots))
    phi = rng.uniform(-math.pi, math.pi, (n, 1)) + rng.normal(0, 0.15, (n, slots))
    phi = (phi + math.pi) % (2 * math.pi) - math.pi
    mass = rng.choice([0, PION], (n, slots))
    return {"pt": pt, "eta": eta * there, "phi": phi * there, "mass": mass * there}


def momenta(jets: dict[str, np.ndarray]) -> np.ndarray:
    """E, px, py, pz of the constituents, float64[n, slots, 4]."""
    pt, eta, phi = jets["pt"], jets["eta"], jets["phi"]
    p = [pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)]
    energy = np.sqrt(p[0] ** 2 + p[1] ** 2 + p[2] ** 2 + jets.get("mass", 0 * pt) ** 2)
    return np.stack([energy, *p], axis=-1)


def _angles(e: float, x: float, y: float, z: float) -> tuple[float, float, float]:
    """(pT, eta, phi) of a four-momentum; eta from the polar angle."""
    pt = math.sqrt(x * x + y * y)
    return pt, -math.log(math.tan(math.atan2(pt, z) / 2)), math.atan2(y, x)


def truth(momenta: np.ndarray, slots: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """(particle_features, jet_features) of E, px, py, pz: [n, slots, 4] and [n, 4], one number at a time."""
    slots = momenta.shape[1] if slots is None else slots
    particles, jets = np.zeros((len(momenta), slots, 4)), np.zeros((len(momenta), 4))
    for i, jet in enumerate(momenta.tolist()):
        there = sorted((p for p in jet if p[0] > 0), key=lambda p: -math.hypot(p[1], p[2]))[:slots]
        e, x, y, z = (math.fsum(p[k] for p in there) for k in range(4))
        pt, eta, phi = _angles(e, x, y, z)
        jets[i] = pt, eta, math.sqrt(max(e * e - x * x - y * y - z * z, 0)), len(there)
        for k, p in enumerate(there):
            its_pt, its_eta, its_phi = _angles(*p)
            turn = its_phi - phi
            turn += 2 * math.pi * ((turn < -math.pi) - (turn > math.pi))
            particles[i, k] = its_eta - eta, turn, its_pt / pt, 1
    return particles, jets


def top_tagging(momenta: np.ndarray) -> pd.DataFrame:
    """The table of the top tagging reference data: E_0, PX_0, ..., and the columns that follow."""
    columns = {
        f"{kind}_{i}": momenta[:, i, k].astype(np.float32)
        for i in range(momenta.shape[1])
        for k, kind in enumerate(("E", "PX", "PY", "PZ"))
    }
    parton = {f"truth{kind}": np.zeros(len(momenta), np.float32) for kind in ("E", "PX", "PY", "PZ")}
    labels = {name: np.arange(len(momenta)) % 2 for name in ("ttv", "is_signal_new")}
    return pd.DataFrame(columns | parton | labels)


def write_jagged(
    path: Path,
    branches: dict[str, np.ndarray],
    *,
    tree: str = "tree",
    basket: int = 1000,
    other: dict[str, np.ndarray] | None = None,
) -> None:
    """A ROOT tree of jets; arrays [n, slots] become lists of the slots in which the first is not 0.

    Those of ``other`` become lists of all their slots.
    """
    import awkward
    import uproot

    there = next(values for values in branches.values() if values.ndim == 2) != 0
    made = {
        name: awkward.Array([row[keep].tolist() for row, keep in zip(values, there, strict=True)])
        if values.ndim == 2
        else values
        for name, values in branches.items()
    }
    made |= {name: awkward.Array(values.tolist()) for name, values in (other or {}).items()}
    kinds = {k: v.dtype if isinstance(v, np.ndarray) else "var * float32" for k, v in made.items()}
    with uproot.recreate(path) as file:
        file.mktree(tree, kinds)
        for start in range(0, len(there), basket):
            file[tree].extend({name: values[start : start + basket] for name, values in made.items()})
