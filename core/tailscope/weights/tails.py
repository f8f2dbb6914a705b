"""Tails of the weights: where they begin, and how many events lie in them with what error."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from tailscope.selection import SampleName, Selection

from .pair import WeightedPair

Tail = Literal["low", "high"]
TAILS: tuple[Tail, Tail] = get_args(Tail)
READ_OFF: dict[Tail, SampleName] = {"low": "generated", "high": "reference"}
PAPER_CUTS: dict[Tail, float] = {"low": 0.6, "high": 1.6}
"""Fig. 5: blue is w < 0.6, orange and green w > 1.6."""
LEAST, MOST = 0.002, 0.3
"""Parts of a sample that are a tail."""


def tail_cut(study: WeightedPair, tail: Tail) -> float:
    """Where a tail begins by default: w < 0.6 (low) and w > 1.6 (high), the cuts of the paper's Fig. 5.

    Where that takes less than 0.2% or more than 30% of the right sample, it is the outermost twentieth
    instead, rounded to few digits. Where no cut takes a twentieth or so, because many events share one
    weight (all of them, where w = 1 everywhere), there is no tail: the usual cut takes what it takes.
    """
    usual = PAPER_CUTS[tail]
    log_w = np.asarray(study.log_weights(READ_OFF[tail]), dtype=np.float64)

    def share(cut: float) -> float:
        return float(tail_selection(tail, cut).mask(log_w).mean())

    if LEAST <= share(usual) <= MOST:
        return usual
    end = np.quantile(log_w, 0.05 if tail == "low" else 0.95, method="inverted_cdf")
    w = float(np.exp(np.clip(end, -30, 30)))
    digits = next((d for d in range(2, 9) if abs(float(f"{w:.{d}g}") / w - 1) < 0.05 * abs(end)), 9)
    cut = float(f"{w:.{digits}g}")
    return cut if LEAST <= share(cut) <= MOST else usual


def tail_selection(tail: Tail, cut: float) -> Selection:
    """The selection w < cut (low) or w >= cut (high)."""
    return Selection(high=cut) if tail == "low" else Selection(low=cut)
