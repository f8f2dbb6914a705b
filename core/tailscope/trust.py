"""Whether the weights of a study may be believed: one check an idea, each with a light and a sentence.

A light leaves green only for what is both beyond noise and large enough to matter. The scale is that of the
tails: the paper's begin at w = 0.6 and w = 1.6, |log w| = 0.5. A tenth of a weight is small against that and
of the order of a bin's statistical error; a third and more moves events into tails that are none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2 as chi2_distribution

from .closure_tests import P_VALUE, closure_tests
from .study import Study
from .tails import READ_OFF, TAILS, tail_cut, tail_selection
from .weights import Calibration, calibration_slope, effective_size

Light = Literal["green", "amber", "red"]
LIGHTS: tuple[Light, Light, Light] = ("green", "amber", "red")
WORDS: dict[Light, str] = {"green": "good", "amber": "caution", "red": "unreliable"}
"""Lights in a word, for those who do not see their colours."""
View = Literal["roc", "calibration", "weights", "training", "closure", "provenance"]

SIGMAS = 3.0
"""Deviations up to so many standard deviations are noise."""
WRONG = (0.1, 0.3)
"""By how much weights are wrong in the mean, in log w, from where amber, and red."""
OPEN = (0.1, 0.5)
"""By how much a reweighted histogram is off in the mean, from where amber, and red: then as far off as tails
begin, in a direction that the weights do not know of."""
HUGE = 1e5
"""Numbers above are written with their power of ten."""
FEW = 100.0
"""Effective events below which a reweighted sample shows nothing."""
MASS = (0.02, 0.3)
"""Deviation of a mean weight from 1 from where amber, and red."""


@dataclass(frozen=True)
class Check:
    """One reason to believe the weights, or not to.

    Attributes
    ----------
    name: short and stable: "auc", "tails", "calibration", "mean_w", "mean_inverse_w", "overfit",
        "effective_size", "shared_events", "closure".
    title: for people.
    light: "green" (as it should be), "amber" (look at the plot), "red" (do not use the weights like this).
    value, expected, error: what was found, what trustworthy weights give, and the standard deviation of their
        difference; NaN where there is none.
    why: one sentence: what this value means.
    view: the plot that shows it.
    advice: what to do about it; "" where the light is green.

    """

    name: str
    title: str
    light: Light
    value: float
    expected: float
    error: float
    why: str
    view: View
    advice: str = ""


def trust(study: Study) -> tuple[Check, ...]:
    """All checks that a study allows; imported weights have no training to look at."""
    checks: tuple[Callable[[Study], Check | None], ...] = (
        check_auc,
        check_tails,
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
    advice = ""
    if sigmas < -SIGMAS:
        light: Light = "red"
        why = (
            f"The AUC lies {-sigmas:.1f} standard deviations below 0.5: an anti-classifier, whose large "
            "weights mark generated events"
        )
        advice = "See that reference and generated are not swapped and share no events, and train again"
    elif sigmas < SIGMAS:
        light = "amber"
        why = (
            f"The AUC is 0.5 within {abs(sigmas):.1f} standard deviations: this classifier cannot tell the "
            "samples apart on the whole"
        )
        advice = (
            "Read tails as an excess over the null band only"
            + ("" if study.null else ", which `tailscope fit --null-runs 20` makes")
            + "; more events show smaller differences"
        )
    else:
        light = "green"
        why = f"The AUC lies {sigmas:.0f} standard deviations above that of samples with no difference"
    return Check("auc", "AUC", light, value, 0.5, error, why, "roc", advice)


def check_tails(study: Study) -> Check | None:
    """Events in both tails (at the default cuts) against the null band's; None without one.

    ``value`` is the larger excess in standard deviations of noise, sqrt(s^2 (1 + 1/runs)) with the runs'
    standard deviation s, which is at least that of counting.
    """
    if study.null is None:
        return None
    largest, words = -np.inf, []
    for tail in TAILS:
        cut = tail_cut(study, tail)
        sample, selection = READ_OFF[tail], tail_selection(tail, cut)
        found = study.null.excess(study, sample, low=selection.low, high=selection.high)
        v = study.sample(sample).event_weight
        unit = 1.0 if v is None else float((v**2).sum() / v.sum())  # what one effective event counts
        noise = np.sqrt(max(found.spread**2, found.expected * unit, unit**2) * (1 + 1 / len(study.null)))
        largest = max(largest, found.excess / noise)
        sign = "w <" if tail == "low" else "w ≥"
        words.append(
            f"{found.observed:,.0f} {sample} events with {sign} {cut:g}, where noise puts "
            f"{found.expected:,.1f} ± {found.spread:,.1f}"
        )
    light: Light = "green" if largest > SIGMAS else "amber"
    why = "; ".join(words)
    if light == "amber":
        why = f"Neither tail holds more events than noise puts there: {why}"
    advice = "" if light == "green" else "Read nothing into these tails; more events show smaller differences"
    return Check(
        "tails", "Tails beyond noise", light, float(largest), 0.0, 1.0, _sentence(why), "weights", advice
    )


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
    chi2 = f"{calibration.chi2:.1f}" if calibration.chi2 < HUGE else f"{calibration.chi2:.1e}"
    found = f"chi2/ndf = {chi2}/{calibration.ndf}"
    if method := study.provenance.get("recalibration"):
        found += f", recalibrated: {method}"
    light: Light = "green"
    advice = ""
    if p >= P_VALUE:
        why = f"In every bin of w, reference over generated is w within errors ({found}, p = {p:.2g})"
    elif rms < WRONG[0]:
        why = (
            f"The weights miss the density ratio by {_factor(rms)} in the mean: more than noise "
            f"({found}), and little against the tails"
        )
    else:
        light = _graded(rms, WRONG)
        manner = "too extreme" if slope < 0.95 else "too tame" if slope > 1.05 else "off in places"
        why = f"The weights are {manner}: they miss the density ratio by {_factor(rms)} in the mean ({found})"
        still = "Cuts on w still order the events" if light == "amber" else "Read no value of w as a ratio"
        advice = (
            f"{still}; do not reweight. More events, several members (`tailscope fit --members 5`) or "
            "`--recalibrate isotonic` make the weights better"
        )
    ratio = calibration.chi2 / calibration.ndf
    error = float(np.sqrt(2 / calibration.ndf))
    return Check("calibration", "Calibration", light, ratio, 1.0, error, why, "calibration", advice)


def check_mean_w(study: Study) -> Check:
    """E_gen[w] = P_ref(support of generated): 1 unless reference events lie where nothing is generated."""
    value, error, infinite = mean_weight(study.log_weights("generated"), study.generated.event_weight)
    return _mass(
        "mean_w",
        "Mean w of generated events",
        (value, error),
        infinite,
        "of the reference lies where nothing is generated (missing mass)",
        "the largest weights are too large",
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
        "the smallest weights are too small",
    )


def mean_weight(
    log_w: NDArray[np.floating], event_weight: NDArray[np.float64] | None
) -> tuple[float, float, int]:
    """Mean of the finite exp(log_w) with its standard error, and the number of infinite ones."""
    finite = log_w < np.inf
    v = np.ones(log_w.size) if event_weight is None else event_weight
    v = v[finite]
    with np.errstate(over="ignore", invalid="ignore"):
        w = np.exp(np.asarray(log_w, dtype=np.float64)[finite])
        total = float(v.sum())
        mean = float((v * w).sum() / total) if total else 0.0
        error = float(np.sqrt((v**2 * (w - mean) ** 2).sum()) / total) if total else 0.0
    return mean, error, int(log_w.size - finite.sum())


def _mass(
    name: str, title: str, found: tuple[float, float], infinite: int, where: str, extreme: str
) -> Check:
    value, error = found
    away = abs(value - 1)
    light: Light = "green"
    advice = ""
    tail = "high" if name == "mean_w" else "low"
    if infinite or not np.isfinite(value):
        light = "red"
        why = (
            f"{infinite:,} events have an infinite weight and are left out: there the ratio is not known"
            if infinite
            else "The mean is beyond all numbers: no density ratio is as extreme as some of these weights"
        )
        advice = "Look at these events; do not reweight where they lie"
    elif error > MASS[1]:
        light = "red" if away > MASS[1] else "amber"
        why = f"{value:.3g} ± {error:.2g}: a few events carry this mean, which says nothing so"
        advice = "Do not reweight; more events or members (`tailscope fit --members 5`) tame the extremes"
    elif away <= max(SIGMAS * error, MASS[0]):
        why = f"1 within errors ({value:.3f} ± {error:.3f}): both samples cover the same phase space"
    elif value < 1:
        light = "amber"
        why = f"{1 - value:.1%} {where}: a fault of the generator, not of the classifier, if calibrated"
        advice = f"See what the events of the {tail} tail have in common: reweighting cannot repair them"
    else:
        light = _graded(away, MASS)
        why = f"{value:.2f}, but no density ratio has a mean above 1: {extreme}"
        advice = (
            f"Trust which events lie in the {tail} tail, not by how much; more events or members "
            "(`tailscope fit --members 5`) tame the extremes"
        )
    return Check(name, title, light, value, 1.0, error, why, "weights", advice)


def check_overfit(study: Study) -> Check | None:
    """How much too extreme the weights of unseen events are; None for imported weights.

    Learning training events by heart harms nobody as long as others are scored well (Fig. 15): what counts
    is the calibration slope s of the out-of-fold weights, see `weights.calibration_slope`. ``value`` is
    (1 - s) times the spread of log w, the mean part of log w that is not true of unseen events. How much of
    what was learned holds for training events alone, (validation - train)/(H - train) with H the
    cross-entropy of guessing, is said beside it.
    """
    best = [
        (t["epochs"][t["best_epoch"] - 1], len(t["epochs"]) - max(t.get("best_epochs", [t["best_epoch"]])))
        for t in study.history
    ]
    if not best:
        return None
    train = np.array([epoch["train_loss"] for epoch, _ in best])
    gap = np.array([epoch["validation_loss"] for epoch, _ in best]) - train
    error = float(gap.std(ddof=1) / np.sqrt(gap.size)) if gap.size > 1 else 0.0
    learned = max(guessing(study) - float(train.mean()), abs(float(gap.mean())), 1e-3)
    slope = calibration_slope(*study._log_w, event_weights=study._event_weights)
    value, value_error = (1 - slope.value) * slope.spread, slope.error * slope.spread
    light = "green" if value < SIGMAS * value_error else _graded(value, WRONG)
    found = f"calibration slope {slope.value:.2f} ± {slope.error:.2f}"
    advice = ""
    if light != "green":
        why = f"The weights of unseen events are too extreme by {_factor(value)} in the mean ({found})"
        advice = (
            "Train with more events, or hold the network back: the preset fast, fewer epochs, more weight "
            "decay or dropout; several members (`tailscope fit --members 5`) average the noise, "
            "`--recalibrate platt` shrinks it"
        )
    elif gap.mean() < max(SIGMAS * error, 1e-3):
        why = f"Training and validation losses agree at the epochs that were kept ({found})"
    else:
        why = (
            f"{min(float(gap.mean()) / learned, 1):.0%} of what was learned holds for the training events "
            f"alone, but the weights of unseen ones do not suffer ({found})"
        )
    beyond = float(np.mean([epochs for _, epochs in best]))
    why += f"; {beyond:.1f} epochs after those that were kept were trained and thrown away" if beyond else ""
    return Check("overfit", "Overfitting", light, value, 0.0, value_error, why, "training", advice)


def guessing(study: Study) -> float:
    """Cross-entropy an event of the best constant classifier; 0.693 for equal samples.

    Event weights have a mean of 1 in each sample when a network is trained.
    """
    share = len(study.reference) / len(study)
    return float(-share * np.log(share) - (1 - share) * np.log1p(-share))


def reweighted_size(study: Study) -> float:
    """Kish's effective size of the reweighted generated sample; w = inf is left out."""
    log_w = study.log_weights("generated")
    v = study.generated.event_weight
    finite = log_w < np.inf
    w = np.exp(log_w[finite] - max(float(log_w[finite].max(initial=-np.inf)), -700.0))
    w = w if v is None else w * v[finite]
    return effective_size(float(w.sum()), float((w**2).sum()))


def check_effective_size(study: Study) -> Check:
    """How many unweighted events the reweighted generated sample is worth (Kish)."""
    size, n = reweighted_size(study), len(study.generated)
    part = size / n
    light: Light = "red" if part < 0.01 or size < FEW else "amber" if part < 0.1 else "green"
    why = f"Reweighted, the {n:,} generated events are worth {size:,.0f}"
    advice = ""
    if light != "green":
        why += ": a few large weights carry them, and reweighted histograms are as noisy as that"
        advice = (
            "Do not reweight, or only where no event has a large weight; tails are read off unweighted events"
        )
    return Check(
        "effective_size", "Effective sample size", light, size, float(n), float("nan"), why, "weights", advice
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
        else f"{shared:,} generated events ({part:.1%}) occur in the reference sample too, to the last bit"
    )
    advice = "" if shared == 0 else "See that both files are what they should be: such events get w near 1"
    return Check(
        "shared_events", "Shared events", light, float(shared), 0.0, float("nan"), why, "provenance", advice
    )


def check_closure(study: Study) -> Check:
    """The observable that reweighting leaves farthest off; p-values are multiplied by their number.

    What the classifier has not learned stays as it was, and no tail of w shows it.
    """
    found = closure_tests(study)
    open_ = [one for one in found if one.p * len(found) < P_VALUE]
    worst_one = max(open_ or found, key=lambda one: (one.after, one.ratio))
    light = _graded(worst_one.after, OPEN) if open_ else "green"
    off = (
        f"{worst_one.name}, whose bins are off by {worst_one.after:.0%} on average "
        f"({worst_one.before:.0%} before)"
    )
    advice = ""
    size = reweighted_size(study)
    if size < FEW:
        light = "amber"
        why = f"Reweighted histograms are too noisy to compare: the generated events are worth {size:,.0f}"
        advice = "Compare the samples themselves; see the effective sample size"
    elif not open_:
        why = (
            f"Reweighted, the generated sample agrees with the reference in all {len(found)} observables "
            "within errors"
        )
    elif light == "green":
        why = (
            f"Reweighted, {len(open_)} of {len(found)} observables differ from the reference by more than "
            f"noise, and all by little; the worst is {off}"
        )
    else:
        why = (
            f"Reweighted, {len(open_)} of {len(found)} observables still differ from the reference; the "
            f"worst is {off}"
        )
        seen = study.observable(worst_one.name).seen
        spoiled = worst_one.after > worst_one.before + OPEN[0]
        advice = (
            "Do not reweight: the weights bring in differences that were not there"
            if spoiled
            else "Compare the samples themselves in these observables: what the classifier "
            + ("does not see" if seen is False else "has not learned")
            + " shows in no tail"
            + _closing(study, seen)
        )
    value = worst_one.after if size >= FEW else float("nan")
    return Check("closure", "Closure", light, value, 0.0, float("nan"), why, "closure", advice)


def _closing(study: Study, seen: bool | None) -> str:
    """What lets a classifier learn an observable, behind the sentence; nothing for imported weights."""
    if not study.history:
        return ""
    if seen or study.provenance.get("features") == "both":
        return "; more events or epochs may teach it"
    return "; `tailscope fit --features both` lets it see them"


def _factor(log: float) -> str:
    """How far off a deviation of log w is, in words."""
    if log < 1:
        return f"{np.expm1(log):.0%}"
    return f"a factor of {np.exp(log):,.2g}" if log < np.log(1000) else "orders of magnitude"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _graded(value: float, limits: tuple[float, float]) -> Light:
    return "green" if value < limits[0] else "amber" if value < limits[1] else "red"
