"""Closure of observables together: pairs of them, and the axes without their correlations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tailscope.counting.fill import fill
from tailscope.weights.closure import closure
from tailscope.weights.events import SPREAD, Floats
from tailscope.weights.pair import WeightedPair
from tailscope.weights.whitening import scores, whitened

from .closure_tests import P_VALUE
from .light import Check, Light, graded
from .reweighting import FEW, OPEN, missing, reweighted_size

MOST_EVENTS = 50_000
"""Of each sample; of more, some are drawn."""
MOST_OBSERVABLES = 100
"""In the order of the study."""
MOST_PAIRS = 60
"""Those of the most correlated observables, and as many as there are of few."""
PARTS = 5
"""Of each of two observables: 25 bins of as many reference events each."""
BINS = 20
"""Of an axis."""
NAMED = 3
"""Observables of an axis that are named."""


@dataclass(frozen=True)
class JointTest:
    """Whether reweighting repairs observables together.

    Attributes
    ----------
    p: probability of the chi2 of reference against reweighted generated events.
    names: of the pair; of an axis, the observables that it is made of, at most three.
    is_pair: whether it is a pair.
    after, before: `weights.Closure.distance` with and without the weights.

    """

    p: float
    names: tuple[str, ...]
    is_pair: bool
    after: float
    before: float

    @property
    def said(self) -> str:
        """What it looks at, in words."""
        if self.is_pair or len(self.names) > 1:
            return f"{', '.join(self.names[:-1])} {'and' if self.is_pair else 'with'} {self.names[-1]}"
        return f"{self.names[0]} with what goes along with it"


def joint_tests(study: WeightedPair) -> tuple[JointTest, ...]:
    """Closure in `PARTS` x `PARTS` bins of pairs, and in `BINS` bins of whitened axes.

    Bins hold as many reference events each. Of a pair, the second observable is taken without what the first
    says of it (the regression of the scores), and its bins are those of its quantiles in each bin of the
    first: of two that are nearly the same, the bins of one alone would hide in what they differ.
    """
    from scipy.special import chdtrc

    rng = np.random.default_rng(0)
    names = [o.name for o in study.observables if o.name != SPREAD][:MOST_OBSERVABLES]
    columns, log_w, v = [], [], []
    for events in (study.reference, study.generated):
        rows = np.arange(len(events))
        if rows.size > MOST_EVENTS:
            rows = np.sort(rng.choice(rows, MOST_EVENTS, replace=False))
        columns.append(np.stack([events.observables[name][rows] for name in names], axis=1))
        log_w.append(events.log_w[rows])
        v.append(events.v[rows])
    n = len(columns[0])
    whole = np.concatenate(columns)
    w = np.where(log_w[1] < np.inf, np.exp(np.minimum(log_w[1], 700.0)), 0.0)
    found = []
    for which, is_pair, codes in _binnings(tuple(names), scores(whole), ~np.isfinite(whole), n):
        edges = np.arange(codes.max() + 2.0)
        reference = fill(codes[:n], edges, v[0])
        after = closure(reference, fill(codes[n:], edges, v[1] * w))
        before = closure(reference, fill(codes[n:], edges, v[1]))
        p = float(chdtrc(after.ndf, after.chi2))
        found.append(JointTest(p, which, is_pair, after.distance, before.distance))
    return tuple(found)


def check_joint_closure(study: WeightedPair) -> Check | None:
    """The pair or axis that reweighting leaves farthest off; p-values are multiplied by their number.

    None for a single observable, which `check_closure` looks at, and for reweighted events that are too few.
    """
    if reweighted_size(study) < FEW or len(found := joint_tests(study)) < 2:
        return None
    open_ = [one for one in found if one.p * len(found) < P_VALUE]
    worst = max(open_ or found, key=lambda one: one.after)
    light: Light = graded(worst.after, OPEN) if open_ else "green"
    pairs = sum(one.is_pair for one in found)
    tests = f"{len(found)} joint histograms"
    kinds = f" ({pairs} of pairs, {len(found) - pairs} of combinations)"
    together = worst.said
    off = (
        f"that of {together}, whose bins are off by {worst.after:.0%} on average ({worst.before:.0%} before)"
    )
    advice = ""
    if not open_:
        why = (
            "Reweighted, the generated sample differs from the reference by more than noise in none of "
            f"{tests}{kinds}; the farthest is that of {together}, {worst.after:.0%} on average, which noise "
            "gives"
        )
    elif light == "green":
        why = (
            f"Reweighted, {len(open_)} of {tests} differ from the reference by more than noise, "
            f"and all by little{kinds}; the worst is {off}"
        )
    else:
        why = (
            f"Reweighted, {len(open_)} of {tests} still differ from the reference{kinds}; the worst is {off}"
        )
        advice = (
            "Do not reweight: the weights bring in differences that were not there"
            if worst.after > worst.before + OPEN[0]
            else f"Compare the samples themselves in {together}, not one at a time: what w has not learned "
            f"of how observables go together shows in no tail{missing(study)}"
        )
    return Check(
        "joint_closure", "Joint closure", light, worst.after, 0.0, float("nan"), why, "closure", advice
    )


def _binnings(
    names: tuple[str, ...], shape: Floats, undefined: NDArray[np.bool_], n: int
) -> Iterator[tuple[tuple[str, ...], bool, NDArray[np.intp]]]:
    """Names, whether these are a pair, and the bin of each event; the first n are the reference's."""
    together = shape.T @ shape / len(shape)
    one, other = np.triu_indices(len(names), 1)
    for k in np.argsort(-np.abs(together[one, other]), kind="stable")[:MOST_PAIRS]:
        i, j = int(one[k]), int(other[k])
        first = _quantile_bins(shape[:, i], n, PARTS)
        rest = shape[:, j] - together[i, j] * shape[:, i]
        codes = np.empty(len(rest), np.intp)
        for part in range(PARTS):
            rows = np.flatnonzero(first == part)
            of_reference = int(np.searchsorted(rows, n))
            if of_reference:
                codes[rows] = part * PARTS + _quantile_bins(rest[rows], of_reference, PARTS)
            else:
                codes[rows] = part * PARTS
        codes[undefined[:, i] | undefined[:, j]] = PARTS * PARTS
        yield (names[i], names[j]), True, codes
    turned = whitened(shape)
    for values, axis in zip(turned.values.T, turned.axes.T, strict=True):
        loads = np.argsort(-np.abs(axis), kind="stable")[:NAMED]
        least = abs(axis[loads[0]]) / 2
        yield tuple(names[m] for m in loads if abs(axis[m]) >= least), False, _quantile_bins(values, n, BINS)


def _quantile_bins(values: Floats, n: int, bins: int) -> NDArray[np.intp]:
    """Bins of as many of the first n values each."""
    edges = np.unique(np.quantile(values[:n], np.linspace(0, 1, bins + 1)[1:-1]))
    return np.searchsorted(edges, values, side="right")
