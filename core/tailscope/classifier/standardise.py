"""Standardised inputs: on the CPU one compiled pass instead of eight, which took a sixth of a training."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tailscope.compiled import compiled
from tailscope.config import MANY_INPUTS
from tailscope.sample.sample import Sample

SQUEEZED = 1e-2
"""Standard deviations: an input whose central 98% is narrower says next to nothing to a network."""
LOOKED_AT = 5000
"""Events of each sample that `central_ranges` looks at,"""
QUANTILE_NUMBERS = 4_000_000
"""and numbers at a time."""

EXPONENT, ONE = np.int32(0x7F800000), np.int32(0x3F800000)
"""Bits of the exponent of a float32, and those of 1."""
LOG_OF_2 = np.float32(math.log(2) / 2**23)
"""log 2 for an exponent that stands above the 23 bits of the mantissa."""

Floats = NDArray[np.float32]


def central_ranges(samples: Iterable[Sample]) -> NDArray[np.float64]:
    """Width of the central 98% of each input, float64[n_inputs], by some events of each sample."""
    some = np.concatenate(
        [sample.inputs(np.arange(0, len(sample), max(1, len(sample) // LOOKED_AT))) for sample in samples]
    )
    # Some inputs at a time: the quantiles need a copy of what they look at, in float64.
    width = max(1, QUANTILE_NUMBERS // max(1, len(some)))
    parts = [
        np.quantile(some[:, first : first + width].astype(np.float64), [0.01, 0.99], axis=0)
        for first in range(0, some.shape[1], width)
    ]
    low, high = np.concatenate(parts, axis=1)
    return np.asarray(high - low)


def compressed_beyond(n_inputs: int) -> float:
    """Standard deviations from where `FitConfig.compress` works: 0 for voxels, 3 for few inputs.

    Of 508 voxels the network learns the far ones by heart; of a few smooth inputs, the kink of a logarithm
    that begins at 2 is what it gets wrong (docs/weights.md).
    """
    return 0.0 if n_inputs >= MANY_INPUTS else 3.0


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

    With ``compress`` the logarithm of what is beyond b, see `compressed_beyond`:
    z -> sign(z) (b + log(1 + |z| - b)).
    """
    with torch.no_grad():
        if x.device.type == "cpu":
            z = torch.empty(x.shape, dtype=torch.float32)
            standardised_rows((x.numpy(),), np.arange(len(x)), mean, scale, z.numpy(), compress=compress)
            return z
        return standardised_anywhere(x, mean, scale, compress=compress)


def standardised_anywhere(x: Tensor, mean: Tensor, scale: Tensor, *, compress: bool) -> Tensor:
    """What `standardised` gives, of inputs (..., n_inputs) in torch's own steps."""
    z = (x - mean) * scale
    if not compress:
        return z
    beyond = compressed_beyond(x.shape[-1])
    inner = z.clamp(-beyond, beyond)
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
    beyond, first = np.float32(compressed_beyond(z.shape[1]) if compress else math.inf), 0
    size = np.empty(z.shape[1], np.float32)
    for column in columns:
        _standardise(column, rows, first, mean.numpy(), scale.numpy(), beyond, size, z)
        first += column.shape[1]


@compiled(error_model="numpy", fastmath={"contract", "nsz"})
def _standardise(
    x: Floats,
    rows: NDArray[np.int64],
    first: int,
    mean: Floats,
    scale: Floats,
    beyond: np.float32,
    size: Floats,
    z: Floats,
) -> None:
    """Standardise rows of x into the columns of z from ``first`` on.

    The loops have neither branches nor calls, so that they are compiled to instructions that work on eight
    numbers at once. The logarithm of m 2^k is k log 2 + 2 artanh[(m - 1)/(m + 1)], 1 <= m < 2, with the
    exponent k taken from the bits of the float32 and artanh as its series to the 11th power: 2e-7 at most.
    """
    stop = first + x.shape[1]
    middle, inverse = mean[first:stop], scale[first:stop]
    bits = size.view(np.int32)
    one, zero = np.float32(1), np.float32(0)
    for event in range(rows.size):
        row, result = x[rows[event]], z[event, first:stop]
        if math.isinf(beyond):
            for i in range(row.size):
                result[i] = (row[i] - middle[i]) * inverse[i]
            continue
        for i in range(row.size):
            result[i] = (row[i] - middle[i]) * inverse[i]
            excess = abs(result[i]) - beyond
            size[i] = one + (excess if excess > zero else zero)
        for i in range(row.size):
            exponent = bits[i] & EXPONENT
            bits[i] += ONE - exponent
            near = abs(result[i])
            near = near if near < beyond else beyond
            result[i] = math.copysign(near + np.float32(exponent - ONE) * LOG_OF_2, result[i])
        for i in range(row.size):
            s = (size[i] - one) / (size[i] + one)
            t = s * s
            p = np.float32(2 / 11)
            p = p * t + np.float32(2 / 9)
            p = p * t + np.float32(2 / 7)
            p = p * t + np.float32(2 / 5)
            p = p * t + np.float32(2 / 3)
            p = p * t + np.float32(2)
            result[i] += math.copysign(s * p, result[i])
