"""A normalizing flow for pairs of muons, as one writes it first.

A pair is described by numbers that are easy to learn: log(pT - threshold) and eta of both muons, and the
azimuth of the second relative to the first. The first muon's azimuth is uniform. Nothing else is told to the
network, not even that muons make a Z. (The flow of `tailscope generate` knows M_mumu.)
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

THRESHOLD = 15.0
"""pT of each muon is above this, in GeV."""
SOFTEST = 0.02
"""Added to pT - threshold before the logarithm, in GeV: an edge that a spline can follow."""


def to_numbers(momenta: Floats) -> Floats:
    """(n, 2, 4) = E, px, py, pz in GeV -> (n, 5) numbers."""
    _, px, py, pz = momenta.transpose(2, 1, 0)
    pt, phi = np.hypot(px, py), np.arctan2(py, px)
    # The muons are mostly back to back, so that their angle is cut where hardly any are.
    d_phi = np.remainder(phi[1:] - phi[0], 2 * np.pi)
    logs = np.log(np.maximum(pt - THRESHOLD, 0) + SOFTEST)
    return np.concatenate([logs, np.arcsinh(pz / pt), d_phi]).T


def to_muons(numbers: Floats, random: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """The inverse: pT in GeV, eta and phi, each (2, n); the azimuth of the first muon is drawn."""
    logs, eta, d_phi = np.split(numbers.T, [2, 4])
    pt = THRESHOLD + np.maximum(np.exp(logs) - SOFTEST, 0)
    phi = random.uniform(-np.pi, np.pi, numbers.shape[0]) + np.concatenate([0 * d_phi, d_phi])
    return pt, eta, np.remainder(phi + np.pi, 2 * np.pi) - np.pi


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
