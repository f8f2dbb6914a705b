"""Sums over the voxels of every layer of a shower, compiled: they are the same for any voxelisation."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

SUMS = ("E", "brightest", "active", "eta", "phi", "r", "width_eta", "width_phi", "width_r")
"""What `layer_sums` gives of each layer, in this order; the last six are NaN for an empty layer."""

Floats = NDArray[np.float64]

jit = njit(cache=True, nogil=True)


@jit
def layer_sums(
    voxels: NDArray[np.float32], starts: NDArray[np.int64], centres: Floats, result: Floats
) -> None:
    """Fill ``result`` float64[n_layers, 9, n] with `SUMS` of showers ``voxels`` float32[n, n_voxels].

    ``starts`` int64[n_layers + 1] are the first voxels of the layers, ``centres`` float64[3, n_voxels] their
    eta, phi, r. Means and widths are weighted with energy; two passes, because mean(x^2) - mean(x)^2 cancels.
    """
    mean = np.empty(3)
    square = np.empty(3)
    for event in range(voxels.shape[0]):
        for layer in range(starts.size - 1):
            total, largest, active = 0.0, 0.0, 0
            mean[:] = 0.0
            square[:] = 0.0
            for v in range(starts[layer], starts[layer + 1]):
                e = np.float64(voxels[event, v])
                if e > 0:
                    total += e
                    largest = max(largest, e)
                    active += 1
                    for c in range(3):
                        mean[c] += e * centres[c, v]
            if total > 0:
                for c in range(3):
                    mean[c] /= total
                for v in range(starts[layer], starts[layer + 1]):
                    e = np.float64(voxels[event, v])
                    if e > 0:
                        for c in range(3):
                            square[c] += e * (centres[c, v] - mean[c]) ** 2
            result[layer, 0, event] = total
            result[layer, 1, event] = largest
            result[layer, 2, event] = active
            for c in range(3):
                result[layer, 3 + c, event] = mean[c] if total > 0 else math.nan
                result[layer, 6 + c, event] = math.sqrt(square[c] / total) if total > 0 else math.nan
