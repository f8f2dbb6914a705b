"""Calibration: whether a weight is the density ratio that it claims to be.

Everywhere: log weights are float64[n_events], natural logarithms of w = p_reference/p_generated, -inf and
inf allowed; event weights are float64[n_events] or None for all 1.
"""

from __future__ import annotations

from collections.abc import Callable
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
    perfect calibration is the sum of C(1 - C) where all events count alike (`calibration` has it for event
    weights), whence pulls and chi2 with as many degrees of freedom as bins.
    (The totals of both samples are fixed, so that the mean of the chi2 is the number of bins less the mean of
    4 C(1 - C): at most one degree of freedom less.)

    Attributes
    ----------
    log_w: float64[bins], mean log weight of the finite weights in a bin.
    ratio: float64[bins], (N_ref/S_ref) / (N_gen/S_gen) in the bin, to be compared with w.
    ratio_low, ratio_high: its central 68% interval from the binomial (Wilson) error of N_ref/N, with N the
        effective events.
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

    Event weights v enter as sums: observed - expected = sum_ref v (1 - C) - sum_gen v C in a bin, so that

        sigma^2 = sum_ref v^2 (1 - C)^2 + sum_gen v^2 C^2,

    of which the expectation under perfect calibration is taken,

        sigma^2 = r_ref sum v C (1 - C)^2 + r_gen sum v (1 - C) C^2

    over the events of both, with r = sum v^2 / sum v of a sample in the bin and its neighbours: the few
    events where C is near 0 or 1 do not estimate their own variance (with the former, exact weights fail a
    test at 5% in 13% of cases), and it is sum C(1 - C) where v = 1. The weights of each sample are first
    scaled to sum v^2 = sum v, which makes sums effective events.
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
    response = total(v * c * (1 - c))
    r_ref, r_gen = (_per_event(total, np.where(side, v, 0.0)) for side in (is_reference, ~is_reference))
    sigma = np.sqrt(
        r_ref * _positive(total, v, c * (1 - c) ** 2) + r_gen * _positive(total, v, (1 - c) * c**2)
    )
    finite = np.isfinite(log_w)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total(np.where(finite, log_w, 0.0)) / total(finite.astype(np.float64))
        share, pooled = observed / total(v), total_gen / total_ref
        inside = np.clip(share, 0, 1)
        effective = _positive(total, v, 1.0) / (r_ref * (1 - inside) + r_gen * inside)
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


LEAST = 0.25
"""Part of the sum of |v| that a sum of v counts at least, where negative event weights take most of it."""
Total = Callable[[Floats], Floats]
"""Values of the events -> their sums in the bins."""


def _per_event(total: Total, v: Floats) -> Floats:
    """Sum of v^2 over sum of v in each bin and its neighbours, where an event of the mean, 1, is added."""

    def around(values: Floats) -> Floats:
        padded = np.pad(total(values), 1)
        return padded[:-2] + padded[1:-1] + padded[2:]

    return (around(v**2) + 1) / (_positive(around, v, 1.0) + 1)


def _positive(total: Total, v: Floats, factor: Floats | float) -> Floats:
    """Sum of v times a factor >= 0 in each bin."""
    return np.maximum(total(v * factor), LEAST * total(np.abs(v) * factor))
