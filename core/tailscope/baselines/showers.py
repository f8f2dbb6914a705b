"""Calorimeter showers for the baselines: energies of the layers, then the voxels' parts of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.domains.kinematics import ratio

from .codec import Arrays, Codec, Numbers


class ShowerCodec(Codec):
    """Layers of voxels in one array (CaloChallenge) or in one each (CaloGAN); the incident energy is given.

    Values: E_tot/E_inc, of each layer but the last the part of what the layers before it left over (as in
    CaloFlow, arXiv:2106.05285), and the part that each voxel has of its layer's energy.
    """

    def __init__(self, incident: str, layers: Sequence[tuple[str, tuple[int, ...], slice]]) -> None:
        """``layers``: (dataset, shape of one event in it, its voxels among the flattened ones)."""
        self.incident, self.layers = incident, tuple(layers)

    def learn(self, arrays: Arrays) -> dict[str, float]:
        """Mean and width of log E_inc, so that what is given is of order one."""
        log = np.log(arrays[self.incident].astype(np.float64))
        return {"mean": float(log.mean()), "width": max(float(log.std()), 1e-6)}

    def encode(self, arrays: Arrays, constants: Mapping[str, float]) -> Numbers:
        """See `Codec`."""
        n = len(arrays[self.incident])
        incident = arrays[self.incident].astype(np.float64).reshape(n)
        voxels = [arrays[name].reshape(n, -1)[:, part].astype(np.float64) for name, _, part in self.layers]
        energies = np.stack([v.sum(axis=1) for v in voxels])
        left = energies[::-1].cumsum(axis=0)[::-1]  # in this layer and all behind it
        columns = [left[:1] / incident, ratio(energies[:-1], left[:-1])]
        columns += [ratio(v.T, energy) for v, energy in zip(voxels, energies, strict=True)]
        given = (np.log(incident) - constants["mean"]) / constants["width"]
        return Numbers(np.concatenate(columns).T, given[:, None])

    def decode(
        self, numbers: Numbers, constants: Mapping[str, float], random: np.random.Generator
    ) -> dict[str, NDArray[Any]]:
        """See `Codec`."""
        values = np.nan_to_num(numbers.values)
        n = len(values)
        incident = np.exp(numbers.given[:, 0] * constants["width"] + constants["mean"])
        n_layers = len(self.layers)
        left = values[:, 0] * incident
        arrays: dict[str, NDArray[Any]] = {self.incident: incident.astype(np.float32)}
        for name, shape, _ in self.layers:
            arrays.setdefault(name, np.zeros((n, int(np.prod(shape))), np.float32))
        start = n_layers
        for i, (name, _, part) in enumerate(self.layers):
            last = i == n_layers - 1
            energy = left if last else left * np.clip(values[:, 1 + i], 0, 1)
            left = left - energy
            size = part.stop - part.start
            parts = np.clip(values[:, start : start + size], 0, None)
            total = parts.sum(axis=1)
            empty = total == 0
            parts[empty, size // 2] = 1  # an energy without any voxel goes to the middle
            arrays[name][:, part] = parts * (energy / np.where(empty, 1, total))[:, None]
            start += size
        shapes = {name: shape for name, shape, _ in self.layers}
        return {name: array.reshape(n, *shapes.get(name, ())) for name, array in arrays.items()}
