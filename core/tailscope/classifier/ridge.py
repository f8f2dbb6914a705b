"""Logistic regression on terms, with a ridge that held-out events choose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from threadpoolctl import threadpool_limits

RIDGES = (1000.0, 300.0, 100.0, 30.0, 10.0)
"""Events that say that a coefficient is 0: from a form that is held back to one that is not."""
RISEN = 1e-4
"""Nats by which the validation loss rises where the ridges that follow are not tried."""
STEPS = 12
"""Of the minimisation, at most, from the form of one ridge to that of the next."""

PART = 50_000
"""Events whose logits are computed together."""

Floats = NDArray[np.float64]
Terms = Callable[[NDArray[np.floating]], NDArray[np.float32]]
"""float[n, n_inputs] -> float32[n, n_terms], the first of which is 1: `quadratic`, `additive`."""


@dataclass(frozen=True, eq=False)
class Events:
    """Events to learn from.

    Attributes
    ----------
    z: float[n, n_inputs] of about unit variance.
    is_reference: bool[n].
    weight: float64[n], event weights, or None where all are 1.

    """

    z: NDArray[np.floating]
    is_reference: NDArray[np.bool_]
    weight: Floats | None


@dataclass(frozen=True, eq=False)
class Form:
    """A sum of terms.

    Attributes
    ----------
    terms: what is summed.
    coefficients: float64[n_terms].
    losses: for each ridge that was tried the training and the validation loss in nats.
    best: the ridge of the lowest validation loss, counted from 1.

    """

    terms: Terms
    coefficients: Floats
    losses: tuple[tuple[float, float], ...]
    best: int

    def logits(self, z: NDArray[np.floating]) -> Floats:
        """log[p(reference|x)/p(generated|x)] for the training sums of event weights, float64[n]."""
        beta = self.coefficients.astype(np.float32)
        parts = [self.terms(z[start : start + PART]) @ beta for start in range(0, len(z), PART)]
        return np.concatenate([np.empty(0), *parts])


def regression(terms: Terms, train: Events, validation: Events) -> Form:
    """min_beta sum_i v_i BCE(y_i, beta t(z_i)) + ridge |beta|^2/2 by L-BFGS, without a ridge of the constant.

    Each ridge begins where the last one ended.
    """
    learned, held = (_Loss(terms(e.z), e.is_reference, e.weight) for e in (train, validation))
    beta = np.zeros(learned.n_terms)
    found: list[tuple[Floats, float, float]] = []
    with threadpool_limits(1, user_api="blas"):  # of vectors this short, threads only wait for each other
        for ridge in RIDGES:
            beta = learned.minimised(beta, ridge)
            found.append((beta, learned.mean(beta), held.mean(beta)))
            if found[-1][2] > min(loss for _, _, loss in found) + RISEN:
                break
    best = int(np.argmin([loss for _, _, loss in found]))
    return Form(terms, found[best][0], tuple((train, held) for _, train, held in found), best + 1)


class _Loss:
    """Cross-entropy of some events as a function of the coefficients; torch keeps to its threads."""

    def __init__(self, t: NDArray[np.float32], labels: NDArray[np.bool_], v: Floats | None) -> None:
        self.n_terms = t.shape[1]
        self._t, self._labels = torch.from_numpy(t), labels.astype(np.float64)
        self._v = np.ones(labels.size) if v is None else v

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
