"""The null band as the wall takes it: its histogram, and each run's cumulative counts where they change."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.study.study import Study
from tailscope.weights.events import SAMPLES
from tailscope.weights.null_band import GRID, NullBand

MOST_POINTS = 500
"""Points of the grid that are sent of each run; a band that is wider is sent at every second, third, ..."""


def null_of(study: Study, log10_edges: NDArray[np.float64]) -> dict[str, Any] | None:
    """Plain data of a study's null band; None where it has none.

    Returns
    -------
    runs: their number.
    weighted: whether events have weights; then nothing else is there, since the wall counts events.
    first, step: log w of the first point, and from one to the next.
    reference, generated: {"low", "high": 16% and 84% of each bin of the weight histogram, "below": counts
        below each point run by run, "total": of each run}. Beyond the points the counts stay what they are at
        the last one, but for w = 0 and w = inf.

    """
    band = study.null
    if band is None:
        return None
    if any(study.sample(name).event_weight is not None for name in SAMPLES):
        return {"runs": len(band), "weighted": True}
    points = _points(band)
    found: dict[str, Any] = {
        "runs": len(band),
        "weighted": False,
        "first": float(GRID[points[0]]),
        "step": float(GRID[points[1]] - GRID[points[0]]),
    }
    for name in SAMPLES:
        counts = band.reference if name == "reference" else band.generated
        low, _, high = band.histogram(name, log10_edges)
        found[name] = {
            "low": low.tolist(),
            "high": high.tolist(),
            "below": counts[:, points].astype(int).tolist(),
            "total": counts[:, -1].astype(int).tolist(),
        }
    return found


def _points(band: NullBand) -> NDArray[np.int64]:
    """Evenly spaced points of the grid, from before any run's counts change to after all have."""
    counts = np.concatenate([band.reference, band.generated])[:, :-1]
    changes = np.flatnonzero((np.diff(counts, axis=1) > 0).any(axis=0))
    first, last = (int(changes[0]), int(changes[-1]) + 1) if changes.size else (0, 1)
    step = -(-(last - first) // MOST_POINTS)
    points = first + step * np.arange(-(-(last - first) // step) + 1)
    return points - max(0, int(points[-1]) - (GRID.size - 1))
