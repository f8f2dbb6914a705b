"""Jets made of their constituents: four-momenta, however a file lays them out -> JetNet's arrays.

A jet is the sum of its constituents' four-momenta, in float64:

    pT = |sum (px, py)|,  eta = arsinh(sum pz / pT),  M^2 = (sum E)^2 - |sum p|^2,

and of each constituent eta_rel = eta_i - eta, phi_rel = phi_i - phi within [-pi, pi], pT_rel = pT_i / pT.
Constituents given by pT, eta and phi alone are massless, so that a rapidity y given in place of eta is the
same: E = pT cosh eta. What tailscope computes from relative constituents takes all of them as massless.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .base import EventFile
from .stored import StoredEvents

Floats = NDArray[np.float64]

PARTICLES, JETS = "particle_features", "jet_features"
MAX_PARTICLES = 500

EXCESS = 0.01
"""By how much |p| may exceed E, as a fraction: rounding does not reach a thousandth of it."""
LARGEST = 1e15
"""GeV that no constituent has, in whatever units."""
LARGEST_PT = 2e4
"""No collider makes jets with a median pT of that many GeV: those are MeV."""


class JetFile(EventFile):
    """A file of jets: ``particle_features`` float32[n, slots, 4] and, where it has them, ``jet_features``.

    Attributes
    ----------
    slots: constituents that a jet has room for; may be set. The hardest are given, then zeros. Jets that are
        sums of constituents are then sums of these; what a file states of a whole jet stays.

    """

    domain = "jets"
    parts = MappingProxyType(
        {
            PARTICLES: (("eta_rel", ""), ("phi_rel", ""), ("pT_rel", ""), ("mask", "")),
            JETS: (("pT", "GeV"), ("eta", ""), ("mass", "GeV"), ("n", "")),
        }
    )
    slots: int
    _gives: tuple[str, ...] = (PARTICLES, JETS)

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """See `EventFile.shapes`."""
        return {name: {PARTICLES: (self.slots, 4), JETS: (4,)}[name] for name in self._gives}

    def only(self, names: Iterable[str]) -> None:
        """See `EventFile.only`: constituents can do without what is said of whole jets."""
        kept = set(names)
        if PARTICLES not in kept:
            raise FormatError(f"{self.path.name}: {self.title} are not read without {PARTICLES}")
        self._gives = tuple(name for name in self._gives if name in kept)


class StoredConstituents(JetFile, StoredEvents):
    """Constituents in arrays of a file, from which the jets are made."""

    @abstractmethod
    def four_momenta(self, rows: slice) -> Floats:
        """E, px, py, pz of the constituents of a range of rows, float64[n, any, 4]; padding is all zeros."""

    def part(self, rows: slice) -> dict[str, NDArray[np.float32]]:
        """See `StoredEvents.part`."""
        arrays = jets_of(self.where, self.four_momenta(rows), self.slots, rows.start)
        return {name: arrays[name] for name in self._gives}

    def check_units(self, arrays: Mapping[str, NDArray[np.float32]]) -> None:
        """Refuse MeV; nothing is scaled silently."""
        if JETS in arrays:
            refuse_mev(self.where, arrays[JETS])

    @property
    @abstractmethod
    def where(self) -> str:
        """The file and what in it the constituents are, for sentences."""


def momenta_of(pt: Floats, eta: Floats, phi: Floats, mass: Floats | float = 0.0) -> Floats:
    """E, px, py, pz of particles of these pT, eta, phi (float64[...]) and masses: float64[..., 4]."""
    with np.errstate(over="ignore"):  # infinite momenta are refused
        px, py, pz = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
        energy = np.hypot(pt * np.cosh(eta), mass)
    momenta = np.stack([energy, px, py, pz], axis=-1)
    momenta[~(pt > 0)] = 0
    return momenta


def jets_of(where: str, momenta: Floats, slots: int, start: int) -> dict[str, NDArray[np.float32]]:
    """JetNet's arrays of jets whose constituents have these four-momenta, hardest first.

    Parameters
    ----------
    where: the file and what in it they are, for sentences.
    momenta: E, px, py, pz in GeV, float64[n, any, 4], zeros where there is none.
    slots: so many of the hardest constituents are kept, and make the jet.
    start: number of the first of these jets in the file.

    Returns
    -------
    ``particle_features`` float32[n, slots, 4], zeros where there is none, and ``jet_features`` float32[n, 4]
    = pT, eta, mass, number of constituents.

    Raises
    ------
    FormatError: |p| above E, a constituent along the beam, numbers that cannot be, no constituents.

    """
    impossible = ~(np.abs(momenta) <= LARGEST).all(axis=(1, 2))
    refuse_jets(
        where, start, {f"has a constituent of more than {LARGEST:g} GeV; remove such jets": impossible}
    )
    pt = np.hypot(momenta[:, :, 1], momenta[:, :, 2])
    p = np.hypot(pt, momenta[:, :, 3])
    refuse_jets(
        where,
        start,
        {
            "has a constituent with |p| above E; check the order E, px, py, pz": (
                p > momenta[:, :, 0] * (1 + EXCESS)
            ).any(axis=1),
            "has a constituent along the beam (px = py = 0 but E above 0), expected zeros for padding; "
            "leave it out": ((pt == 0) & (momenta[:, :, 0] > 0)).any(axis=1),
            "has zero momentum: no constituent with pT above 0; remove such jets": ~(pt > 0).any(axis=1),
        },
    )
    momenta, pt = _hardest(momenta, pt, slots)
    energy, px, py, pz = momenta.sum(axis=1).T
    jet_pt = np.hypot(px, py)
    eta = np.arcsinh(pz / jet_pt)
    mass = np.sqrt(np.maximum(energy**2 - px**2 - py**2 - pz**2, 0))
    there = pt > 0
    eta_rel = np.arcsinh(np.divide(momenta[:, :, 3], pt, where=there, out=np.zeros_like(pt))) - eta[:, None]
    x, y = momenta[:, :, 1], momenta[:, :, 2]
    phi_rel = np.arctan2(px[:, None] * y - py[:, None] * x, px[:, None] * x + py[:, None] * y)
    particles = np.stack([eta_rel, phi_rel, pt / jet_pt[:, None], there], axis=-1)
    particles[~there] = 0
    return {
        PARTICLES: particles.astype(np.float32),
        JETS: np.stack([jet_pt, eta, mass, there.sum(axis=1)], axis=1).astype(np.float32),
    }


def hardest_of(particles: NDArray[np.float32], slots: int) -> NDArray[np.float32]:
    """Keep the hardest of relative constituents float32[n, any, 4], zero padded."""
    return particles if particles.shape[1] == slots else _hardest(particles, particles[:, :, 2], slots)[0]


def _hardest(values: NDArray[Any], pt: NDArray[Any], slots: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Values[n, any, k] and pT[n, any] of the hardest ``slots`` constituents, by falling pT, zero padded."""
    order = np.argsort(-pt, axis=1, kind="stable")[:, :slots]
    values, pt = np.take_along_axis(values, order[:, :, None], axis=1), np.take_along_axis(pt, order, axis=1)
    missing = slots - pt.shape[1]
    return np.pad(values, ((0, 0), (0, missing), (0, 0))), np.pad(pt, ((0, 0), (0, missing)))


def refuse_jets(where: str, start: int, problems: Mapping[str, Any]) -> None:
    """Raise for the first of these problems that any of the jets from number ``start`` has.

    Raises
    ------
    FormatError: with the first such jet and how many there are in this part of the file.

    """
    for problem, jets in problems.items():
        if jets.any():
            raise FormatError(
                f"{where}: jet {start + int(jets.argmax())} {problem} "
                f"({int(jets.sum())} such jets in {start} to {start + len(jets) - 1})"
            )


def refuse_mev(where: str, jets: NDArray[np.float32]) -> None:
    """Refuse ``jet_features`` (float32[n, 4]) in MeV.

    Raises
    ------
    FormatError: no collider makes such jets.

    """
    pt = float(np.median(jets[:, 0]))
    if pt > LARGEST_PT:
        raise FormatError(
            f"{where}: the median pT is {pt:g}, expected GeV; it looks like MeV: divide pT and mass by 1000"
        )
