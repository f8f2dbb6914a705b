"""Whether the classifier learned what holds for unseen events too: AUC, tails, calibration, overfitting."""

from __future__ import annotations

import numpy as np

from tailscope.weights.calibration import Calibration
from tailscope.weights.events import Floats
from tailscope.weights.null_band import rank_p, said_p
from tailscope.weights.pair import WeightedPair
from tailscope.weights.slope import Slope, calibration_slope
from tailscope.weights.tails import READ_OFF, TAILS, tail_cut, tail_selection

from .closure_tests import LIKELY, P_VALUE
from .light import NEAR, SIGMAS, WRONG, Check, Light, factor, graded, sentence, sigmas
from .normalisation import constant

HUGE = 1e5
"""Numbers above are written with their power of ten."""


def check_auc(study: WeightedPair) -> Check:
    """AUC against the one half of a null pair: nothing learned, something, or an anti-classifier (Sec. 2).

    Where there are enough null runs, their AUCs say what a null pair has, and how probable this one is
    (`rank_p`); green takes more than every run then.
    """
    value, error = study.auc(), study.auc_error()
    away = (value - 0.5) / error
    runs = study.null.auc if study.null is not None and study.null.auc_spread is not None else None
    # The error of out-of-fold weights is an upper bound, which makes the deviation a lower one.
    far = sigmas(abs(away)) + (" at least" if study.auc_error_is_bound else "")
    beyond = runs is None or bool((runs < value).all())
    advice = ""
    if away < -SIGMAS and (runs is None or bool((runs > value).all())):
        light: Light = "red"
        below = (
            f"{far} below 0.5"
            if runs is None
            else f"below 0.5 and below those of all {runs.size} refits with permuted labels"
        )
        why = f"The AUC lies {below}: an anti-classifier, whose large weights mark generated events"
        advice = "See that reference and generated are not swapped and share no events, and train again"
    elif away < SIGMAS or not beyond:
        light = "amber"
        if runs is None:
            found = f"The AUC lies {far} from 0.5, and up to {SIGMAS:g} may be noise"
        else:
            found = _among(value, runs)
        why = f"{found}: no difference of the samples is shown on the whole"
        advice = (
            "Read tails as an excess over the null band only"
            + ("" if study.null else ", which `tailscope fit --null-runs 20` makes")
            + "; more events show smaller differences"
        )
    else:
        light = "green"
        why = (
            f"The AUC lies {far} above that of samples with no difference"
            if runs is None
            else _among(value, runs)
        )
    return Check("auc", "AUC", light, value, 0.5, error, why, "roc", advice)


def _among(value: float, runs: Floats) -> str:
    """Where an AUC lies among those of null runs."""
    p = rank_p(value, runs)
    more = int((runs >= value).sum())
    where = "above those of all" if more == 0 else f"below or at {more} of those of"
    return f"The AUC lies {where} {runs.size} refits with permuted labels ({said_p(p, runs.size)})"


def check_tails(study: WeightedPair) -> Check | None:
    """Events in both tails (at the default cuts) against the null band's; None without one.

    ``value`` is the probability of so many in either tail where there is no difference (`either_tail`).
    Green takes more than in every run, runs enough to say `LIKELY`, and an excess of `SIGMAS` times the noise
    sqrt(s^2 (1 + 1/runs)), with the runs' standard deviation s, which is at least that of counting: a size,
    which is not told as a significance.
    """
    band = study.null
    if band is None:
        return None
    largest, words, selections = -np.inf, [], []
    for tail in TAILS:
        cut = tail_cut(study, tail)
        sample, selection = READ_OFF[tail], tail_selection(tail, cut)
        found = band.excess(study.sample(sample), sample, low=selection.low, high=selection.high)
        v = study.sample(sample).event_weight
        unit = 1.0 if v is None else float((v**2).sum() / v.sum())  # what one effective event counts
        noise = np.sqrt(max(found.spread**2, found.expected * unit, unit**2) * (1 + 1 / len(band)))
        largest = max(largest, found.excess / noise)
        counts = band.beyond(sample, low=selection.low, high=selection.high)
        selections.append(np.append(counts, found.observed - unit / 2))
        sign = "w <" if tail == "low" else "w ≥"
        words.append(
            f"{found.observed:,.0f} {sample} events with {sign} {cut:g}, where noise puts "
            f"{found.expected:,.1f} ± {found.spread:,.1f} ({said_p(found.p, len(band))})"
        )
    p = either_tail(np.stack(selections))
    beyond = p * (len(band) + 1) < 1.5
    why, advice = "; ".join(words), ""
    light: Light = "green" if beyond and p <= LIKELY and largest > SIGMAS else "amber"
    if light == "amber":
        advice = "Read nothing into these tails; more events show smaller differences"
        if not beyond:
            why = f"No tail holds more events than noise may put there: {why}"
        elif p > LIKELY:
            advice = "Make 20 runs: `tailscope fit --null-runs 20`"
        else:
            why = f"More than in any run, but by less than {SIGMAS:g} times what they differ by: {why}"
    return Check(
        "tails", "Tails beyond noise", light, p, float("nan"), float("nan"), sentence(why), "weights", advice
    )


def either_tail(counts: Floats) -> float:
    """p-value of the larger excess of several tails by `rank_p`: looking at more than one costs nothing.

    Counts are standardised tail by tail with the mean and standard deviation of runs and study together, so
    that without a difference all columns are alike; the largest of each column is compared.

    Parameters
    ----------
    counts: float64[tails, runs + 1], events beyond the cut in each run, and in the study last.

    """
    spread = counts.std(axis=1, keepdims=True)
    off = (counts - counts.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1.0)
    largest = off.max(axis=0)
    return rank_p(float(largest[-1]), largest[:-1])


def miscalibration(calibration: Calibration) -> float:
    """RMS of log(w) minus the log of the observed ratio over bins.

    In a bin, log(observed ratio) - log(w) is (observed - expected)/r with variance sigma^2/r^2 = 1/v; r is
    the derivative of the expectation, and bins count with v. The noise's part is taken off, so the RMS of
    calibrated weights is 0 but for its own noise. Bins without any variance (w = 0 or inf throughout) are
    left out.
    """
    used = (calibration.sigma > 0) & np.isfinite(calibration.log_w)
    if not used.any():
        return 0.0
    response = calibration.response[used]
    v = (response / calibration.sigma[used]) ** 2
    off = (calibration.observed - calibration.expected)[used] / response
    with np.errstate(over="ignore"):  # weights of a few events of both signs: off by any amount
        return float(np.sqrt(max(float((v * (off**2 - 1 / v)).sum() / v.sum()), 0.0)))


def slope_of(study: WeightedPair) -> Slope:
    """Calibration slope of the weights of a study; `WeightedPair.once` keeps it."""
    return calibration_slope(*study.log_w, event_weights=study.event_weights)


def _manner(study: WeightedPair) -> str:
    """How weights are off, in words: all by one factor, stretched, or in places."""
    slope = study.once(slope_of)
    stretched = abs(1 - slope.value) * slope.spread if abs(1 - slope.value) > SIGMAS * slope.error else 0.0
    shift = constant(*((side.log_w, side.event_weight) for side in (study.generated, study.reference))).value
    if abs(shift) > max(stretched, WRONG[0]):  # no for NaN
        return "too large" if shift > 0 else "too small"
    if stretched > WRONG[0] / 2:
        return "too extreme" if slope.value < 1 else "too tame"
    return "off in places"


def check_calibration(study: WeightedPair) -> Check:
    """Probability of the calibration's chi2 (Eq. 11), and how large the miscalibration is."""
    from scipy.special import chdtrc

    calibration = study.calibration()
    p = float(chdtrc(calibration.ndf, calibration.chi2))
    rms = miscalibration(calibration)
    chi2 = f"{calibration.chi2:.1f}" if calibration.chi2 < HUGE else f"{calibration.chi2:.1e}"
    found = f"chi2/ndf = {chi2}/{calibration.ndf}"
    if method := study.provenance.recalibration:
        found += f", recalibrated: {method}"
    light: Light = "green"
    advice = ""
    if p >= P_VALUE:
        pull = float(np.abs(calibration.pulls).max())
        why = (
            f"In every bin of w, reference over generated is w to within {sigmas(pull)}"
            if pull <= SIGMAS
            else "In all bins of w together, reference over generated is w up to noise, and in one it is off "
            f"by {sigmas(pull)}"
        ) + f" ({found}, p = {p:.2g}{', which noise seldom gives' if p < LIKELY else ''})"
    elif rms < WRONG[0]:
        why = (
            f"The weights miss the density ratio by {factor(rms)} in the mean: more than noise "
            f"({found}), and little against the tails"
        )
    else:
        light = graded(rms, WRONG)
        why = (
            f"The weights are {_manner(study)}: they miss the density ratio by {factor(rms)} in the mean "
            f"({found})"
        )
        still = "Cuts on w still order the events" if light == "amber" else "Read no value of w as a ratio"
        advice = (
            f"{still}; do not reweight. More events, several members (`tailscope fit --members 5`) or "
            "`--recalibrate isotonic` make the weights better"
        )
    ratio = calibration.chi2 / calibration.ndf
    error = float(np.sqrt(2 / calibration.ndf))
    return Check("calibration", "Calibration", light, ratio, 1.0, error, why, "calibration", advice)


def check_slope(study: WeightedPair) -> Check:
    """Whether log w is stretched: too extreme or too tame, for imported weights too.

    ``value`` is the calibration slope s of `weights.slope`. The light is that of |1 - s| times the spread of
    log w, by which the weights are off in the mean: beyond noise, and large (`WRONG`).
    """
    slope = study.once(slope_of)
    off = abs(1 - slope.value) * slope.spread
    noise = abs(1 - slope.value) <= SIGMAS * slope.error
    light: Light = "green" if noise else graded(off, WRONG)
    found = f"calibration slope {slope.value:.2f} ± {slope.error:.2f}"
    manner = "extreme" if slope.value < 1 else "tame"
    advice = ""
    if not np.isfinite(slope.error):
        why = "These weights have no calibration slope: all are alike, or a cut on w separates the samples"
    elif noise:
        why = f"The weights are stretched neither way beyond errors ({found})"
        if (far := abs(1 - slope.value) / slope.error) > NEAR:
            why = (
                f"The weights are stretched neither way beyond errors of {SIGMAS:g} standard deviations, and "
                f"too {manner} by {far:.1f} of them ({found})"
            )
    elif light == "green":
        why = (
            f"The weights are too {manner} by {factor(off)} in the mean, beyond noise and by little ({found})"
        )
    else:
        why = f"The weights are too {manner} by {factor(off)} in the mean ({found})"
        advice = (
            "Weights nearer to 1 are right: `--recalibrate platt` shrinks log w"
            if slope.value < 1
            else "The samples differ by more than the weights say: train longer, hold the network back "
            "less, or let `--recalibrate platt` stretch log w"
        )
    return Check(
        "slope", "Calibration slope", light, slope.value, 1.0, slope.error, why, "calibration", advice
    )


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
    slope = study.once(slope_of)
    value, value_error, found = 0.0, 0.0, "no calibration slope: all weights are alike, or perfect"
    unseen = "of the weights of unseen events nothing can be said"
    if np.isfinite(slope.error):
        value, value_error = (1 - slope.value) * slope.spread, slope.error * slope.spread
        found = f"calibration slope {slope.value:.2f} ± {slope.error:.2f}"
        unseen = "the weights of unseen events, which alone are used, are " + (
            "not too extreme beyond errors"
            if value < SIGMAS * value_error
            else f"too extreme by {factor(value)} in the mean, beyond noise and by little"
        )
    light = "green" if value < SIGMAS * value_error else graded(value, WRONG)
    losses = f"loss {train.mean():.3f} in training and {train.mean() + gap.mean():.3f} in validation"
    advice = ""
    if light != "green":
        why = f"The weights of unseen events are too extreme by {factor(value)} in the mean ({found})"
        advice = (
            "Train with more events, or hold the network back: the preset fast, fewer epochs, more weight "
            "decay or dropout; several members (`tailscope fit --members 5`) average the noise, "
            "`--recalibrate platt` shrinks it"
        )
    elif gap.mean() < max(SIGMAS * error, 1e-3):
        why = "Training and validation losses agree at the epochs that were kept"
        if gap.mean() < -max(SIGMAS * error, 1e-3):  # dropout is off when a network validates
            why = "The validation losses lie below those of training at the epochs that were kept"
        why += f" ({losses}), and {unseen} ({found})"
    else:
        why = (
            f"{min(float(gap.mean()) / learned, 1):.0%} of what the networks learned holds for training "
            f"events alone ({losses}), but {unseen} ({found})"
        )
    beyond = float(np.mean([epochs for _, epochs in best]))
    why += f"; {beyond:.1f} epochs after those that were kept were trained and thrown away" if beyond else ""
    return Check("overfit", "Harm by overfitting", light, value, 0.0, value_error, why, "training", advice)


def guessing(study: WeightedPair) -> float:
    """Cross-entropy an event of the best constant classifier; 0.693 for equal samples.

    Event weights have a mean of 1 in each sample when a network is trained.
    """
    share = len(study.reference) / len(study)
    return float(-share * np.log(share) - (1 - share) * np.log1p(-share))
