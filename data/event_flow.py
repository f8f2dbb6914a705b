"""Normalizing flows for events of muons and jets: one neural spline flow for each number of jets.

An event is described by numbers that are easy to learn: log(pT - threshold) and eta of every particle,
its azimuth relative to the first muon, and the logarithm of the jets' masses. The first muon's azimuth is
uniform. Nothing else is told to the network, neither that muons make a Z nor that jets are 0.4 apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import zuko
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Report = Callable[[int, float, float], None]

MUON_MASS = 0.1056584
THRESHOLDS = (15.0, 15.0, 20.0, 20.0, 20.0)
"""pT of each particle is above this, in GeV."""
SOFTEST = 0.02
"""Added to pT - threshold before the logarithm, in GeV: an edge that a spline can follow."""
N_MUONS = 2


def to_numbers(momenta: Floats) -> Floats:
    """(n, n_particles, 4) = E, px, py, pz in GeV -> (n, 3 n_particles - 1 + n_jets) numbers."""
    energy, px, py, pz = momenta.transpose(2, 1, 0)
    pt, phi = np.hypot(px, py), np.arctan2(py, px)
    thresholds = np.array(THRESHOLDS[: len(pt)])[:, None]
    d_phi = np.remainder(phi[1:] - phi[0] + np.pi, 2 * np.pi) - np.pi
    squared = (energy**2 - px**2 - py**2 - pz**2)[N_MUONS:]
    masses = np.sqrt(np.maximum(squared, 0.1**2))
    # The muons are mostly back to back, so that their angle is cut where hardly any are.
    d_phi[0] = np.remainder(d_phi[0], 2 * np.pi)
    logs = np.log(np.maximum(pt - thresholds, 0) + SOFTEST)
    return np.concatenate([logs, np.arcsinh(pz / pt), d_phi, np.log(masses)]).T


def to_momenta(numbers: Floats, random: np.random.Generator) -> Floats:
    """The inverse; the azimuth of the first muon is drawn."""
    n_particles = (numbers.shape[1] + 1 + N_MUONS) // 4
    logs, eta, d_phi, log_masses = np.split(numbers.T, np.cumsum([n_particles, n_particles, n_particles - 1]))
    pt = np.array(THRESHOLDS[:n_particles])[:, None] + np.maximum(np.exp(logs) - SOFTEST, 0)
    phi = random.uniform(-np.pi, np.pi, numbers.shape[0]) + np.concatenate([0 * d_phi[:1], d_phi])
    masses = np.concatenate([np.full((N_MUONS, numbers.shape[0]), MUON_MASS), np.exp(log_masses)])
    px, py, pz = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
    return np.stack([np.sqrt(px**2 + py**2 + pz**2 + masses**2), px, py, pz]).transpose(2, 1, 0)


@dataclass(frozen=True)
class Schedule:
    """How long and how a flow is trained."""

    epochs: int
    batch: int = 512
    learning_rate: float = 2e-3


class EventFlow:
    """A neural spline flow (Durkan et al., arXiv:1906.04032) on standardised numbers."""

    def __init__(self, training: Floats, seed: int) -> None:
        torch.manual_seed(seed)
        self._mean, self._scale = training.mean(axis=0), training.std(axis=0)
        # No number is drawn outside the range of the training events: a spline's tails reach to infinity.
        self._low, self._high = training.min(axis=0), training.max(axis=0)
        self._flow = zuko.flows.NSF(training.shape[1], transforms=3, bins=8, hidden_features=(64, 64))
        self._training = torch.from_numpy((training - self._mean) / self._scale).float()

    def train(self, schedule: Schedule, report: Report) -> None:
        """Maximise the likelihood; a tenth of the events only watches."""
        held_out, training = self._training[::10], self._training[np.arange(len(self._training)) % 10 != 0]
        optimiser = torch.optim.Adam(self._flow.parameters(), lr=schedule.learning_rate)
        steps = schedule.epochs * (len(training) // schedule.batch)
        rate = torch.optim.lr_scheduler.OneCycleLR(optimiser, schedule.learning_rate, total_steps=steps)
        for epoch in range(schedule.epochs):
            losses = []
            for rows in torch.randperm(len(training)).split(schedule.batch)[
                : len(training) // schedule.batch
            ]:
                loss = -self._flow().log_prob(training[rows]).mean()
                optimiser.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(self._flow.parameters(), 5.0)
                optimiser.step()
                rate.step()
                losses.append(loss.item())
            with torch.no_grad():
                watched = -self._flow().log_prob(held_out).mean().item()
            report(epoch, float(np.mean(losses)), watched)

    def draw(self, n: int) -> Floats:
        """Draw n events, (n, n_numbers)."""
        drawn: list[Floats] = []
        while sum(map(len, drawn)) < n:
            with torch.no_grad():
                numbers = self._flow().sample((n,)).double().numpy() * self._scale + self._mean
            drawn.append(numbers[((numbers >= self._low) & (numbers <= self._high)).all(axis=1)])
        return np.concatenate(drawn)[:n]
