"""Whether the weights repair each observable: reference against reweighted generated events."""

from __future__ import annotations

from dataclasses import dataclass

from tailscope.weights.closure import closure
from tailscope.weights.events import SPREAD
from tailscope.weights.pair import WeightedPair

P_VALUE = 1e-3
"""A chi2 less probable than this is not noise."""
LIKELY = 0.05
"""Probability from where on noise gives a difference often; a tail is called none then, and 19 runs at least
can say so."""


@dataclass(frozen=True)
class ClosureTest:
    """Whether reweighting repairs one observable.

    Attributes
    ----------
    p, ratio: probability of the chi2 of reference against reweighted generated events, and chi2/ndf.
    name: of the observable.
    after, before: `weights.Closure.distance` with and without the weights.

    """

    p: float
    ratio: float
    name: str
    after: float
    before: float


def closure_tests(study: WeightedPair) -> tuple[ClosureTest, ...]:
    """The closure of every observable of the events; one that is open has p times their number < P_VALUE."""
    from scipy.special import chdtrc

    found = []
    for observable in study.observables:
        name = observable.name
        if name == SPREAD:  # a property of the classifier, not of the events
            continue
        after = study.closure(name)
        before = closure(study.histogram(name, "reference"), study.histogram(name, "generated"))
        p = float(chdtrc(after.ndf, after.chi2))
        found.append(ClosureTest(p, after.chi2 / after.ndf, name, after.distance, before.distance))
    return tuple(found)
