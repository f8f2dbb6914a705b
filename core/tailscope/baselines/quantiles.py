"""Every number of an event as a standard Gaussian, and back: what all baselines learn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEVELS = 513
"""Quantiles that are kept of each number."""


@dataclass(frozen=True, eq=False)
class Quantiles:
    """Maps each number to the normal quantile of its rank among the training events.

    Edges stay sharp, long tails become short, and what is drawn lies between the smallest and the largest
    number of the training events. A value that is frequent (zero energy, a whole number) has a range of
    ranks: `forward` draws one of them, `backward` gives exactly that value for all of them. What is undefined
    (NaN: a jet that is not there) becomes noise.

    Attributes
    ----------
    values: float64[n_numbers, LEVELS], quantiles at equal steps of probability, ascending.

    """

    values: Floats

    @classmethod
    def of(cls, numbers: Floats) -> Quantiles:
        """Quantiles of float64[n, n_numbers]; a number that is never defined is 0."""
        levels = np.linspace(0, 1, LEVELS)
        values = np.zeros((numbers.shape[1], LEVELS))
        for row, column in zip(values, numbers.T, strict=True):
            defined = column[~np.isnan(column)]
            if defined.size:
                row[:] = np.quantile(defined, levels, method="closest_observation")
                row[0], row[-1] = defined.min(), defined.max()
        return cls(values)

    def forward(self, numbers: Floats, random: np.random.Generator) -> NDArray[np.float32]:
        """Standard Gaussians float32[n, n_numbers]."""
        from scipy.special import ndtri

        result = np.empty(numbers.shape, np.float32)
        last = LEVELS - 1
        for i, (grid, column) in enumerate(zip(self.values, numbers.T, strict=True)):
            below, above = np.searchsorted(grid, column, "left"), np.searchsorted(grid, column, "right")
            low = np.clip(below - 1, 0, last - 1)
            width = grid[low + 1] - grid[low]
            between = low + (column - grid[low]) / np.where(width > 0, width, 1)
            drawn = below + random.random(len(column)) * (above - 1 - below)
            rank = np.where(above > below, drawn, between) / last
            rank = np.where(np.isnan(column), random.random(len(column)), rank)
            result[:, i] = ndtri(np.clip(rank, 0.5 / last / 20, 1 - 0.5 / last / 20))
        return result

    def backward(self, gaussians: NDArray[np.float32]) -> Floats:
        """Inverse of `forward`: float64[n, n_numbers]."""
        from scipy.special import ndtr

        result = np.empty(gaussians.shape)
        last = LEVELS - 1
        for i, (grid, column) in enumerate(zip(self.values, gaussians.T, strict=True)):
            at = ndtr(column.astype(np.float64)) * last
            low = np.minimum(at.astype(np.int64), last - 1)
            part = at - low
            frequent = np.zeros(LEVELS, bool)
            frequent[1:] |= grid[1:] == grid[:-1]
            frequent[:-1] |= grid[1:] == grid[:-1]
            # Nothing lies between a frequent value and its neighbour.
            part = np.where(frequent[low] | frequent[low + 1], np.round(part), part)
            result[:, i] = grid[low] * (1 - part) + grid[low + 1] * part
        return result
