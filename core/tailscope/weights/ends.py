"""Which single value lies beyond either end of an observable's bins, where it is one."""

from __future__ import annotations

import numpy as np

from tailscope.counting.atoms import COMMON, Ends
from tailscope.counting.binning import Binning
from tailscope.counting.fill import fill

from .events import SAMPLES
from .pair import WeightedPair


def single_ends(study: WeightedPair, name: str, binning: Binning | None = None) -> Ends:
    """The values of underflow and overflow, where all events there have one value in both samples.

    None where nothing lies there, where several values do, or where it is less than 0.5% of either sample.
    It is looked up in the columns, so that it is true of study files of any age. ``binning``: any; the
    study's own when None.

    Raises
    ------
    InputError: no observable of that name.

    """
    if binning is None:
        rows = [study.index(sample).everything.of(name) for sample in SAMPLES]
    else:
        rows = [fill(study.sample(sample).observables[name], binning.edges) for sample in SAMPLES]
    edges = rows[0].edges

    def single(below: bool) -> float | None:
        shares = [(h.underflow if below else h.overflow) / max(1.0, h.total - h.undefined) for h in rows]
        if max(shares) < COMMON:
            return None
        found = []
        for sample in SAMPLES:
            column = study.sample(sample).observables[name]
            values = column[column < edges[0] if below else column >= edges[-1]]
            if values.size:
                found += [float(values.min()), float(values.max())]
        return found[0] if min(found) == max(found) and np.isfinite(found[0]) else None

    return single(True), single(False)
