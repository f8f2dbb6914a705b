"""solved: trainings without gradient descent, trees and quadratic forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope import classifier
from tailscope.errors import TrainingError
from tailscope.optional import needing
from tailscope.record import Epoch, TrainingRecord

from .bench import Bench
from .plan import Training
from .recorded import recorded

with needing("torch", "fitting", TrainingError):
    import torch

LEARNING_RATE = 0.1
"""Of trees, whatever that of the networks beside them is."""
MOST_EVENTS = 200_000
"""That a form with some hundreds of coefficients learns from, evenly spread."""


def solved(
    training: Training, bench: Bench, after_epoch: Callable[[int, float, float], None]
) -> tuple[dict[str, NDArray[Any]], TrainingRecord]:
    """Train: logits of the scored events, float32[n_scored, 1], and what happened.

    Nothing but these logits is kept: trees of scikit-learn have no form on disk but a pickle.
    """
    logits, losses, best, rate = SOLUTIONS[training.settings.network](training, bench)
    after_epoch(training.settings.epochs, *losses[-1])
    epochs = (Epoch(train_loss=t, validation_loss=held, learning_rate=rate) for t, held in losses)
    record = recorded(training, best_epochs=(best,), learning_rate=rate, epochs=epochs)
    return {"logits": logits[:, None].astype(np.float32)}, record


Solution = tuple[NDArray[np.float64], tuple[tuple[float, float], ...], int, float]
"""Logits, losses of each epoch, the best epoch, and the learning rate."""


def _trees(training: Training, bench: Bench) -> Solution:
    found = classifier.boosted(
        bench.for_trees,
        training.labels.is_reference,
        training.labels.weight,
        training.train,
        training.validation,
        training.scored,
        seed=training.seed,
        learning_rate=LEARNING_RATE,
        epochs=training.settings.epochs,
        threads=bench.threads,
    )
    return found.logits, found.losses, found.best, LEARNING_RATE


def _quadratic(training: Training, bench: Bench) -> Solution:
    if not training.settings.whiten:  # too many inputs for that: their observables
        return _form(classifier.quadratic, bench.normal_scores(training), training)
    seen, device = bench.rows_for(training), bench.pool.device

    def whitened(rows: NDArray[np.int64]) -> NDArray[np.float32]:
        return seen.inputs(torch.from_numpy(rows).to(device))[0].cpu().numpy()

    return _form(classifier.quadratic, whitened, training)


def _additive(training: Training, bench: Bench) -> Solution:
    return _form(classifier.additive, bench.normal_scores(training), training)


def _form(
    terms: classifier.Terms, seen: Callable[[NDArray[np.int64]], NDArray[np.float32]], training: Training
) -> Solution:
    """Epochs are the ridges that were tried; ``seen``: inputs of ascending rows."""
    labels = training.labels

    def events(rows: NDArray[np.int64]) -> classifier.Events:
        rows = np.sort(rows)[:: -(-rows.size // MOST_EVENTS)]
        weight = None if labels.weight is None else labels.weight[rows]
        return classifier.Events(seen(rows), labels.is_reference[rows], weight)

    found = classifier.regression(terms, events(training.train), events(training.validation))
    order = np.argsort(training.scored)
    logits = np.empty(order.size)
    logits[order] = found.logits(seen(training.scored[order]))
    return logits, found.losses, found.best, 1.0


SOLUTIONS = {"trees": _trees, "quadratic": _quadratic, "additive": _additive}
