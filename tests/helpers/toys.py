"""Pairs of samples whose density ratio is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp
from scipy.stats import multivariate_normal, norm
from scipy.stats import t as student

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


@dataclass(frozen=True)
class Toy:
    """A pair of densities whose ratio is known, in 5 dimensions unless it says so.

    ``draw(n, seed)`` gives float32[n, d] of either sample, ``log_ratio`` the exact log w of such rows.
    """

    draw: Callable[[int, int], tuple[np.ndarray, np.ndarray]]
    log_ratio: Callable[[np.ndarray], np.ndarray]

    def pair(self, n, seed=0):
        """n + n events as samples."""
        ref, gen = self.draw(n, seed)
        return sample("reference", ref), sample("generated", gen)


def _gaussians(n, seed):
    return tuple(s.features for s in gaussian_pair(n, seed))


MODES = np.array([[-1.5, 0, 0, 0, 0], [1.5, 1, 0, 0, 0], [0, 0, 6, 0, 0]])
WIDTHS = np.array([1.0, 1.0, 0.5])
SHARES = np.array([[0.50, 0.45, 0.05], [0.40, 0.60, 0.0]])
"""Of the modes in the reference and in the generated sample, which lacks the third."""


def _modes(n, seed):
    rng = np.random.default_rng(seed)
    found = []
    for shares in SHARES:
        mode = rng.choice(3, n, p=shares)
        found.append((MODES[mode] + WIDTHS[mode, None] * rng.standard_normal((n, 5))).astype(np.float32))
    return tuple(found)


def _modes_log_ratio(x):
    x = x.astype(np.float64)
    parts = np.stack([norm.logpdf(x, m, s).sum(axis=1) for m, s in zip(MODES, WIDTHS, strict=True)], axis=1)
    return logsumexp(parts, axis=1, b=SHARES[0]) - logsumexp(parts[:, :2], axis=1, b=SHARES[1, :2])


BOUNDARY = 3.0
SLOPE = 1.1
"""x0 falls as exp(-x0) up to 3 in the reference, as exp(-x0/1.1) without an end in the generated sample."""


def _bounded(n, seed):
    rng = np.random.default_rng(seed)
    ref, gen = rng.standard_normal((n, 5)), rng.standard_normal((n, 5))
    ref[:, 0] = -np.log1p(rng.random(n) * np.expm1(-BOUNDARY))
    gen[:, 0] = rng.exponential(SLOPE, n)
    gen[:, 1] += 0.2
    return ref.astype(np.float32), gen.astype(np.float32)


def _bounded_log_ratio(x):
    x = x.astype(np.float64)
    inside = -x[:, 0] - np.log(-np.expm1(-BOUNDARY)) + x[:, 0] / SLOPE + np.log(SLOPE)
    log_w = inside - 0.2 * x[:, 1] + 0.2**2 / 2
    return np.where(x[:, 0] < BOUNDARY, log_w, -np.inf)


PEAK = 0.7
SMEARED = 1.5
"""70% of the events make a peak of width 1 in x0, or of width 1.5, above a flat backdrop from -10 to 10."""


def _peaks(n, seed):
    rng = np.random.default_rng(seed)
    found = []
    for width in (1.0, SMEARED):
        x = rng.standard_normal((n, 5))
        x[:, 0] = np.where(rng.random(n) < PEAK, width * x[:, 0], rng.uniform(-10, 10, n))
        found.append(x.astype(np.float32))
    return tuple(found)


def _peaks_log_ratio(x):
    x0 = x[:, 0].astype(np.float64)
    ref, gen = (PEAK * norm.pdf(x0, 0, width) + (1 - PEAK) / 20 for width in (1.0, SMEARED))
    return np.log(ref / gen)


TOYS = {
    "shift and width": Toy(_gaussians, gaussian_log_ratio),
    "missing mode": Toy(_modes, _modes_log_ratio),
    "hard boundary": Toy(_bounded, _bounded_log_ratio),
    "smeared peak": Toy(_peaks, _peaks_log_ratio),
}


RHOS = (0.99, 0.987)
"""Correlations of all five columns in the reference and in the generated sample."""


def _covariance(rho):
    return np.full((5, 5), rho) + (1 - rho) * np.eye(5)


def _correlated(n, seed):
    """Columns that are the same one by one, and differ in what is left of each beside the others."""
    rng = np.random.default_rng(seed)
    roots = [np.linalg.cholesky(_covariance(rho)).T for rho in RHOS]
    return tuple((rng.standard_normal((n, 5)) @ root).astype(np.float32) for root in roots)


def _correlated_log_ratio(x):
    ref, gen = (multivariate_normal(np.zeros(5), _covariance(rho)).logpdf(x) for rho in RHOS)
    return ref - gen


def _conditional(n, seed):
    """Energies of other means, and a measured one of another scale and resolution: x0, E."""
    rng = np.random.default_rng(seed)
    found = []
    for mean, scale, resolution in ((3.0, 1.0, 0.1), (3.2, 1.02, 0.12)):
        energy = np.exp(rng.normal(mean, 1.0, n))
        measured = energy * (scale + resolution * rng.standard_normal(n))
        found.append(np.stack([measured, energy], axis=1).astype(np.float32))
    return tuple(found)


def _conditional_log_ratio(x):
    x0, energy = x.astype(np.float64).T
    given = norm.logpdf(np.log(energy), 3.0, 1.0) - norm.logpdf(np.log(energy), 3.2, 1.0)
    return given + norm.logpdf(x0 / energy, 1.0, 0.1) - norm.logpdf(x0 / energy, 1.02, 0.12)


STRETCH = 1.2


def _heavy(n, seed):
    """Student's t of 1.5 degrees of freedom in two columns, wider by a fifth in the generated sample."""
    rng = np.random.default_rng(seed)
    found = []
    for scale in (1.0, STRETCH):
        x = rng.standard_normal((n, 4))
        x[:, :2] = scale * student.rvs(1.5, size=(n, 2), random_state=rng)
        found.append(x.astype(np.float32))
    return tuple(found)


def _heavy_log_ratio(x):
    x = x[:, :2].astype(np.float64)
    return (student.logpdf(x, 1.5) - student.logpdf(x / STRETCH, 1.5) + np.log(STRETCH)).sum(axis=1)


RESOLUTIONS = (0.05, 0.065)


def _resolution(n, seed):
    """x = E(1 + s z) at energies E that both samples share: x0, E."""
    rng = np.random.default_rng(seed)
    found = []
    for s in RESOLUTIONS:
        energy = np.exp(rng.uniform(0, np.log(100), n))
        measured = energy * (1 + s * rng.standard_normal(n))
        found.append(np.stack([measured, energy], axis=1).astype(np.float32))
    return tuple(found)


def _resolution_log_ratio(x):
    x0, energy = x.astype(np.float64).T
    return norm.logpdf(x0 / energy, 1, RESOLUTIONS[0]) - norm.logpdf(x0 / energy, 1, RESOLUTIONS[1])


BLINDING = {
    "correlated": Toy(_correlated, _correlated_log_ratio),
    "conditional": Toy(_conditional, _conditional_log_ratio),
    "heavy tails": Toy(_heavy, _heavy_log_ratio),
    "resolution": Toy(_resolution, _resolution_log_ratio),
}
"""Pairs whose difference classifiers have missed while every light was green; 2 to 5 dimensions."""

SHIFT = np.array([-0.05, 0, 0, 0, 0])
"""Of the first of five columns with a correlation of 0.99: a twentieth of its width, and half of what is left
of it beside the others."""


def _one_shifted(n, seed):
    ref, gen = (
        np.random.default_rng(seed).standard_normal((2, n, 5)) @ np.linalg.cholesky(_covariance(RHOS[0])).T
    )
    return ref.astype(np.float32), (gen + SHIFT).astype(np.float32)


def _one_shifted_log_ratio(x):
    precision = np.linalg.inv(_covariance(RHOS[0]))
    return -(x.astype(np.float64) @ precision @ SHIFT) + 0.5 * SHIFT @ precision @ SHIFT


ONE_SHIFTED = Toy(_one_shifted, _one_shifted_log_ratio)

WIDE_SHIFT = np.r_[np.full(10, 0.12), np.zeros(40)]
WIDE_SIGMA = np.r_[np.ones(40), np.full(10, 1.08)]


def _wide(n, seed):
    """50 independent columns, of which 10 are shifted and 10 are wider in the generated sample."""
    rng = np.random.default_rng(seed)
    ref, gen = rng.standard_normal((2, n, 50))
    return ref.astype(np.float32), (WIDE_SHIFT + WIDE_SIGMA * gen).astype(np.float32)


def _wide_log_ratio(x):
    x = x.astype(np.float64)
    return (-0.5 * x**2 + 0.5 * ((x - WIDE_SHIFT) / WIDE_SIGMA) ** 2 + np.log(WIDE_SIGMA)).sum(axis=1)


WIDE = Toy(_wide, _wide_log_ratio)
"""A little in each of many columns."""
