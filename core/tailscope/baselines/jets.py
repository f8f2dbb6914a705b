"""Jets for the baselines: constituents hardest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .codec import Arrays, Codec, Numbers

PARTICLES, JETS = "particle_features", "jet_features"


class JetCodec(Codec):
    """``particle_features`` (n, count, 4) and, where it is there, ``jet_features`` (n, 4).

    The number of constituents is given. Values: pT_rel of the hardest, of each other its ratio to the one
    before, eta_rel, phi_rel; pT, eta and mass of the jet.
    """

    def __init__(self, count: int, has_jets: bool) -> None:
        self.count, self.has_jets = count, has_jets

    def encode(self, arrays: Arrays, constants: Mapping[str, float]) -> Numbers:
        """See `Codec`."""
        particles = arrays[PARTICLES].astype(np.float64)
        order = np.argsort(-particles[:, :, 2], axis=1, kind="stable")[:, :, None]
        eta, phi, pt, _ = np.take_along_axis(particles, order, axis=1).transpose(2, 0, 1)
        there = pt > 0
        ratios = pt.copy()
        np.divide(pt[:, 1:], pt[:, :-1], out=ratios[:, 1:], where=there[:, 1:])
        values = np.concatenate([np.where(there, part, np.nan) for part in (ratios, eta, phi)], axis=1)
        n = there.sum(axis=1)
        given = np.stack(
            [n / self.count, arrays[JETS][:, 3] / self.count] if self.has_jets else [n / self.count]
        )
        if self.has_jets:
            values = np.concatenate([values, arrays[JETS][:, :3].astype(np.float64)], axis=1)
        return Numbers(values, given.T)

    def decode(
        self, numbers: Numbers, constants: Mapping[str, float], random: np.random.Generator
    ) -> dict[str, NDArray[Any]]:
        """See `Codec`."""
        ratios, eta, phi, jets = np.split(numbers.values, self.count * np.arange(1, 4), axis=1)
        n = np.round(numbers.given[:, 0] * self.count)
        there = np.arange(self.count) < n[:, None]
        pt = np.cumprod(np.where(there, ratios, 0), axis=1)
        particles = np.where(there[:, :, None], np.stack([eta, phi, pt, there], axis=2), 0)
        arrays: dict[str, NDArray[Any]] = {PARTICLES: particles.astype(np.float32)}
        if self.has_jets:
            counted = np.round(numbers.given[:, 1:] * self.count)
            arrays[JETS] = np.concatenate([jets, counted], axis=1).astype(np.float32)
        return arrays
