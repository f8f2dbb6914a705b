"""Generative adversarial network with a gradient penalty."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .network import GenerativeNetwork, Optimiser, perceptron

PENALTY = 1.0
"""Of the squared gradient at training events (R1; Mescheder et al., arXiv:1801.04406)."""
MOST_LATENT = 64


class GAN(GenerativeNetwork):
    """Non-saturating GAN (Goodfellow et al., arXiv:1406.2661); the loss shown is the discriminator's."""

    def __init__(self, n_values: int, n_given: int, hidden: int) -> None:
        super().__init__()
        self.n_latent = max(4, min(n_values, MOST_LATENT))
        self.generator = perceptron(self.n_latent + n_given, hidden, n_values)
        self.discriminator = perceptron(n_values + n_given, hidden, 1)

    def start(self, learning_rate: float, steps: int) -> None:
        """See `GenerativeNetwork`."""
        self.of_generator = Optimiser(self.generator.parameters(), learning_rate, steps, beta=0.5)
        self.of_discriminator = Optimiser(self.discriminator.parameters(), learning_rate, steps, beta=0.5)

    def step(self, values: Tensor, given: Tensor) -> float:
        """See `GenerativeNetwork`."""
        made = self.draw(given)
        real = values.detach().requires_grad_()
        logits = self._judge(real, given)
        (slope,) = torch.autograd.grad(logits.sum(), real, create_graph=True)
        softplus = nn.functional.softplus
        loss = softplus(-logits).mean() + softplus(self._judge(made.detach(), given)).mean()
        shown = self.of_discriminator.minimise(loss + 0.5 * PENALTY * (slope**2).sum(dim=1).mean())
        self.of_generator.minimise(softplus(-self._judge(made, given)).mean())
        return shown

    def draw(self, given: Tensor) -> Tensor:
        """See `GenerativeNetwork`."""
        z = torch.randn(len(given), self.n_latent, device=given.device)
        made: Tensor = self.generator(torch.cat([z, given], dim=1))
        return made

    def _judge(self, values: Tensor, given: Tensor) -> Tensor:
        judged: Tensor = self.discriminator(torch.cat([values, given], dim=1))
        return judged
