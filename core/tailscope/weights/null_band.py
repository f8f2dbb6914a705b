"""The null band: what weights look like when there is no difference to find, and tails calibrated by it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tailscope.counting.fill import fill
from tailscope.selection import SampleName, Selection

from .events import Floats, WeightedEvents

GRID = np.linspace(-12.0, 12.0, 2401)
"""Log weights at which the cumulative counts of each run are kept; between them they are interpolated."""
BAND = (16.0, 84.0)
"""Percentiles of the pointwise band."""


@dataclass(frozen=True)
class Excess:
    """Events of one sample beyond a cut, against what noise puts there.

    Attributes
    ----------
    observed: sum of event weights (events, where these are all 1) beyond the cut.
    expected: mean of the same over the null runs.
    spread: its standard deviation from run to run, counting statistics and classifiers' noise together.
    excess: observed - expected.
    error: sqrt(spread^2 (1 + 1/runs) + max(excess, 0)): the noise of the null part, how well its mean is
        known, and counting statistics of what is beyond it; the latter times sum v^2 / sum v of the event
        weights v beyond the cut.

    """

    observed: float
    expected: float
    spread: float
    excess: float
    error: float


@dataclass(frozen=True, eq=False)
class NullBand:
    """Weights of refits with permuted labels.

    Attributes
    ----------
    reference, generated: float64[n_runs, GRID.size + 1], sum of event weights with log w below GRID[i]; the
        last column is the whole sample.
    auc: float64[n_runs].

    """

    reference: Floats
    generated: Floats
    auc: Floats

    def __len__(self) -> int:
        return self.auc.size

    def below(self, sample: SampleName, log_w: ArrayLike) -> Floats:
        """Sum of event weights below each log weight in each run: float64[n_runs, n]."""
        counts = self.reference if sample == "reference" else self.generated
        where = np.atleast_1d(np.asarray(log_w, dtype=np.float64))
        found = np.stack([np.interp(where, GRID, run[:-1]) for run in counts])
        found[:, where == np.inf] = counts[:, -1:]
        found[:, where == -np.inf] = 0.0
        return found

    def histogram(self, sample: SampleName, log10_edges: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Pointwise 16%, 50% and 84% of the histogram of log10 w over the runs: float64[n_bins] each."""
        edges = np.asarray(log10_edges, dtype=np.float64) * np.log(10)
        counts = np.diff(self.below(sample, edges), axis=1)
        # The k-th of n numbers is the quantile k/(n + 1): a fresh one lies below it that often. With numpy's
        # default, (k - 1)/(n - 1), the band of 20 runs covers 62%.
        low, middle, high = np.percentile(counts, [BAND[0], 50, BAND[1]], axis=0, method="weibull")
        return low, middle, high

    def beyond(self, sample: SampleName, *, low: float | None = None, high: float | None = None) -> Floats:
        """Sum of event weights with low <= w < high in each run, float64[n_runs]; None is open."""
        with np.errstate(divide="ignore"):
            ends = np.log([0.0 if low is None else low, np.inf if high is None else high])
        below = self.below(sample, ends)
        counts: Floats = below[:, 1] - below[:, 0]
        return counts

    def excess(
        self,
        events: WeightedEvents,
        sample: SampleName,
        *,
        low: float | None = None,
        high: float | None = None,
    ) -> Excess:
        """Events of the sample with low <= w < high beyond those that noise puts there."""
        inside = Selection(low, high).mask(events.log_w)
        v = events.v[inside]
        observed = float(v.sum())
        unit = float((v**2).sum()) / observed if observed > 0 else 1.0
        counts = self.beyond(sample, low=low, high=high)
        expected, spread = float(counts.mean()), float(counts.std(ddof=1))
        excess = observed - expected
        error = float(np.sqrt(spread**2 * (1 + 1 / counts.size) + max(excess, 0.0) * unit))
        return Excess(observed, expected, spread, excess, error)


def cumulative(log_w: Floats, event_weight: Floats | None) -> Floats:
    """Sum of event weights below each point of the grid, and of all events: float64[GRID.size + 1]."""
    return np.cumsum(fill(log_w, GRID, event_weight).slots[:-1])
