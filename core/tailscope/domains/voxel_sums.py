"""Sums over the voxels of every layer of a shower, compiled: they are the same for any voxelisation."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tailscope.compiled import compiled

SUMS = ("E", "brightest", "active", "eta", "phi", "r", "width_eta", "width_phi", "width_r")
"""What `layer_sums` gives of each layer, in this order; the last six are NaN for an empty layer."""

Floats = NDArray[np.float64]

ROUNDING = 1e-13
"""A variance below this fraction of the mean square is rounding: that of a single voxel, which is 0."""

jit = compiled(fastmath={"reassoc", "contract", "nsz"})
"""Sums may be made in another order, several voxels at a time; NaN and infinities stay what they are."""


@jit
def layer_sums(
    voxels: NDArray[np.float32], starts: NDArray[np.int64], centres: Floats, result: Floats
) -> None:
    """Fill ``result`` float64[n_layers, 9, n] with `SUMS` of showers ``voxels`` float32[n, n_voxels].

    ``starts`` int64[n_layers + 1] are the first voxels of the layers, ``centres`` float64[3, n_voxels] their
    eta, phi, r. Means and widths are weighted with energy. One pass without branches: where the voxels are
    many, this is what reading them costs.
    """
    eta, phi, r = centres[0], centres[1], centres[2]
    for event in range(voxels.shape[0]):
        shower = voxels[event]
        for layer in range(starts.size - 1):
            total, largest, active = 0.0, np.float32(0), 0
            x, y, z, xx, yy = 0.0, 0.0, 0.0, 0.0, 0.0
            for v in range(starts[layer], starts[layer + 1]):
                e = np.float64(shower[v])
                ex, ey = e * eta[v], e * phi[v]
                total += e
                largest = max(largest, shower[v])
                active += shower[v] > 0
                x += ex
                y += ey
                z += e * r[v]
                xx += ex * eta[v]
                yy += ey * phi[v]
            result[layer, 0, event] = total
            result[layer, 1, event] = largest
            result[layer, 2, event] = active
            _moments(total, x, xx, result[layer, 3::3, event])
            _moments(total, y, yy, result[layer, 4::3, event])
            _moments(total, z, xx + yy, result[layer, 5::3, event])


@jit
def _moments(total: float, first: float, second: float, result: Floats) -> None:
    """Mean and width from sums of E, E x and E x^2; NaN without energy."""
    if total > 0:
        mean, square = first / total, second / total
        variance = square - mean * mean
        result[0] = mean
        result[1] = math.sqrt(variance) if variance > ROUNDING * square else 0.0
    else:
        result[0] = math.nan
        result[1] = math.nan
