"""Z + jets for the baselines: pT, eta, azimuths relative to the first muon, masses of the jets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.domains.kinematics import MUON_MASS

from .codec import Arrays, Codec, Floats, Numbers

N_MUONS, N_JETS = 2, 3


class EventCodec(Codec):
    """``momenta`` (n, 5, 4). The number of jets is given; jets are softer than the one before as in training.

    Values: pT of the first muon, M_mumu, pT of the first jet, (pT - threshold) over that of the previous jet,
    eta (5), azimuths relative to the first muon (4), masses of the jets (3). M_mumu stands for the second
    muon's pT, so that the Z peak is learned as it is; events whose second muon is then too soft or too hard,
    or with a jet nearer to a muon than in any training event, are drawn again: these are cuts. How near jets
    come to each other is not told, it follows from the clustering.

    Without ``resonance`` the second muon's pT is a value itself and nothing is told of M_mumu: a network then
    has to find the narrow peak in several correlated numbers, and smears it (arXiv:2305.16774, Fig. 8).
    """

    def __init__(self, resonance: bool = True) -> None:
        self.resonance = resonance

    def learn(self, arrays: Arrays) -> dict[str, float]:
        """Thresholds of pT in GeV, largest ratio of the muons' pT (1 where they are ordered), isolation."""
        px, py, pz = arrays["momenta"][:, :, 1:].astype(np.float64).transpose(2, 1, 0)
        pt = np.hypot(px, py)
        jets = pt[N_MUONS:]
        eta = np.arcsinh(pz / np.where(pt > 0, pt, np.inf))
        isolation = _nearest_jet(eta, np.arctan2(py, px), jets > 0).min()
        return {
            "threshold": float(jets[jets > 0].min(initial=np.inf)) * (1 - 1e-6),
            "softest_muon": float(pt[1].min()),
            "largest_ratio": float((pt[1] / pt[0]).max()),
            "isolation": float(isolation) * (1 - 1e-6),
        }

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
        second = np.sqrt(pt[0] * pt[1] * _angular(eta, d_phi)) if self.resonance else pt[1]
        d_phi[~there[1:]] = np.nan
        masses = np.sqrt(np.maximum(energy**2 - px**2 - py**2 - pz**2, 0))[N_MUONS:]
        masses[~there[N_MUONS:]] = np.nan
        values = np.stack([pt[0], second, pt[N_MUONS], *softer, *eta, *d_phi, *masses], axis=1)
        given = np.eye(N_JETS)[there[N_MUONS:].sum(axis=0) - 1]
        return Numbers(values, given)

    def possible(self, numbers: Numbers, constants: Mapping[str, float]) -> NDArray[np.bool_]:
        """See `Codec`."""
        pt1, pt2 = self._muons(numbers)
        _, _, eta, d_phi, _ = np.split(numbers.values.T[2:], SPLIT)
        there = np.arange(N_JETS)[:, None] <= numbers.given.argmax(axis=1)
        nearest = _nearest_jet(eta, np.concatenate([np.zeros((1, d_phi.shape[1])), d_phi]), there)
        return (
            (pt2 >= constants["softest_muon"])
            & (pt2 <= pt1 * constants["largest_ratio"])
            & (nearest >= constants.get("isolation", 0.0))
        )

    def decode(
        self, numbers: Numbers, constants: Mapping[str, float], random: np.random.Generator
    ) -> dict[str, NDArray[Any]]:
        """See `Codec`; the azimuth of the first muon is drawn."""
        n = len(numbers.values)
        n_jets = numbers.given.argmax(axis=1) + 1
        hardest, softer, eta, d_phi, masses = np.split(numbers.values.T[2:], SPLIT)
        threshold = constants["threshold"]
        above = np.cumprod(np.concatenate([hardest - threshold, softer]), axis=0)
        pt = np.stack([*self._muons(numbers), *(above + threshold)])
        phi = random.uniform(-np.pi, np.pi, n) + np.concatenate([np.zeros((1, n)), d_phi])
        masses = np.concatenate([np.full((N_MUONS, n), MUON_MASS), masses])
        momenta = four_momenta(pt, eta, phi, masses)
        momenta[np.arange(N_MUONS + N_JETS)[None, :] >= N_MUONS + n_jets[:, None]] = 0
        return {"momenta": momenta, "njets": n_jets.astype(np.int8)}

    def _muons(self, numbers: Numbers) -> tuple[Floats, Floats]:
        """PT of both muons, float64[n] each."""
        pt, second = numbers.values.T[:2]
        if not self.resonance:
            return pt, second
        _, _, eta, d_phi, _ = np.split(numbers.values.T[2:], SPLIT)
        return pt, second**2 / (pt * np.maximum(_angular(eta, d_phi), 1e-12))


SPLIT = np.cumsum([1, N_JETS - 1, N_MUONS + N_JETS, N_MUONS + N_JETS - 1])


def _angular(eta: Floats, d_phi: Floats) -> Floats:
    """M^2/(pT_1 pT_2) of the two muons without their masses."""
    angular: Floats = 2 * (np.cosh(eta[0] - eta[1]) - np.cos(d_phi[0]))
    return angular


def _nearest_jet(eta: Floats, phi: Floats, there: NDArray[np.bool_]) -> Floats:
    """Delta R of the muon and the jet nearest to each other, float64[n]; there bool[3, n] are the jets."""
    d_eta = eta[:N_MUONS, None] - eta[None, N_MUONS:]
    d_phi = np.remainder(phi[:N_MUONS, None] - phi[None, N_MUONS:] + np.pi, 2 * np.pi) - np.pi
    nearest: Floats = np.where(there, np.hypot(d_eta, d_phi), np.inf).min(axis=(0, 1))
    return nearest


def four_momenta(pt: Floats, eta: Floats, phi: Floats, mass: Floats) -> NDArray[np.float32]:
    """(E, px, py, pz) on the mass shell, float32[n, n_particles, 4], of (n_particles, n) each."""
    px, py, pz = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
    energy = np.sqrt(px**2 + py**2 + pz**2 + mass**2)
    return np.stack([energy, px, py, pz]).transpose(2, 1, 0).astype(np.float32)
