"""What generators are given: whether both samples have it from one distribution."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tailscope.record import Given

from .sample import Sample

Floats = NDArray[np.float64]

DISCRETE = 100
"""Values up to which a condition is a discrete one."""
CELLS, IN_EACH = 200, 20
"""Cells of any other one at most, and events of the smaller sample in each on average at least."""


def given(reference: Sample, generated: Sample) -> tuple[Given, ...] | None:
    """How far the conditions of two samples differ, column by column; None for samples without.

    The distance is that of Kolmogorov and Smirnov between the sums of event weights, its probability the
    asymptotic one for (n m)/(n + m) events, n and m effective ones; for a discrete condition it is too large,
    never too small. A condition is one that a sample does not have where it lies beyond all of the sample's
    or in a cell without any of its events: single values where there are up to `DISCRETE`, else cells of as
    many events.
    """
    if reference.condition is None or generated.condition is None:
        return None
    shares = [s.relative_weight / s.relative_weight.sum() for s in (reference, generated)]
    columns = zip(reference.condition.T, generated.condition.T, strict=True)
    return tuple(_compared(x.astype(np.float64), y.astype(np.float64), *shares) for x, y in columns)


def _compared(x: Floats, y: Floats, x_share: Floats, y_share: Floats) -> Given:
    from scipy.special import kolmogorov

    values, at = np.unique(np.concatenate([x, y]), return_inverse=True)
    of_x, of_y = (
        np.bincount(a, s, values.size) for a, s in ((at[: x.size], x_share), (at[x.size :], y_share))
    )
    distance = float(np.abs(np.cumsum(of_x - of_y)).max())
    size = 1 / (float((x_share**2).sum()) + float((y_share**2).sum()))
    return Given(
        distance=distance,
        p=float(kolmogorov(np.sqrt(size) * distance)),
        missing=_alone(x, y, x_share),
        leaked=_alone(y, x, y_share),
    )


def _alone(x: Floats, y: Floats, share: Floats) -> float:
    """Part of x that lies where there is no y."""
    both = np.concatenate([x, y])
    values = np.unique(both)
    if values.size > DISCRETE:
        cells = int(np.clip(min(x.size, y.size) // IN_EACH, 1, CELLS))
        values = np.unique(np.quantile(both, np.linspace(0, 1, cells + 1)[:-1]))
    filled = np.zeros(values.size + 1, dtype=bool)
    filled[np.searchsorted(values, y, side="right")] = True
    alone = ~filled[np.searchsorted(values, x, side="right")] | (x < y.min()) | (x > y.max())
    return float(np.clip(share[alone].sum(), 0, 1))
