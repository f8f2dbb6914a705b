"""Calibration: whether a weight is the density ratio that it claims to be.

Everywhere: log weights are float64[n_events], natural logarithms of w = p_reference/p_generated, -inf and
inf allowed; event weights are float64[n_events] or None for all 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tailscope.counting.binning import place
from tailscope.counting.fill import sums

from .events import NONE, EventWeights, Floats, each_weight


@dataclass(frozen=True, eq=False)
class Calibration:
    """Paper Eq. 11 in equal-count bins of w: whether a weight is the density ratio it claims to be.

    In a bin, the classifier promises ``expected`` = sum over all its events of C(x) reference events, with
    C(x) = w f/(1 + w f) and f = S_ref/S_gen; ``observed`` is how many there are. Their variance under
    perfect calibration is the sum of C(1 - C), whence pulls and chi2 with as many degrees of freedom as bins.
    (The totals of both samples are fixed, so that the mean of the chi2 is the number of bins less the mean of
    4 C(1 - C): at most one degree of freedom less.)

    Attributes
    ----------
    log_w: float64[bins], mean log weight of the finite weights in a bin.
    ratio: float64[bins], (N_ref/S_ref) / (N_gen/S_gen) in the bin, to be compared with w.
    ratio_low, ratio_high: its central 68% interval from the binomial (Wilson) error of N_ref/N.
    predicted: float64[bins], the same ratio as promised, to be compared with ``ratio``.
    observed, expected, sigma: float64[bins], as above.
    response: float64[bins], sum of C(1 - C): how ``expected`` grows with log w.
    n_events: int64[bins].

    """

    log_w: Floats
    ratio: Floats
    ratio_low: Floats
    ratio_high: Floats
    predicted: Floats
    observed: Floats
    expected: Floats
    sigma: Floats
    response: Floats
    n_events: NDArray[np.int64]

    @property
    def pulls(self) -> Floats:
        """(observed - expected)/sigma of each bin; 0 where nothing can vary and nothing is off."""
        with np.errstate(divide="ignore", invalid="ignore"):
            pulls = (self.observed - self.expected) / self.sigma
        return np.where(self.observed == self.expected, 0.0, pulls)

    @property
    def chi2(self) -> float:
        """Sum of the squared pulls."""
        return float((self.pulls**2).sum())

    @property
    def ndf(self) -> int:
        """Degrees of freedom: the number of bins."""
        return self.log_w.size


def probability(log_w: Floats, ratio: float = 1.0) -> Floats:
    """C = w f/(1 + w f), f = S_ref/S_gen: the chance that an event is a reference one."""
    with np.errstate(over="ignore"):
        chance: Floats = 1 / (1 + np.exp(-(log_w + np.log(ratio))))
    return chance


def labelled(
    reference: Floats, generated: Floats, event_weights: EventWeights
) -> tuple[Floats, NDArray[np.bool_], Floats]:
    """Pooled log weights, which of them are the reference's, and event weights with sum v^2 = sum v."""
    sides = [
        each_weight(weight, x.size) for x, weight in zip((reference, generated), event_weights, strict=True)
    ]
    pooled = np.concatenate([reference, generated])
    v = np.concatenate([weight * (weight.sum() / (weight**2).sum()) for weight in sides])
    return pooled, np.arange(pooled.size) < reference.size, v


def calibration(
    reference: Floats, generated: Floats, *, bins: int = 30, event_weights: EventWeights = NONE
) -> Calibration:
    """Calibration in equal-count bins of the pooled weights; equal weights share a bin.

    Event weights v enter as sums: a bin's expectation is sum v C(x), its variance sum v^2 C(1 - C). To make
    the latter right they are first scaled, sample by sample, to sum v^2 = sum v: sums are effective events.
    """
    log_w, is_reference, v = labelled(reference, generated, event_weights)
    total_ref, total_gen = float(v[is_reference].sum()), float(v[~is_reference].sum())
    c = probability(log_w, total_ref / total_gen)
    edges = np.unique(np.quantile(log_w, np.linspace(0, 1, bins + 1), method="inverted_cdf")[1:-1])
    bin_of = place(log_w, edges, closed="right")

    def total(values: Floats | None) -> Floats:
        return sums(bin_of, edges.size + 1, values)

    n = total(None).astype(np.int64)
    keep = n > 0
    observed, expected = total(v * is_reference), total(v * c)
    response, sigma = total(v * c * (1 - c)), np.sqrt(total(v**2 * c * (1 - c)))
    finite = np.isfinite(log_w)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total(np.where(finite, log_w, 0.0)) / total(finite.astype(np.float64))
        share, pooled = observed / total(v), total_gen / total_ref
        effective = total(v) ** 2 / total(v**2)
        centre = (share + 0.5 / effective) / (1 + 1 / effective)
        half = np.sqrt(np.clip(share * (1 - share), 0, None) / effective + 0.25 / effective**2) / (
            1 + 1 / effective
        )
        low, high = np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)
        promised = expected / total(v)
        ratio, ratio_low, ratio_high, predicted = (pooled * p / (1 - p) for p in (share, low, high, promised))
    return Calibration(
        log_w=mean[keep],
        ratio=ratio[keep],
        ratio_low=ratio_low[keep],
        ratio_high=ratio_high[keep],
        predicted=predicted[keep],
        observed=observed[keep],
        expected=expected[keep],
        sigma=sigma[keep],
        response=response[keep],
        n_events=n[keep],
    )
