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
ENOUGH_RUNS = 10
"""Runs from where the spread of their AUCs is known, to a fifth or so."""


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
        weights v beyond the cut. How large the excess is, not how probable: counts differ from run to run by
        more than counting, and not as a Gaussian.
    p: probability of as many events where there is no excess, `rank_p`; runs with half an event less than
        were observed count as having as many, since theirs are interpolated.
    runs: their number, R: p cannot be less than 1/(1 + R).

    """

    observed: float
    expected: float
    spread: float
    excess: float
    error: float
    p: float
    runs: int


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

    @property
    def auc_spread(self) -> float | None:
        """Root mean square of the runs' AUC - 0.5; None where they are too few or all alike."""
        spread = float(np.sqrt(((self.auc - 0.5) ** 2).mean()))
        return spread if len(self) >= ENOUGH_RUNS and spread > 0 else None

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
        unit = float((v**2).sum()) / observed if observed > 0 else float((events.v**2).sum() / events.v.sum())
        counts = self.beyond(sample, low=low, high=high)
        expected, spread = float(counts.mean()), float(counts.std(ddof=1))
        excess = observed - expected
        error = float(np.sqrt(spread**2 * (1 + 1 / counts.size) + max(excess, 0.0) * unit))
        p = rank_p(observed - unit / 2, counts)
        return Excess(observed, expected, spread, excess, error, p, counts.size)


def rank_p(observed: float, runs: Floats) -> float:
    """One-sided p-value of an observed value among R null runs.

        p = (1 + number of runs at or above it)/(1 + R)        (Phipson and Smyth, SAGMB 9 (2010) 39)

    Of R + 1 values that are alike, each is the largest equally often: P(p <= a) <= a whatever their
    distribution, and R runs say nothing below 1/(1 + R).

    Parameters
    ----------
    runs: float64[R].

    """
    return float(1 + (runs >= observed).sum()) / (1 + runs.size)


def said_p(p: float, runs: int) -> str:
    """A p-value of `rank_p` in words, which say where the runs end."""
    if p * (1 + runs) < 1.5:
        return f"p ≤ {p:.2g}, {runs} runs can say no more"
    return f"p = {p:.2g}"


def cumulative(log_w: Floats, event_weight: Floats | None) -> Floats:
    """Sum of event weights below each point of the grid, and of all events: float64[GRID.size + 1]."""
    return np.cumsum(fill(log_w, GRID, event_weight).slots[:-1])
