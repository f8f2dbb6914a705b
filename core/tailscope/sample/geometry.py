"""How the showers of a cylindrical calorimeter are cut into voxels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Layer:
    """One layer: rings about the axis of the beam, each cut into equal angles.

    Attributes
    ----------
    id: its number in the detector; numbers may skip.
    r_edges: edges of the rings in mm, increasing.
    n_alpha: voxels around each ring.

    """

    id: int
    r_edges: tuple[float, ...]
    n_alpha: int

    @property
    def n_voxels(self) -> int:
        """Voxels of the layer."""
        return (len(self.r_edges) - 1) * self.n_alpha

    def centres(self) -> NDArray[np.float64]:
        """(eta, phi, r) of every voxel in mm, radius fastest: float64[3, n_voxels].

        eta = r cos(alpha) and phi = r sin(alpha) with alpha from -pi, as the CaloChallenge defines them
        (arXiv:2410.21611).
        """
        edges = np.asarray(self.r_edges)
        step = 2 * np.pi / self.n_alpha
        alpha, r = np.meshgrid(
            -np.pi + step * (np.arange(self.n_alpha) + 0.5), (edges[1:] + edges[:-1]) / 2, indexing="ij"
        )
        return np.stack([(r * np.cos(alpha)).ravel(), (r * np.sin(alpha)).ravel(), r.ravel()])


@dataclass(frozen=True)
class Geometry:
    """The layers of a calorimeter in the order of the voxels; those without voxels are not listed."""

    name: str
    layers: tuple[Layer, ...]

    @property
    def n_voxels(self) -> int:
        """Voxels of all layers."""
        return sum(layer.n_voxels for layer in self.layers)

    def starts(self) -> NDArray[np.int64]:
        """First voxel of each layer, and the number of voxels: int64[n_layers + 1]."""
        return np.cumsum([0, *(layer.n_voxels for layer in self.layers)], dtype=np.int64)
