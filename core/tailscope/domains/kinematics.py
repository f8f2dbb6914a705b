"""Ratios, four-momenta and angles, vectorised: what several kinds of events share, in float64."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tailscope.counting.binning import Binning

Floats = NDArray[np.float64]

MUON_MASS = 0.1056584
"""GeV (PDG)."""

ANGLE = Binning(np.linspace(-3.1416, 3.1416, 51))
"""Bins of an angle in [-pi, pi]; 3.1416 because float32 rounds pi up, beyond the last edge."""


def ratio(part: Floats, whole: Floats) -> Floats:
    """Divide (shapes that go together), with NaN where the whole is 0."""
    result: Floats = np.full(np.broadcast_shapes(part.shape, whole.shape), np.nan)
    np.divide(part, whole, out=result, where=whole > 0)
    return result


def wrapped(angle: Floats) -> Floats:
    """Bring an angle (any shape, radians) into [-pi, pi]."""
    return angle - 2 * np.pi * np.rint(angle / (2 * np.pi))


def pseudorapidity(pt: Floats, pz: Floats) -> Floats:
    """Eta = arsinh(pz/pT), any shape; NaN where pT is 0."""
    slope = ratio(pz, pt)
    return np.arcsinh(slope, out=slope)


def rapidity(energy: Floats, pz: Floats) -> Floats:
    """Rapidity y = artanh(pz/E), any shape; NaN where it is not finite (a particle along the beam)."""
    slope: Floats = np.full(energy.shape, np.nan)
    np.divide(pz, energy, out=slope, where=energy > np.abs(pz))
    return np.arctanh(slope, out=slope)


def mass(energy: Floats, px: Floats, py: Floats, pz: Floats) -> Floats:
    """M = sqrt(E^2 - p^2), any shape; -sqrt(p^2 - E^2) where rounding left p^2 above E^2.

    The sign convention is ROOT's: a negative value says that the mass is lost in the rounding of E.
    """
    squared = energy * energy
    squared -= px * px
    squared -= py * py
    squared -= pz * pz
    return np.copysign(np.sqrt(np.abs(squared)), squared)


def cartesian(pt: Floats, eta: Floats, phi: Floats, m: float) -> tuple[Floats, Floats, Floats, Floats]:
    """(E, px, py, pz) of particles of mass ``m`` (GeV), each float64[n]."""
    px, py, pz = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
    return np.sqrt(pt * pt + pz * pz + m * m), px, py, pz
