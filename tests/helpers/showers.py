"""Showers that are made up, but not absurd: CaloGAN arrays with the right shapes, units and zeros."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np

SHAPES = {"layer_0": (3, 96), "layer_1": (12, 12), "layer_2": (12, 6)}


def made_up(n: int, seed: int = 0) -> dict[str, np.ndarray]:
    """CaloGAN arrays: energy (n, 1) in GeV; layers in MeV: a quarter, the rest, a trace of it."""
    rng = np.random.default_rng(seed)
    energy = rng.uniform(1, 20, (n, 1))
    arrays = {"energy": energy.astype(np.float32)}
    shares = rng.dirichlet((5, 15, 0.1), n)[:, :, None, None]
    for (name, cells), share in zip(SHAPES.items(), shares.transpose(1, 0, 2, 3), strict=True):
        voxels = rng.gamma(0.1, 1.0, (n, *cells)) * (rng.random((n, *cells)) < 0.4)
        total = voxels.sum(axis=(1, 2), keepdims=True)
        voxels *= 1000 * share * energy[:, :, None] / np.where(total > 0, total, 1)
        arrays[name] = voxels.astype(np.float32)
    return arrays


def empty(n: int) -> dict[str, np.ndarray]:
    """n showers of 10 GeV that deposit nothing: somewhere to put single voxels."""
    layers = {name: np.zeros((n, *cells), np.float32) for name, cells in SHAPES.items()}
    return {"energy": np.full((n, 1), 10, np.float32), **layers}


def write(path: Path, arrays: dict[str, Any], **options: Any) -> Path:
    """One dataset an array; ``options`` are h5py's (compression, chunks)."""
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file.create_dataset(name, data=values, **options)
    return path


def challenge(n: int, n_voxels: int = 368, seed: int = 0) -> dict[str, np.ndarray]:
    """CaloChallenge arrays in MeV: incident energies (n, 1) in powers of two, showers (n, n_voxels)."""
    rng = np.random.default_rng(seed)
    energy = 2.0 ** rng.integers(8, 23, (n, 1))
    voxels = rng.gamma(0.1, 1.0, (n, n_voxels)) * (rng.random((n, n_voxels)) < 0.4)
    voxels *= 0.9 * energy / voxels.sum(axis=1, keepdims=True)
    return {"incident_energies": energy.astype(np.float32), "showers": voxels.astype(np.float32)}
