"""Muons and jets in the plane of pseudorapidity and azimuth, from observables that carry their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.sample.drawing import Axis, Drawing, Points

ETA_RANGE = (-5.0, 5.0)
"""What calorimeters of hadron colliders cover."""

LABELS = {"mu1": "μ₁", "mu2": "μ₂", "j1": "j₁", "j2": "j₂", "j3": "j₃"}


def in_plane(
    columns: Mapping[str, NDArray[Any]], particles: Sequence[str], kinds: tuple[str, ...]
) -> Drawing:
    """Draw particles at ``eta_P``, ``phi_P`` with the area ``pT_P`` (GeV), float[n] columns, NaN if absent.

    A drawing of nothing where a column is missing, as in files without angles.
    """
    names = {key: [f"{key}_{p}" for p in particles] for key in ("pT", "eta", "phi")}
    if not all(name in columns for some in names.values() for name in some):
        return Drawing()
    pt, eta, phi = (
        np.stack([np.asarray(columns[name], dtype=np.float64) for name in some], axis=1)
        for some in names.values()
    )
    return Drawing(
        points=Points(
            Axis("η"),
            Axis("φ"),
            ETA_RANGE,
            (-np.pi, np.pi),
            np.stack([eta, phi], axis=2),
            pt,
            Axis("pT", "GeV"),
            kinds,
            tuple(LABELS.get(p, p) for p in particles),
        )
    )
