"""Tables for the baselines, and dimuons, whose columns depend on each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.domains.kinematics import MUON_MASS

from .codec import Arrays, Codec, Floats, Numbers
from .events import four_momenta


class TableCodec(Codec):
    """Columns as they are. Nothing is given."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)

    def encode(self, arrays: Arrays, constants: Mapping[str, float]) -> Numbers:
        """See `Codec`."""
        values = np.stack([arrays[name].astype(np.float64) for name in self.columns], axis=1)
        return Numbers(values, np.empty((len(values), 0)))

    def decode(
        self, numbers: Numbers, constants: Mapping[str, float], random: np.random.Generator
    ) -> dict[str, NDArray[Any]]:
        """See `Codec`."""
        return dict(zip(self.columns, numbers.values.T.astype(np.float32), strict=True))


KINEMATIC = ("E", "px", "py", "pz", "pt", "eta", "phi")


class DimuonCodec(Codec):
    """Two muons in columns with CMS's names: energies, momenta, angles and M follow from pT, eta and phi.

    Values: pT and eta of both, phi_2 - phi_1, and every other column as it is. Nothing is given.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        self.others = tuple(c for c in columns if c != "M" and c[:-1] not in KINEMATIC)

    @staticmethod
    def fits(columns: Sequence[str]) -> bool:
        """Whether the columns tell pT, eta and phi of both muons."""
        names = set(columns)
        return all(
            {f"pt{i}", f"eta{i}", f"phi{i}"} <= names or {f"px{i}", f"py{i}", f"pz{i}"} <= names
            for i in (1, 2)
        )

    def encode(self, arrays: Arrays, constants: Mapping[str, float]) -> Numbers:
        """See `Codec`."""
        (pt1, eta1, phi1), (pt2, eta2, phi2) = (_muon(arrays, i) for i in (1, 2))
        d_phi = np.remainder(phi2 - phi1, 2 * np.pi)
        others = [arrays[name].astype(np.float64) for name in self.others]
        values = np.stack([pt1, pt2, eta1, eta2, d_phi, *others], axis=1)
        return Numbers(values, np.empty((len(values), 0)))

    def decode(
        self, numbers: Numbers, constants: Mapping[str, float], random: np.random.Generator
    ) -> dict[str, NDArray[Any]]:
        """See `Codec`; the azimuth of the first muon is drawn."""
        pt1, pt2, eta1, eta2, d_phi, *others = numbers.values.T
        phi1 = random.uniform(-np.pi, np.pi, len(pt1))
        pt, eta = np.stack([pt1, pt2]), np.stack([eta1, eta2])
        phi = np.stack([phi1, np.remainder(phi1 + d_phi + np.pi, 2 * np.pi) - np.pi])
        p4 = four_momenta(pt, eta, phi, np.full_like(pt, MUON_MASS))
        pair = p4.astype(np.float64).sum(axis=1)
        known = {"M": np.sqrt(np.maximum(pair[:, 0] ** 2 - (pair[:, 1:] ** 2).sum(axis=1), 0))}
        for i in (0, 1):
            columns = [*p4[:, i].T, pt[i], eta[i], phi[i]]
            known |= {f"{kind}{i + 1}": column for kind, column in zip(KINEMATIC, columns, strict=True)}
        known |= dict(zip(self.others, others, strict=True))
        return {name: known[name].astype(np.float32) for name in self.columns}


def _muon(arrays: Arrays, i: int) -> tuple[Floats, Floats, Floats]:
    """PT, eta, phi of muon 1 or 2, float64[n] each."""
    if f"pt{i}" in arrays and f"eta{i}" in arrays and f"phi{i}" in arrays:
        pt, eta, phi = (arrays[f"{kind}{i}"].astype(np.float64) for kind in ("pt", "eta", "phi"))
        return pt, eta, phi
    px, py, pz = (arrays[f"{kind}{i}"].astype(np.float64) for kind in ("px", "py", "pz"))
    pt = np.hypot(px, py)
    return pt, np.arcsinh(pz / pt), np.arctan2(py, px)
