"""Gradient-boosted trees: a second opinion that shares no fault with networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import TrainingError
from tailscope.optional import needing

with needing("sklearn", "boosted trees", TrainingError):
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

SETTINGS: dict[str, Any] = {
    "max_leaf_nodes": 15,
    "min_samples_leaf": 40,
    "l2_regularization": 1.0,
    "max_features": 0.3,
    "early_stopping": True,
    "n_iter_no_change": 15,
    "tol": 0.0,
}
"""Small trees that look at a third of the inputs at every node: what one event does to them is held back, and
of many inputs that tell the same all have their turn."""
ROUNDS = 25
"""Trees that count as an epoch of the history."""
MOST_ROWS = 500_000
"""Events that trees are grown from; more of them take long, and tell them little."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Boosted:
    """What boosting leaves.

    Attributes
    ----------
    logits: float64[n_scored], log[p(reference|x)/p(generated|x)] for the training sums of event weights.
    losses: after each epoch (`ROUNDS` trees) the training and the validation loss in nats.
    best: the epoch in which the validation loss was lowest, counted from 1.

    """

    logits: Floats
    losses: tuple[tuple[float, float], ...]
    best: int


def boosted(
    inputs: NDArray[np.floating],
    labels: NDArray[np.bool_],
    weights: Floats | None,
    train: NDArray[np.int64],
    validation: NDArray[np.int64],
    scored: NDArray[np.int64],
    *,
    seed: int,
    learning_rate: float = 0.1,
    epochs: int = 15,
    threads: int | None = None,
) -> Boosted:
    """Grow trees until the validation loss rises, and give the logits of other events.

    Histogram-based gradient boosting of scikit-learn with the binary cross-entropy; the logits are those of
    the trees up to the lowest validation loss.

    Parameters
    ----------
    inputs: float[n_rows, n_inputs]; NaN is a value of its own.
    labels: bool[n_rows], true for reference events.
    weights: float64[n_rows], event weights, none below 0, or None where all are 1 (ten times as fast).
    train, validation, scored: int64 rows.
    epochs: at most so many times `ROUNDS` trees.
    threads: at most so many; None for all.

    """
    if train.size > MOST_ROWS:
        train = np.sort(np.random.default_rng(seed).choice(train, MOST_ROWS, replace=False))
    trees = HistGradientBoostingClassifier(
        **SETTINGS, learning_rate=learning_rate, max_iter=epochs * ROUNDS, random_state=seed % 2**32
    )
    y = labels.astype(np.int64)
    v, v_held = (None, None) if weights is None else (weights[train], weights[validation])
    held_out = {"X_val": inputs[validation], "y_val": y[validation], "sample_weight_val": v_held}
    with threadpool_limits(threads, user_api="openmp"):
        trees.fit(inputs[train], y[train], v, **held_out)
        # Losses before the first tree and after each, with their signs turned.
        held = -trees.validation_score_[1:]
        rounds = 1 + int(np.argmin(held))
        for number, stage in enumerate(trees.staged_decision_function(inputs[scored]), 1):
            logits = np.asarray(stage, np.float64)
            if number == rounds:
                break
    last = np.minimum(np.arange(ROUNDS, held.size + ROUNDS, ROUNDS), held.size) - 1
    losses = np.stack([-trees.train_score_[1:][last], held[last]], axis=1)
    return Boosted(logits, tuple((float(t), float(h)) for t, h in losses), 1 + (rounds - 1) // ROUNDS)
