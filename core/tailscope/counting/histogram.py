"""Histogram: what every plot draws."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import hist


@dataclass(frozen=True, eq=False)
class Histogram:
    """What every plot draws; ``values.sum() + underflow + overflow + undefined`` is the whole selection.

    Attributes
    ----------
    edges: float64[n_bins + 1].
    values: float64[n_bins]: events, or sums of weights.
    variances: float64[n_bins]: the same of squared weights (equal to ``values`` for events).
    underflow, overflow, undefined: what is outside the edges, and NaN.
    outside_variances: variances of these three; the three themselves when not given, as it is for events.

    """

    edges: NDArray[np.float64]
    values: NDArray[np.float64]
    variances: NDArray[np.float64]
    underflow: float
    overflow: float
    undefined: float
    outside_variances: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not self.outside_variances:
            object.__setattr__(self, "outside_variances", (self.underflow, self.overflow, self.undefined))

    @classmethod
    def of_slots(cls, edges: NDArray[np.float64], values: NDArray[Any], variances: NDArray[Any]) -> Histogram:
        """From rows of underflow, bins, overflow, undefined: number[n_bins + 3] each."""
        values, variances = values.astype(np.float64), variances.astype(np.float64)
        under, over, undefined = values[[0, -2, -1]].tolist()
        outside = tuple(variances[[0, -2, -1]].tolist())
        return cls(edges, values[1:-2], variances[1:-2], under, over, undefined, outside)

    @property
    def slots(self) -> NDArray[np.float64]:
        """Underflow, bins, overflow, undefined: float64[n_bins + 3]."""
        return np.concatenate([[self.underflow], self.values, [self.overflow, self.undefined]])

    @property
    def total(self) -> float:
        """Everything selected: bins, underflow, overflow and undefined."""
        return float(self.values.sum()) + self.underflow + self.overflow + self.undefined

    @property
    def errors(self) -> NDArray[np.float64]:
        """One standard deviation a bin: the square root of the variances."""
        return np.sqrt(self.variances)

    def density(self) -> Histogram:
        """Scaled to unit area over everything that is defined, per unit of the observable.

        An empty histogram stays empty.
        """
        total = self.total - self.undefined
        if total == 0:
            return self
        shares, width = self.over(total), np.diff(self.edges)
        return replace(shares, values=shares.values / width, variances=shares.variances / width**2)

    def over(self, total: float) -> Histogram:
        """Everything divided by ``total``, variances by its square."""
        return Histogram(
            self.edges,
            self.values / total,
            self.variances / total**2,
            self.underflow / total,
            self.overflow / total,
            self.undefined / total,
            tuple(variance / total**2 for variance in self.outside_variances),
        )

    def folded(self) -> Histogram:
        """With the underflow in the first bin and the overflow in the last one."""
        values, variances = self.values.copy(), self.variances.copy()
        under, over, undefined = self.outside_variances
        values[0] += self.underflow
        values[-1] += self.overflow
        variances[0] += under
        variances[-1] += over
        return Histogram(self.edges, values, variances, 0.0, 0.0, self.undefined, (0.0, 0.0, undefined))

    def to_hist(self) -> hist.Hist[Any]:
        """As a ``hist.Hist`` with weighted storage; undefined entries have no place there."""
        import hist

        result = hist.Hist(hist.axis.Variable(self.edges, flow=True), storage=hist.storage.Weight())
        view = result.view(flow=True)
        view["value"] = self.slots[:-1]
        under, over, _ = self.outside_variances
        view["variance"] = np.concatenate([[under], self.variances, [over]])
        return result
