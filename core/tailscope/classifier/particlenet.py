"""ParticleNet-Lite: dynamic graph convolutions over the particles of a jet."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tailscope.config import TrainingSettings
from tailscope.sample.particles import COORDINATES, Particles

from .dropout import Dropout
from .precision import products
from .standardise import Standardising

NEIGHBOURS = 7
WIDTHS = (32, 64)
"""Of the two edge convolutions, three layers each."""
LAYERS = 3
HEAD = 128
AT_A_TIME = {"cpu": 32}
ELSEWHERE = 4096
"""Events that go through the convolutions together: what 32 leave in memory fits into a CPU's caches."""

N_INPUTS = 7
TYPICAL = (
    (0.0, 0.0, -4.0, -4.0, -4.0, -4.0, 0.0),
    (5.0, 5.0, 0.7, 0.7, 0.7, 0.7, 5.0),
)
"""Centres and inverse widths of the inputs in jets of R = 0.4 to 1: inputs of order one."""
SOFTEST = 1e-8


class ParticleNetLite(Standardising):
    """ParticleNet-Lite of Qu and Gouskos (arXiv:1902.08570, Fig. 2), with one logit.

    Each particle has eta_rel, phi_rel, log pT_rel, log E_rel, log(pT/sum pT), log(E/sum E) and Delta R to the
    jet's axis; E_rel = pT_rel cosh(eta_rel). Two edge convolutions follow (k = 7; 3 x 32 and 3 x 64): the
    nearest particles first in (eta, phi), then in what the first convolution learned; then the mean over the
    particles, a layer of 128 with dropout, and the logit. Numbers of the event as a whole (`Particles`)
    are standardised by ``mean`` and ``scale`` and join the mean. The order of the particles and what padding
    holds make no difference.

    Unlike the original there is no batch normalisation: that keeps events independent of their batch,
    lets the parameters be averaged, and halves the time.
    """

    centre: Tensor
    inverse: Tensor

    def __init__(self, n_inputs: int, particles: Particles, settings: TrainingSettings) -> None:
        super().__init__(n_inputs)
        self.particles = particles
        self.register_buffer("centre", torch.tensor(TYPICAL[0]), persistent=False)
        self.register_buffer("inverse", torch.tensor(TYPICAL[1]), persistent=False)
        first, second = WIDTHS
        self.first, self.second = EdgeConvolution(N_INPUTS, first), EdgeConvolution(first, second)
        n_others = n_inputs - particles.width
        self.head = nn.Sequential(
            nn.Linear(second + n_others, HEAD), nn.ReLU(), Dropout(settings.dropout), nn.Linear(HEAD, 1)
        )

    @property
    def fan_in(self) -> int:
        """Inputs of the first layer, which is the same for all particles."""
        return N_INPUTS

    @property
    def products(self) -> int:
        """Multiplications of one event's way through."""
        edges = sum(3 * a * b + NEIGHBOURS * (LAYERS - 1) * b * b for a, b in ((N_INPUTS, 32), WIDTHS))
        return self.particles.count * edges

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n,) of inputs (n, n_inputs)."""
        width = self.particles.width
        at_a_time = AT_A_TIME.get(x.device.type, ELSEWHERE)
        pooled = torch.cat([self._pooled(part) for part in torch.split(x[:, :width], at_a_time)])
        others = (x[:, width:] - self.mean[width:]) * self.scale[width:]
        logits: Tensor = self.head(torch.cat([pooled, others], dim=1))
        return logits.squeeze(-1)

    def _pooled(self, x: Tensor) -> Tensor:
        """Mean (n, 64) over the particles of what the convolutions say of each."""
        columns = x.view(len(x), self.particles.count, -1)
        pt, eta, phi = (columns[..., self.particles.columns.index(name)] for name in COORDINATES)
        there = pt > 0
        inputs = torch.where(
            there.unsqueeze(-1), (self._inputs(pt, eta, phi) - self.centre) * self.inverse, 0.0
        )
        h = self.first(inputs, torch.stack([eta, phi], dim=-1), there)
        h = self.second(h, h.detach(), there)
        return masked_mean(h, there)

    @staticmethod
    def _inputs(pt: Tensor, eta: Tensor, phi: Tensor) -> Tensor:
        """(n, n_particles, 7) of (n, n_particles); finite for padding too."""
        pt = pt.clamp(min=0)
        energy = pt * torch.cosh(eta)
        logs = [
            torch.log(part.clamp(min=SOFTEST))
            for part in (pt, energy, pt / pt.sum(1, keepdim=True), energy / energy.sum(1, keepdim=True))
        ]
        return torch.stack([eta, phi, *logs, torch.hypot(eta, phi)], dim=-1)


class EdgeConvolution(nn.Module):
    """Edge convolution (Wang et al., arXiv:1801.07829) with a shortcut.

    y_i = ReLU(S x_i + mean_j h(x_i, x_j - x_i)) over the neighbours j of i; h is a perceptron of three
    layers. Its first one is linear in x_i and x_j - x_i, so that it is applied to particles and not to pairs.
    """

    def __init__(self, n_inputs: int, width: int) -> None:
        super().__init__()
        self.own = nn.Linear(n_inputs, width)
        self.neighbour = nn.Linear(n_inputs, width, bias=False)
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(LAYERS - 1))
        self.shortcut = nn.Linear(n_inputs, width)

    def forward(self, x: Tensor, positions: Tensor, there: Tensor) -> Tensor:
        """(n, n_particles, width) of x (n, n_particles, n_inputs).

        ``positions`` (n, n_particles, dimensions) say who is near; ``there`` bool (n, n_particles).
        """
        n, count, _ = x.shape
        nearest, found = neighbours(positions, there)
        rows = (nearest + count * torch.arange(n, device=x.device)[:, None, None]).flatten()
        of_neighbour = self.neighbour(x).flatten(0, 1).index_select(0, rows)
        h = of_neighbour.view(n * count, -1, self.own.out_features) + self.own(x).flatten(0, 1)[:, None]
        h.relu_()
        for layer in self.layers:
            h = layer(h).relu_()
        mean = masked_mean(h, found.flatten(0, 1)).view(n, count, -1)
        return torch.relu(self.shortcut(x) + mean)


def neighbours(positions: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
    """The nearest others of each particle: int64 and bool (n, n_particles, k); False where there are fewer.

    A particle is not its own neighbour, and padding is nobody's.
    """
    with torch.no_grad(), products(positions.device, tf32=False):
        p = positions.float()
        # |p_j|^2 - 2 p_i p_j orders the neighbours of i as the distance does.
        order = torch.baddbmm((p * p).sum(-1)[:, None, :], p, p.transpose(1, 2), alpha=-2)
        order.masked_fill_(~there[:, None, :], torch.inf)
        order.diagonal(dim1=1, dim2=2).fill_(torch.inf)
        distance, nearest = order.topk(min(NEIGHBOURS, p.shape[1] - 1), largest=False, sorted=False)
        return nearest, torch.isfinite(distance)


def masked_mean(h: Tensor, there: Tensor) -> Tensor:
    """Mean of h (n, m, width) over those that are there, bool (n, m): (n, width); 0 where none is."""
    part = there.to(h.dtype) / there.sum(1, keepdim=True).clamp(min=1)
    return torch.bmm(part.unsqueeze(1), h).squeeze(1)
