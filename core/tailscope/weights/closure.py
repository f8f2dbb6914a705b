"""Closure: reference against reweighted generated events in one observable."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tailscope.counting.histogram import Histogram

from .events import Floats, effective_size

ENOUGH = 10.0
"""Effective events of both samples in a bin, from where its closure is as good as Gaussian."""


@dataclass(frozen=True, eq=False)
class Closure:
    """Reference against reweighted generated events in one observable, both scaled to unit sum.

    For the chi2, neighbouring bins are merged until each holds `ENOUGH` effective events (sum w)^2/sum w^2 of
    both. A few large weights, or none where some were due, say nothing about their own variance: bin by bin,
    exact weights of a Gaussian generator that is 20% too narrow (4,000 + 4,000 events, 50 bins) fail a test
    at 5% in 43% of all cases; merged, in 7%.

    Attributes
    ----------
    reference, reweighted: the histograms, divided by their totals.

    """

    reference: Histogram
    reweighted: Histogram

    @property
    def chi2(self) -> float:
        """Sum over merged bins of squared difference over summed variances."""
        reference, its_variance, reweighted, other_variance = self._merged
        variance = its_variance + other_variance
        used = variance > 0
        return float(((reference - reweighted)[used] ** 2 / variance[used]).sum())

    @property
    def distance(self) -> float:
        """By how much the histograms are off in the mean: 2 sqrt(S), without the noise's part; 0 to 2.

        S = sum (p - q)^2/(p + q)/2 is the separation power (0 to 1) of the shares p and q of their bins; for
        q = p (1 + d) with small d, 2 sqrt(S) is the root mean square of d. The expectation of S from noise
        alone, with p and q of the same density, is taken off.
        """
        p, p_variance, q, q_variance = self._merged
        used = p + q > 0
        squares = (p - q) ** 2 - p_variance - q_variance
        return float(2 * np.sqrt(max(float((squares[used] / (p + q)[used]).sum()) / 2, 0.0)))

    @property
    def ndf(self) -> int:
        """Merged bins, minus one for the common normalisation."""
        return max(len(self._merged[0]) - 1, 1)

    @cached_property
    def _merged(self) -> Floats:
        """Reference and its variance, reweighted and its variance: float64[4, merged bins]."""
        bins = np.stack(
            [
                self.reference.values,
                self.reference.variances,
                self.reweighted.values,
                self.reweighted.variances,
            ],
            axis=1,
        )
        groups: list[Floats] = []
        open_ = np.zeros(4)
        for one in bins:
            open_ = open_ + one
            if effective_size(*open_[:2]) >= ENOUGH and effective_size(*open_[2:]) >= ENOUGH:
                groups.append(open_)
                open_ = np.zeros(4)
        if groups:  # what is left at the end belongs to the last one
            groups[-1] = groups[-1] + open_
        return np.stack(groups or [open_], axis=1)


def closure(reference: Histogram, reweighted: Histogram) -> Closure:
    """Closure of one observable from its two histograms."""
    return Closure(reference.over(reference.total or 1.0), reweighted.over(reweighted.total or 1.0))
