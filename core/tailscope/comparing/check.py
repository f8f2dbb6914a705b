"""Did a generator get worse? Two studies of one reference, and whether a tail grew beyond noise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from tailscope.config import FitConfig
from tailscope.errors import PairError
from tailscope.weights.estimates import Estimate, auc_estimate, tail_fraction
from tailscope.weights.pair import WeightedPair
from tailscope.weights.tails import TAILS, Tail, tail_cut

from .compare import difference, same_reference

NOT_COMPARED = ("seed", "device")
"""Settings of a fit that leave what it measures the same."""

POWER = 0.8
"""Part of trials in which `Growth.detectable` is found."""

AS_MANY = 1.25
"""Numbers of generated events whose ratio is larger are said.

With half as many events in the new study the high tail of an unchanged generator seemed to grow by 1.2 sigma
on average, with a quarter as many by 1.8, with four fifths by no more than with as many (docs/ci.md).
"""


@dataclass(frozen=True)
class Growth:
    """One number of the new study against the old one's.

    Attributes
    ----------
    name: "low tail", "high tail" or "AUC".
    cut: weight at which the tail begins, in both studies; None for the AUC.
    old, new: the fraction of events in the tail, or the AUC.
    sigma: significance of new > old; see `significance`.
    grew: whether that is beyond what was asked.
    detectable: growth, new - old, that would be found in 80% of trials; see `detectable`.

    """

    name: str
    cut: float | None
    old: Estimate
    new: Estimate
    sigma: float
    grew: bool
    detectable: float


@dataclass(frozen=True)
class Verdict:
    """All numbers of a check.

    Attributes
    ----------
    growths: low tail, high tail and AUC.
    remarks: what weakens the comparison, one sentence each.

    """

    growths: tuple[Growth, ...]
    remarks: tuple[str, ...]

    @property
    def grew(self) -> tuple[Growth, ...]:
        """Those that grew beyond the significance asked for."""
        return tuple(growth for growth in self.growths if growth.grew)


def check(
    new: WeightedPair, old: WeightedPair, *, sigma: float = 3.0, tails: Mapping[Tail, float] | None = None
) -> Verdict:
    """Compare tails and AUC of a new study with those of an old one.

    Parameters
    ----------
    sigma: growth beyond so many (one-sided, Gaussian) standard deviations counts.
    tails: weights at which tails begin; by default where the old study's do.

    Raises
    ------
    PairError: studies of different references.

    """
    if not same_reference(old, new):
        raise PairError(
            difference(old, new, new.name) + " Fit the new sample against the reference of the old study."
        )
    cuts = {tail: tail_cut(old, tail) for tail in TAILS} if tails is None else tails
    pairs: list[tuple[str, float | None, Estimate, Estimate]] = [
        (f"{tail} tail", cut, tail_fraction(old, tail, cut), tail_fraction(new, tail, cut))
        for tail, cut in cuts.items()
    ]
    pairs.append(("AUC", None, auc_estimate(old), auc_estimate(new)))
    growths = []
    for name, cut, before, after in pairs:
        found = significance(before, after)
        least = detectable(before, after, sigma)
        growths.append(Growth(name, cut, before, after, found, found > sigma, least))
    return Verdict(tuple(growths), _remarks(new, old, growths[-1]))


def significance(old: Estimate, new: Estimate) -> float:
    """How significantly ``new`` is above ``old``, as a one-sided number of Gaussian standard deviations.

        T = (x_new - x_old)/sqrt(V_new + V_old)

    follows Student's t with the degrees of freedom of Welch and Satterthwaite,
    (V_new + V_old)^2/(V_new^2/n_new + V_old^2/n_old); the significance z has the same tail probability,
    1 - Phi(z) = P(t > T). V is the variance of `tails.spread`.
    """
    from scipy.stats import norm, t

    total = old.error**2 + new.error**2
    if total == 0:
        return 0.0 if new.value == old.value else float(np.copysign(np.inf, new.value - old.value))
    T = (new.value - old.value) / np.sqrt(total)
    p = t.sf(abs(T), _ndf(old, new))
    return float(np.copysign(norm.isf(max(float(p), 1e-300)), T))


def detectable(old: Estimate, new: Estimate, sigma: float) -> float:
    """Growth that a check would find in 80% of trials with studies as exact as these; inf if beyond 1.

    It is the D for which T = (D + N(0, V))/sqrt(V chi2_f/f), a noncentral t with the f degrees of freedom of
    `significance`, exceeds what ``sigma`` asks for in 80% of trials.
    """
    from scipy.optimize import brentq
    from scipy.stats import chi2, norm, t

    ndf = _ndf(old, new)
    asked = float(t.isf(norm.sf(sigma), ndf))
    if not np.isfinite(asked):
        return float("inf")
    middles = (np.arange(1000) + 0.5) / 1000
    needed = asked * (np.sqrt(chi2.ppf(middles, ndf) / ndf) if np.isfinite(ndf) else np.ones(1))
    shift = brentq(lambda d: norm.cdf(d - needed).mean() - POWER, 0.0, needed[-1] + 10.0)
    growth = float(shift * np.hypot(old.error, new.error))
    return growth if old.value + growth <= 1 else float("inf")


def _ndf(old: Estimate, new: Estimate) -> float:
    """Degrees of freedom of Welch and Satterthwaite; inf where no variance is estimated from few numbers."""
    variances = old.error**2, new.error**2
    parts = sum(v**2 / e.ndf for v, e in zip(variances, (old, new), strict=True))
    return float(sum(variances) ** 2 / parts) if parts > 0 else float("inf")


def _remarks(new: WeightedPair, old: WeightedPair, auc: Growth) -> tuple[str, ...]:
    remarks = []
    differing = [
        f"{name} ({before} before, {now} now)"
        for name in sorted(f.name for f in fields(FitConfig) if f.name not in NOT_COMPARED)
        if (before := _said(old.config, name)) != (now := _said(new.config, name))
    ]
    if differing:
        remarks.append(
            f"The fits had different settings: {', '.join(differing)}; a difference may be the classifier's."
        )
    if inputs := _inputs(new, old):
        remarks.append(
            f"The classifiers saw other inputs, {inputs}; a difference may be one of what they see."
            " Read all samples alike."
        )
    sizes = old.generated.effective, new.generated.effective
    if max(sizes) > AS_MANY * min(sizes):
        remarks.append(
            f"The new study has {_events(new)}, the old one {_events(old)}: fewer events to learn from make "
            "noisier weights, and these longer tails. Fit as many as in the old study."
        )
    pairs = ((new, auc.new), (old, auc.old))
    counted = [study.name for study, estimate in pairs if not estimate.has_training]
    if counted:
        remarks.append(
            f"The weights of {' and '.join(counted)} come without folds: errors are those of counting alone, "
            "and what differs from training to training, often several times as much, raises false alarms."
        )
    return tuple(remarks)


def _said(config: FitConfig | None, name: str) -> str:
    return "not set" if config is None else str(getattr(config, name))


def _inputs(new: WeightedPair, old: WeightedPair) -> str:
    """What differs in the classifiers' inputs, as far as both studies say it; "" for nothing."""
    before, now = old.provenance, new.provenance
    both = (
        ("{} features", before.features, now.features),
        ("{} numbers an event", before.n_inputs, now.n_inputs),
    )
    return " and ".join(
        f"{what.format(b)} before, {what.format(a)} now" for what, b, a in both if a and b and a != b
    )


def _events(pair: WeightedPair) -> str:
    events = pair.generated
    if events.event_weight is None:
        return f"{len(events):,} generated events"
    return f"{len(events):,} generated events (as good as {events.effective:,.0f} without event weights)"
