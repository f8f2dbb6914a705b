"""A perceptron whose weights are not numbers but Gaussians: it says how well it knows each logit."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

from tailscope.config import TrainingSettings

from .borrowed import borrowed_randomness
from .network import Classifier
from .standardise import Standardising, standardised

SPEED = 10.0
"""How much faster than other parameters log sigma moves: Adam's steps are as large as the learning rate, and
sigma has a factor of 100 to go from its small initial value to the prior's."""
TINY = 1e-12
"""Keeps the derivative of a square root finite."""


class BayesianClassifier(Standardising):
    """The perceptron of Table 1 with a Gaussian posterior for each weight of its linear layers.

    The posterior q = prod_i N(mu_i, sigma_i^2) (mean field) is fitted by variational inference: the loss is

        L = <BCE>_q + T KL[q || p]/N,    p = prod_i N(0, prior_sigma^2/n_i),

    with the N training events and the n_i inputs of a weight's layer (Blundell et al., arXiv:1505.05424; for
    LHC classifiers Bollweg et al., arXiv:1904.10004). T is the ``temperature``, see `FitConfig`. While
    training, each event has its own draw of each layer's output (local reparametrisation, Kingma et al.,
    arXiv:1506.02557); otherwise the weights are the mu. Biases are parameters like any other. The prior
    stands in for dropout and weight decay, which are not used. The standard deviations start at a small
    value, which makes the training converge (paper, Sec. 5).
    """

    def __init__(self, n_inputs: int, settings: TrainingSettings) -> None:
        super().__init__(n_inputs)
        self.settings = settings
        self.temperature = settings.temperature
        widths = [n_inputs, *[settings.hidden] * settings.layers, 1]
        self.layers = nn.ModuleList(VariationalLinear(*pair, settings) for pair in pairwise(widths))
        self.activation = nn.LeakyReLU()
        self.fan_in = n_inputs
        """Inputs of the first layer."""
        self.products = 2 * settings.hidden * (n_inputs + (settings.layers - 1) * settings.hidden)
        """Multiplications of one event's way through: means and variances."""

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n,) of inputs (n, n_inputs): of one draw an event while training, else of the means."""
        h = standardised(x, self.mean, self.scale, compress=self.settings.compress)
        first, *others = self.layers
        h = first(h)
        for layer in others:
            h = layer(self.activation(h))
        logits: Tensor = h.squeeze(-1)
        return logits

    def complexity(self) -> Tensor:
        """T KL[q || p] in nats, a scalar; see `VariationalLinear.kl`."""
        return self.temperature * torch.stack([layer.kl() for layer in self._variational()]).sum()

    def drawn(self, generator: torch.Generator) -> Classifier:
        """A plain perceptron with one draw of all weights from the posterior."""
        with borrowed_randomness():
            network = Classifier(self.fan_in, self.settings).to(self.mean.device).eval()
        network.mean.copy_(self.mean)
        network.scale.copy_(self.scale)
        linear = [module for module in network.body if isinstance(module, nn.Linear)]
        with torch.no_grad():
            for to, layer in zip(linear, self._variational(), strict=True):
                to.weight.copy_(layer.draw(generator))
                to.bias.copy_(layer.bias)
        return network

    def _variational(self) -> list[VariationalLinear]:
        return [layer for layer in self.layers if isinstance(layer, VariationalLinear)]


class VariationalLinear(nn.Module):
    """A linear layer with weights mu + sigma * epsilon, epsilon ~ N(0, 1).

    sigma = initial_sigma * s_p * exp(`SPEED` * rho) with rho = 0 at the start and the prior's s_p.
    """

    def __init__(self, n_inputs: int, n_outputs: int, settings: TrainingSettings) -> None:
        super().__init__()
        start = nn.Linear(n_inputs, n_outputs)
        self.mu, self.bias = start.weight, start.bias
        self.rho = nn.Parameter(torch.zeros(n_outputs, n_inputs))
        self.prior_sigma = settings.prior_sigma / math.sqrt(n_inputs)
        self.start = math.log(settings.initial_sigma * self.prior_sigma)
        self.generator: torch.Generator | None = None
        """Where noise comes from on the CPU; torch's own where it is None."""

    @property
    def log_sigma(self) -> Tensor:
        """Logarithm of the standard deviation of each weight (n_outputs, n_inputs)."""
        return self.start + SPEED * self.rho

    def forward(self, x: Tensor) -> Tensor:
        """Outputs (n, n_outputs) of inputs (n, n_inputs).

        While training y ~ N(mu x + b, sigma^2 x^2), which has the distribution that drawn weights give.
        """
        y = nn.functional.linear(x, self.mu, self.bias)
        if not self.training:
            return y
        variance = nn.functional.linear(x * x, torch.exp(2 * self.log_sigma))
        noise = torch.empty_like(y).normal_(generator=self.generator)
        return y + torch.sqrt(variance + TINY) * noise

    def kl(self) -> Tensor:
        """Sum over the weights of log(s_p/sigma) + (sigma^2 + mu^2)/(2 s_p^2) - 1/2; s_p is the prior's."""
        log_ratio = self.log_sigma - math.log(self.prior_sigma)
        relative = torch.exp(2 * log_ratio) + (self.mu / self.prior_sigma) ** 2
        return (0.5 * relative - log_ratio - 0.5).sum()

    def draw(self, generator: torch.Generator) -> Tensor:
        """One draw of the weights (n_outputs, n_inputs); the generator lives on the CPU."""
        noise = torch.randn(self.mu.shape, generator=generator).to(self.mu.device)
        return self.mu + torch.exp(self.log_sigma) * noise
