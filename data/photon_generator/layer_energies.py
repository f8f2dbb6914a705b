"""How much energy reaches which layer: p(E_0, E_1, E_2 | incident energy), empty layers included."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from . import lines, mixture
from .masked import MaskedNetwork

COMPONENTS = 8
SMALLEST_DEFICIT = 1e-6
SMALLEST_ENERGY = 1e-6  # MeV
ZERO, SMOOTH, LINE = 0, 1, 2  # LINE and the next ones: the lines, in their order
N_CHOICES = 2 + len(lines.ENERGIES)
WITH_LINES = 1  # which of the three numbers has lines


class LayerEnergies(nn.Module):
    """Three numbers in turn, each zero with a learned probability or else from a mixture of Gaussians.

    They are the missing fraction log(1 - E_tot/E_inc), which keeps the energy balance sharp; log E_2; and
    logit E_0/(E_0 + E_1), which keeps both energies positive. E_2 may also be one of the lines of `lines`.
    """

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.network = MaskedNetwork(
            3,
            n_features=2,
            n_condition=1,
            n_parameters=N_CHOICES + 3 * COMPONENTS,
            units_per_degree=96,
            condition_units=32,
            hidden_layers=3,
        )
        self.register_buffer("mean", torch.zeros(3))
        self.register_buffer("std", torch.ones(3))

    def set_scale(self, incident_energy: Tensor, layer_energies: Tensor) -> None:
        """Take mean and spread of the three numbers from the training showers."""
        values, choice = _to_numbers(incident_energy, layer_energies)
        for j in range(3):
            chosen = values[choice[:, j] == SMOOTH, j]
            self.mean[j], self.std[j] = chosen.mean(), chosen.std()

    def log_prob(self, incident_energy: Tensor, layer_energies: Tensor) -> Tensor:
        """(n,) for incident_energy (n,) in GeV and layer_energies (n, 3) in MeV."""
        values, choice = _to_numbers(incident_energy, layer_energies)
        active = choice != ZERO
        values = torch.where(active, (values - self.mean) / self.std, 0.0).float()
        parameters = self.network(torch.stack([active, values], dim=-1), _condition(incident_energy))
        log_choice = _log_choices(parameters).gather(-1, choice[..., None])[..., 0]
        log_smooth = mixture.log_density(parameters[..., N_CHOICES:], values)
        return (log_choice + torch.where(choice == SMOOTH, log_smooth, 0.0)).sum(dim=1)

    @torch.no_grad()
    def draw(self, incident_energy: Tensor, generator: torch.Generator) -> Tensor:
        """Layer energies (n, 3) in MeV, float64, for incident_energy (n,) in GeV."""
        n = len(incident_energy)
        values = torch.zeros(n, 3, dtype=torch.float64)
        active = torch.zeros(n, 3, dtype=torch.bool)
        log_line = lines.values().log()

        def draw_dimension(j: int, parameters: Tensor) -> Tensor:
            probability = _log_choices(parameters[:, None].expand(n, 3, -1))[:, j].exp()
            choice = torch.multinomial(probability, 1, generator=generator)[:, 0]
            smooth = self.mean[j] + self.std[j] * mixture.draw(parameters[:, N_CHOICES:], generator)
            value = torch.where(choice >= LINE, log_line[(choice - LINE).clamp(min=0)], smooth.double())
            active[:, j], values[:, j] = choice != ZERO, value
            seen = torch.where(active[:, j], (value - self.mean[j]) / self.std[j], 0.0)
            return torch.stack([active[:, j].float(), seen.float()], dim=1)

        self.network.draw(_condition(incident_energy), draw_dimension)
        return _to_energies(incident_energy, values, active)


def _condition(incident_energy: Tensor) -> Tensor:
    """Bring log E_inc to about [-1, 1] for 1-20 GeV."""
    return ((incident_energy.log() - 1.5) / 1.5).float()[:, None]


def _to_numbers(incident_energy: Tensor, layer_energies: Tensor) -> tuple[Tensor, Tensor]:
    e_0, e_1, e_2 = layer_energies.double().unbind(dim=1)
    deficit = 1 - (e_0 + e_1 + e_2) / (1000 * incident_energy.double())
    active = torch.stack([deficit > SMALLEST_DEFICIT, e_2 > SMALLEST_ENERGY, e_0 > SMALLEST_ENERGY], dim=1)
    choice = active.long() * SMOOTH
    line = lines.which(e_2)
    choice[:, WITH_LINES] = torch.where(line >= 0, LINE + line, choice[:, WITH_LINES])
    numbers = [
        deficit.clamp(min=SMALLEST_DEFICIT).log(),
        e_2.clamp(min=SMALLEST_ENERGY).log(),
        e_0.clamp(min=SMALLEST_ENERGY).log() - e_1.clamp(min=SMALLEST_ENERGY).log(),
    ]
    return torch.stack(numbers, dim=1), choice


def _log_choices(parameters: Tensor) -> Tensor:
    """Log probabilities (..., 3, N_CHOICES) of parameters (..., 3, n)."""
    never = torch.zeros(3, N_CHOICES)
    never[:, LINE:] = -torch.inf
    never[WITH_LINES] = 0
    return functional.log_softmax(parameters[..., :N_CHOICES] + never, dim=-1)


def _to_energies(incident_energy: Tensor, values: Tensor, active: Tensor) -> Tensor:
    deficit = torch.where(active[:, 0], values[:, 0].exp(), 0.0).clamp(max=0.5)
    total = 1000 * incident_energy.double() * (1 - deficit)
    e_2 = torch.minimum(torch.where(active[:, 1], values[:, 1].exp(), 0.0), 0.9 * total)
    e_0 = torch.where(active[:, 2], values[:, 2].sigmoid(), 0.0) * (total - e_2)
    return torch.stack([e_0, total - e_2 - e_0, e_2], dim=1)
