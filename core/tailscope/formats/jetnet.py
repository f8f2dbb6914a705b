"""Jets in JetNet's layout (Kansal et al., arXiv:2106.11535): constituents relative to their jet.

``particle_features`` (N, n_particles, 4) = eta_rel, phi_rel, pT_rel, mask, zero padded; ``jet_features``
(N, 4) = pT [GeV], eta, mass [GeV], number of particles. Generators that make only constituents leave the
latter out.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .base import Dataset
from .store import ArrayStore, Found
from .stored import StoredEvents

PARTICLES, JETS = "particle_features", "jet_features"
COLUMNS = "eta_rel, phi_rel, pT_rel, mask"
JET_COLUMNS = ("pT", "eta", "mass", "number of particles")
MAX_PARTICLES = 500

PLAUSIBLE_SUM = (0.1, 3.0)
"""Plausible medians of the sum of pT_rel: 1 when every constituent is there."""
FARTHEST_ETA, FARTHEST_PHI = 20.0, 6.5
"""No particle is so far from the axis of its jet: those are degrees, or not relative."""
LARGEST_PT = 2e4
"""No collider makes jets with a median pT of that many GeV: those are MeV."""


def likeness(found: Mapping[str, Found]) -> float:
    """1 with particle_features, 0.25 with jet_features alone, else 0."""
    return 1.0 if PARTICLES in found else 0.25 * (JETS in found)


class JetNet(StoredEvents):
    """A file of jets; `chunks` gives float32[n, n_particles, 4] of constituents and [n, 4] of jets."""

    format = "jetnet"
    domain = "jets"
    parts = MappingProxyType(
        {
            PARTICLES: (("eta_rel", ""), ("phi_rel", ""), ("pT_rel", ""), ("mask", "")),
            JETS: (("pT", "GeV"), ("eta", ""), ("mass", "GeV"), ("n", "")),
        }
    )

    def __init__(self, path: Path, file: ArrayStore) -> None:
        super().__init__(path, file)
        self.title = f"jets with constituents (JetNet) in {file.container}"
        particles = file.need(PARTICLES, f"(shape (N, 30, 4): {COLUMNS})")
        shape = particles.shape
        if len(shape) != 3 or shape[2] not in {3, 4} or not 3 <= shape[1] <= MAX_PARTICLES:
            raise FormatError(
                f"{path.name}: dataset {PARTICLES} has shape {shape}, expected (N, 30, 4) or (N, 150, 4): "
                f"{COLUMNS}; {_shape_advice(shape)}"
            )
        self.n_events, self._n_particles, self._n_columns = shape
        self._used = [PARTICLES]
        if JETS in file.found:
            jets = file.usable(JETS)
            if jets.shape != (self.n_events, 4):
                raise FormatError(
                    f"{path.name}: dataset {JETS} has shape {jets.shape}, expected ({self.n_events}, 4): "
                    f"{', '.join(JET_COLUMNS)} of the jets in {PARTICLES}; write both from the same jets"
                )
            self._used.append(JETS)
        if self.n_events == 0:
            raise FormatError(f"{path.name}: there are no jets in it ({PARTICLES} has shape {shape})")
        self.datasets = tuple(
            Dataset(f.name, f.shape, f.dtype, used=f.name in self._used) for f in file.found.values()
        )

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """See `EventFile.shapes`."""
        return {name: {PARTICLES: (self._n_particles, 4), JETS: (4,)}[name] for name in self._used}

    def part(self, rows: slice) -> dict[str, NDArray[np.float32]]:
        """See `StoredEvents.part`."""
        particles = self.numbers(PARTICLES, rows)
        if self._n_columns == 3:  # older files: what has no pT is padding
            mask = (particles[:, :, 2:] > 0).astype(np.float32)
            particles = np.concatenate([particles, mask], axis=2)
        self._check_particles(particles, rows.start)
        arrays = {PARTICLES: particles}
        if JETS in self._used:
            arrays[JETS] = self.numbers(JETS, rows)
            self._check_jets(arrays[JETS], particles, rows.start)
        return arrays

    def _check_particles(self, particles: NDArray[np.float32], start: int) -> None:
        pt, mask = particles[:, :, 2], particles[:, :, 3]
        far = (np.abs(particles[:, :, 0]) > FARTHEST_ETA) | (np.abs(particles[:, :, 1]) > FARTHEST_PHI)
        self._refuse(
            PARTICLES,
            start,
            {
                "has a particle far from its jet, expected eta_rel and phi_rel, in radians": far.any(axis=1),
                "has a mask other than 0 and 1, expected 1 for particles and 0 for padding": (
                    (mask != 0) & (mask != 1)
                ).any(axis=1),
                "has a particle with negative pT_rel; give it pT_rel 0 and mask 0": (pt < 0).any(axis=1),
                "has zero momentum: no particle with pT_rel above 0; remove such jets": ~(pt > 0).any(axis=1),
                "has a particle with pT_rel above 0 but mask 0; make the masks agree": (
                    (pt > 0) & (mask == 0)
                ).any(axis=1),
                "has a particle with mask 1 but pT_rel 0; make the masks agree": (
                    (pt == 0) & (mask == 1)
                ).any(axis=1),
            },
        )

    def check_units(self, arrays: Mapping[str, NDArray[np.float32]]) -> None:
        """Refuse constituents that are not relative to their jet, and MeV; nothing is scaled silently."""
        total = float(np.median(arrays[PARTICLES][:, :, 2].sum(axis=1)))
        if not PLAUSIBLE_SUM[0] <= total <= PLAUSIBLE_SUM[1]:
            advice = "divide the third column by the jet's pT" if total > 10 else f"is the order {COLUMNS}?"
            raise FormatError(
                f"{self.path.name}: dataset {PARTICLES}: pT_rel of a jet's particles sums to {total:.3g} "
                f"(median), expected about 1; {advice}"
            )
        pt = float(np.median(arrays[JETS][:, 0])) if JETS in arrays else 0.0
        if pt > LARGEST_PT:
            raise FormatError(
                f"{self.path.name}: dataset {JETS}: the median pT is {pt:g}, expected GeV; it looks like "
                "MeV: divide pT and mass by 1000"
            )

    def _check_jets(self, jets: NDArray[np.float32], particles: NDArray[np.float32], start: int) -> None:
        counted = particles[:, :, 3].sum(axis=1)
        # The jet may have had more constituents than there is room for.
        disagree = np.minimum(jets[:, 3], self._n_particles) != counted
        both = "write both from the same jets"
        self._refuse(
            JETS,
            start,
            {
                "has a pT that is not above 0 GeV; remove such jets": jets[:, 0] <= 0,
                "has a negative mass; remove such jets": jets[:, 2] < 0,
                f"has another number of particles than its mask in {PARTICLES}; {both}": disagree,
            },
        )

    def _refuse(self, name: str, start: int, problems: Mapping[str, Any]) -> None:
        """Raise for the first of these problems that any jet has."""
        for problem, jets in problems.items():
            if jets.any():
                raise FormatError(
                    f"{self.path.name}: dataset {name}: jet {start + int(jets.argmax())} {problem} "
                    f"({int(jets.sum())} such jets in {start} to {start + len(jets) - 1})"
                )


def _shape_advice(shape: tuple[int, ...]) -> str:
    if len(shape) == 2 and shape[1] % 4 == 0:
        return f"reshape it with .reshape(-1, {shape[1] // 4}, 4)"
    if len(shape) == 3 and shape[1] in {3, 4}:
        return "swap its last two axes"
    return "write one row of four numbers for each particle"
