"""The histogram of log10 w, and which values a discrete observable takes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.counting.binning import place
from tailscope.counting.fill import fill_sorted
from tailscope.selection import SampleName

from .events import SAMPLES
from .pair import WeightedPair

WEIGHT_BINS = 120

BODY, LEAST_BODY = 0.95, 0.1

DISCRETE = 12

LN10 = math.log(10)


def weight_edges(study: WeightedPair) -> NDArray[np.float64]:
    """Edges of the weight histogram in log10 w: float64[WEIGHT_BINS + 1] over all finite weights.

    They are equally spaced in asinh(log10 w / `body_of`): equally wide where most events are, wider in the
    tails, however far these reach.
    """
    finite = [part for part in _finite(study) if part.size]
    low = min((part[0] for part in finite), default=0.0)
    high = max((part[-1] for part in finite), default=0.0)
    # Half a decade at least, so that equal weights still have an axis; 30 decades at most.
    low, high = max(low, -15.0), min(high, 15.0)
    if high - low < 0.5:
        low, high = (low + high) / 2 - 0.25, (low + high) / 2 + 0.25
    margin = 0.01 * (high - low)
    low, high = math.floor((low - margin) * 20) / 20, math.ceil((high + margin) * 20) / 20
    body = body_of(study)
    edges = body * np.sinh(np.linspace(math.asinh(low / body), math.asinh(high / body), WEIGHT_BINS + 1))
    edges[0], edges[-1] = low, high
    return edges


def body_of(study: WeightedPair) -> float:
    """Return the |log10 w| below which `BODY` of all events with finite weights are, or `LEAST_BODY`."""
    sizes = np.concatenate([np.abs(part) for part in _finite(study)])
    return max(LEAST_BODY, float(np.quantile(sizes, BODY))) if sizes.size else LEAST_BODY


def _finite(study: WeightedPair) -> list[NDArray[np.float64]]:
    """Finite log10 w of each sample, ascending."""
    found = []
    for name in SAMPLES:
        log_w = study.index(name).log_w
        zero, infinite = beyond(log_w)
        found.append(log_w[zero : log_w.size - infinite] / LN10)
    return found


def weight_counts(
    study: WeightedPair, sample: SampleName, edges: NDArray[np.float64], rows: NDArray[np.int64] | None = None
) -> dict[str, Any]:
    """Events per bin of log10 w, with those of w = 0 and w = inf apart; of some rows of the file, or of all.

    Finite weights beyond the edges count in the outermost bins.
    """
    log_w = study.index(sample).log_w if rows is None else np.sort(study.log_weights(sample)[rows])
    zero, infinite = beyond(log_w)
    counts = fill_sorted(log_w[zero : log_w.size - infinite], edges * LN10).folded().values
    return {"counts": counts.astype(int).tolist(), "zero": zero, "infinite": infinite}


def beyond(ascending: NDArray[np.float64]) -> tuple[int, int]:
    """How many of some log weights that ascend are those of w = 0, and of w = inf."""
    zero = int(np.searchsorted(ascending, -np.inf, side="right"))
    return zero, ascending.size - int(np.searchsorted(ascending, np.inf))


def discrete_values(study: WeightedPair, name: str) -> list[list[float]]:
    """(code, value) of an observable whose bins each hold one single value, and few do; else nothing."""
    reference, generated = (study.index(sample).everything.of(name) for sample in SAMPLES)
    if not 1 < np.count_nonzero(reference.values + generated.values) <= DISCRETE:
        return []
    edges = reference.edges
    values = np.unique(study.reference.observables[name])
    slots = place(values, edges)
    inside = (slots > 0) & (slots < edges.size)
    if np.unique(slots[inside]).size != inside.sum():
        return []
    return [[int(slot), float(value)] for slot, value in zip(slots[inside], values[inside], strict=True)]
