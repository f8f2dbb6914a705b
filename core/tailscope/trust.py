"""Whether the weights of a study may be believed: one check an idea, each with a light and a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2 as chi2_distribution

from .study import SPREAD, Study
from .weights import Calibration, effective_size

Light = Literal["green", "amber", "red"]
LIGHTS: tuple[Light, Light, Light] = ("green", "amber", "red")
View = Literal["roc", "calibration", "weights", "training", "closure", "provenance"]

SIGMAS = 3.0
"""Deviations up to so many standard deviations are noise."""
P_VALUE = 1e-3
"""A chi2 less probable than this is not noise."""
MISCALIBRATION = (0.1, 0.3)
"""RMS of log(w) - log(density ratio) from where a calibration is amber, and red."""
LOST = (0.25, 0.6)
"""Part of what the training learned that the validation does not confirm, from where amber, and red."""
MASS = (0.02, 0.1)
"""Deviation of a mean weight from 1 from where amber, and red."""


@dataclass(frozen=True)
class Check:
    """One reason to believe the weights, or not to.

    Attributes
    ----------
    name: short and stable: "auc", "calibration", "mean_w", "mean_inverse_w", "overfit", "effective_size",
        "shared_events", "closure".
    title: for people.
    light: "green" (as it should be), "amber" (look at the plot), "red" (do not use the weights like this).
    value, expected, error: what was found, what trustworthy weights give, and the standard deviation of their
        difference; NaN where there is none.
    why: one sentence: what this value means.
    view: the plot that shows it.

    """

    name: str
    title: str
    light: Light
    value: float
    expected: float
    error: float
    why: str
    view: View


def trust(study: Study) -> tuple[Check, ...]:
    """All checks that a study allows; imported weights have no training to look at."""
    checks: tuple[Callable[[Study], Check | None], ...] = (
        check_auc,
        check_calibration,
        check_mean_w,
        check_mean_inverse_w,
        check_overfit,
        check_effective_size,
        check_shared_events,
        check_closure,
    )
    return tuple(found for check in checks if (found := check(study)) is not None)


def worst(checks: tuple[Check, ...]) -> Light:
    """The light of all checks together: the worst one."""
    return LIGHTS[max((LIGHTS.index(check.light) for check in checks), default=0)]


def check_auc(study: Study) -> Check:
    """AUC against the one half of a null pair: nothing learned, something, or an anti-classifier (Sec. 2)."""
    value, error = study.auc(), study.auc_error()
    sigmas = (value - 0.5) / error
    if sigmas < -SIGMAS:
        light: Light = "red"
        why = (
            f"The AUC lies {-sigmas:.1f} standard deviations below 0.5: an anti-classifier, whose large "
            "weights mark generated events; train again, and look for events that occur in both samples"
        )
    elif sigmas < SIGMAS:
        light = "amber"
        why = (
            f"The AUC is 0.5 within {abs(sigmas):.1f} standard deviations: on the whole the samples cannot "
            "be told apart, so tails mean something only beyond the null band"
        )
    else:
        light = "green"
        why = f"The AUC lies {sigmas:.0f} standard deviations above that of samples with no difference"
    return Check("auc", "AUC", light, value, 0.5, error, why, "roc")


def miscalibration(calibration: Calibration) -> tuple[float, float]:
    """RMS of log(w) minus the log of the observed ratio over bins, and the slope of the latter on the former.

    In a bin, log(observed ratio) - log(w) is (observed - expected)/r with variance sigma^2/r^2 = 1/v; r is
    the derivative of the expectation, and bins count with v. The noise's part is taken off, so the RMS of
    calibrated weights is 0 but for its own noise. Slopes below 1: the weights are too extreme; above 1: too
    tame. Bins without any variance (w = 0 or inf throughout) are left out.
    """
    used = (calibration.sigma > 0) & np.isfinite(calibration.log_w)
    if not used.any():
        return 0.0, 1.0
    response, x = calibration.response[used], calibration.log_w[used]
    v = (response / calibration.sigma[used]) ** 2
    off = (calibration.observed - calibration.expected)[used] / response
    squares = float((v * (off**2 - 1 / v)).sum() / v.sum())
    centred = x - (v * x).sum() / v.sum()
    spread = float((v * centred**2).sum())
    slope = 1 + float((v * centred * off).sum()) / spread if spread > 0 else 1.0
    return float(np.sqrt(max(squares, 0.0))), slope


def check_calibration(study: Study) -> Check:
    """Probability of the calibration's chi2 (Eq. 11), and how large the miscalibration is."""
    calibration = study.calibration()
    p = float(chi2_distribution.sf(calibration.chi2, calibration.ndf))
    rms, slope = miscalibration(calibration)
    found = f"chi2/ndf = {calibration.chi2:.1f}/{calibration.ndf}"
    if p >= P_VALUE:
        light: Light = "green"
        why = f"In every bin of w, reference over generated is w within errors ({found}, p = {p:.2g})"
    else:
        light = _graded(rms, MISCALIBRATION)
        manner = "too extreme" if slope < 0.95 else "too tame" if slope > 1.05 else "off in places"
        why = (
            f"The weights are {manner}: they miss the density ratio by {100 * np.expm1(rms):.0f}% in the "
            f"mean ({found}); where events lie in w is still right, reweighting with it is not"
        )
    ratio = calibration.chi2 / calibration.ndf
    return Check(
        "calibration",
        "Calibration",
        light,
        ratio,
        1.0,
        float(np.sqrt(2 / calibration.ndf)),
        why,
        "calibration",
    )


def check_mean_w(study: Study) -> Check:
    """E_gen[w] = P_ref(support of generated): 1 unless reference events lie where nothing is generated."""
    value, error, infinite = mean_weight(study.log_weights("generated"), study.generated.event_weight)
    return _mass(
        "mean_w",
        "Mean w of generated events",
        (value, error),
        infinite,
        "of the reference lies where nothing is generated (missing mass)",
    )


def check_mean_inverse_w(study: Study) -> Check:
    """E_ref[1/w] = P_gen(support of reference): 1 unless generated events lie where no reference is."""
    value, error, infinite = mean_weight(-study.log_weights("reference"), study.reference.event_weight)
    return _mass(
        "mean_inverse_w",
        "Mean 1/w of reference events",
        (value, error),
        infinite,
        "of the generated sample lies where there is no reference (leaked mass)",
    )


def mean_weight(
    log_w: NDArray[np.floating], event_weight: NDArray[np.float64] | None
) -> tuple[float, float, int]:
    """Mean of the finite exp(log_w) with its standard error, and the number of infinite ones."""
    finite = log_w < np.inf
    v = np.ones(log_w.size) if event_weight is None else event_weight
    v = v[finite]
    with np.errstate(over="ignore"):
        w = np.exp(np.asarray(log_w, dtype=np.float64)[finite])
        total = float(v.sum())
        mean = float((v * w).sum() / total) if total else 0.0
        error = float(np.sqrt((v**2 * (w - mean) ** 2).sum()) / total) if total else 0.0
    return mean, error, int(log_w.size - finite.sum())


def _mass(name: str, title: str, found: tuple[float, float], infinite: int, where: str) -> Check:
    value, error = found
    away = abs(value - 1)
    light: Light = "green"
    if infinite or not np.isfinite(value):
        light = "red"
        why = f"{infinite} events have an infinite weight and are left out: there the ratio is not known"
    elif away <= max(SIGMAS * error, MASS[0]):
        why = f"1 within errors ({value:.3f} ± {error:.3f}): both samples cover the same phase space"
    elif value < 1:
        light = "amber"
        why = f"{1 - value:.1%} {where}: a fault of the generator, not of the classifier, if calibrated"
    else:
        light = _graded(away, MASS)
        why = f"{value:.2f}, but no density ratio has a mean above 1: the largest weights are too large"
    return Check(name, title, light, value, 1.0, error, why, "weights")


def check_overfit(study: Study) -> Check | None:
    """Part of what the trainings learned at their best epochs that the validation does not confirm.

    With H the cross-entropy of guessing: (validation - train)/(H - train), at most 1. 0 is perfect training,
    1 for one that has learned its events by heart and nothing else (Fig. 15).
    """
    best = [(t["epochs"][t["best_epoch"] - 1], len(t["epochs"]) - t["best_epoch"]) for t in study.history]
    if not best:
        return None
    train = np.array([epoch["train_loss"] for epoch, _ in best])
    held_out = np.array([epoch["validation_loss"] for epoch, _ in best])
    beyond = float(np.mean([epochs for _, epochs in best]))
    gap = held_out - train
    learned = max(_guessing(study) - float(train.mean()), abs(float(gap.mean())), 1e-3)
    error = float(gap.std(ddof=1) / np.sqrt(gap.size)) if gap.size > 1 else 0.0
    value, error = float(gap.mean()) / learned, error / learned
    noise = gap.mean() < max(SIGMAS * error * learned, 1e-3)
    light: Light = "green" if noise else _graded(value, LOST)
    why = (
        "Training and validation losses agree at the best epochs"
        if light == "green"
        else f"{min(value, 1):.0%} of what was learned from the training events does not hold for others"
    )
    why += f"; {beyond:.1f} epochs after the best one were trained and thrown away" if beyond else ""
    return Check("overfit", "Overfitting", light, value, 0.0, error, why, "training")


def _guessing(study: Study) -> float:
    """Cross-entropy an event of the best constant classifier; 0.693 for equal samples.

    Event weights have a mean of 1 in each sample when a network is trained.
    """
    share = len(study.reference) / len(study)
    return float(-share * np.log(share) - (1 - share) * np.log1p(-share))


def check_effective_size(study: Study) -> Check:
    """How many unweighted events the reweighted generated sample is worth (Kish)."""
    log_w = study.log_weights("generated")
    v = study.generated.event_weight
    finite = log_w < np.inf
    w = np.exp(log_w[finite] - max(float(log_w[finite].max(initial=-np.inf)), -700.0))
    w = w if v is None else w * v[finite]
    size = effective_size(float(w.sum()), float((w**2).sum()))
    n = len(study.generated)
    part = size / n
    light: Light = "red" if part < 0.01 or size < 100 else "amber" if part < 0.1 else "green"
    why = f"Reweighted, the {n:,} generated events are worth {size:,.0f}"
    if light != "green":
        why += ": a few large weights carry them, and reweighted histograms are as noisy as that"
    return Check(
        "effective_size", "Effective sample size", light, size, float(n), float("nan"), why, "weights"
    )


def check_shared_events(study: Study) -> Check | None:
    """Generated events that occur in the reference sample, to the last bit."""
    if "shared_events" not in study.provenance:
        return None
    shared = int(study.provenance["shared_events"])
    part = shared / len(study.generated)
    light: Light = "green" if shared == 0 else "amber" if part < 0.1 else "red"
    why = (
        "No event occurs in both samples"
        if shared == 0
        else f"{shared:,} generated events ({part:.1%}) occur in the reference sample too: are the files "
        "what they should be?"
    )
    return Check("shared_events", "Shared events", light, float(shared), 0.0, float("nan"), why, "provenance")


@dataclass(frozen=True)
class ClosureTest:
    """Whether reweighting repairs one observable: probability of its chi2, and chi2/ndf."""

    p: float
    ratio: float
    name: str


def closure_tests(study: Study) -> tuple[ClosureTest, ...]:
    """The closure of every observable of the events; one that is open has p times their number < P_VALUE."""
    found = []
    for observable in study.observables:
        if observable.name == SPREAD:  # a property of the classifier, not of the events
            continue
        closure = study.closure(observable.name)
        p = float(chi2_distribution.sf(closure.chi2, closure.ndf))
        found.append(ClosureTest(p, closure.chi2 / closure.ndf, observable.name))
    return tuple(found)


def check_closure(study: Study) -> Check:
    """The observable that reweighting repairs worst; its p-value is multiplied by their number."""
    found = closure_tests(study)
    least = min(found, key=lambda one: (one.p, -one.ratio))
    ratio, name = least.ratio, least.name
    open_ = sum(one.p * len(found) < P_VALUE for one in found)
    light: Light = "green" if open_ == 0 else "amber" if ratio < 3 else "red"
    why = (
        f"Reweighted, the generated sample agrees with the reference in all {len(found)} observables; "
        f"the worst is {name}"
        if open_ == 0
        else f"Reweighted, {open_} of {len(found)} observables still differ from the reference; the worst "
        f"is {name} (chi2/ndf = {ratio:.1f})"
    )
    return Check("closure", "Closure", light, ratio, 1.0, float("nan"), why, "closure")


def _graded(value: float, limits: tuple[float, float]) -> Light:
    return "green" if value < limits[0] else "amber" if value < limits[1] else "red"
