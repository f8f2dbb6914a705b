"""A quadratic form as a classifier: few parameters, so that it finds the little that few events tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

MOST_INPUTS = 100
"""Inputs that are looked at, the first,"""
MOST_PRODUCTS = 30
"""and those whose products with each other are; of the others, themselves and squares."""
REACH = 4.0
"""Standard deviations beyond which an input counts as that."""
RIDGES = (3000.0, 1000.0, 300.0, 100.0, 30.0, 10.0, 3.0, 1.0)
"""Events that say that a coefficient is 0: from a form that is held back to one that is not."""
RISEN = 1e-4
"""Nats by which the validation loss rises where the ridges that follow are not tried."""
STEPS = 8
"""Newton's, at most, from the form of one ridge to that of the next."""
SMALL = 1e-3
"""Steps of all coefficients that are small enough to end."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Form:
    """A quadratic form.

    Attributes
    ----------
    coefficients: float64[n_terms] of the `terms`.
    losses: for each ridge that was tried the training and the validation loss in nats.
    best: the ridge of the lowest validation loss, counted from 1.

    """

    coefficients: Floats
    losses: tuple[tuple[float, float], ...]
    best: int

    def logits(self, z: NDArray[np.floating]) -> Floats:
        """log[p(reference|x)/p(generated|x)] for the training sums of event weights, float64[n]."""
        return np.asarray(terms(z) @ self.coefficients.astype(np.float32), np.float64)


def quadratic(
    z: NDArray[np.floating],
    labels: NDArray[np.bool_],
    weights: Floats | None,
    train: NDArray[np.int64],
    validation: NDArray[np.int64],
) -> Form:
    """Logistic regression on inputs, their squares and products, with a ridge chosen by held-out events.

    min_beta sum_i v_i BCE(y_i, beta t(z_i)) + ridge |beta|^2/2 by Newton's method, without a ridge of the
    constant; each ridge begins where the last one ended. It is exact for Gaussians of any correlations.

    Parameters
    ----------
    z: float[n_rows, n_inputs] of unit variance, the widest first.
    labels: bool[n_rows], true for reference events.
    weights: float64[n_rows], event weights, or None where all are 1.
    train, validation: int64 rows.

    """
    v = np.ones(labels.size) if weights is None else weights
    t, held = terms(z[train]), terms(z[validation])
    y, y_held = labels[train].astype(np.float64), labels[validation].astype(np.float64)
    beta = np.zeros(t.shape[1])
    found: list[tuple[Floats, float, float]] = []
    for ridge in RIDGES:
        beta = _newton(t, y, v[train], ridge, beta)
        found.append((beta, _loss(t @ beta, y, v[train]), _loss(held @ beta, y_held, v[validation])))
        if found[-1][2] > min(loss for _, _, loss in found) + RISEN:
            break
    best = int(np.argmin([loss for _, _, loss in found]))
    return Form(found[best][0], tuple(losses for _, *losses in found), best + 1)  # type: ignore[misc]


def terms(z: NDArray[np.floating]) -> NDArray[np.float32]:
    """1, the inputs, their products and squares (less 1): float32[n, n_terms]."""
    z = np.clip(z[:, :MOST_INPUTS], -REACH, REACH).astype(np.float32)
    wide = z[:, :MOST_PRODUCTS]
    one, other = np.triu_indices(wide.shape[1])
    products = wide[:, one] * wide[:, other] - (one == other)
    columns = [np.ones((len(z), 1)), z, products, z[:, MOST_PRODUCTS:] ** 2 - 1]
    return np.concatenate(columns, axis=1, dtype=np.float32)


def _newton(t: NDArray[np.float32], y: Floats, v: Floats, ridge: float, beta: Floats) -> Floats:
    held_back = np.append(0.0, np.full(beta.size - 1, ridge))
    for _ in range(STEPS):
        chance = expit(t @ beta)
        slope = t.T @ (v * (y - chance)) - held_back * beta
        curved = (np.abs(v) * chance * (1 - chance)).astype(np.float32)
        hessian = (t.T @ (t * curved[:, None])).astype(np.float64)
        hessian[np.diag_indices(beta.size)] += np.maximum(held_back, 1e-6)
        step = np.linalg.solve(hessian, slope)
        beta = beta + step
        if np.abs(step).max() < SMALL:
            break
    return beta


def _loss(logits: Floats, y: Floats, v: Floats) -> float:
    return float(np.average(np.logaddexp(0, logits) - y * logits, weights=v))
