"""Jets in JetNet's layout (Kansal et al., arXiv:2106.11535): constituents relative to their jet.

``particle_features`` (N, n_particles, 4) = eta_rel, phi_rel, pT_rel, mask, zero padded; ``jet_features``
(N, 4) = pT [GeV], eta, mass [GeV], number of particles. Generators that make only constituents leave the
latter out.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .base import Dataset
from .constituents import JETS, MAX_PARTICLES, PARTICLES, JetFile, hardest_of, refuse_jets, refuse_mev
from .store import ArrayStore, Found
from .stored import StoredEvents

COLUMNS = "eta_rel, phi_rel, pT_rel, mask"
JET_COLUMNS = ("pT", "eta", "mass", "number of particles")
OWN_ORDER = (0, 1, 2)

PLAUSIBLE_SUM = (0.1, 3.0)
"""Plausible medians of the sum of pT_rel: 1 when every constituent is there."""
FARTHEST_ETA, FARTHEST_PHI = 20.0, 6.5
"""No particle is so far from the axis of its jet: those are degrees, or not relative."""


def likeness(found: Mapping[str, Found]) -> float:
    """1 with particle_features, 0.25 with jet_features alone, else 0."""
    return 1.0 if PARTICLES in found else 0.25 * (JETS in found)


class JetNet(JetFile, StoredEvents):
    """A file of jets; `chunks` gives float32[n, n_particles, 4] of constituents and [n, 4] of jets.

    Parameters
    ----------
    source: the array of the constituents.
    order: which of its columns are eta_rel, phi_rel and pT_rel.
    masked: whether its fourth column is the mask; without one, what has no pT is padding.

    """

    format = "jetnet"

    def __init__(
        self,
        path: Path,
        file: ArrayStore,
        source: str = PARTICLES,
        order: tuple[int, int, int] = OWN_ORDER,
        masked: bool = True,
    ) -> None:
        super().__init__(path, file)
        self.title = f"jets with constituents (JetNet) in {file.container}"
        particles = file.need(source, f"(shape (N, 30, 4): {COLUMNS})")
        shape = particles.shape
        if len(shape) != 3 or shape[2] not in {3, 4} or not 3 <= shape[1] <= MAX_PARTICLES:
            raise FormatError(
                f"{path.name}: dataset {source} has shape {shape}, expected (N, 30, 4) or (N, 150, 4): "
                f"{COLUMNS}; {_shape_advice(shape)}"
            )
        self.n_events, self._n_particles = shape[:2]
        self.slots = self._n_particles
        self._source, self._order, self._masked = source, order, masked and shape[2] == 4
        self._gives = (PARTICLES,)
        if JETS in file.found:
            jets = file.usable(JETS)
            if jets.shape != (self.n_events, 4):
                raise FormatError(
                    f"{path.name}: dataset {JETS} has shape {jets.shape}, expected ({self.n_events}, 4): "
                    f"{', '.join(JET_COLUMNS)} of the jets in {source}; write both from the same jets"
                )
            self._gives += (JETS,)
        if self.n_events == 0:
            raise FormatError(f"{path.name}: there are no jets in it ({source} has shape {shape})")
        self.datasets = tuple(
            Dataset(f.name, f.shape, f.dtype, used=f.name in {source, *self._gives})
            for f in file.found.values()
        )

    def part(self, rows: slice) -> dict[str, NDArray[np.float32]]:
        """See `StoredEvents.part`."""
        values = self.numbers(self._source, rows)
        if self._masked and self._order == OWN_ORDER:
            particles = values
        else:  # older files: what has no pT is padding
            relative = values[:, :, self._order]
            mask = values[:, :, 3:] if self._masked else (relative[:, :, 2:] > 0).astype(np.float32)
            particles = np.concatenate([relative, mask], axis=2)
        check_relative(self._where(self._source), particles, rows.start)
        arrays = {PARTICLES: hardest_of(particles, self.slots)}
        if JETS in self._gives:
            arrays[JETS] = self.numbers(JETS, rows)
            self._check_jets(arrays[JETS], particles, rows.start)
        return arrays

    def check_units(self, arrays: Mapping[str, NDArray[np.float32]]) -> None:
        """Refuse constituents that are not relative to their jet, and MeV; nothing is scaled silently."""
        check_sum(self._where(self._source), arrays[PARTICLES])
        if JETS in arrays:
            refuse_mev(self._where(JETS), arrays[JETS])

    def _check_jets(self, jets: NDArray[np.float32], particles: NDArray[np.float32], start: int) -> None:
        counted = particles[:, :, 3].sum(axis=1)
        # The jet may have had more constituents than there is room for.
        disagree = np.minimum(jets[:, 3], self._n_particles) != counted
        both = "write both from the same jets"
        refuse_jets(
            self._where(JETS),
            start,
            {
                "has a pT that is not above 0 GeV; remove such jets": jets[:, 0] <= 0,
                "has a negative mass; remove such jets": jets[:, 2] < 0,
                f"has another number of particles than its mask in {self._source}; {both}": disagree,
            },
        )

    def _where(self, name: str) -> str:
        return f"{self.path.name}: dataset {name}"


def check_relative(where: str, particles: NDArray[np.float32], start: int) -> None:
    """Refuse constituents (eta_rel, phi_rel, pT_rel, mask: float32[n, any, 4]) that cannot be.

    Raises
    ------
    FormatError: far from their jet, negative pT, another mask than pT has, no constituents.

    """
    pt, mask = particles[:, :, 2], particles[:, :, 3]
    far = (np.abs(particles[:, :, 0]) > FARTHEST_ETA) | (np.abs(particles[:, :, 1]) > FARTHEST_PHI)
    refuse_jets(
        where,
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
            "has a particle with mask 1 but pT_rel 0; make the masks agree": ((pt == 0) & (mask == 1)).any(
                axis=1
            ),
        },
    )


def check_sum(where: str, particles: NDArray[np.float32]) -> None:
    """Refuse constituents (float32[n, any, 4]) that are not relative to their jet.

    Raises
    ------
    FormatError: the sum of their pT_rel is far from 1.

    """
    total = float(np.median(particles[:, :, 2].sum(axis=1)))
    if not PLAUSIBLE_SUM[0] <= total <= PLAUSIBLE_SUM[1]:
        advice = "divide the third column by the jet's pT" if total > 10 else f"is the order {COLUMNS}?"
        raise FormatError(
            f"{where}: pT_rel of a jet's particles sums to {total:.3g} (median), expected about 1; {advice}"
        )


def _shape_advice(shape: tuple[int, ...]) -> str:
    if len(shape) == 2 and shape[1] % 4 == 0:
        return f"reshape it with .reshape(-1, {shape[1] // 4}, 4)"
    if len(shape) == 3 and shape[1] in {3, 4}:
        return "swap its last two axes"
    return "write one row of four numbers for each particle"
