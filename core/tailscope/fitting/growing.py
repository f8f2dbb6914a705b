"""grown: the trees of one training, and their logits of the events that it scores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope import classifier
from tailscope.record import Epoch, TrainingRecord

from .bench import Bench
from .plan import Training

LEARNING_RATE = 0.1
"""Of trees, whatever that of the networks beside them is."""


def grown(
    training: Training, bench: Bench, after_epoch: Callable[[int, float, float], None]
) -> tuple[dict[str, NDArray[Any]], TrainingRecord]:
    """Grow trees: their logits, float32[n_scored, 1], and what happened.

    Nothing but these logits is kept: trees of scikit-learn have no form on disk but a pickle.
    """
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
    after_epoch(len(found.losses), *found.losses[-1])
    record = TrainingRecord(
        fold=training.fold,
        member=training.member,
        kind=training.kind,
        seed=training.seed,
        train_events=training.train.size,
        validation_events=training.validation.size,
        best_epoch=found.best,
        best_epochs=(found.best,),
        learning_rate=LEARNING_RATE,
        epochs=tuple(
            Epoch(train_loss=train, validation_loss=held, learning_rate=LEARNING_RATE)
            for train, held in found.losses
        ),
    )
    return {"logits": found.logits[:, None].astype(np.float32)}, record
