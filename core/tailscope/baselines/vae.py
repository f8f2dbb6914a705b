"""Variational autoencoder (Kingma and Welling, arXiv:1312.6114)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .network import GenerativeNetwork, Optimiser, perceptron

MOST_LATENT = 64
SMALLEST_LOG_SIGMA = -5.0


class VAE(GenerativeNetwork):
    """Gaussian latent numbers, Gaussian decoder with a learned width for each number of each event.

    The loss is the negative evidence lower bound, -log p(x|z) + KL(q(z|x) || N(0, 1)).
    """

    def __init__(self, n_values: int, n_given: int, hidden: int) -> None:
        super().__init__()
        self.n_latent = min(n_values, MOST_LATENT)
        self.encoder = perceptron(n_values + n_given, hidden, 2 * self.n_latent)
        self.decoder = perceptron(self.n_latent + n_given, hidden, 2 * n_values)

    def start(self, learning_rate: float, steps: int) -> None:
        """See `GenerativeNetwork`."""
        self.optimiser = Optimiser(self.parameters(), learning_rate, steps)

    def step(self, values: Tensor, given: Tensor) -> float:
        """See `GenerativeNetwork`."""
        mean, log_sigma = _halves(self.encoder(torch.cat([values, given], dim=1)))
        z = mean + log_sigma.exp() * torch.randn_like(mean)
        kl = 0.5 * (mean**2 + (2 * log_sigma).exp() - 1 - 2 * log_sigma).sum(dim=1)
        centre, log_width = _halves(self.decoder(torch.cat([z, given], dim=1)))
        distance = ((values - centre) / log_width.exp()) ** 2
        surprise = (0.5 * (distance + math.log(2 * math.pi)) + log_width).sum(dim=1)
        return self.optimiser.minimise((surprise + kl).mean())

    def draw(self, given: Tensor) -> Tensor:
        """See `GenerativeNetwork`."""
        z = torch.randn(len(given), self.n_latent, device=given.device)
        centre, log_width = _halves(self.decoder(torch.cat([z, given], dim=1)))
        return centre + log_width.exp() * torch.randn_like(centre)


def _halves(both: Tensor) -> tuple[Tensor, Tensor]:
    """Means, and logarithms of widths that cannot collapse."""
    mean, log_sigma = both.chunk(2, dim=1)
    return mean, log_sigma.clamp(SMALLEST_LOG_SIGMA, 2.0)
