"""Whether weights are normalised: the constant by which all log w are off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tailscope.weights.events import each_weight
from tailscope.weights.pair import WeightedPair

from .light import SIGMAS, WRONG, Check, Light, from_one, graded

MOST_OFF = 50.0
"""Constants of log w that are looked for: up to this, either way."""
ROUNDING = 1e-9
"""What is smaller is no difference of two numbers that are computed."""
Floats = NDArray[np.float64]
Side = tuple[Floats, Floats | None]
"""Log w of each event, and event weights or None."""


@dataclass(frozen=True)
class Constant:
    """By how much all log w are too large, and the standard deviation of that; NaN where there is none."""

    value: float
    error: float


def constant(own: Side, other: Side) -> Constant:
    """The constant c that makes the classifier promise each sample's events in total.

    With C = 1/(1 + exp(c)/w) that is <1 - C>_other = <C>_own, averages over each sample, which holds for
    exact weights with c = 0 on any support. The error is that of counting in both samples (`influences`).

    Parameters
    ----------
    own: the sample that is the denominator of w: the generated one.
    other: the numerator. For 1/w both are exchanged, and log w changes its sign.

    """
    from scipy.optimize import brentq

    def missing(c: float) -> float:
        (own_share, of_own), (other_share, of_other) = promised(own, other, c)
        return float(other_share @ (1 - of_other) - own_share @ of_own)

    if not missing(-MOST_OFF) < 0 < missing(MOST_OFF):
        return Constant(float("nan"), float("nan"))
    c = float(brentq(missing, -MOST_OFF, MOST_OFF, xtol=ROUNDING))
    variance = sum(float(((share * each) ** 2).sum()) for share, each in influences(own, other, c))
    return Constant(c, float(np.sqrt(variance)))


def promised(own: Side, other: Side, c: float) -> list[tuple[Floats, Floats]]:
    """Of both samples: each event's part of its sample's event weights, and its C."""
    from scipy.special import expit

    v = [each_weight(weight, log_w.size) for log_w, weight in (own, other)]
    return [(w / w.sum(), expit(log_w - c)) for w, (log_w, _) in zip(v, (own, other), strict=True)]


def influences(own: Side, other: Side, c: float) -> list[tuple[Floats, Floats]]:
    """Of both samples: each event's part, and how far one event of that part moves c: (C - <C>)/B.

    B = <C(1 - C)>_own + <C(1 - C)>_other.
    """
    sides = promised(own, other, c)
    slope = sum(float(share @ (chance * (1 - chance))) for share, chance in sides)
    return [(share, (chance - share @ chance) / slope) for share, chance in sides]


def check_normalisation(study: WeightedPair) -> Check | None:
    """Whether imported weights are ratios of normalised densities; None for fits, which know their constant.

    ``value`` is exp(c): how many times too large the weights are. Nobody says what others divided by:
    likelihood ratios of unequal samples, scores C/(1 - C) without S_gen/S_ref.
    """
    if study.history:
        return None
    sides = [(events.log_w, events.event_weight) for events in (study.generated, study.reference)]
    found = constant(*sides)
    value, error = float(np.exp(found.value)), float(np.exp(found.value) * found.error)
    light: Light = "green"
    advice = ""
    if np.isnan(value):
        light = "amber"
        why = "No factor makes these weights ratios of normalised densities"
        advice = (
            "See that they are natural logarithms of w = p_reference/p_generated, in the order of the events"
        )
    elif found.error > WRONG[0]:
        light = "amber"
        why = f"A few events tell how large these weights are: {value:.2g} ± {error:.1g} times too large"
        advice = "Give more events, or weights that are less extreme"
    elif abs(found.value) <= SIGMAS * found.error or abs(found.value) < WRONG[0]:
        why = f"The factor by which all weights are too large is {from_one(value, error)}"
    else:
        light = graded(abs(found.value), WRONG)
        why = f"Not normalised: the weights are {value:.3g} ± {error:.2g} times what they should be"
        advice = (
            f"Add {-found.value:.3f} to every log w; where the samples differ in size, C/(1 - C) lacks the "
            "factor S_gen/S_ref"
        )
    return Check("normalisation", "Normalisation", light, value, 1.0, error, why, "weights", advice)
