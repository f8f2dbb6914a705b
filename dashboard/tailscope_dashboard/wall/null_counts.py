"""The null band as the wall takes it: its histogram, and each run's cumulative counts where they change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tailscope.study.study import Study
from tailscope.weights.events import SAMPLES
from tailscope.weights.null_band import GRID, NullBand

from .meta import Null, NullRuns

MOST_POINTS = 500
"""Points of the grid that are sent of each run; a band that is wider is sent at every second, third, ..."""


def null_of(study: Study, log10_edges: NDArray[np.float64]) -> Null | None:
    """A study's null band; None where it has none."""
    band = study.null
    if band is None:
        return None
    if any(study.sample(name).event_weight is not None for name in SAMPLES):
        return Null(runs=len(band), weighted=True)
    points = _points(band)
    sides = {}
    for name in SAMPLES:
        counts = band.reference if name == "reference" else band.generated
        low, _, high = band.histogram(name, log10_edges)
        sides[name] = NullRuns(
            low=low.tolist(),
            high=high.tolist(),
            below=counts[:, points].astype(int).tolist(),
            total=counts[:, -1].astype(int).tolist(),
        )
    return Null(
        runs=len(band),
        weighted=False,
        first=float(GRID[points[0]]),
        step=float(GRID[points[1]] - GRID[points[0]]),
        reference=sides["reference"],
        generated=sides["generated"],
    )


def _points(band: NullBand) -> NDArray[np.int64]:
    """Evenly spaced points of the grid, from before any run's counts change to after all have."""
    counts = np.concatenate([band.reference, band.generated])[:, :-1]
    changes = np.flatnonzero((np.diff(counts, axis=1) > 0).any(axis=0))
    first, last = (int(changes[0]), int(changes[-1]) + 1) if changes.size else (0, 1)
    step = -(-(last - first) // MOST_POINTS)
    points = first + step * np.arange(-(-(last - first) // step) + 1)
    return points - max(0, int(points[-1]) - (GRID.size - 1))
