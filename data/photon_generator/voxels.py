"""How a layer's energy spreads over its voxels: p(voxels | incident energy, layer energies).

Voxel after voxel, dimmest on average first, takes its share of the energy R that its layer still has to
give. Each is empty, takes a part of R (logit of the part: four Gaussians), one of the lines of `lines`, or
all that is left, as learned from the voxels before it. So exact zeros, lines, single-voxel layers and the
layer energies come out as they are, and no energy is clipped. The brightest come last, since the last one
takes what is left, and there no line is missed.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from . import lines, mixture
from .masked import MaskedNetwork
from .showers import LAYER_SLICES, N_VOXELS

COMPONENTS = 4
EMPTY, PART, ALL, LINE = 0, 1, 2, 3  # LINE and the next ones: the lines, in their order
N_CHOICES = 3 + len(lines.ENERGIES)
SMALL = 1e-3  # MeV: added to energies inside a logarithm that may meet a zero
SURE = 1e-20  # probability that is left for a part of the energy
FIRST_OF_LAYER = {columns.start: layer for layer, columns in enumerate(LAYER_SLICES)}


class Voxels(nn.Module):
    """The masked network over 504 voxels in the order `order` (504,): positions -> voxel numbers."""

    order: Tensor
    logit_mean: Tensor
    logit_std: Tensor
    log_mean: Tensor
    log_std: Tensor

    def __init__(self, order: Tensor) -> None:
        super().__init__()
        n_parameters = N_CHOICES + 3 * COMPONENTS
        self.network = MaskedNetwork(
            N_VOXELS,
            n_features=4,
            n_condition=6,
            n_parameters=n_parameters,
            units_per_degree=2,
            condition_units=64,
            hidden_layers=2,
            dropout=0.05,
        )
        # What is left in the layer also acts on the parameters directly: energies are relative to it.
        self.slope = nn.Parameter(torch.zeros(N_VOXELS, n_parameters))
        self.register_buffer("order", order)
        for name in ("logit_mean", "log_mean"):
            self.register_buffer(name, torch.zeros(N_VOXELS))
        for name in ("logit_std", "log_std"):
            self.register_buffer(name, torch.ones(N_VOXELS))

    def set_scale(self, voxels: Tensor) -> None:
        """Take means and spreads of the logits and log energies from training showers (n, 504)."""
        energy, before, after = self._energies(voxels)
        for j in range(N_VOXELS):
            part = _choices(energy[:, j], after[:, j]) == PART
            if part.sum() > 10:
                logit = energy[part, j].log() - after[part, j].log()
                self.logit_mean[j], self.logit_std[j] = logit.mean(), logit.std()
            left = before[:, j].add(SMALL).log()
            self.log_mean[j], self.log_std[j] = left.mean(), left.std()

    def log_prob(self, incident_energy: Tensor, voxels: Tensor) -> Tensor:
        """(n,) for incident_energy (n,) in GeV and voxels (n, 504) in MeV."""
        energy, before, after = self._energies(voxels)
        choice = _choices(energy, after)
        logit = torch.where(choice == PART, energy, 1.0).log() - torch.where(choice == PART, after, 1.0).log()
        logit = ((logit - self.logit_mean) / self.logit_std).float()
        flags = [(energy > 0).float(), (choice >= LINE).float()]
        features = torch.stack([*flags, *self._logs(energy, after)], dim=-1)
        layers = torch.stack([energy[:, s].sum(dim=1) for s in LAYER_SLICES], dim=1)
        parameters = self.network(features, _condition(incident_energy, layers))
        parameters = parameters + self.slope * self._log_left(before)[..., None]
        log_choice = functional.log_softmax(parameters[..., :N_CHOICES], dim=-1)
        log_choice = log_choice.gather(-1, choice[..., None])[..., 0]
        log_part = mixture.log_density(parameters[..., N_CHOICES:], logit)
        # Where nothing is left there is no choice: those voxels are empty by construction.
        return ((before > 0) * log_choice + torch.where(choice == PART, log_part, 0.0)).sum(dim=1)

    @torch.no_grad()
    def draw(self, incident_energy: Tensor, layer_energies: Tensor, generator: torch.Generator) -> Tensor:
        """Voxels (n, 504) in MeV, float64, for incident_energy (n,) in GeV, layer_energies (n, 3) in MeV."""
        n = len(incident_energy)
        energy = torch.zeros(n, N_VOXELS, dtype=torch.float64)
        left = torch.zeros(n, dtype=torch.float64)
        line = lines.values()

        def draw_dimension(j: int, parameters: Tensor) -> Tensor:
            if j in FIRST_OF_LAYER:
                left.copy_(layer_energies[:, FIRST_OF_LAYER[j]])
            parameters = parameters + self.slope[j] * self._log_left(left, j)[:, None]
            probability = parameters[:, :N_CHOICES].softmax(dim=-1)
            probability[:, LINE:] *= left[:, None] > line  # a line that is more than what is left cannot be
            probability[:, PART] += SURE  # what to do where a line alone was expected
            choice = torch.multinomial(probability, 1, generator=generator)[:, 0]
            logit = mixture.draw(parameters[:, N_CHOICES:], generator).double()
            share = (self.logit_mean[j] + self.logit_std[j] * logit).sigmoid()
            share = torch.where(choice == PART, share, (choice == ALL).double())
            is_line = choice >= LINE
            energy[:, j] = torch.where(is_line, line[(choice - LINE).clamp(min=0)], share * left)
            left.sub_(energy[:, j])
            logs = self._logs(energy[:, j], left, j)
            return torch.stack([(energy[:, j] > 0).float(), is_line.float(), *logs], dim=1)

        self.network.draw(_condition(incident_energy, layer_energies), draw_dimension)
        for layer, columns in enumerate(LAYER_SLICES):
            # A layer may end with a little energy still to give: its brightest voxel gets it.
            drawn = energy[:, columns]
            highest, brightest = drawn.max(dim=1, keepdim=True)
            still = layer_energies[:, layer, None] - drawn.sum(dim=1, keepdim=True)
            drawn.scatter_add_(1, brightest, torch.where(highest > 0, still, 0.0))
        voxels = torch.empty_like(energy)
        voxels[:, self.order] = energy
        return voxels

    def _energies(self, voxels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Energies in network order; what the layer has left before and after each; (n, 504) float64."""
        energy = voxels[:, self.order].double()
        left = [energy[:, s].flip(1).cumsum(dim=1).flip(1) for s in LAYER_SLICES]
        after = [functional.pad(part[:, 1:], (0, 1)) for part in left]
        return energy, torch.cat(left, dim=1), torch.cat(after, dim=1)

    def _log_left(self, left: Tensor, j: int | slice = slice(None)) -> Tensor:
        return ((left.add(SMALL).log() - self.log_mean[j]) / self.log_std[j]).float()

    def _logs(self, energy: Tensor, after: Tensor, j: int | slice = slice(None)) -> tuple[Tensor, Tensor]:
        """Features of a voxel for those after it: its log energy, and the log of what it leaves."""
        return (energy.add(SMALL).log() / 3).float(), self._log_left(after, j)


def _choices(energy: Tensor, after: Tensor) -> Tensor:
    """What each voxel chose, given what it left to those after it; of their shape."""
    line = lines.which(energy)
    taken = torch.where(line >= 0, LINE + line, PART)
    return torch.where(energy > 0, torch.where(after > 0, taken, ALL), EMPTY)


def _condition(incident_energy: Tensor, layer_energies: Tensor) -> Tensor:
    """(n, 6): log energies at about unit scale, and which of layers 0 and 2 are empty."""
    energies = [
        incident_energy.double().log() / 1.5,
        *(layer_energies.double().add(SMALL).log() / 3).unbind(dim=1),
    ]
    empty = [layer_energies[:, 0] == 0, layer_energies[:, 2] == 0]
    return torch.stack([*energies, *empty], dim=1).float()
