"""What weights that exist leave to learn: a second classifier that begins where they end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import TrainingError
from tailscope.optional import needing
from tailscope.weights.calibration import probability
from tailscope.weights.events import Floats

from .quadratic import quadratic

with needing("sklearn", "a second look at the weights", TrainingError):
    from sklearn.ensemble import HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

ROUNDS = 30
"""Trees: few, since what is left is little."""
RIDGE = 10.0
"""Events that say that a coefficient of the quadratic form is 0."""
CODES = 250
"""Bins of an input, each with as many events."""


def residual_score(
    inputs: NDArray[np.floating],
    axes: Floats,
    labels: NDArray[np.bool_],
    logits: Floats,
    v: Floats | None,
    fold: NDArray[np.integer],
    *,
    seed: int,
) -> Floats:
    """The logit that is missing from ``logits``, for each fold learned on all others.

    First a quadratic form in whitened observables, by one step of a logistic regression with a ridge (it sees
    correlations, to which trees are blind); then boosted trees on what that leaves of label - C (squared
    loss, which needs no reweighting: however large a weight, |label - C| <= 1). The step's curvature is
    (label - C)^2, whose expectation is C(1 - C) if the weights are right (Berndt, Hall, Hall and Hausman,
    Ann. Econ. Soc. Meas. 3 (1974) 653), and which is no less where they are far too extreme.

    Parameters
    ----------
    inputs: float[n, n_inputs] of trees; `codes` of what is to be seen. NaN is a value of its own.
    axes: float64[n, n_axes], `whitened` observables, the widest first.
    labels: bool[n], true for reference events.
    logits: float64[n], of a reference event, which the weights give; infinite ones are allowed.
    v: float64[n], event weights, or None; trees grow without those below 0.
    fold: int[n].

    Returns
    -------
    float64[n]; 0 where there is one fold alone.

    """
    c = probability(logits)
    weight = np.ones(labels.size) if v is None else v
    form_terms = quadratic(axes)
    curved = (np.abs(weight) * (labels - c) ** 2).astype(np.float32)
    left = (weight * (labels - c)).astype(np.float32)
    numbers = np.unique(fold)
    rows = [np.flatnonzero(fold == number) for number in numbers]
    hessians = [((form_terms[r] * curved[r, None]).T @ form_terms[r]).astype(np.float64) for r in rows]
    slopes = [(left[r] @ form_terms[r]).astype(np.float64) for r in rows]
    ridge = np.diag(np.r_[1.0, np.full(form_terms.shape[1] - 1, RIDGE)])
    grown = None if v is None else np.maximum(v, 0.0)
    found = np.zeros(labels.size)
    if numbers.size < 2:
        return found
    for number, scored, hessian, slope in zip(numbers, rows, hessians, slopes, strict=True):
        step = np.linalg.solve(sum(hessians) - hessian + ridge, sum(slopes) - slope)
        form = (form_terms @ step.astype(np.float32)).astype(np.float64)
        train = np.flatnonzero(fold != number)
        trees = HistGradientBoostingRegressor(
            max_iter=ROUNDS, max_leaf_nodes=8, min_samples_leaf=40, l2_regularization=1.0, max_features=0.3,
            early_stopping=False, random_state=(seed + int(number)) % 2**32,
        )  # fmt: skip
        still = labels[train] - probability(logits[train] + form[train])
        with threadpool_limits(1, user_api="openmp"):
            trees.fit(inputs[train], still, None if grown is None else grown[train])
            more = trees.predict(inputs[scored])
        found[scored] = form[scored] + more / max(float(np.mean((labels - c) ** 2)), 1e-3)
    return found


def codes(columns: NDArray[np.floating]) -> NDArray[np.float32]:
    """Columns as numbers of bins of as many events each, NaN where they are not finite: for trees.

    Of so few distinct values scikit-learn makes its bins at once; where events have weights it makes weighted
    quantiles of all others, for which trees took 18 times as long to grow (19,200 events, 58 columns).
    """
    found = np.full(columns.shape, np.nan, np.float32)
    for target, column in zip(found.T, columns.T, strict=True):
        finite = np.isfinite(column)
        if finite.any():
            edges = np.unique(np.quantile(column[finite], np.linspace(0, 1, CODES + 1)[1:-1]))
            target[finite] = np.searchsorted(edges, column[finite], side="right")
    return found
