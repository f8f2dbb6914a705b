"""The record of one training: what was asked for, and what happened."""

from __future__ import annotations

from collections.abc import Iterable

from tailscope.record import Epoch, TrainingRecord

from .plan import Training


def recorded(
    training: Training,
    *,
    best_epochs: Iterable[int],
    learning_rate: float,
    epochs: Iterable[Epoch],
    batch_size: int = 0,
    restarted: bool = False,
    squeezed: tuple[int, ...] = (),
) -> TrainingRecord:
    """The record of a training.

    Parameters
    ----------
    best_epochs: whose networks are kept, best first, counted from 1.
    learning_rate, batch_size: those that worked; no batch size where there were no batches.
    epochs: what happened in each.
    restarted: whether it diverged and was trained again at a lower rate.
    squeezed: numbers of inputs of which a few huge values hide the others.

    """
    best = tuple(best_epochs)
    return TrainingRecord(
        fold=training.fold,
        member=training.member,
        kind=training.kind,
        seed=training.seed,
        train_events=training.train.size,
        validation_events=training.validation.size,
        best_epoch=best[0],
        best_epochs=best,
        restarted=restarted,
        learning_rate=learning_rate,
        batch_size=batch_size,
        squeezed=squeezed,
        epochs=tuple(epochs),
    )
