"""The calibration slope: whether log w is stretched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .calibration import labelled, probability
from .events import NONE, EventWeights, Floats

SLOPE_STEPS = 40
"""Newton steps of a logistic regression; five are usual."""
ALIKE = 1e-6
"""Log weights that differ by less all say the same, but for rounding."""


@dataclass(frozen=True)
class Slope:
    """Calibration slope of the weights.

    Attributes
    ----------
    value: s of logit P(reference) = s log w + b; 1 for calibrated weights, below 1 for too extreme ones.
    error: its standard deviation.
    spread: standard deviation of log w, each event counted with its C(1 - C).

    """

    value: float
    error: float
    spread: float


def calibration_slope(reference: Floats, generated: Floats, *, event_weights: EventWeights = NONE) -> Slope:
    """Logistic regression of the sample on log w (Cox, Biometrika 45 (1958) 562).

    The usual sign of an overfitted classifier is a slope below 1 on events it has not seen: noise in log w
    stretches it, and with it promises what these events do not keep. Weights of 0 and inf are left out. The
    error holds event weights v: H^-1 (sum v^2 (y - C)^2 x x^T) H^-1 with the Hessian H and y = 1 for
    reference events, 0 for generated ones (Huber, Proc. 5th Berkeley Symp. (1967) 221).
    """
    log_w, is_reference, v = labelled(reference, generated, event_weights)
    used = np.isfinite(log_w)
    log_w, is_reference, v = log_w[used], is_reference[used], v[used]
    totals = float(v[is_reference].sum()), float(v[~is_reference].sum())
    if min(totals) <= 0 or log_w.size < 2 or np.ptp(log_w) < ALIKE:
        return Slope(1.0, float("inf"), 0.0)
    pooled = totals[0] / totals[1]
    c = probability(log_w, pooled)
    information = np.abs(v) * c * (1 - c) + 1e-300
    mean = np.average(log_w, weights=information)
    spread = float(np.sqrt(np.average((log_w - mean) ** 2, weights=information)))
    # From 0, in standard deviations: with the weights as they are, extreme ones leave nothing to go by.
    unit = float(log_w.std())
    x = np.stack([log_w / unit, np.ones_like(log_w)])
    found = np.zeros(2)
    for _ in range(SLOPE_STEPS):
        c = probability(found @ x, pooled)
        hessian = (x * (v * c * (1 - c))) @ x.T
        if np.linalg.cond(hessian) > 1e12 or np.abs(found).max() > 1e6:
            return Slope(1.0, float("inf"), spread)  # samples that a cut on w separates have no slope
        step = np.linalg.solve(hessian, x @ (v * (is_reference - c)))
        found += step
        if np.abs(step).max() < 1e-9:
            break
    inverse = np.linalg.inv(hessian)
    covariance = inverse @ ((x * (v * (is_reference - c)) ** 2) @ x.T) @ inverse
    return Slope(float(found[0]) / unit, float(np.sqrt(covariance[0, 0])) / unit, spread)
