"""How fast a training goes: its batches, its rates, how much its average forgets."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from tailscope.config import TrainingSettings

PLATEAU_FACTOR, PLATEAU_PATIENCE = 0.1, 5
WARM_UP = 0.2
"""Part of a one-cycle schedule in which the rate rises."""
SMALLEST_BATCH = 256
"""Events that a batch keeps where it is made smaller."""


@dataclass(frozen=True)
class Batches:
    """How the rows of a training are dealt to batches in each epoch.

    Attributes
    ----------
    wanted: by which schedules count, as many as the batch size asks for.
    size: events of each but the last one, which may have fewer.
    taken: that it takes to go through all rows; fewer than wanted where rows are few.

    """

    wanted: int
    size: int
    taken: int

    @classmethod
    def of(cls, rows: int, settings: TrainingSettings) -> Batches:
        """Those of so many rows, so small that a training has enough of them (``fewest_batches``)."""
        most = settings.batch_size
        if settings.fewest_batches:
            most = min(most, max(SMALLEST_BATCH, rows * settings.epochs // settings.fewest_batches))
        wanted = max(1, math.ceil(rows / most))
        size = math.ceil(rows / wanted)
        return cls(wanted, size, math.ceil(rows / size))


def one_cycle(t: float) -> float:
    """Rate at part t of the training, over its maximum: linear warm-up, then a cosine to zero."""
    if t < WARM_UP:
        return 0.04 + 0.96 * t / WARM_UP
    return 0.5 * (1 + math.cos(math.pi * (t - WARM_UP) / (1 - WARM_UP)))


def average_decay(settings: TrainingSettings, step: int) -> float:
    """What the moving average of the parameters keeps of itself in a step.

    It grows with the steps, so that the start is forgotten; 0 without an average.
    """
    return min(settings.average, (1 + step) / (10 + step)) if settings.average else 0.0


@dataclass
class Plateau:
    """A rate that is lowered to a tenth after `PLATEAU_PATIENCE` epochs without a new best loss.

    Attributes
    ----------
    rate: as it is now.
    since: epochs without a new best loss.
    best: loss so far.

    """

    rate: float
    since: int = 0
    best: float = math.inf

    def after(self, loss: float) -> None:
        """Take note of the validation loss of an epoch."""
        if loss < self.best:
            self.best, self.since = loss, 0
            return
        self.since += 1
        if self.since > PLATEAU_PATIENCE:
            self.rate *= PLATEAU_FACTOR
            self.since = 0

    def as_tensor(self) -> Tensor:
        """float64[3], for a checkpoint."""
        return torch.tensor([self.rate, self.since, self.best], dtype=torch.float64)

    @classmethod
    def from_tensor(cls, values: Tensor) -> Plateau:
        """Inverse of `as_tensor`."""
        rate, since, best = values.tolist()
        return cls(rate, int(since), best)
