"""In which order the events of a selection are looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import SelectionError
from tailscope.selection import SampleName, Selection
from tailscope.weights.pair import WeightedPair

Order = Literal["outermost", "random", "edge", "descending", "ascending", "row"]

ORDERS: Mapping[Order, str] = {
    "outermost": "outermost weight first",
    "random": "at random",
    "edge": "nearest to the cut first",
    "descending": "w descending",
    "ascending": "w ascending",
    "row": "as in the file",
}
"""Name -> what it is."""


def ordered(
    study: WeightedPair, sample: SampleName, selection: Selection, order: str, seed: int = 0
) -> NDArray[np.int64]:
    """Numbers of the selected events of one sample, the first to be looked at first: int64[n].

    Parameters
    ----------
    order: one of `ORDERS`. The outermost weight is the largest |log w|; the cut is the nearer end of the
        selection's range in log w (w = 1 where both are open). Ties stay in the order of the file.
    seed: of the random order.

    Raises
    ------
    SelectionError: a cut on an unknown observable, an order that does not exist.

    """
    rows = study.select(sample, selection)
    if order not in ORDERS:
        raise SelectionError(f"there is no order {order!r}; choose one of {', '.join(ORDERS)}")
    if order == "random":
        return np.random.default_rng(seed).permutation(rows)
    if order == "row":
        return rows
    log_w = np.asarray(study.log_weights(sample), dtype=np.float64)[rows]
    key = {"descending": -log_w, "ascending": log_w, "outermost": -np.abs(log_w)}.get(order)
    if key is None:
        ends = [np.log(w) for w in (selection.low, selection.high) if w is not None and 0 < w < np.inf]
        key = np.min([np.abs(log_w - end) for end in ends or [0.0]], axis=0)
    return rows[np.argsort(key, kind="stable")]
