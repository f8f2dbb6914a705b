"""What the networks of all baselines share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from itertools import pairwise

import torch
from torch import Tensor, nn


class GenerativeNetwork(nn.Module, ABC):
    """A network that makes Gaussianised numbers (n, n_values) of what is given (n, n_given).

    ``step`` trains it with one batch and returns what the progress bar shows, ``draw`` makes new events.
    """

    @abstractmethod
    def start(self, learning_rate: float, steps: int) -> None:
        """Prepare for a training of so many steps."""

    @abstractmethod
    def step(self, values: Tensor, given: Tensor) -> float:
        """Train with one batch and return its loss."""

    @abstractmethod
    def draw(self, given: Tensor) -> Tensor:
        """New events (n, n_values), one for each row of ``given``."""


class Optimiser:
    """Adam with a one-cycle rate and clipped gradients."""

    def __init__(
        self, parameters: Iterable[nn.Parameter], learning_rate: float, steps: int, beta: float = 0.9
    ) -> None:
        self.parameters = list(parameters)
        self._adam = torch.optim.Adam(self.parameters, lr=learning_rate, betas=(beta, 0.999))
        self._rate = torch.optim.lr_scheduler.OneCycleLR(self._adam, learning_rate, total_steps=steps)

    def minimise(self, loss: Tensor) -> float:
        """Take one step down and return the loss."""
        self._adam.zero_grad(set_to_none=True)
        torch.autograd.backward(loss, inputs=self.parameters)
        nn.utils.clip_grad_norm_(self.parameters, 5.0)
        self._adam.step()
        self._rate.step()
        return loss.item()


def perceptron(n_inputs: int, hidden: int, n_outputs: int, layers: int = 3) -> nn.Sequential:
    """``layers`` x (linear, SiLU), then a linear layer."""
    widths = [n_inputs, *[hidden] * layers]
    blocks = [m for a, b in pairwise(widths) for m in (nn.Linear(a, b), nn.SiLU())]
    return nn.Sequential(*blocks, nn.Linear(hidden, n_outputs))
