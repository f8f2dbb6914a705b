"""A training that is to be done, and what it says while it runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Event

from tailscope.storage.cache import Cache

from .bench import Bench
from .plan import Training
from .progress import EpochDone, Listener
from .training import Trained, run


@dataclass(frozen=True, eq=False)
class Job:
    """A training and its place among all that are to be done.

    Attributes
    ----------
    number, of: which one of how many, counted from 0.
    training: what is to be done.

    """

    number: int
    of: int
    training: Training

    def run(self, bench: Bench, store: Cache, tell: Listener, stop: Event | None = None) -> Trained:
        """Run it here and now; see `training.run`."""
        last: list[EpochDone] = []

        def after_epoch(epoch: int, train_loss: float, validation_loss: float) -> None:
            last[:] = [self.told(epoch, train_loss, validation_loss)]
            tell(last[0])

        trained = run(self.training, bench, store, after_epoch, stop)
        if not last:  # the cache held it
            ended = trained.record.epochs[-1]
            last = [self.told(0, ended.train_loss, ended.validation_loss)]
        if last[0].epoch < last[0].epochs:
            tell(replace(last[0], epoch=last[0].epochs))
        return trained

    def told(self, epoch: int, train_loss: float, validation_loss: float) -> EpochDone:
        """Say that an epoch is over."""
        return EpochDone(
            self.number, self.of, epoch, self.training.settings.epochs, train_loss, validation_loss
        )


Done = tuple[Job, Trained]
"""A job and what it left."""
