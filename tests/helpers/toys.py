"""Pairs of samples whose density ratio is known."""

from __future__ import annotations

import numpy as np

import tailscope as ts

MEAN = np.array([0.3, -0.2, 0.0, 0.0, 0.1])
SIGMA = np.array([1.1, 1.0, 0.9, 1.0, 1.0])


def sample(name, x, **kwargs):
    """A sample whose observables are its features."""
    return ts.Sample(name, x, {f"x{i}": x[:, i] for i in range(x.shape[1])}, **kwargs)


def gaussian_log_ratio(x):
    """log p_ref/p_gen of `gaussian_pair`, float64[n]."""
    x = x.astype(np.float64)
    return (-0.5 * x**2 + 0.5 * ((x - MEAN) / SIGMA) ** 2 + np.log(SIGMA)).sum(axis=1)


def gaussian_pair(n, seed=0):
    """A standard Gaussian in 5 dimensions against a shifted one of other widths."""
    rng = np.random.default_rng(seed)
    ref = rng.standard_normal((n, 5)).astype(np.float32)
    gen = (MEAN + SIGMA * rng.standard_normal((n, 5))).astype(np.float32)
    return sample("reference", ref), sample("generated", gen)


def exact_study(n, seed=0, **kwargs):
    """A study of the Gaussian pair with its analytic weights: no training."""
    ref, gen = gaussian_pair(n, seed)
    log_w = gaussian_log_ratio(ref.features), gaussian_log_ratio(gen.features)
    return ts.Study.from_weights(ref, gen, *log_w, **kwargs)
