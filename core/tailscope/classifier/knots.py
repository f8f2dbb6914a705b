"""Normal scores of values by the ranks that others have."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import ndtri
from torch import Tensor

from tailscope.compiled import compiled

KNOTS = 256
"""Values of an input between which its normal score is interpolated."""
EXTREMES = 8
"""Values at each end that all are knots: tails are where samples differ."""
DECADE = 10.0
"""Ratio of the ends of the central 98% of a positive input from which its logarithm is its score: the ratio
of two energies stays as sharp as it is, which ranks would bend."""
OUTLYING = 5.0
"""Standard deviations at which these scores end."""

Floats = NDArray[np.float32]


class Knots:
    """Some values of each input and their normal scores Phi^-1(rank); linear between, constant beyond them.

    They lie at equal steps of probability, at both ends, and around values that many events share; the rank
    of values that several events have is that of their middle one.

    Parameters
    ----------
    x: float32 (n, n_inputs), on the device where normal scores are wanted.

    """

    def __init__(self, x: Tensor) -> None:
        ascending = x.T.sort(dim=1).values.contiguous()
        middle, taken = _chosen(ascending)
        count = taken.sum(1)
        self._starts = torch.cat([torch.zeros(1, dtype=count.dtype), count.cumsum(0).cpu()]).numpy()
        self._values = ascending[taken].cpu().numpy()
        scores = ndtri(middle[taken].cpu().numpy())
        for i in torch.nonzero(ascending[:, 0] > 0)[:, 0].tolist():
            own = slice(self._starts[i], self._starts[i + 1])
            logarithms = _logarithms(ascending[i].cpu().numpy(), self._values[own])
            if logarithms is not None:
                scores[own] = logarithms
        self._scores = scores.astype(np.float32)
        if x.device.type != "cpu":
            self._last = (count - 1)[:, None]
            self._padded = [self._side_by_side(part, x.device) for part in (self._values, self._scores)]

    def normal_scores(self, x: Tensor) -> Tensor:
        """float32 (n, n_inputs) of values of the same inputs, on the same device."""
        if x.device.type == "cpu":
            scores = np.empty(x.shape, np.float32)
            _interpolate(np.ascontiguousarray(x.numpy()), self._starts, self._values, self._scores, scores)
            return torch.from_numpy(scores)
        return self._on_device(x)

    def _on_device(self, x: Tensor) -> Tensor:
        """The same with one search for all inputs."""
        values, scores = self._padded
        columns = x.T.contiguous()
        low = torch.searchsorted(values, columns, right=True).sub_(1).clamp_(min=0)
        low = torch.minimum(low, (self._last - 1).clamp(min=0))
        high = torch.minimum(low + 1, self._last)
        start, stop = values.gather(1, low), values.gather(1, high)
        part = torch.where(stop > start, (columns - start) / (stop - start), 0).clamp_(0, 1)
        start, stop = scores.gather(1, low), scores.gather(1, high)
        return (start + part * (stop - start)).T.contiguous()

    def _side_by_side(self, numbers: Floats, device: torch.device) -> Tensor:
        """Those of each input in a row of its own (n_inputs, most), filled up with infinity."""
        parts = [torch.from_numpy(part) for part in np.split(numbers, self._starts[1:-1])]
        return torch.nn.utils.rnn.pad_sequence(parts, batch_first=True, padding_value=np.inf).to(device)


def _logarithms(ascending: Floats, values: Floats) -> NDArray[np.float64] | None:
    """Logarithms of values of a positive input, standardised; None where it does not span a `DECADE`."""
    if np.quantile(ascending, 0.99) <= DECADE * np.quantile(ascending, 0.01):
        return None
    logs = np.log(ascending.astype(np.float64))
    scores: NDArray[np.float64] = (np.log(values.astype(np.float64)) - logs.mean()) / logs.std()
    return scores.clip(-OUTLYING, OUTLYING)


def _chosen(ascending: Tensor) -> tuple[Tensor, Tensor]:
    """Of values (n_inputs, n) the middle rank of those that are equal, over n, and which are knots.

    float64 and bool (n_inputs, n); of equal values the first one stands for all.
    """
    device, (_, n) = ascending.device, ascending.shape
    place = torch.arange(n, device=device).expand_as(ascending)
    first = torch.ones_like(ascending, dtype=torch.bool)
    first[:, 1:] = ascending[:, 1:] > ascending[:, :-1]
    begin = torch.where(first, place, 0).cummax(1).values
    # Where the next value begins: the least of all beginnings that come later.
    later = torch.where(first, place, n).flip(1).cummin(1).values.flip(1)
    end = torch.cat([later[:, 1:], torch.full_like(later[:, :1], n)], dim=1)
    exact = torch.float32 if device.type == "mps" else torch.float64
    middle = (begin + (end - begin).to(exact) / 2) / n
    steps = torch.linspace(0, 1, KNOTS, dtype=exact, device=device).expand(len(ascending), KNOTS)
    at_steps = torch.searchsorted(middle, steps.contiguous()).clamp(max=n - 1)
    taken = torch.zeros_like(first).scatter_(1, begin.gather(1, at_steps), value=True)
    rank = first.cumsum(1)
    taken |= (rank <= EXTREMES) | (rank > rank[:, -1:] - EXTREMES)
    # Values that many events share, and those before and after.
    shared = first & (end - begin > n / KNOTS)
    taken |= shared
    which = torch.nonzero(shared)
    before = begin[which[:, 0], (begin[which[:, 0], which[:, 1]] - 1).clamp(min=0)]
    after = end[which[:, 0], which[:, 1]].clamp(max=n - 1)
    taken[which[:, 0], before] = True
    taken[which[:, 0], begin[which[:, 0], after]] = True
    return middle, taken & first


@compiled(error_model="numpy")
def _interpolate(
    x: Floats, starts: NDArray[np.int64], values: Floats, scores: Floats, result: Floats
) -> None:
    """Linear between knots, constant beyond them."""
    for event in range(x.shape[0]):
        for i in range(x.shape[1]):
            value = x[event, i]
            low, high = starts[i], starts[i + 1] - 1
            if value <= values[low]:
                result[event, i] = scores[low]
                continue
            if value >= values[high]:
                result[event, i] = scores[high]
                continue
            while high - low > 1:
                middle = (low + high) // 2
                if values[middle] <= value:
                    low = middle
                else:
                    high = middle
            part = (value - values[low]) / (values[high] - values[low])
            result[event, i] = scores[low] + part * (scores[high] - scores[low])
