"""What a second classifier, which looks at all observables, finds that the weights miss."""

from __future__ import annotations

import numpy as np

from tailscope.weights.pair import WeightedPair
from tailscope.weights.slope import calibration_slope

from .light import NEAR, SIGMAS, WRONG, Check, Light, factor, graded

PARTS = (0.1, 0.5)
"""Of the spread of log w: missing less than the first part of what they say, weights may be believed; missing
more than the second, not at all."""
SMALL = (0.03, 0.3)
"""In log w, and part of its spread: from where on little matters too where weights say little themselves."""
MORE = (0.002, 0.05)
"""Nats, and part of what is held: from where on information that the weights lack matters."""


def check_second_look(study: WeightedPair) -> Check | None:
    """Least root mean square of what log w misses; None where no second classifier has looked.

    See `fitting.second_look`. It leaves green for what is beyond noise and more than `WRONG` and the part
    `PARTS` of the spread of log w (each event counted with C(1 - C)), or more than `SMALL`.
    """
    second = study.provenance.second
    if second is None:
        return None
    beyond = second.missed > SIGMAS * second.missed_error
    light: Light = "green"
    if beyond:
        spread = calibration_slope(*study.log_w, event_weights=study.event_weights).spread
        least, most = (max(wrong, part * spread) for wrong, part in zip(WRONG, PARTS, strict=True))
        light = graded(second.missed, (min(least, max(SMALL[0], SMALL[1] * spread)), most))
    told = "a second classifier finds"
    if second.auc is not None and second.auc_error is not None:
        if second.auc - 0.5 > NEAR * second.auc_error:
            told = "a second classifier tells the reference from the reweighted generated events"
        told += f" (AUC {second.auc:.3f} ± {second.auc_error:.3f})"
    along = _listed(second.observables)
    advice = ""
    if not beyond:
        why = (
            "A second classifier, which sees all observables and their combinations, finds no more than noise"
            f": the weights miss {missed_part(second.missed, second.missed_error)} in the mean"
        )
    elif light == "green":
        missed = missed_part(second.missed, second.missed_error)
        why = f"The weights miss little: {missed} in the mean, beyond noise: {told}"
    else:
        why = (
            f"The weights miss the density ratio by {factor(second.missed)} in the mean at least: {told}, "
            f"most along {along}"
        )
        advice = (
            f"Do not take w for the whole difference: compare the samples themselves along {along} too"
            f"{_better(study)}"
        )
    return Check(
        "second_look", "What w missed", light, second.missed, 0.0, second.missed_error, why, "closure", advice
    )


def check_information(study: WeightedPair) -> Check | None:
    """Information of the weights against what a second classifier adds to it; None where none has looked."""
    second = study.provenance.second
    if second is None or second.information is None:
        return None
    held, both = second.information, second.information + second.gain
    beyond = second.gain > SIGMAS * second.gain_error
    light: Light = "amber" if beyond and second.gain > max(MORE[0], MORE[1] * both) else "green"
    advice = ""
    if light == "amber":
        why = (
            f"The weights hold {held:.4f} nats of the difference and a second classifier adds "
            f"{nats(second.gain, second.gain_error)}: the observables hold at least {both:.4f}"
        )
        advice = f"What w leaves out is no small part of the difference{_better(study)}"
    else:
        noise = "no more than noise" if second.gain <= NEAR * second.gain_error else "what may be noise"
        found = "little" if beyond else noise
        why = (
            f"The weights hold {held:.4f} nats of the difference, to which a second classifier adds "
            f"{found} ({nats(second.gain, second.gain_error)})"
        )
    return Check("information", "Information", light, second.gain, 0.0, second.gain_error, why, "roc", advice)


def missed_part(missed: float, error: float) -> str:
    """What log w misses, as a part of w, with its error; an estimate below 0 says 0."""
    missed = max(missed, 0.0)
    return f"{np.expm1(missed):.1%} ± {np.exp(missed) * error:.1%}"


def nats(value: float, error: float) -> str:
    """Information and its error, with as many decimals as the error needs: four at least."""
    decimals = 4 if not error > 0 else int(np.clip(-np.floor(np.log10(error)), 4, 9))
    return f"{value:.{decimals}f} ± {error:.{decimals}f}"


def _listed(names: tuple[str, ...]) -> str:
    if len(names) < 2:
        return "".join(names) or "the conditions"
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _better(study: WeightedPair) -> str:
    """What lets a classifier learn more, behind the sentence; nothing for imported weights."""
    if not study.history:
        return ""
    ways = ["`tailscope fit --preset best`"]
    if study.provenance.features not in ("", "both"):
        ways.append("`--features both`")
    ways.append("`--network trees`")
    return f"; {', '.join(ways[:-1])} or {ways[-1]} may find it"
