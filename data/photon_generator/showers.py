"""Photon showers in CaloGAN's layout: reading, writing, and what the geometry alone says about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

LAYER_SHAPES = ((3, 96), (12, 12), (12, 6))
LAYER_SIZES = tuple(rows * columns for rows, columns in LAYER_SHAPES)
LAYER_SLICES = (slice(0, 288), slice(288, 432), slice(432, 504))
N_VOXELS = sum(LAYER_SIZES)
MEV_PER_GEV = 1000.0

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Showers:
    """Showers with the voxels of all layers side by side.

    incident_energy: (n,) in GeV; voxels: (n, 504) in MeV, layer 0 first, rows before columns.
    """

    incident_energy: FloatArray
    voxels: FloatArray

    def __len__(self) -> int:
        return len(self.incident_energy)

    def __getitem__(self, rows: slice | IntArray | NDArray[np.bool_]) -> Showers:
        return Showers(self.incident_energy[rows], self.voxels[rows])

    def layer_energies(self) -> NDArray[np.float64]:
        """Deposited energy of each layer, (n, 3) in MeV."""
        sums = [self.voxels[:, s].sum(axis=1, dtype=np.float64) for s in LAYER_SLICES]
        return np.stack(sums, axis=1)


def concatenate(parts: list[Showers]) -> Showers:
    """One sample from several, in the order given."""
    return Showers(
        np.concatenate([part.incident_energy for part in parts]),
        np.concatenate([part.voxels for part in parts]),
    )


def read_showers(path: Path) -> Showers:
    """Read a CaloGAN file; `overflow`, if there, is left aside."""
    with h5py.File(path) as file:
        energy = file["energy"][:, 0].astype(np.float32)
        layers = [file[f"layer_{i}"][:].reshape(len(energy), -1) for i in range(3)]
    return Showers(energy, np.concatenate(layers, axis=1).astype(np.float32))


def round_mantissa(values: FloatArray, bits: int = 12) -> FloatArray:
    """Round float32 to `bits` of mantissa (relative error at most 2**-(bits+1)), to nearest, zeros kept.

    Shorter mantissas compress: this halves the files and moves no observable visibly.
    """
    drop = 23 - bits
    raw = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    rounded = (raw + np.uint32(1 << (drop - 1))) & ~np.uint32((1 << drop) - 1)
    return rounded.view(np.float32)


def write_showers(path: Path, showers: Showers, attributes: Mapping[str, str | int]) -> None:
    """Write a CaloGAN file (`energy` GeV, `layer_0..2` MeV), compressed, its voxels rounded."""
    datasets = {"energy": showers.incident_energy[:, None]}
    for i, (shape, columns) in enumerate(zip(LAYER_SHAPES, LAYER_SLICES, strict=True)):
        datasets[f"layer_{i}"] = showers.voxels[:, columns].reshape(-1, *shape)
    with h5py.File(path, "w", track_order=True) as file:
        for name, values in datasets.items():
            file.create_dataset(
                name,
                data=values if name == "energy" else round_mantissa(values),
                chunks=(min(1000, len(values)), *values.shape[1:]),
                compression="gzip",
                compression_opts=9,
                shuffle=True,
            )
        file.attrs.update({"units": "energy GeV; layers MeV", **attributes})


def reflections() -> IntArray:
    """Give the voxel numbers of the four mirror images, (4, 504).

    Neither the detector nor a photon that enters it perpendicularly tells them apart.
    """
    images = []
    for flip_rows in (False, True):
        for flip_columns in (False, True):
            layers = []
            for shape, columns in zip(LAYER_SHAPES, LAYER_SLICES, strict=True):
                grid = np.arange(columns.start, columns.stop).reshape(shape)
                grid = grid[::-1] if flip_rows else grid
                grid = grid[:, ::-1] if flip_columns else grid
                layers.append(grid.ravel())
            images.append(np.concatenate(layers))
    return np.stack(images)


def dimmest_first(voxels: FloatArray) -> IntArray:
    """Voxel numbers layer by layer, each layer from its dimmest voxel on average inwards, (504,).

    Mirror images count as one voxel, so they come next to each other.
    """
    mean = voxels.mean(axis=0, dtype=np.float64)[reflections()].mean(axis=0)
    ordered = [s.start + np.argsort(mean[s].round(9), kind="stable") for s in LAYER_SLICES]
    return np.concatenate(ordered)
