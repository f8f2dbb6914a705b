"""Pairs of samples with equal events: float[n, d] of each, of one generator of random numbers."""

from __future__ import annotations

import numpy as np

SHARES = np.array([0.2, 0.15, 0.13, 0.12, 0.1, 0.09, 0.08, 0.06, 0.04, 0.03])
"""Of ten categories in the reference; in the generated sample the other way round: the exact AUC is 0.74."""


def categories(rng, n=3000, generated=SHARES[::-1]):
    """One column with the number of a category."""
    return tuple(rng.choice(10, (n, 1), p=p).astype(float) for p in (SHARES, generated))


def counts(rng, means=(3.0, 3.0), n=(3000, 3000), columns=1):
    """Poisson counts."""
    return tuple(rng.poisson(m, (k, columns)).astype(float) for m, k in zip(means, n, strict=True))


def copied(rng, part, n=3000):
    """Gaussian events, of which the first part is in both samples."""
    ref, gen = rng.normal(size=(2, n, 5))
    gen[: int(part * n)] = ref[: int(part * n)]
    return ref, gen


def showers(rng, empty=(0.3, 0.3), copied=0.0, n=3000):
    """Gaussian events, of which some parts of each sample are all zero, and others are in both."""
    ref, gen = rng.normal(5, 1, size=(2, n, 5))
    gen[: int(copied * n)] = ref[: int(copied * n)]
    for rows, part in zip((ref, gen), empty, strict=True):
        rows[len(rows) - int(part * n) :] = 0
    return ref, gen


def jets(rng, n=3000, most=6):
    """Particles of jets in JetNet's layout: how many there are is a count, the others are zero."""
    found = []
    for mean in (3.0, 4.0):
        there = np.arange(most) < np.clip(rng.poisson(mean, n), 0, most)[:, None]
        found.append(np.where(there[..., None], rng.normal(size=(n, most, 3)), 0.0).reshape(n, -1))
    return tuple(found)


def drawn(rng, rows, n):
    """n of the rows, with replacement."""
    return rows[rng.integers(0, len(rows), n)]


def _doubled_files(rng):
    ref, gen = copied(rng, 0.75, 2000)
    return ref.repeat(2, axis=0), gen.repeat(2, axis=0)


def _oversampled_with_copies(rng):
    ref, gen = drawn(rng, rng.normal(size=(6000, 5)), 3000), rng.normal(size=(3000, 5))
    gen[:7] = ref[:7]
    return ref, gen


def _from_one_pool(rng):
    pool = rng.normal(size=(3000, 5))
    return drawn(rng, pool, 3000), drawn(rng, pool, 3000)


def _oversampled_reference(rng, n):
    ref = rng.normal(size=(1000, 5))
    return ref, drawn(rng, ref, n)


DISCRETE = {
    "ten categories": categories,
    "ten categories of one density": lambda rng: categories(rng, generated=SHARES),
    "few events": lambda rng: categories(rng, n=60),
    "a count": counts,
    "two counts": lambda rng: counts(rng, (3, 3.5), columns=2),
    "three counts": lambda rng: counts(rng, (3, 4), columns=3),
    "five counts": lambda rng: counts(rng, columns=5),
    "five counts of two densities": lambda rng: counts(rng, (3, 4), columns=5),
    "many against few": lambda rng: counts(rng, n=(20_000, 1000), columns=5),
    "a wide count": lambda rng: counts(rng, (100, 100), n=(500, 500)),
    "empty showers": showers,
    "few empty showers": lambda rng: showers(rng, (0.004, 0.005)),
    "jets without particles": jets,
    "empty showers of the generator alone": lambda rng: showers(rng, (0.0, 0.1)),
    "events drawn from one pool": _from_one_pool,
}
COPIES = {
    "all": lambda rng: copied(rng, 1.0),
    "a tenth": lambda rng: copied(rng, 0.1),
    "seven": lambda rng: copied(rng, 7 / 3000),
    "two files doubled": _doubled_files,
    "generator drawn from the reference": lambda rng: _oversampled_reference(rng, 1000),
    "the same, twenty times": lambda rng: _oversampled_reference(rng, 20_000),
    "events drawn twice into one sample": lambda rng: (
        rng.normal(size=(3000, 5)), drawn(rng, rng.normal(size=(3000, 5)), 3000)
    ),
    "events drawn twice into each sample": lambda rng: tuple(
        drawn(rng, rng.normal(size=(3000, 5)), 3000) for _ in range(2)
    ),
    "reference drawn twice, and copies": _oversampled_with_copies,
}  # fmt: skip
