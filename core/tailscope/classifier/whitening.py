"""Inputs as perceptrons learn from them best: ranks as normal scores, decorrelated."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import ndtri
from torch import Tensor

from tailscope.compiled import compiled
from tailscope.sample.particles import Particles

from .pool import Pool, rows_together

KNOTS = 256
"""Values of an input between which its normal score is interpolated."""
EXTREMES = 8
"""Values at each end that all are knots: tails are where samples differ."""
DECADE = 10.0
"""Ratio of the ends of the central 98% of a positive input from which its logarithm is its score: the ratio
of two energies stays as sharp as it is, which ranks would bend."""
OUTLYING = 5.0
"""Standard deviations at which these scores end."""
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

Floats = NDArray[np.float32]


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
        some = np.sort(np.ascontiguousarray(_inputs(pool, _spread(rows, LOOKED_AT)).T), axis=1)
        knots = [_knots(ascending) for ascending in some]
        self._starts = np.cumsum([0] + [len(values) for values, _ in knots])
        self._values, self._scores = (
            np.concatenate([k[i] for k in knots]).astype(np.float32) for i in range(2)
        )
        looked = _spread(rows, CORRELATED)
        resident = 4 * pool.n_rows * pool.n_inputs <= RESIDENT_BYTES
        ranked = self._all_ranked() if resident else None
        mean, covariance = self._moments(looked, ranked)
        sigma = np.sqrt(np.maximum(np.diag(covariance), 0))
        sigma = np.where(sigma > NOTHING, sigma, 1.0)
        correlation = torch.from_numpy(covariance / np.outer(sigma, sigma))
        variances, vectors = (found.numpy() for found in torch.linalg.eigh(correlation))
        kept = variances > NOTHING * max(float(variances.mean()), NOTHING)
        kept[-1] = True  # also where all inputs are constant
        rotation = vectors[:, kept] / np.sqrt(variances[kept] + SHRINKAGE * variances.mean() + NOTHING**2)
        rotation = (rotation / sigma[:, None])[:, ::-1]
        self.n_inputs = rotation.shape[1]
        self._rotation = torch.from_numpy(np.ascontiguousarray(rotation, np.float32))
        self._offset = torch.from_numpy((mean @ rotation).astype(np.float32))
        self.resident: Tensor | None = None
        if ranked is not None:
            self.resident = self._rotated(torch.from_numpy(ranked)).to(self.device)

    def inputs(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Whitened inputs (n, n_inputs) of rows, and the rows in the order in which they come."""
        if self.resident is not None:
            return self.resident.index_select(0, rows), rows
        x, rows = self._pool.inputs(rows)
        return self._whitened(x.cpu().numpy()).to(self.device), rows

    def scaling(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and inverse standard deviation that are left to take off: 0 and 1."""
        return torch.zeros(self.n_inputs), torch.ones(self.n_inputs)

    def _all_ranked(self) -> Floats:
        """Normal scores of all rows of the pool, float32[n_rows, n_inputs]."""
        ranked = np.empty((self._pool.n_rows, self._pool.n_inputs), np.float32)
        for part in _parts(np.arange(len(ranked)), self._pool.n_inputs):
            ranked[part] = self._ranked(_inputs(self._pool, part))
        return ranked

    def _moments(
        self, rows: NDArray[np.int64], ranked: Floats | None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Means and covariances of the normal scores of rows."""
        n = self._pool.n_inputs
        mean, square = np.zeros(n), np.zeros((n, n))
        for part in _parts(rows, n):
            scores = self._ranked(_inputs(self._pool, part)) if ranked is None else ranked[part]
            r = torch.from_numpy(scores)
            mean += r.double().sum(0).numpy()
            square += (r.T @ r).numpy()
        mean /= rows.size
        return mean, square / rows.size - np.outer(mean, mean)

    def _whitened(self, x: Floats) -> Tensor:
        return self._rotated(torch.from_numpy(self._ranked(x)))

    def _rotated(self, ranked: Tensor) -> Tensor:
        return ranked @ self._rotation - self._offset

    def _ranked(self, x: Floats) -> Floats:
        scores = np.empty(x.shape, np.float32)
        _interpolate(np.ascontiguousarray(x), self._starts, self._values, self._scores, scores)
        return scores


def _spread(rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """So many rows at most, evenly over all: of both samples in their proportion."""
    return rows[np.linspace(0, rows.size - 1, min(most, rows.size)).astype(np.int64)]


def _parts(rows: NDArray[np.int64], n_inputs: int) -> list[NDArray[np.int64]]:
    """Rows that are looked at together."""
    return np.array_split(rows, -(-rows.size // rows_together(n_inputs)))


def _inputs(pool: Pool, rows: NDArray[np.int64]) -> Floats:
    """Inputs of ascending rows on the host, in their order."""
    return np.asarray(pool.inputs(torch.from_numpy(rows).to(pool.device))[0].cpu().numpy())


def _knots(ascending: Floats) -> tuple[Floats, NDArray[np.float64]]:
    """Some values of one input and their scores.

    At equal steps of probability, at both ends, and around values that many events share.
    """
    first = np.flatnonzero(np.r_[True, ascending[1:] > ascending[:-1]])
    count = np.diff(np.r_[first, ascending.size])
    middle = (first + count / 2) / ascending.size
    steps = np.searchsorted(middle, np.linspace(0, 1, KNOTS)).clip(max=first.size - 1)
    shared = np.flatnonzero(count > ascending.size / KNOTS)
    ends = np.r_[: min(EXTREMES, first.size), max(0, first.size - EXTREMES) : first.size]
    around = np.concatenate([shared - 1, shared, shared + 1])
    taken = np.unique(np.concatenate([steps, ends, around[(around >= 0) & (around < first.size)]]))
    values = ascending[first[taken]].astype(np.float64)
    if ascending[0] > 0 and np.quantile(ascending, 0.99) > DECADE * np.quantile(ascending, 0.01):
        logs = np.log(ascending.astype(np.float64))
        scores = ((np.log(values) - logs.mean()) / logs.std()).clip(-OUTLYING, OUTLYING)
    else:
        scores = ndtri(middle[taken])
    return values.astype(np.float32), scores


@compiled(error_model="numpy")
def _interpolate(
    x: Floats, starts: NDArray[np.int64], values: Floats, scores: Floats, result: Floats
) -> None:
    """Linear between knots, constant beyond them."""
    for event in range(x.shape[0]):
        for i in range(x.shape[1]):
            value = x[event, i]
            low, high = starts[i], starts[i + 1] - 1
            if value <= values[low]:
                result[event, i] = scores[low]
                continue
            if value >= values[high]:
                result[event, i] = scores[high]
                continue
            while high - low > 1:
                middle = (low + high) // 2
                if values[middle] <= value:
                    low = middle
                else:
                    high = middle
            part = (value - values[low]) / (values[high] - values[low])
            result[event, i] = scores[low] + part * (scores[high] - scores[low])
