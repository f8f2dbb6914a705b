"""What the weights are worth as weights: their means, the effective sample size, and closure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tailscope.weights.events import each_weight, effective_size
from tailscope.weights.pair import WeightedPair

from .closure_tests import P_VALUE, closure_tests
from .inputs import blamed
from .light import NEAR, SIGMAS, Check, Light, from_one, graded, percent
from .normalisation import ROUNDING, Side, constant, influences

OPEN = (0.1, 0.5)
"""By how much a reweighted histogram is off in the mean, from where amber, and red: then as far off as tails
begin, in a direction that the weights do not know of."""
FEW = 100.0
"""Effective events below which a reweighted sample shows nothing."""
MASS = (0.02, 0.3)
"""Deviation of a mean weight from 1 from where amber, and red."""


def check_mean_w(study: WeightedPair) -> Check:
    """E_gen[w] = P_ref(support of generated): 1 unless reference events lie where nothing is generated."""
    sides = [(events.log_w, events.event_weight) for events in (study.generated, study.reference)]
    value, error, infinite = normalised_mean(*sides)
    return _mass(
        study,
        "mean_w",
        "Mean w of generated events",
        (value, error),
        infinite,
        "of the reference lies where nothing is generated (missing mass)",
        "the largest weights are too large",
    )


def check_mean_inverse_w(study: WeightedPair) -> Check:
    """E_ref[1/w] = P_gen(support of reference): 1 unless generated events lie where no reference is."""
    sides = [(-events.log_w, events.event_weight) for events in (study.reference, study.generated)]
    value, error, infinite = normalised_mean(*sides)
    return _mass(
        study,
        "mean_inverse_w",
        "Mean 1/w of reference events",
        (value, error),
        infinite,
        "of the generated sample lies where there is no reference (leaked mass)",
        "the smallest weights are too small",
    )


def normalised_mean(own: Side, other: Side) -> tuple[float, float, int]:
    """Mean of the finite w of a sample with its error, w normalised; and the number of infinite ones.

    A training leaves log w off by a constant c of a few per cent (`normalisation.constant`), which moves
    E_gen[w] and E_ref[1/w] in opposite ways and says nothing about where events lie: mean = exp(-c) <w>_own.
    The error is that of counting in both samples, c included: the variance of the sum of the events'
    influences w/<w> - 1 - (C - <C>)/B and -(C - <C>)/B with B = <C(1 - C)> of both.

    Parameters
    ----------
    own: the sample that w is averaged over, which is the denominator of w: the generated one.
    other: the numerator. For 1/w both are exchanged, and log w changes its sign.

    """
    mean, error, infinite = mean_weight(*own)
    c = constant(own, other).value
    if not np.isfinite(c) or not np.isfinite(mean) or not mean > 0:
        return mean, error, infinite
    finite = own[0] < np.inf
    with np.errstate(over="ignore"):
        relative = np.where(finite, np.exp(np.where(finite, own[0], 0.0)) / mean - 1, 0.0)
    (own_share, of_own), (other_share, of_other) = influences(own, other, c)
    variance = ((own_share * (relative - of_own)) ** 2).sum() + ((other_share * of_other) ** 2).sum()
    value = mean * np.exp(-c)
    return float(value), float(value * np.sqrt(variance)), infinite


def mean_weight(
    log_w: NDArray[np.floating], event_weight: NDArray[np.float64] | None
) -> tuple[float, float, int]:
    """Mean of the finite exp(log_w) with its standard error, and the number of infinite ones."""
    finite = log_w < np.inf
    v = each_weight(event_weight, log_w.size)[finite]
    with np.errstate(over="ignore", invalid="ignore"):
        w = np.exp(np.asarray(log_w, dtype=np.float64)[finite])
        total = float(v.sum())
        mean = float((v * w).sum() / total) if total else 0.0
        error = float(np.sqrt((v**2 * (w - mean) ** 2).sum()) / total) if total else 0.0
    return mean, error, int(log_w.size - finite.sum())


def _mass(
    study: WeightedPair,
    name: str,
    title: str,
    found: tuple[float, float],
    infinite: int,
    where: str,
    extreme: str,
) -> Check:
    value, error = found[0], max(found[1], ROUNDING)
    away = abs(value - 1)
    light: Light = "green"
    advice = ""
    tail = "high" if name == "mean_w" else "low"
    if infinite or not np.isfinite(value):
        light = "red"
        why = (
            f"{infinite:,} events have an infinite weight and are left out: there the ratio is not known"
            if infinite
            else "The mean is beyond all numbers: no density ratio is as extreme as some of these weights"
        )
        advice = "Look at these events; do not reweight where they lie"
    elif error > MASS[1]:
        light = "red" if away > MASS[1] else "amber"
        why = f"{value:.3g} ± {error:.2g}: a few events carry this mean, which says nothing so"
        advice = "Do not reweight; more events or members (`tailscope fit --members 5`) tame the extremes"
    elif away <= max(SIGMAS * error, MASS[0]):
        why = from_one(value, error)
        if away <= SIGMAS * error:
            most = max(1 - value, 0.0) + NEAR * error
            why += f": as far as these weights tell, at most {percent(most)} {where}"
        elif value < 1:
            why += f": as far as these weights tell, {percent(away)} {where}"
        else:
            why += f": no density ratio has a mean above 1, so that {extreme}, by little"
    elif value < 1:
        light = "amber"
        why = f"{1 - value:.1%} {where}: {blamed(study, name, 1 - value)}"
        advice = f"See what the events of the {tail} tail have in common: reweighting cannot repair them"
    else:
        light = graded(away, MASS)
        why = f"{value:.2f}, but no density ratio has a mean above 1: {extreme}"
        advice = (
            f"Trust which events lie in the {tail} tail, not by how much; more events or members "
            "(`tailscope fit --members 5`) tame the extremes"
        )
    return Check(name, title, light, value, 1.0, error, why, "weights", advice)


def missing(study: WeightedPair) -> str:
    """What no weight can repair, behind the sentence of an open closure; nothing where no mass lacks."""
    value, error, _ = normalised_mean(
        *((events.log_w, events.event_weight) for events in (study.generated, study.reference))
    )
    if 1 - value <= max(MASS[0], SIGMAS * error):
        return ""
    return f"; and {1 - value:.1%} of the reference lies where nothing is generated, which no weight fills"


def reweighted_size(study: WeightedPair) -> float:
    """Kish's effective size of the reweighted generated sample; w = inf is left out."""
    log_w = study.log_weights("generated")
    v = study.generated.event_weight
    finite = log_w < np.inf
    w = np.exp(log_w[finite] - max(float(log_w[finite].max(initial=-np.inf)), -700.0))
    w = w if v is None else w * v[finite]
    return effective_size(float(w.sum()), float((w**2).sum()))


def check_effective_size(study: WeightedPair) -> Check:
    """How many unweighted events the reweighted generated sample is worth (Kish)."""
    size, n = reweighted_size(study), len(study.generated)
    part = size / n
    light: Light = "red" if part < 0.01 or size < FEW else "amber" if part < 0.1 else "green"
    why = f"Reweighted, the {n:,} generated events are worth {size:,.0f}"
    advice = ""
    if light != "green":
        why += ": a few large weights carry them, and reweighted histograms are as noisy as that"
        advice = (
            "Do not reweight, or only where no event has a large weight; tails are read off unweighted events"
        )
    return Check(
        "effective_size", "Effective sample size", light, size, float(n), float("nan"), why, "weights", advice
    )


def check_closure(study: WeightedPair) -> Check:
    """The observable that reweighting leaves farthest off; p-values are multiplied by their number.

    What the classifier has not learned stays as it was, and no tail of w shows it.
    """
    found = closure_tests(study)
    open_ = [one for one in found if one.p * len(found) < P_VALUE]
    worst_one = max(open_ or found, key=lambda one: (one.after, one.ratio))
    light = graded(worst_one.after, OPEN) if open_ else "green"
    off = (
        f"{worst_one.name}, whose bins are off by {worst_one.after:.0%} on average "
        f"({worst_one.before:.0%} before)"
    )
    advice = ""
    size = reweighted_size(study)
    if size < FEW:
        light = "amber"
        why = f"Reweighted histograms are too noisy to compare: the generated events are worth {size:,.0f}"
        advice = "Compare the samples themselves; see the effective sample size"
    elif not open_:
        least = min(1.0, len(found) * min(one.p for one in found))
        why = (
            "Reweighted, the generated sample differs from the reference by more than noise in none of "
            f"{len(found)} observables (smallest p = {least:.2g}, times their number); the farthest is "
            f"{worst_one.name}, {worst_one.after:.0%} on average, which noise gives"
        )
    elif light == "green":
        why = (
            f"Reweighted, {len(open_)} of {len(found)} observables differ from the reference by more than "
            f"noise, and all by little; the worst is {off}"
        )
    else:
        why = (
            f"Reweighted, {len(open_)} of {len(found)} observables still differ from the reference; the "
            f"worst is {off}"
        )
        seen = study.observable(worst_one.name).seen
        spoiled = worst_one.after > worst_one.before + OPEN[0]
        advice = (
            "Do not reweight: the weights bring in differences that were not there"
            if spoiled
            else "Compare the samples themselves in these observables: what the classifier "
            + ("does not see" if seen is False else "has not learned")
            + f" shows in no tail{missing(study)}"
            + _closing(study, seen)
        )
    value = worst_one.after if size >= FEW else float("nan")
    return Check("closure", "Closure", light, value, 0.0, float("nan"), why, "closure", advice)


def _closing(study: WeightedPair, seen: bool | None) -> str:
    """What lets a classifier learn an observable, behind the sentence; nothing for imported weights."""
    if not study.history:
        return ""
    if seen or study.provenance.features == "both":
        return "; more events or epochs may teach it"
    return "; `tailscope fit --features both` lets it see them"
