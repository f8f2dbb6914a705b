"""A quadratic form as a classifier: few parameters, so that it finds the little that few events tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from threadpoolctl import threadpool_limits

MOST_INPUTS = 100
"""Inputs that are looked at, the first,"""
MOST_PRODUCTS = 30
"""and those whose products with each other are; of the others, themselves and squares."""
REACH = 4.0
"""Standard deviations beyond which an input counts as that."""
RIDGES = (1000.0, 300.0, 100.0, 30.0, 10.0)
"""Events that say that a coefficient is 0: from a form that is held back to one that is not."""
RISEN = 1e-4
"""Nats by which the validation loss rises where the ridges that follow are not tried."""
STEPS = 12
"""Of the minimisation, at most, from the form of one ridge to that of the next."""

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

    min_beta sum_i v_i BCE(y_i, beta t(z_i)) + ridge |beta|^2/2 by L-BFGS, without a ridge of the constant;
    each ridge begins where the last one ended. It is exact for Gaussians of any correlations.

    Parameters
    ----------
    z: float[n_rows, n_inputs] of unit variance, the widest first.
    labels: bool[n_rows], true for reference events.
    weights: float64[n_rows], event weights, or None where all are 1.
    train, validation: int64 rows.

    """
    v = np.ones(labels.size) if weights is None else weights
    learned, held = (_Loss(terms(z[rows]), labels[rows], v[rows]) for rows in (train, validation))
    beta = np.zeros(learned.n_terms)
    found: list[tuple[Floats, float, float]] = []
    with threadpool_limits(1, user_api="blas"):  # of vectors this short, threads only wait for each other
        for ridge in RIDGES:
            beta = learned.minimised(beta, ridge)
            found.append((beta, learned.mean(beta), held.mean(beta)))
            if found[-1][2] > min(loss for _, _, loss in found) + RISEN:
                break
    best = int(np.argmin([loss for _, _, loss in found]))
    return Form(found[best][0], tuple((train, held) for _, train, held in found), best + 1)


def terms(z: NDArray[np.floating]) -> NDArray[np.float32]:
    """1, the inputs, their products and squares (less 1): float32[n, n_terms]."""
    z = np.clip(z[:, :MOST_INPUTS], -REACH, REACH).astype(np.float32)
    wide = z[:, :MOST_PRODUCTS]
    one, other = np.triu_indices(wide.shape[1])
    products = wide[:, one] * wide[:, other] - (one == other)
    columns = [np.ones((len(z), 1)), z, products, z[:, MOST_PRODUCTS:] ** 2 - 1]
    return np.concatenate(columns, axis=1, dtype=np.float32)


class _Loss:
    """Cross-entropy of some events as a function of the coefficients; torch keeps to its threads."""

    def __init__(self, t: NDArray[np.float32], labels: NDArray[np.bool_], v: Floats) -> None:
        self.n_terms = t.shape[1]
        self._t, self._labels, self._v = torch.from_numpy(t), labels.astype(np.float64), v

    def mean(self, beta: Floats) -> float:
        """In nats an event."""
        logits = self._logits(beta)
        return float(np.average(np.logaddexp(0, logits) - self._labels * logits, weights=self._v))

    def minimised(self, beta: Floats, ridge: float) -> Floats:
        """Coefficients of the lowest sum with a ridge, from others on."""
        held_back = np.append(0.0, np.full(self.n_terms - 1, ridge))

        def loss(p: Floats) -> tuple[float, Floats]:
            logits = self._logits(p)
            pull = self._v * (expit(logits) - self._labels)
            slope = (torch.from_numpy(pull.astype(np.float32)) @ self._t).double().numpy()
            total = self._v @ (np.logaddexp(0, logits) - self._labels * logits)
            return float(total + 0.5 * (held_back @ p**2)), slope + held_back * p

        return np.asarray(minimize(loss, beta, jac=True, method="L-BFGS-B", options={"maxiter": STEPS}).x)

    def _logits(self, beta: Floats) -> Floats:
        return np.asarray((self._t @ torch.from_numpy(beta.astype(np.float32))).double().numpy())
