"""What a stopped training needs to go on, and its form in the cache."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tailscope.record import Epoch, plain, typed


@dataclass
class Progress:
    """Everything a stopped training needs to go on as if it had never stopped, at the end of an epoch.

    Attributes
    ----------
    epoch: epochs done.
    tensors: parameters, their average, the best ones, optimiser moments, random state; by name.
    history: what happened in each epoch.
    best: the epochs that are kept and their validation losses, best first; epoch numbers start with 1. Their
        parameters are the tensors "best.<epoch>.<name>"; those after the epochs that are watched
        (`FitConfig.watch_epochs`), "watch.<epoch>.<name>".

    """

    epoch: int = 0
    tensors: dict[str, Tensor] = field(default_factory=dict)
    history: list[Epoch] = field(default_factory=list)
    best: list[tuple[int, float]] = field(default_factory=list)

    @property
    def best_epoch(self) -> int:
        """The epoch of the lowest validation loss; 0 before the first one ends."""
        return self.best[0][0] if self.best else 0

    def state(self, prefix: str) -> dict[str, Tensor]:
        """The tensors whose names begin with the prefix, without it."""
        return {k.removeprefix(prefix): v for k, v in self.tensors.items() if k.startswith(prefix)}

    def watch(self, state: dict[str, Tensor], epoch: int) -> None:
        """Keep the state as that after an epoch."""
        self.tensors |= {f"watch.{epoch}.{k}": v.detach().cpu().clone() for k, v in state.items()}

    def keep(self, state: dict[str, Tensor], loss: float, most: int) -> None:
        """Keep the state of this epoch if it is one of the ``most`` best ones."""
        self.best = sorted([*self.best, (self.epoch, loss)], key=lambda one: one[1])[:most]
        kept = {epoch for epoch, _ in self.best}
        if self.epoch in kept:
            self.tensors |= {f"best.{self.epoch}.{k}": v.detach().clone() for k, v in state.items()}
        self.tensors = {
            k: v for k, v in self.tensors.items() if not k.startswith("best.") or int(k.split(".")[1]) in kept
        }


def as_arrays(tensors: dict[str, Tensor]) -> dict[str, NDArray[Any]]:
    """Tensors as numpy arrays, for the cache."""
    return {k: v.detach().cpu().numpy() for k, v in tensors.items()}


def as_tensors(arrays: dict[str, NDArray[Any]]) -> dict[str, Tensor]:
    """Inverse of `as_arrays`; the tensors own their memory."""
    return {k: torch.from_numpy(np.array(v)) for k, v in arrays.items()}


def packed(progress: Progress) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """A progress as arrays and JSON data, for the cache."""
    data = {"epoch": progress.epoch, "history": plain(progress.history)}
    return as_arrays(progress.tensors), data | {"best": progress.best}


def unpacked(arrays: dict[str, NDArray[Any]], data: dict[str, Any]) -> Progress:
    """Inverse of `packed`."""
    return Progress(
        data["epoch"],
        as_tensors(arrays),
        typed(data["history"], list[Epoch]),
        [(int(e), float(loss)) for e, loss in data["best"]],
    )
