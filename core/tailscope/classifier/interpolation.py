"""Weights of some events, carried over to others: trees learn log w as a function of x."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import TrainingError
from tailscope.optional import needing
from tailscope.weights.events import Floats

with needing("sklearn", "weights of the other sample", TrainingError):
    from sklearn.ensemble import HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

ROUNDS = 300
FOLDS = 5


@dataclass(frozen=True, eq=False)
class Interpolated:
    """What trees make of weights that exist.

    Attributes
    ----------
    log_w: float64[m], of the other events: the mean of what the trees of all folds say.
    held_out: float64[n], of the events whose log w is known, by trees that never saw them.

    """

    log_w: Floats
    held_out: Floats


def interpolated(
    known: NDArray[np.floating],
    log_w: Floats,
    v: Floats | None,
    others: NDArray[np.floating],
    *,
    seed: int,
) -> Interpolated:
    """Learn log w(x) by least squares, in `FOLDS` folds, and give that of other events.

    Parameters
    ----------
    known: float[n, n_inputs]; NaN is a value of its own.
    log_w: float64[n], finite.
    v: float64[n], event weights, none below 0, or None.
    others: float[m, n_inputs].

    """
    # Events that are alike share a fold: nobody learns of itself.
    alike = np.unique(np.ascontiguousarray(known), axis=0, return_inverse=True)[1].reshape(-1)
    fold = np.random.default_rng(seed).permutation(int(alike.max()) + 1)[alike] % FOLDS
    held_out, found = np.empty(log_w.size), np.zeros(len(others))
    for number in range(FOLDS):
        train, rest = fold != number, fold == number
        trees = HistGradientBoostingRegressor(
            max_iter=ROUNDS, max_leaf_nodes=15, min_samples_leaf=20, l2_regularization=1.0,
            early_stopping=True, n_iter_no_change=15, random_state=seed + number,
        )  # fmt: skip
        with threadpool_limits(1, user_api="openmp"):
            trees.fit(known[train], log_w[train], None if v is None else v[train])
            held_out[rest] = trees.predict(known[rest])
            found += trees.predict(others) / FOLDS
    return Interpolated(found, held_out)
