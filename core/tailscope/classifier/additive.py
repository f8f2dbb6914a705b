"""A smooth function of each input as a classifier: it finds a little in the tails of many."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import SplineTransformer

KNOTS = (-4.0, -0.7, 0.0, 0.7, 4.0)
"""Of the splines, in standard deviations: quartiles and ends of a normal distribution."""


def additive(z: NDArray[np.floating]) -> NDArray[np.float32]:
    """1 and cubic B-splines of each input: float32[n, 1 + 7 n_inputs].

    With these terms logistic regression is a generalised additive model, log w = b + sum_j f_j(z_j) (Hastie
    and Tibshirani, Stat. Sci. 1 (1986) 297), right for independent inputs of smooth ratios. ``z``: float[n,
    n_inputs], normal scores; those beyond the outer knots count as these.
    """
    knots = np.tile(np.array(KNOTS)[:, None], (1, z.shape[1]))
    splines = SplineTransformer(degree=3, knots=knots).fit_transform(np.clip(z, KNOTS[0], KNOTS[-1]))
    return np.concatenate([np.ones((len(z), 1)), splines], axis=1, dtype=np.float32)
