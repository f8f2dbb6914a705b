"""Z + jets for the baselines: pT, eta, azimuths relative to the first muon, masses of the jets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .codec import Arrays, Codec, Floats, Numbers

N_MUONS, N_JETS = 2, 3
MUON_MASS = 0.1056584


class EventCodec(Codec):
    """``momenta`` (n, 5, 4). The number of jets is given; jets are softer than the one before as in training.

    Values: pT of the muons and of the first jet, (pT - threshold) over that of the previous jet, eta (5),
    azimuths relative to the first muon (4), masses of the jets (3).
    """

    def learn(self, arrays: Arrays) -> dict[str, float]:
        """The threshold of the jets' pT in GeV."""
        px, py = arrays["momenta"][:, N_MUONS:, 1:3].astype(np.float64).transpose(2, 0, 1)
        pt = np.hypot(px, py)
        return {"threshold": float(pt[pt > 0].min(initial=np.inf)) * (1 - 1e-6)}

    def encode(self, arrays: Arrays, constants: Mapping[str, float]) -> Numbers:
        """See `Codec`."""
        energy, px, py, pz = arrays["momenta"].astype(np.float64).transpose(2, 1, 0)
        there = energy > 0
        with np.errstate(divide="ignore", invalid="ignore"):
            pt, phi = np.where(there, np.hypot(px, py), np.nan), np.arctan2(py, px)
            above = pt[N_MUONS:] - constants["threshold"]
            softer = above[1:] / above[:-1]
            eta = np.arcsinh(pz / pt)
        d_phi = np.remainder(phi[1:] - phi[0] + np.pi, 2 * np.pi) - np.pi
        # Muons are mostly back to back: their angle is cut where hardly any are.
        d_phi[0] = np.remainder(d_phi[0], 2 * np.pi)
        d_phi[~there[1:]] = np.nan
        masses = np.sqrt(np.maximum(energy**2 - px**2 - py**2 - pz**2, 0))[N_MUONS:]
        masses[~there[N_MUONS:]] = np.nan
        values = np.concatenate([pt[: N_MUONS + 1], softer, eta, d_phi, masses])
        given = np.eye(N_JETS)[there[N_MUONS:].sum(axis=0) - 1]
        return Numbers(values.T, given)

    def decode(
        self, numbers: Numbers, constants: Mapping[str, float], random: np.random.Generator
    ) -> dict[str, NDArray[Any]]:
        """See `Codec`; the azimuth of the first muon is drawn."""
        n = len(numbers.values)
        n_jets = numbers.given.argmax(axis=1) + 1
        muons_and_jet, softer, eta, d_phi, masses = np.split(
            numbers.values.T, np.cumsum([N_MUONS + 1, N_JETS - 1, N_MUONS + N_JETS, N_MUONS + N_JETS - 1])
        )
        threshold = constants["threshold"]
        above = np.cumprod(np.concatenate([muons_and_jet[N_MUONS:] - threshold, softer]), axis=0)
        pt = np.concatenate([muons_and_jet[:N_MUONS], above + threshold])
        phi = random.uniform(-np.pi, np.pi, n) + np.concatenate([np.zeros((1, n)), d_phi])
        masses = np.concatenate([np.full((N_MUONS, n), MUON_MASS), masses])
        momenta = four_momenta(pt, eta, phi, masses)
        momenta[np.arange(N_MUONS + N_JETS)[None, :] >= N_MUONS + n_jets[:, None]] = 0
        return {"momenta": momenta, "njets": n_jets.astype(np.int8)}


def four_momenta(pt: Floats, eta: Floats, phi: Floats, mass: Floats) -> NDArray[np.float32]:
    """(E, px, py, pz) on the mass shell, float32[n, n_particles, 4], of (n_particles, n) each."""
    px, py, pz = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
    energy = np.sqrt(px**2 + py**2 + pz**2 + mass**2)
    return np.stack([energy, px, py, pz]).transpose(2, 1, 0).astype(np.float32)
