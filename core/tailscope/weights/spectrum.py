"""The histogram of log10 w, and which values a discrete observable takes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.counting.binning import OVERFLOW, UNDEFINED
from tailscope.selection import SampleName

from .events import SAMPLES
from .pair import WeightedPair

WEIGHT_BINS = 120

DISCRETE = 12

LN10 = math.log(10)


def weight_edges(study: WeightedPair) -> NDArray[np.float64]:
    """Edges of the weight histogram in log10 w: float64[WEIGHT_BINS + 1] over all finite weights."""
    ends = []
    for name in SAMPLES:
        log_w = study.index(name).log_w
        first, last = (
            np.searchsorted(log_w, [-np.inf, np.inf], side="right")[0],
            np.searchsorted(log_w, np.inf),
        )
        if last > first:
            ends += [log_w[first], log_w[last - 1]]
    low, high = (min(ends) / LN10, max(ends) / LN10) if ends else (0.0, 0.0)
    # Half a decade at least, so that equal weights still have an axis; 30 decades at most.
    low, high = max(low, -15.0), min(high, 15.0)
    if high - low < 0.5:
        low, high = (low + high) / 2 - 0.25, (low + high) / 2 + 0.25
    margin = 0.01 * (high - low)
    return np.linspace(
        math.floor((low - margin) * 20) / 20, math.ceil((high + margin) * 20) / 20, WEIGHT_BINS + 1
    )


def weight_counts(
    study: WeightedPair, sample: SampleName, edges: NDArray[np.float64], rows: NDArray[np.int64] | None = None
) -> dict[str, Any]:
    """Events per bin of log10 w, with those of w = 0 and w = inf apart; of some rows of the file, or of all.

    Finite weights beyond the edges count in the outermost bins.
    """
    log_w = study.index(sample).log_w if rows is None else np.sort(study.log_weights(sample)[rows])
    first, last = int(np.searchsorted(log_w, -np.inf, side="right")), int(np.searchsorted(log_w, np.inf))
    at = np.searchsorted(log_w, edges * LN10)
    at[0], at[-1] = first, last
    return {"counts": np.diff(at).tolist(), "zero": first, "infinite": log_w.size - last}


def _discrete_values(study: WeightedPair, name: str) -> list[list[float]]:
    """(code, value) of an observable whose bins each hold one single value, and few do; else nothing."""
    codes = set()
    for sample in SAMPLES:
        index = study.index(sample)
        counts = index.everything.counts[index.offsets[index.number_of(name)] :]
        n_bins = len(index.binnings[index.number_of(name)])
        codes |= set((np.flatnonzero(counts[1 : n_bins + 1]) + 1).tolist())
    if not 1 < len(codes) <= DISCRETE:
        return []
    index = study.index("reference")
    binning = index.binnings[index.number_of(name)]
    values = np.unique(study.reference.observables[name])
    coded = binning.digitise(values)
    inside = (coded != UNDEFINED) & (coded != OVERFLOW) & (coded != 0)
    if np.unique(coded[inside]).size != inside.sum():
        return []
    return [[int(code), float(value)] for code, value in zip(coded[inside], values[inside], strict=True)]
