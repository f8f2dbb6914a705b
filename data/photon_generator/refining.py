"""Showers of a generator unweighted with weights that tailscope learned on its training showers.

What refines a generator is what tailscope tells users about theirs: where w is low, fewer showers are kept.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

import tailscope as ts

from .showers import Showers, write_showers


def refined(
    training: Showers, drawn: Showers, n: int, seed: int, folder: Path
) -> tuple[Showers, dict[str, float]]:
    """``n`` of the drawn showers, each kept with probability min(1, w/w_max), and what that did.

    w is learned out of fold between the training showers and the drawn ones, and w_max is such that ``n`` are
    expected to remain. What is told: w_max; the part of the sum of w that lies above it and is lost; and the
    AUC of training against drawn showers.

    Raises
    ------
    ValueError: fewer drawn showers than ``n``.

    """
    names = {"training": training, "drawn": drawn}
    for name, showers in names.items():
        write_showers(folder / f"{name}.hdf5", showers, {"sample": name})
    samples = [ts.load(folder / f"{name}.hdf5") for name in names]
    study = ts.fit(*samples, config=ts.FitConfig(seed=seed), cache=folder)
    w = np.exp(np.asarray(study.log_weights("generated"), np.float64))
    highest = _cap(w, 1.02 * n)
    random = np.random.default_rng(seed)
    kept = np.flatnonzero(random.random(len(w)) < w / highest)[:n]
    lost = float(np.maximum(w - highest, 0).sum() / w.sum())
    return drawn[kept], {"w_max": float(highest), "lost": lost, "auc": study.auc()}


def _cap(w: NDArray[np.float64], n: float) -> float:
    """The w_max for which the sum of min(1, w/w_max) is ``n``."""
    if w.size <= n:
        raise ValueError(f"{w.size:,} showers were drawn, of which {n:,.0f} cannot be kept")
    return float(brentq(lambda cap: np.minimum(1, w / cap).sum() - n, w.min() / 2, w.max() * w.size))
