"""Energies that voxels hold exactly, again and again: the photon lines of Geant4's photons in lead.

A voxel that one photoelectric effect at the K edge of lead fed, or one annihilation photon, holds 88.005 or
510.999 keV to the last bit; others hold sums and differences of the two. A smooth density has no such lines,
and a classifier finds their absence at once, so they are choices of their own.
"""

from __future__ import annotations

import torch
from torch import Tensor

K_EDGE, ELECTRON = 0.088005, 0.510998910  # MeV
ENERGIES = (
    K_EDGE,
    2 * K_EDGE,
    ELECTRON - K_EDGE,
    ELECTRON,
    ELECTRON + K_EDGE,
    2 * ELECTRON - K_EDGE,
    2 * ELECTRON,
)
TOLERANCE = 1e-6  # relative; single precision keeps 6e-8


def values() -> Tensor:
    """The lines in MeV, as single precision holds them, (7,) float64."""
    return torch.tensor(ENERGIES, dtype=torch.float32).double()


def which(energy: Tensor) -> Tensor:
    """Which line an energy in MeV is, counted from 0, or -1; of the shape of ``energy``."""
    line = torch.full(energy.shape, -1, dtype=torch.long)
    for i, value in enumerate(values()):
        line[(energy - value).abs() < TOLERANCE * value] = i
    return line
