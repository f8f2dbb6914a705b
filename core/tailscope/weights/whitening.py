"""Observables without their correlations: normal scores, turned onto their principal axes, of unit variance.

Two observables that are nearly the same (an energy and its sum with a little more) differ in a direction that
neither shows: bins and trees look along one at a time. On these axes it is one of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .events import Floats

OUTLYING = 5.0
"""Scores of logarithms end at so many standard deviations."""
LEAST = 1e-3
"""Least variance along an axis, in units of the mean: less is the noise of rounding, and not blown up."""


@dataclass(frozen=True, eq=False)
class Whitened:
    """Events on the principal axes of their scores.

    Attributes
    ----------
    values: float64[n_events, n_axes], of unit variance but for axes of less than `LEAST`.
    axes: float64[n_columns, n_axes]; the unit vector of each, in scores.

    """

    values: Floats
    axes: Floats


def scores(columns: NDArray[np.floating]) -> Floats:
    """Standardised logarithms of columns that are positive throughout, normal scores of all others.

    The logarithm keeps a ratio of two energies sharp over decades, which ranks do not; ranks tame any tail.

    Parameters
    ----------
    columns: float[n_events, n_columns]; what is not finite gets the score 0, the middle.

    Returns
    -------
    float64[n_events, n_columns] of mean 0 and unit variance, 0 throughout where all values are alike.

    """
    found = np.zeros(columns.shape)
    for target, column in zip(found.T, columns.T, strict=True):
        finite = np.isfinite(column)
        values = column[finite].astype(np.float64)
        if values.size and np.ptp(values) > 0:
            target[finite] = _standard(np.log(values)) if values.min() > 0 else _standard(_normal(values))
    return found


def whitened(scores: Floats) -> Whitened:
    """Turn scores (float64[n_events, n_columns]) onto their principal axes, the widest first."""
    variances, axes = np.linalg.eigh(scores.T @ scores / len(scores))
    variances, axes = variances[::-1], axes[:, ::-1]
    # Of vectors that only differ in sign, the same one on all machines.
    axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])] < 0, -1.0, 1.0)
    least = max(LEAST * float(variances.mean()), np.finfo(float).tiny)
    return Whitened(scores @ axes / np.sqrt(np.maximum(variances, least)), axes)


def _normal(values: Floats) -> Floats:
    """Normal quantiles of the ranks; equal values have their mean rank."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    quantiles: Floats = ndtri((rankdata(values) - 0.5) / values.size)
    return quantiles


def _standard(values: Floats) -> Floats:
    """Mean 0 and unit variance, without outliers."""
    clipped: Floats = np.clip((values - values.mean()) / values.std(), -OUTLYING, OUTLYING)
    standard: Floats = (clipped - clipped.mean()) / clipped.std()
    return standard
