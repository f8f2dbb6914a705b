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

    """

    name: str
    cut: float | None
    old: Estimate
    new: Estimate
    sigma: float
    grew: bool


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
        growths.append(Growth(name, cut, before, after, found, found > sigma))
    return Verdict(tuple(growths), _remarks(new, old, growths[-1]))


def significance(old: Estimate, new: Estimate) -> float:
    """How significantly ``new`` is above ``old``, as a one-sided number of Gaussian standard deviations.

        T = (x_new - x_old)/sqrt(V_new + V_old)

    follows Student's t with the degrees of freedom of Welch and Satterthwaite,
    (V_new + V_old)^2/(V_new^2/n_new + V_old^2/n_old); the significance z has the same tail probability,
    1 - Phi(z) = P(t > T). V is the variance of `tails.spread`.
    """
    from scipy.stats import norm, t

    variances = old.error**2, new.error**2
    total = sum(variances)
    if total == 0:
        return 0.0 if new.value == old.value else float(np.copysign(np.inf, new.value - old.value))
    T = (new.value - old.value) / np.sqrt(total)
    parts = sum(v**2 / e.ndf for v, e in zip(variances, (old, new), strict=True))
    p = t.sf(abs(T), total**2 / parts) if parts > 0 else norm.sf(abs(T))
    return float(np.copysign(norm.isf(max(float(p), 1e-300)), T))


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
