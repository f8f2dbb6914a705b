"""A quadratic form as a classifier: few parameters, so that it finds the little that few events tell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST_INPUTS = 100
"""Inputs that are looked at, the first,"""
MOST_PRODUCTS = 30
"""and those whose products with each other are; of the others, themselves and squares."""
REACH = 4.0
"""Standard deviations beyond which an input counts as that."""


def quadratic(z: NDArray[np.floating]) -> NDArray[np.float32]:
    """1, the inputs, their products and squares (less 1): float32[n, n_terms].

    With these terms logistic regression is exact for Gaussians of any correlations. ``z``: float[n, n_inputs]
    of unit variance, the widest first.
    """
    z = np.clip(z[:, :MOST_INPUTS], -REACH, REACH).astype(np.float32)
    wide = z[:, :MOST_PRODUCTS]
    one, other = np.triu_indices(wide.shape[1])
    products = wide[:, one] * wide[:, other] - (one == other)
    columns = [np.ones((len(z), 1)), z, products, z[:, MOST_PRODUCTS:] ** 2 - 1]
    return np.concatenate(columns, axis=1, dtype=np.float32)
