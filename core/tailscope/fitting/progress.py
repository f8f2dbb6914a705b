"""What a long computation says while it runs, and the bar that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class EpochDone:
    """One epoch of one training is over.

    Attributes
    ----------
    training, trainings: which one of how many (folds x members, times the null runs), counted from 0.
        Several can run at once; of those that the cache holds the end is told.
    epoch, epochs: epochs done of at most so many; ``epoch == epochs`` also when it stopped early.
    train_loss, validation_loss: binary cross-entropy; ln 2 = 0.693 is what guessing gives.

    """

    training: int
    trainings: int
    epoch: int
    epochs: int
    train_loss: float
    validation_loss: float


Listener = Callable[[EpochDone], None]


class Share:
    """Which share of all trainings is done, each counted by its epochs, from what was told of them."""

    def __init__(self) -> None:
        self._share_of: dict[int, float] = {}

    def after(self, done: EpochDone) -> float:
        """The share after one epoch more, 0 to 1."""
        self._share_of[done.training] = done.epoch / done.epochs
        return sum(self._share_of.values()) / done.trainings


@contextmanager
def listener(progress: bool | Listener) -> Iterator[Listener]:
    """The listener itself, or a bar on the terminal or in the notebook (True), or silence (False)."""
    if callable(progress):
        yield progress
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("[bold]training classifiers"),
        BarColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, disable=not progress) as bar:
        task = bar.add_task("reading events", total=None)

        share = Share()

        def show(done: EpochDone) -> None:
            bar.update(
                task,
                total=1.0,
                completed=share.after(done),
                description=f"{done.training + 1}/{done.trainings}, epoch {done.epoch}, "
                f"loss {done.train_loss:.4f} (validation {done.validation_loss:.4f})",
            )

        yield show
