"""Normalizing flow: neural splines (Durkan et al., arXiv:1906.04032), from zuko."""

from __future__ import annotations

import importlib
from typing import Any

import torch
from torch import Tensor

from tailscope.errors import ConfigError
from tailscope.optional import needing

from .network import GenerativeNetwork, Optimiser

AUTOREGRESSIVE_UP_TO = 32
"""Numbers an event; drawing takes as many passes. With more, half of the numbers are transformed at once."""
MOST_VALUES = 2_000
TRANSFORMS, BINS = 3, 8


class Flow(GenerativeNetwork):
    """Trained by maximum likelihood; the loss is -log p of the Gaussianised numbers."""

    def __init__(self, n_values: int, n_given: int, hidden: int) -> None:
        super().__init__()
        if n_values > MOST_VALUES:
            raise ConfigError(
                f"an event has {n_values:,} numbers, a flow takes at most {MOST_VALUES:,}; choose the vae "
                "or the gan"
            )
        with needing("zuko", "the flow", ConfigError, "choose the vae or the gan"):
            flows: Any = importlib.import_module("zuko.flows")
        self.flow = flows.NSF(
            n_values,
            context=n_given,
            transforms=TRANSFORMS,
            bins=BINS,
            passes=None if n_values <= AUTOREGRESSIVE_UP_TO else 2,
            hidden_features=(hidden, hidden),
        )

    def start(self, learning_rate: float, steps: int) -> None:
        """See `GenerativeNetwork`."""
        self.optimiser = Optimiser(self.flow.parameters(), learning_rate, steps)

    def step(self, values: Tensor, given: Tensor) -> float:
        """See `GenerativeNetwork`."""
        return self.optimiser.minimise(-self._density(given).log_prob(values).mean())

    def draw(self, given: Tensor) -> Tensor:
        """See `GenerativeNetwork`."""
        if given.shape[1]:
            return torch.as_tensor(self._density(given).sample())
        return torch.as_tensor(self._density(given).sample((len(given),)))

    def _density(self, given: Tensor) -> Any:
        return self.flow(given) if given.shape[1] else self.flow()
