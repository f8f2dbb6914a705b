"""Studies as a cross-fit leaves them, without a training: exact weights, and noise of each fold's own."""

from __future__ import annotations

import numpy as np

import tailscope as ts
from helpers.toys import gaussian_log_ratio, gaussian_pair, sample
from tailscope.record import Provenance
from tailscope.study.assembly import Scores, assemble

FOLDS = 5


def folded_study(n=3000, seed=0, *, noise=0.05, extra=0.0, name="generator", reference_seed=0):
    """A study of the Gaussian pair whose folds' classifiers are each off by a random shift and tilt in x0.

    ``extra``: part of the generated events that lies around x0 = 4, where there is hardly any reference.
    Reference events depend on ``reference_seed`` alone.
    """
    rng = np.random.default_rng([seed, 1])
    shift, tilt = noise * rng.standard_normal((2, FOLDS))
    ref, _ = gaussian_pair(n, reference_seed)
    gen = gaussian_pair(n, 1000 + seed)[1].features.copy()
    moved = rng.random(n) < extra
    gen[moved] = rng.standard_normal((moved.sum(), 5))
    gen[moved, 0] = 4 + 0.3 * gen[moved, 0]
    fold = (np.arange(n) % FOLDS).astype(np.int16)

    def scores(x):
        x0 = x[:, 0].astype(np.float64)
        # density of the extra events over that of the reference, and of the generated ones without them
        bump = np.exp(-0.5 * ((x0 - 4) / 0.3) ** 2 + 0.5 * x0**2) / 0.3
        log_w = -np.log((1 - extra) * np.exp(-gaussian_log_ratio(x)) + extra * bump)
        return Scores(log_w + shift[fold] + tilt[fold] * x0, np.empty((n, 0), np.float32), fold)

    sides = scores(ref.features), scores(gen)
    made = Provenance(seconds=1.5)
    return ts.Study.of(assemble(ref, sample(name, gen), sides, name=name, provenance=made))
