"""The two networks together: from an incident energy to a shower."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from .layer_energies import LayerEnergies
from .showers import LAYER_SLICES, Showers, concatenate, dimmest_first, reflections
from .training import Report, Schedule, train
from .voxels import Voxels

BATCH = 4000


class PhotonGenerator(nn.Module):
    """p(shower | E_inc) = p(layer energies | E_inc) p(voxels | layer energies, E_inc)."""

    def __init__(self, order: Tensor) -> None:
        super().__init__()
        self.layer_energies = LayerEnergies()
        self.voxels = Voxels(order)

    @torch.no_grad()
    def draw(self, incident_energy: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Voxels (n, 504) in MeV, and which of the showers (n,) are complete.

        A shower is incomplete where the layer energies name a layer and no voxel of that layer took any.
        """
        layers = self.layer_energies.draw(incident_energy, generator)
        voxels = self.voxels.draw(incident_energy, layers, generator).float()
        drawn = torch.stack([voxels[:, s].sum(dim=1) > 0 for s in LAYER_SLICES], dim=1)
        return voxels, (drawn == (layers > 0)).all(dim=1)


def train_generator(
    showers: Showers, n_validation: int, schedules: tuple[Schedule, Schedule], seed: int, report: Report
) -> PhotonGenerator:
    """Train both networks on `showers`, the first `n_validation` of which only choose the best epoch."""
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    energy = torch.from_numpy(showers.incident_energy)
    voxels = torch.from_numpy(showers.voxels)
    layers = torch.from_numpy(showers.layer_energies())
    rows = torch.arange(len(showers))
    validation, training = rows[:n_validation], rows[n_validation:]
    model = PhotonGenerator(torch.from_numpy(dimmest_first(showers.voxels[n_validation:])))
    first, second = model.layer_energies, model.voxels
    first.set_scale(energy[training], layers[training])
    second.set_scale(voxels[training])
    images = torch.from_numpy(reflections())

    def voxel_log_prob(rows: Tensor) -> Tensor:
        chosen = voxels[rows]
        if second.training:
            image = torch.randint(len(images), (len(rows),), generator=random)
            chosen = chosen.gather(1, images[image])
        return second.log_prob(energy[rows], chosen)

    def layer_log_prob(rows: Tensor) -> Tensor:
        return first.log_prob(energy[rows], layers[rows])

    for name, network, log_prob, schedule in (
        ("layer energies", first, layer_log_prob, schedules[0]),
        ("voxels", second, voxel_log_prob, schedules[1]),
    ):
        train(
            name,
            network,
            log_prob,
            training_rows=training,
            validation_rows=validation,
            schedule=schedule,
            generator=random,
            report=report,
        )
    return model


def draw_incident_energy(n: int, generator: torch.Generator) -> Tensor:
    """Incident energies (n,) in GeV, uniform in 1-20 GeV as the Geant4 showers have them."""
    return 1.0 + 19.0 * torch.rand(n, generator=generator)


def draw_showers(model: PhotonGenerator, incident_energy: Tensor, generator: torch.Generator) -> Showers:
    """One shower for every incident energy (n,) in GeV; incomplete ones are drawn again."""
    parts = []
    for energy in torch.split(incident_energy, BATCH):
        voxels = torch.empty(len(energy), len(model.voxels.order))
        todo = torch.arange(len(energy))
        while len(todo):
            drawn, complete = model.draw(energy[todo], generator)
            voxels[todo[complete]] = drawn[complete]
            todo = todo[~complete]
        parts.append(Showers(energy.numpy(), voxels.numpy()))
    return concatenate(parts)


def split(showers: Showers, n_reference: int, seed: int) -> tuple[Showers, Showers]:
    """Split at random into reference showers, which nothing here learns from, and training showers."""
    order = np.random.default_rng(seed).permutation(len(showers))
    return showers[order[:n_reference]], showers[order[n_reference:]]
