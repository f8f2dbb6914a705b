"""Events and jets that are made up, but obey kinematics: (E, px, py, pz) in GeV, JetNet's constituents."""

from __future__ import annotations

import numpy as np

MUON, Z = 0.10566, 91.19


def four_momentum(pt: np.ndarray, eta: np.ndarray, phi: np.ndarray, mass: np.ndarray | float) -> np.ndarray:
    """(n, 4) = E, px, py, pz."""
    p = np.stack([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)], axis=-1)
    return np.concatenate([np.sqrt((p**2).sum(-1, keepdims=True) + np.square(mass)[..., None]), p], axis=-1)


def zjets(n: int, seed: int = 0) -> dict[str, np.ndarray]:
    """momenta (n, 5, 4) with one, two, three, one, two, ... jets, and njets (n,)."""
    rng = np.random.default_rng(seed)
    n_jets = 1 + np.arange(n) % 3
    momenta = np.zeros((n, 5, 4))
    # Z -> mu mu, back to back at rest with an angle, then boosted along the beam and across.
    for i, sign in enumerate((1, -1)):
        cos, phi = (
            np.random.default_rng(seed + 1).uniform(-0.9, 0.9, n),
            np.random.default_rng(seed + 2).random(n),
        )
        k = np.sqrt(Z**2 / 4 - MUON**2)
        sin = np.sqrt(1 - cos**2)
        p = sign * k * np.stack([sin * np.cos(6 * phi), sin * np.sin(6 * phi), cos], axis=-1)
        energy = np.full(n, Z / 2)
        beta = np.random.default_rng(seed + 3).uniform(0.1, 0.8, n)
        gamma = 1 / np.sqrt(1 - beta**2)
        momenta[:, i] = np.stack(
            [gamma * (energy + beta * p[:, 0]), gamma * (p[:, 0] + beta * energy), p[:, 1], p[:, 2]], axis=-1
        )
    for j in range(3):
        pt = 20 + rng.exponential(40 / (j + 1), n)
        jets = four_momentum(
            pt, rng.normal(0, 1.5, n), rng.uniform(-np.pi, np.pi, n), pt * rng.uniform(0.05, 0.2, n)
        )
        momenta[:, 2 + j] = np.where((n_jets > j)[:, None], jets, 0)
    return {"momenta": momenta.astype(np.float32), "njets": n_jets.astype(np.int8)}


def jets(n: int, n_particles: int = 30, seed: int = 0) -> dict[str, np.ndarray]:
    """JetNet arrays: 5 to n_particles constituents in two prongs; pT, eta and mass of the jet."""
    rng = np.random.default_rng(seed)
    particles = np.zeros((n, n_particles, 4))
    count = rng.integers(5, n_particles + 1, n)
    mask = np.arange(n_particles) < count[:, None]
    pt = np.where(mask, rng.exponential(1, (n, n_particles)) + 1e-3, 0)
    pt *= 0.95 / pt.sum(axis=1, keepdims=True)
    prong = rng.choice([-0.2, 0.15], (n, n_particles))
    particles[:, :, 0] = (prong + rng.normal(0, 0.05, (n, n_particles))) * mask
    particles[:, :, 1] = (prong / 2 + rng.normal(0, 0.05, (n, n_particles))) * mask
    particles[:, :, 2], particles[:, :, 3] = pt, mask
    features = np.stack([rng.uniform(800, 1600, n), rng.normal(0, 1, n), rng.gamma(4, 30, n), count], axis=1)
    return {"particle_features": particles.astype(np.float32), "jet_features": features.astype(np.float32)}


def pandas_fixed(values: np.ndarray, key: str = "events") -> dict[str, np.ndarray]:
    """The datasets that pandas' ``DataFrame(values).to_hdf(path, key=key)`` writes."""
    rows, columns = np.arange(len(values)), np.arange(values.shape[1])
    return {
        f"{key}/axis0": columns,
        f"{key}/axis1": rows,
        f"{key}/block0_items": columns,
        f"{key}/block0_values": values,
    }
