"""Disjoint halves of one sample: a pair without a difference."""

from __future__ import annotations

import numpy as np

from tailscope.sample.sample import Sample


def null_pair(sample: Sample, *, seed: int = 0) -> tuple[Sample, Sample]:
    """Two disjoint random halves of one sample: what a fit finds between them is noise (paper Fig. 15).

    Raises
    ------
    InputError: fewer than two events.

    """
    rows = np.random.default_rng(seed).permutation(len(sample))
    half = len(sample) // 2
    first = sample.take(np.sort(rows[:half]), f"{sample.name} (first half)")
    return first, sample.take(np.sort(rows[half : 2 * half]), f"{sample.name} (second half)")
