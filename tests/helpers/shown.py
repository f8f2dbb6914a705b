"""Studies of small files, without a training: weights that depend on the events."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import tailscope as ts
from helpers.kinds import write_kind


def weighted(ref, gen, name="", seed=0):
    """A study whose weights follow the first observable of the wall, with some w = 0 and w = inf."""
    rng = np.random.default_rng(seed)

    def log_w(sample):
        x = np.nan_to_num(sample.observable(sample.specs[0].name).astype(np.float64))
        values = 0.5 * (x - x.mean()) / (x.std() or 1) + rng.normal(0, 0.5, len(sample))
        values[:2] = -np.inf, np.inf
        return values

    return ts.Study.from_weights(ref, gen, log_w(ref), log_w(gen), name=name)


def study_of_kind(folder: Path, kind: str, n: int = 200, **options):
    """Files ``reference.h5`` and ``generated.h5`` of that kind in ``folder``, and their study."""
    paths = [
        write_kind(folder / f"{role}.h5", kind, m) for role, m in (("reference", n), ("generated", n - 20))
    ]
    return weighted(*(ts.load(path, **options) for path in paths), name=kind)
