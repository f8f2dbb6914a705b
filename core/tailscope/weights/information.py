"""Information: how much the weights of an event tell about the sample it comes from, in nats."""

from __future__ import annotations

import numpy as np

from .events import NONE, EventWeights, Floats, each_weight


def losses(reference: Floats, generated: Floats) -> tuple[Floats, Floats]:
    """Cross-entropy of each event in nats, were both samples as large, with C = w/(1 + w).

    -log C of reference events, -log(1 - C) of generated ones.
    """
    return np.logaddexp(0.0, -reference), np.logaddexp(0.0, generated)


def information(
    reference: Floats, generated: Floats, *, event_weights: EventWeights = NONE
) -> tuple[float, float]:
    """What the weights hold and its standard deviation, in nats: ln 2 minus their balanced cross-entropy.

    I = ln 2 + 1/2 <log C>_ref + 1/2 <log(1 - C)>_gen,    C = w/(1 + w),

    with averages by event weight over each sample. With the exact w its expectation is the Jensen-Shannon
    divergence of the two densities (Lin, IEEE Trans. Inf. Theory 37 (1991) 145), which is what the data hold,
    from 0 (the same density) to ln 2 = 0.693 (no overlap). Of any other weights of unseen events it is less:
    out-of-fold weights estimate the divergence from below. It is below 0 where the weights are worse than
    none, and -inf where one of them is 0 or infinite and wrong.
    """
    return mean_of_losses(losses(reference, generated), event_weights, offset=float(np.log(2)))


def mean_of_losses(
    each: tuple[Floats, Floats], event_weights: EventWeights = NONE, *, offset: float = 0.0
) -> tuple[float, float]:
    """``offset`` minus the balanced mean of something of each event of both samples, with its error."""
    value, variance = offset, 0.0
    for loss, weight in zip(each, event_weights, strict=True):
        v = each_weight(weight, loss.size)
        if not np.isfinite(loss).all():
            return -np.inf, float("nan")
        share = v / v.sum()
        mean = float(share @ loss)
        value -= mean / 2
        variance += float((share**2 * (loss - mean) ** 2).sum()) / 4
    return value, float(np.sqrt(variance))
