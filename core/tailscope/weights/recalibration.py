"""Recalibration: a monotone map of log w, learned where it is not applied.

A classifier may be too sure of itself: its weights are then in the right order and too extreme. With the
calibrated chance C(s) that an event of score s = log w is a reference one,

    log w' = log[C(s)/(1 - C(s))] + log(S_gen/S_ref)

is a density ratio again. For the events of one fold, C is learned on the out-of-fold scores of all other
folds; never on events that it is applied to. A map keeps the order of weights within a fold, but may make
some of them equal.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tailscope.config import Method
from tailscope.errors import InputError

from .events import each_weight

Floats = NDArray[np.float64]
Map = Callable[[Floats], Floats]

PARTS = 5
"""Parts that the events of a single scored fold, or imported weights, are dealt to in turn."""
JOINED = 100
"""Events that are joined, in the order of their scores, where some event weights are negative."""


def crossfitted(
    log_w: tuple[Floats, Floats],
    folds: tuple[NDArray[np.int16], NDArray[np.int16]],
    event_weights: tuple[Floats | None, Floats | None],
    method: Method,
) -> tuple[Floats, Floats]:
    """Recalibrated log weights of reference and generated events, float64[n] each.

    Parameters
    ----------
    log_w: out-of-fold log weights; -inf and inf are not learned from and stay what they are.
    folds: int16[n] of each event; where all have the same one, every `PARTS`-th event makes a part.
    event_weights: float64[n] or None; also negative ones, see `isotonic` and `platt`.

    Raises
    ------
    InputError: too few events of one sample outside a fold.

    """
    learn = {"isotonic": isotonic, "platt": platt}[method]
    parts = folds
    if len(np.unique(np.concatenate(folds))) < 2:
        parts = _dealt(log_w[0].size), _dealt(log_w[1].size)
    result = log_w[0].copy(), log_w[1].copy()
    v = [each_weight(w, x.size) for x, w in zip(log_w, event_weights, strict=True)]
    for part in np.unique(np.concatenate(parts)):
        others = [(fold != part) & np.isfinite(x) for fold, x in zip(parts, log_w, strict=True)]
        if min(int(rows.sum()) for rows in others) < 2:
            raise InputError(
                f"there are too few events with finite weights outside of fold {part + 1} to learn a "
                "recalibration from; use fewer folds or more events"
            )
        learned = learn((log_w[0][others[0]], log_w[1][others[1]]), (v[0][others[0]], v[1][others[1]]))
        for values, x, fold in zip(result, log_w, parts, strict=True):
            rows = (fold == part) & np.isfinite(x)
            values[rows] = learned(x[rows])
    return result


def _dealt(n: int) -> NDArray[np.int16]:
    return (np.arange(n) % PARTS).astype(np.int16)


def isotonic(scores: tuple[Floats, Floats], event_weights: tuple[Floats, Floats]) -> Map:
    """Learn the rising C(s) of least squares (pool adjacent violators) of labels, in event weights.

    Between the mean scores of its steps log w' is a straight line, so that few events get equal weights. A
    first step without reference events has w = 0 and a last one without generated events w = inf, up to where
    the next step begins: kept, not clipped. Where some event weights are negative, events are joined in the
    order of their scores until their sum of event weights is positive; chances beyond 0 or 1 count as 0 or 1.
    """
    from scipy.optimize import isotonic_regression
    from scipy.special import logit

    score = np.concatenate(scores)
    reference = np.arange(score.size) < scores[0].size
    v = np.concatenate([w / w.sum() for w in event_weights])  # S_ref = S_gen = 1
    order = np.argsort(score, kind="stable")
    score, labelled, v = score[order], (v * reference)[order], v[order]
    starts = _starts(score, v)
    total, of_reference = np.add.reduceat(v, starts), np.add.reduceat(labelled, starts)
    fitted = isotonic_regression(of_reference / total, weights=total)
    steps = starts[fitted.blocks[:-1]]
    ends = np.append(steps[1:], score.size)
    chance = np.clip(fitted.x[fitted.blocks[:-1]], 0, 1)
    centre = np.add.reduceat(score, steps) / (ends - steps)
    with np.errstate(divide="ignore"):
        value = logit(chance)
    # Rounding: a step of reference events alone has 1 - 1e-16.
    zero, one = chance < 1e-12, chance > 1 - 1e-12
    finite = ~(zero | one)
    lower = score[ends[zero][-1] - 1] if zero.any() else -np.inf
    upper = score[steps[one][0]] if one.any() else np.inf

    def applied(x: Floats) -> Floats:
        if finite.any():
            mapped: Floats = np.interp(x, centre[finite], value[finite])
        else:  # nothing lies between what is reference alone and what is generated alone
            mapped = np.where(x < (lower + upper) / 2, -np.inf, np.inf)
        mapped[x <= lower] = -np.inf
        mapped[x >= upper] = np.inf
        return mapped

    return applied


def _starts(score: Floats, v: Floats) -> NDArray[np.int64]:
    """First of each group of events, ascending, that is fitted as one: equal scores, positive sums."""
    new = np.flatnonzero(np.diff(score, prepend=-np.inf) > 0)
    if v.min() > 0:
        return new
    # Groups of some hundred events, the next ones joined to those whose sum is not well above 0.
    candidates = new[np.unique(np.searchsorted(new, np.arange(0, score.size, JOINED)).clip(max=new.size - 1))]
    sums = np.add.reduceat(v, candidates)
    least = 0.25 * sums.mean()
    starts, gathered = [], least
    for start, part in zip(candidates, sums, strict=True):
        if gathered >= least:
            starts.append(int(start))
            gathered = 0.0
        gathered += float(part)
    # The last one may lack something still.
    while len(starts) > 1 and gathered < least:
        starts.pop()
        gathered = float(v[starts[-1] :].sum())
    return np.array(starts, dtype=np.int64)


def platt(scores: tuple[Floats, Floats], event_weights: tuple[Floats, Floats]) -> Map:
    """Learn log w' = a s + b by the weighted cross-entropy; a > 0 where the scores say anything at all.

    a < 1 means that the weights were too extreme. Event weights are factors of the loss, negative ones too.
    """
    from scipy.optimize import minimize
    from scipy.special import expit, log_expit

    parts = [w / w.sum() for w in event_weights]
    spread = float(np.concatenate(scores).std()) or 1.0

    def loss(parameters: Floats) -> tuple[float, Floats]:
        a, b = np.exp(parameters[0]) / spread, parameters[1]
        value, slope, shift = 0.0, 0.0, 0.0
        for sign, s, v in zip((1.0, -1.0), scores, parts, strict=True):
            z = sign * (a * s + b)
            value -= float(v @ log_expit(z))
            pull = v * expit(-z) * sign
            slope -= float(pull @ s) * a
            shift -= float(pull.sum())
        return value, np.array([slope, shift])

    start, bounds = np.array([np.log(spread), 0.0]), [(-10.0, 10.0), (-50.0, 50.0)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-14})
    a, b = float(np.exp(found.x[0]) / spread), float(found.x[1])
    return lambda x: a * x + b
