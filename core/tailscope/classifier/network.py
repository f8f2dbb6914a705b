"""The multilayer perceptron of the paper's Table 1."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tailscope.config import TrainingSettings

from .dropout import Dropout, InputDropout
from .standardise import Standardising, standardised


class Classifier(Standardising):
    """Table 1 of the paper: ``layers`` x (linear, leaky ReLU, dropout), then one logit.

    The logit is log[p(reference|x)/p(generated|x)] for the training sums of event weights. Inputs are
    standardised by ``mean`` and ``scale`` of the training events, which are part of the network.
    """

    def __init__(self, n_inputs: int, settings: TrainingSettings) -> None:
        super().__init__(n_inputs)
        blocks: list[nn.Module] = [InputDropout(settings.input_dropout)] if settings.input_dropout else []
        width = n_inputs
        for _ in range(settings.layers):
            blocks += [
                nn.Linear(width, settings.hidden),
                nn.LeakyReLU(inplace=True),
                Dropout(settings.dropout),
            ]
            width = settings.hidden
        self.compress = settings.compress
        self.fan_in = n_inputs
        """Inputs of the first layer."""
        self.products = settings.hidden * (n_inputs + (settings.layers - 1) * settings.hidden)
        """Multiplications of one event's way through."""
        self.body = nn.Sequential(*blocks, nn.Linear(width, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n,) of inputs (n, n_inputs)."""
        return self.of_standardised(standardised(x, self.mean, self.scale, compress=self.compress))

    def of_standardised(self, z: Tensor) -> Tensor:
        """Logits (n,) of inputs that are standardised already."""
        logits: Tensor = self.body(z)
        return logits.squeeze(-1)

    def sees_like(self, other: Classifier) -> bool:
        """Whether both standardise inputs alike."""
        same = torch.equal(self.mean, other.mean) and torch.equal(self.scale, other.scale)
        return same and self.compress == other.compress
