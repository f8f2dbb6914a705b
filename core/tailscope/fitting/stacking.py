"""Stacking: each candidate counts by what it tells of events that were not learned from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PARTS = 5
"""Parts that the events of a single scored fold are dealt to."""
SHRINKAGE = 1.0
"""Of the coefficients, towards 0: SHRINKAGE sum a_c^2/2 is added. It decides only where nothing else does."""


def stacked(
    log_w: NDArray[np.floating],
    is_reference: NDArray[np.bool_],
    weight: Floats | None,
    fold: NDArray[np.integer],
) -> tuple[Floats, Floats]:
    """Log weights of all candidates together, and how much each counted.

    For the events of each fold, on the out-of-fold log weights l_c of the events of all others,

        min over a_c >= 0, b of   sum_i v_i BCE(y_i, sum_c a_c l_c(x_i) + b),

    with the event weights v of both samples scaled to the same sum (so that log w stays a ratio of
    normalised densities). A candidate that learned noise gets little, one that is too tame gets more than 1:
    the sum of the a_c recalibrates. (Stacking: Wolpert, Neural Networks 5 (1992) 241; with a_c >= 0: Breiman,
    Machine Learning 24 (1996) 49.) No event has a say in its own coefficients.

    Parameters
    ----------
    log_w: float[n_events, n_candidates, n_members].
    is_reference: bool[n_events].
    weight: float64[n_events], event weights, or None where all are 1.
    fold: integer[n_events]; where all events have the same one, every `PARTS`-th makes a part.

    Returns
    -------
    float64[n_events, n_members], of which the means over members have been fitted; and float64[n_parts,
    n_candidates], the coefficients a_c.

    """
    parts = fold if np.unique(fold).size > 1 else _dealt(is_reference)
    v = np.ones(fold.size) if weight is None else weight.astype(np.float64)
    for side in (is_reference, ~is_reference):
        v[side] *= 0.5 * fold.size / v[side].sum()
    means = log_w.astype(np.float64).mean(axis=2)
    result = np.empty((fold.size, log_w.shape[2]))
    found = []
    for part in np.unique(parts):
        others = parts != part
        *a, b = _coefficients(means[others], is_reference[others], v[others])
        result[~others] = np.einsum("ncm,c->nm", log_w[~others].astype(np.float64), np.array(a)) + b
        found.append(a)
    return result, np.array(found)


def _dealt(is_reference: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Parts of equal size in each sample."""
    parts = np.empty(is_reference.size, np.int64)
    for side in (is_reference, ~is_reference):
        parts[side] = np.arange(int(side.sum())) % PARTS
    return parts


def _coefficients(x: Floats, is_reference: NDArray[np.bool_], v: Floats) -> list[float]:
    """Of the columns of x, none below 0, and the constant."""
    from scipy.optimize import minimize
    from scipy.special import expit

    y = is_reference.astype(np.float64)

    def loss(p: Floats) -> tuple[float, Floats]:
        a, b = p[:-1], p[-1]
        logit = x @ a + b
        slope = v * (expit(logit) - y)
        value = (v * (np.logaddexp(0, logit) - y * logit)).sum() + 0.5 * SHRINKAGE * (a @ a)
        gradient = np.append(x.T @ slope + SHRINKAGE * a, slope.sum())
        return float(value) / len(x), gradient / len(x)

    n = x.shape[1]
    start = np.append(np.full(n, 1 / n), 0.0)
    bounds = [(0.0, None)] * n + [(None, None)]
    options = {"maxiter": 500, "ftol": 1e-12, "gtol": 1e-8}
    best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return [float(value) for value in best.x]
