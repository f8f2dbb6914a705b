"""Inputs as perceptrons learn from them best: ranks as normal scores, decorrelated."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tailscope.sample.particles import Particles

from .knots import Knots
from .pool import Pool, rows_together
from .precision import products

LOOKED_AT = 10_000
"""Rows that the ranks are taken from,"""
CORRELATED = 50_000
"""and those that the correlations are."""
SHRINKAGE = 1e-3
"""Added to the variance of each principal component, in units of their mean: a component of which no more is
left than rounding is not blown up."""
NOTHING = 1e-6
"""Components with less than so much of the mean variance are left out."""
RESIDENT_BYTES = 1 << 30
"""Inputs are whitened once and kept, where they take no more than so many bytes."""


class Whitened:
    """The rows of a pool, whitened; a pool itself for whoever trains and scores.

    With the empirical distribution F_j of input j over the given rows (ties at their middle), r_ij =
    Phi^-1[F_j(x_ij)], or log x_ij of positive inputs that span a decade, both standardised, and the
    eigenvectors U and eigenvalues lambda of their correlation matrix,

        z_i = (r_i U)/sqrt(lambda + `SHRINKAGE` mean(lambda)).

    So heavy tails and edges have the size of a standard deviation, a correlation of 0.999 is as visible as
    none, and small voxels tell as much as bright ones. No label is looked at.

    Parameters
    ----------
    rows: int64 rows of the pool that the ranks and correlations are taken from.

    """

    particles: Particles | None = None

    def __init__(self, pool: Pool, rows: NDArray[np.int64]) -> None:
        self.device, self.n_reference, self.n_rows = pool.device, pool.n_reference, pool.n_rows
        self._pool = pool
        self._knots = Knots(_inputs(pool, spread(rows)))
        looked = spread(rows, CORRELATED)
        resident = 4 * pool.n_rows * pool.n_inputs <= RESIDENT_BYTES
        ranked = self._all_ranked() if resident else None
        mean, covariance = self._moments(looked, ranked)
        sigma = np.sqrt(np.maximum(np.diag(covariance), 0))
        sigma = np.where(sigma > NOTHING, sigma, 1.0)
        exact = pool.device if pool.device.type == "cuda" else torch.device("cpu")
        correlation = torch.from_numpy(covariance / np.outer(sigma, sigma)).to(exact)
        variances, vectors = (found.cpu().numpy() for found in torch.linalg.eigh(correlation))
        kept = variances > NOTHING * max(float(variances.mean()), NOTHING)
        kept[-1] = True  # also where all inputs are constant
        rotation = vectors[:, kept] / np.sqrt(variances[kept] + SHRINKAGE * variances.mean() + NOTHING**2)
        rotation = (rotation / sigma[:, None])[:, ::-1]
        self.n_inputs = rotation.shape[1]
        self._rotation = torch.from_numpy(np.ascontiguousarray(rotation, np.float32)).to(self.device)
        self._offset = torch.from_numpy((mean @ rotation).astype(np.float32)).to(self.device)
        self.resident: Tensor | None = None
        if ranked is not None:
            self.resident = self._rotated(ranked)

    def inputs(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Whitened inputs (n, n_inputs) of rows, and the rows in the order in which they come."""
        if self.resident is not None:
            return self.resident.index_select(0, rows), rows
        x, rows = self._pool.inputs(rows)
        return self._rotated(self._knots.normal_scores(x)), rows

    def scaling(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and inverse standard deviation that are left to take off: 0 and 1."""
        return torch.zeros(self.n_inputs), torch.ones(self.n_inputs)

    def _all_ranked(self) -> Tensor:
        """Normal scores of all rows of the pool, float32 (n_rows, n_inputs)."""
        ranked = torch.empty((self._pool.n_rows, self._pool.n_inputs), device=self.device)
        for part in _parts(np.arange(len(ranked)), self._pool.n_inputs):
            ranked[part[0] : part[-1] + 1] = self._knots.normal_scores(_inputs(self._pool, part))
        return ranked

    def _moments(
        self, rows: NDArray[np.int64], ranked: Tensor | None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Means and covariances of the normal scores of rows."""
        n = self._pool.n_inputs
        mean, square = np.zeros(n), np.zeros((n, n))
        for part in _parts(rows, n):
            if ranked is None:
                r = self._knots.normal_scores(_inputs(self._pool, part))
            else:
                r = ranked[torch.from_numpy(part).to(self.device)]
            with products(self.device, tf32=False):
                square += (r.T @ r).cpu().numpy()
            # MPS has no float64.
            r = r.cpu() if self.device.type == "mps" else r
            mean += r.double().sum(0).cpu().numpy()
        mean /= rows.size
        return mean, square / rows.size - np.outer(mean, mean)

    def _rotated(self, ranked: Tensor) -> Tensor:
        with products(self.device, tf32=False):
            return ranked @ self._rotation - self._offset


def spread(rows: NDArray[np.int64], most: int = LOOKED_AT) -> NDArray[np.int64]:
    """So many rows at most, evenly over all: of both samples in their proportion."""
    return rows[np.linspace(0, rows.size - 1, min(most, rows.size)).astype(np.int64)]


def _parts(rows: NDArray[np.int64], n_inputs: int) -> list[NDArray[np.int64]]:
    """Rows that are looked at together."""
    return np.array_split(rows, -(-rows.size // rows_together(n_inputs)))


def _inputs(pool: Pool, rows: NDArray[np.int64]) -> Tensor:
    """Inputs of ascending rows, in their order, on the pool's device."""
    return pool.inputs(torch.from_numpy(rows).to(pool.device))[0]
