"""Which equal events are discrete values, and which are copies of one event.

Both look the same, one by one, and must be treated in opposite ways. A *copy* of an event that both samples
share tells the label of its twin, so that both must lie in one fold. A value that *repeats because it is
discrete* (a category, a count, a shower without a hit) is a point of phase space with a density of its own:
classifiers know it from the other folds only if its events are dealt over all of them.

Independent events tell one from the other. Of the k events of a value, a are in the reference sample, the
others in the generated one: a is binomial, wherever P and Q differ, and equal pairs lie *within* samples as
often as *between* them, at least. Copies lie between them alone. Tarone's statistic (Biometrika 66 (1979)
585),

    Z = [sum (a - k t)^2/(t(1 - t)) - sum k]/sqrt(2 sum k(k - 1)),    t = sum a/sum k,

summed over values of about one k, is 0 ± 1 for independent events of one density, larger where P/Q is not the
same for all values, and far below 0 for copies: there, folds that know nothing of them bias the AUC.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Counts = NDArray[np.int64]

ATOM = 16
"""So many events of one value are a point with a mass, whoever made them."""

SIGMAS = 4.0
"""How far below 0 Z is for copies, where there are many values."""

FEW = 1 / 3
"""Of n pairs Z cannot be below -sqrt(n); where n is small, already a third of that speaks for copies."""

LEAST = 0.1
"""Values that are shared by so much less than in samples of one density repeat for another reason."""


def discrete(reference: NDArray[np.uint64], generated: NDArray[np.uint64]) -> tuple[Bools, Bools]:
    """Which events have a value that repeats because it is discrete: bool[n_events] of each sample.

    Values of 2 to 3, 4 to 7, 8 to 15, ... events are judged together. Such a value is discrete

    - never, where Z < -4;
    - else, where it has 16 events or more, or two or more in *each* sample, or most events are discrete;
    - else, where Z is at least -min(4, sqrt(n)/3) for these n values, and they repeat within the samples and
      are shared by them, if not as often as where P = Q, then at least a tenth of that.

    Without repeats within a sample nothing is: all that occurs in both are copies. So are events that were
    drawn a few times into one sample and into that alone.

    Parameters
    ----------
    reference, generated: uint64[n_events], equal for equal events; see `folds.event_hashes`.

    """
    values, which = np.unique(np.concatenate([reference, generated]), return_inverse=True)
    n = reference.size
    a = np.bincount(which[:n], minlength=values.size)
    b = np.bincount(which[n:], minlength=values.size)
    found = _discrete(a, b)[which]
    return found[:n], found[n:]


def _discrete(a: Counts, b: Counts) -> Bools:
    """Which values are discrete, of their numbers of events in each sample."""
    k = a + b
    t = a.sum() / k.sum()
    found, possible = np.zeros(k.size, dtype=bool), np.zeros(k.size, dtype=bool)
    low = 2
    while low <= k.max():
        group = (low <= k) & (k < 2 * low)
        low *= 2
        if not group.any() or (z := _tarone(a[group], k[group])) < -SIGMAS:
            continue
        possible |= group
        if z >= -min(SIGMAS, FEW * np.sqrt(group.sum())) and _are_shared(a[group], b[group], t):
            found |= group
        else:
            found |= group & ((k >= ATOM) | ((a > 1) & (b > 1)))
    most = 2 * k[found].sum() > k.sum()
    return possible if most else found


def _tarone(a: Counts, k: Counts) -> float:
    """Z of the module's docstring; 0 where all events are of one sample."""
    t = a.sum() / k.sum()
    if t in (0.0, 1.0):
        return 0.0
    spread = ((a - k * t) ** 2).sum() / (t * (1 - t))
    return float((spread - k.sum()) / np.sqrt(2 * (k * (k - 1)).sum()))


def _are_shared(a: Counts, b: Counts, t: float) -> bool:
    """Whether values repeat within samples, and between them by at least a tenth of what P = Q expects.

    Parameters
    ----------
    t: the reference sample's part of all events.

    """
    within, between = (a * (a - 1) + b * (b - 1)).sum(), (a * b).sum()
    expected = t * (1 - t) * (within + 2 * between)
    return bool(within > 0 and between > 0 and between >= LEAST * expected)
