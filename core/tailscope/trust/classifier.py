"""Whether the classifier learned what holds for unseen events too: AUC, tails, calibration, overfitting."""

from __future__ import annotations

import numpy as np

from tailscope.weights.calibration import Calibration
from tailscope.weights.pair import WeightedPair
from tailscope.weights.slope import calibration_slope
from tailscope.weights.tails import READ_OFF, TAILS, tail_cut, tail_selection

from .closure_tests import P_VALUE
from .light import SIGMAS, WRONG, Check, Light, factor, graded, sentence

HUGE = 1e5
"""Numbers above are written with their power of ten."""


def check_auc(study: WeightedPair) -> Check:
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


def check_tails(study: WeightedPair) -> Check | None:
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
        found = study.null.excess(study.sample(sample), sample, low=selection.low, high=selection.high)
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
        "tails", "Tails beyond noise", light, float(largest), 0.0, 1.0, sentence(why), "weights", advice
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


def check_calibration(study: WeightedPair) -> Check:
    """Probability of the calibration's chi2 (Eq. 11), and how large the miscalibration is."""
    from scipy.special import chdtrc

    calibration = study.calibration()
    p = float(chdtrc(calibration.ndf, calibration.chi2))
    rms, slope = miscalibration(calibration)
    chi2 = f"{calibration.chi2:.1f}" if calibration.chi2 < HUGE else f"{calibration.chi2:.1e}"
    found = f"chi2/ndf = {chi2}/{calibration.ndf}"
    if method := study.provenance.recalibration:
        found += f", recalibrated: {method}"
    light: Light = "green"
    advice = ""
    if p >= P_VALUE:
        why = f"In every bin of w, reference over generated is w within errors ({found}, p = {p:.2g})"
    elif rms < WRONG[0]:
        why = (
            f"The weights miss the density ratio by {factor(rms)} in the mean: more than noise "
            f"({found}), and little against the tails"
        )
    else:
        light = graded(rms, WRONG)
        manner = "too extreme" if slope < 0.95 else "too tame" if slope > 1.05 else "off in places"
        why = f"The weights are {manner}: they miss the density ratio by {factor(rms)} in the mean ({found})"
        still = "Cuts on w still order the events" if light == "amber" else "Read no value of w as a ratio"
        advice = (
            f"{still}; do not reweight. More events, several members (`tailscope fit --members 5`) or "
            "`--recalibrate isotonic` make the weights better"
        )
    ratio = calibration.chi2 / calibration.ndf
    error = float(np.sqrt(2 / calibration.ndf))
    return Check("calibration", "Calibration", light, ratio, 1.0, error, why, "calibration", advice)


def check_overfit(study: WeightedPair) -> Check | None:
    """How much too extreme the weights of unseen events are; None for imported weights.

    Learning training events by heart harms nobody as long as others are scored well (Fig. 15): what counts
    is the calibration slope s of the out-of-fold weights, see `weights.slope`. ``value`` is
    (1 - s) times the spread of log w, the mean part of log w that is not true of unseen events. How much of
    what was learned holds for training events alone, (validation - train)/(H - train) with H the
    cross-entropy of guessing, is said beside it.
    """
    best = [(run.epochs[run.best_epoch - 1], len(run.epochs) - max(run.kept)) for run in study.history]
    if not best:
        return None
    train = np.array([epoch.train_loss for epoch, _ in best])
    gap = np.array([epoch.validation_loss for epoch, _ in best]) - train
    error = float(gap.std(ddof=1) / np.sqrt(gap.size)) if gap.size > 1 else 0.0
    learned = max(guessing(study) - float(train.mean()), abs(float(gap.mean())), 1e-3)
    slope = calibration_slope(*study.log_w, event_weights=study.event_weights)
    value, value_error = (1 - slope.value) * slope.spread, slope.error * slope.spread
    light = "green" if value < SIGMAS * value_error else graded(value, WRONG)
    found = f"calibration slope {slope.value:.2f} ± {slope.error:.2f}"
    advice = ""
    if light != "green":
        why = f"The weights of unseen events are too extreme by {factor(value)} in the mean ({found})"
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


def guessing(study: WeightedPair) -> float:
    """Cross-entropy an event of the best constant classifier; 0.693 for equal samples.

    Event weights have a mean of 1 in each sample when a network is trained.
    """
    share = len(study.reference) / len(study)
    return float(-share * np.log(share) - (1 - share) * np.log1p(-share))
