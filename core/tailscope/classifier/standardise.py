"""Standardised inputs: on the CPU one compiled pass instead of eight, which took a sixth of a training."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import torch
from numba import njit
from numpy.typing import NDArray
from torch import Tensor, nn

from tailscope.sample import Sample

SQUEEZED = 1e-2
"""Standard deviations: an input whose central 98% is narrower says next to nothing to a network."""
LOOKED_AT = 5000
"""Events of each sample that `central_ranges` looks at."""
COMPRESSED_BEYOND = 2.0
"""Standard deviations from where `FitConfig.compress` works."""

Floats = NDArray[np.float32]


def central_ranges(samples: Iterable[Sample]) -> NDArray[np.float64]:
    """Width of the central 98% of each input, float64[n_inputs], by some events of each sample."""
    some = [
        sample.inputs(np.arange(0, len(sample), max(1, len(sample) // LOOKED_AT))).astype(np.float64)
        for sample in samples
    ]
    low, high = np.quantile(np.concatenate(some), [0.01, 0.99], axis=0)
    return np.asarray(high - low)


def squeezed(ranges: NDArray[np.float64], scale: NDArray[np.float32]) -> list[int]:
    """Numbers of the inputs that few huge values squeeze into less than `SQUEEZED` standard deviations.

    Inputs of which 98% are the same number, such as voxels that are hardly ever hit, are none of them.
    """
    return [int(i) for i in np.flatnonzero((ranges > 0) & (ranges * scale < SQUEEZED))]


class Standardising(nn.Module):
    """A network that standardises its inputs by ``mean`` and ``scale`` of the training events.

    Both are float32[n_inputs] and part of the network: 0 and 1 until a training sets them.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, n_inputs: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(n_inputs))
        self.register_buffer("scale", torch.ones(n_inputs))


def standardised(x: Tensor, mean: Tensor, scale: Tensor, *, compress: bool) -> Tensor:
    """Give z = (x - mean) * scale of inputs (n, n_inputs), without gradients.

    With ``compress`` the logarithm of what is beyond `COMPRESSED_BEYOND`: z -> sign(z) (2 + log(|z| - 1)).
    """
    with torch.no_grad():
        if x.device.type == "cpu":
            z = torch.empty(x.shape, dtype=torch.float32)
            standardised_rows((x.numpy(),), np.arange(len(x)), mean, scale, z.numpy(), compress=compress)
            return z
        z = (x - mean) * scale
        if not compress:
            return z
        inner = z.clamp(-COMPRESSED_BEYOND, COMPRESSED_BEYOND)
        excess = z - inner
        return inner + torch.copysign(torch.log1p(excess.abs()), excess)


def standardised_rows(
    columns: tuple[Floats, ...],
    rows: NDArray[np.int64],
    mean: Tensor,
    scale: Tensor,
    z: Floats,
    *,
    compress: bool,
) -> None:
    """Write z of inputs that lie in several arrays side by side, of the rows that are asked for, on the CPU.

    What `standardised` gives, without a copy of the inputs: ``z`` (n, n_inputs) is filled up to its n rows.
    """
    beyond, first = np.float32(COMPRESSED_BEYOND if compress else math.inf), 0
    where = np.empty(z.shape[1], np.int32)
    for column in columns:
        _standardise(column, rows, first, mean.numpy(), scale.numpy(), beyond, where, z)
        first += column.shape[1]


@njit(cache=True, nogil=True)
def _standardise(
    x: Floats,
    rows: NDArray[np.int64],
    first: int,
    mean: Floats,
    scale: Floats,
    beyond: np.float32,
    where: NDArray[np.int32],
    z: Floats,
) -> None:
    """Standardise rows of x into the columns of z from ``first`` on."""
    stop = first + x.shape[1]
    middle, inverse = mean[first:stop], scale[first:stop]
    for event in range(rows.size):
        row, result = x[rows[event]], z[event, first:stop]
        for i in range(row.size):
            result[i] = (row[i] - middle[i]) * inverse[i]
        if math.isinf(beyond):
            continue
        # First where they are, without a branch: one that is taken now and then costs more than all the rest.
        found = 0
        for i in range(row.size):
            where[found] = i
            found += abs(result[i]) > beyond
        for k in range(found):
            i = where[k]
            # log(1 + excess): a quarter of the time of log1p, and as good for a sum of about 2.
            size = beyond + np.float32(math.log(np.float32(1) + (abs(result[i]) - beyond)))
            result[i] = size if result[i] > 0 else -size
