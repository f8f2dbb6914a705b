"""What is told as noise, and what is not: slopes both ways, AUC and tails by the rank among null runs."""

from dataclasses import replace

import numpy as np
import pytest

import tailscope as ts
from helpers import three, toys
from tailscope.record import Epoch, TrainingRecord
from tailscope.trust.classifier import (
    check_auc,
    check_calibration,
    check_overfit,
    check_slope,
    check_tails,
    either_tail,
)
from tailscope.trust.reweighting import check_mean_w
from tailscope.weights.null_band import NullBand, cumulative


def stretched(study, by):
    sides = [replace(side, log_w=by * side.log_w) for side in (study.reference, study.generated)]
    return replace(study, reference=sides[0], generated=sides[1])


@pytest.mark.parametrize("toy", toys.TOYS)
def test_exact_weights_are_stretched_neither_way(toy):
    found = []
    for seed in range(30):
        pair = toys.TOYS[toy].pair(2_000, seed)
        study = ts.Study.from_weights(*pair, *(toys.TOYS[toy].log_ratio(s.features) for s in pair))
        found.append(check_slope(study))
    assert {check.light for check in found} == {"green"}
    assert sum("neither way beyond errors" in check.why for check in found) >= 28


@pytest.mark.parametrize(
    ("by", "light", "word"),
    [(1.5, "amber", "extreme"), (2.5, "red", "extreme"), (0.65, "amber", "tame"), (0.15, "red", "tame")],
)
def test_weights_that_are_stretched_are_told_whichever_way(by, light, word):
    for seed in range(5):
        check = check_slope(stretched(toys.exact_study(10_000, seed), by))
        assert check.light == light
        assert f"too {word}" in check.why
        assert check.value == pytest.approx(1 / by, abs=4 * check.error + 0.02)


def test_what_is_beyond_noise_and_small_is_green_and_said_to_be_both():
    check = check_slope(stretched(toys.exact_study(60_000), 0.9))
    assert check.light == "green"
    assert "too tame by 5% in the mean, beyond noise and by little" in check.why


def test_a_mean_is_called_one_within_errors_where_it_is_alone():
    """Weights that are a little too tame: 1% off, five standard deviations of 60,000 events."""
    off, right = [], []
    for seed in range(12):
        exact = toys.exact_study(30_000, seed)
        off.append(check_mean_w(stretched(exact, 0.9)))
        right.append(check_mean_w(exact))
    assert {check.light for check in off + right} == {"green"}
    for check in off + right:
        far = abs(check.value - 1) / check.error
        assert ("within errors" in check.why) == (far <= 2)
        assert ("which may be noise" in check.why) == (2 < far <= 3)
        assert ("standard deviations, small)" in check.why) == (far > 3)
    assert sum("% below 1 (" in check.why and ", small)" in check.why for check in off) >= 11
    assert sum("within errors" in check.why or "may be noise" in check.why for check in right) >= 11


def test_bins_are_within_errors_where_each_is():
    words = []
    for seed in range(60):
        check = check_calibration(toys.exact_study(1_500, seed))
        worst = np.abs(toys.exact_study(1_500, seed).calibration().pulls).max()
        assert ("In every bin" in check.why) == (worst <= 3)
        words.append("In every bin" in check.why)
    assert 0.75 < np.mean(words) < 1  # 30 bins: 92% have none beyond three standard deviations


def banded(log_w, runs, auc=None):
    """A study of log weights with a band of others."""
    ref, gen = toys.gaussian_pair(log_w[0].size)
    sides = [np.stack([cumulative(run[i], None) for run in runs]) for i in range(2)]
    study = ts.Study.from_weights(ref, gen, *log_w)
    return replace(study, null=NullBand(*sides, np.full(len(runs), 0.5) if auc is None else auc))


def overdispersed(rng, n=400):
    """Noise whose width differs from run to run, as that of trainings does."""
    width = 0.35 * rng.lognormal(0, 0.5)
    return [width * rng.standard_normal(n) for _ in range(2)]


def test_without_a_difference_tails_are_called_real_as_often_as_p_says():
    rng = np.random.default_rng(0)
    p, green = [], []
    for _ in range(400):
        check = check_tails(banded(overdispersed(rng), [overdispersed(rng) for _ in range(20)]))
        p.append(check.value)
        green.append(check.light == "green")
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)
    assert np.mean(np.array(p) <= 0.5) == pytest.approx(0.5, abs=0.09)
    assert np.mean(green) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)
    assert min(p) == pytest.approx(1 / 21)


def test_a_tail_that_was_added_is_found_and_few_runs_do_not_say_so():
    rng = np.random.default_rng(1)

    def noise():
        return [0.15 * rng.standard_normal(3_000) for _ in range(2)]

    log_w = [np.concatenate([noise()[0][150:], np.full(150, 0.8)]), noise()[1]]
    check = check_tails(banded(log_w, [noise() for _ in range(20)]))
    assert (check.light, check.value) == ("green", pytest.approx(1 / 21))
    assert "(p ≤ 0.048, 20 runs can say no more)" in check.why
    few = check_tails(banded(log_w, [noise() for _ in range(4)]))
    assert (few.light, few.value) == ("amber", pytest.approx(0.2))
    assert "4 runs can say no more" in few.why
    assert "--null-runs 20" in few.advice


def test_two_tails_are_looked_at_for_the_price_of_one():
    rng = np.random.default_rng(2)
    found = [either_tail(rng.lognormal(0, 1, (2, 21))) for _ in range(3_000)]
    assert np.mean(np.array(found) <= 1 / 21 + 1e-9) == pytest.approx(1 / 21, abs=0.012)


def with_auc(auc, runs):
    """Weights of 1,000 + 1,000 events with nearly this AUC."""
    rng = np.random.default_rng(3)
    log_w = [rng.standard_normal(1_000) for _ in range(2)]
    study = banded(log_w, [log_w, log_w], None)
    shift = 1.7725 * (auc - study.auc())
    sides = [
        replace(side, log_w=side.log_w + by)
        for side, by in zip((study.reference, study.generated), (shift, -shift), strict=True)
    ]
    bare = replace(study, reference=sides[0], generated=sides[1], null=None)
    return replace(bare, null=NullBand(np.zeros((runs.size, 2402)), np.zeros((runs.size, 2402)), runs))


def test_the_auc_is_set_against_those_of_null_runs():
    runs = 0.5 + 0.004 * np.linspace(-1.5, 1.5, 20)
    assert with_auc(0.5, runs).auc_error() == pytest.approx(np.sqrt(((runs - 0.5) ** 2).mean()))
    good = check_auc(with_auc(0.53, runs))
    assert good.light == "green"
    assert (
        "above those of all 20 refits with permuted labels (p ≤ 0.048, 20 runs can say no more)" in good.why
    )
    assert "standard deviations" not in good.why
    amid = check_auc(with_auc(0.502, runs))
    assert amid.light == "amber"
    assert "no difference" in amid.why
    bad = check_auc(with_auc(0.47, runs))
    assert bad.light == "red"
    assert "below those of all 20 refits" in bad.why


def test_runs_that_vary_as_much_leave_the_auc_alone():
    """One run in twenty is far out: three standard deviations are no reason to call a smaller AUC real."""
    runs = np.r_[np.full(19, 0.5) + 1e-3 * np.linspace(-1, 1, 19), 0.56]
    check = check_auc(with_auc(0.55, runs))
    assert check.light == "amber"
    assert "p = 0.095" in check.why


def test_the_error_of_an_auc_without_null_runs_is_at_most_that():
    study = three.fitted("difference")
    assert study.auc_error_is_bound
    assert "standard deviations at least above" in check_auc(study).why
    assert not toys.exact_study(200).auc_error_is_bound
    assert "at least" not in check_auc(toys.exact_study(2_000)).why


def test_weights_that_are_alike_but_for_rounding_have_no_slope():
    """As those of a stack whose candidates all count nothing: a slope of 0 +- 10^7 says nothing."""
    study = toys.exact_study(400)
    log_w = 1e-9 * np.random.default_rng(0).standard_normal((2, 400))
    alike = ts.Study.from_weights(*toys.gaussian_pair(400), *log_w)
    slope = check_slope(alike)
    assert slope.light == "green"
    assert "no calibration slope: all are alike" in slope.why
    run = TrainingRecord(
        fold=0, member=0, seed=0, train_events=9, validation_events=9, best_epoch=1,
        best_epochs=(1,), learning_rate=0.1, epochs=(Epoch(train_loss=0.69, validation_loss=0.69),),
    )  # fmt: skip
    overfit = check_overfit(replace(alike, history=(run,)))
    assert (overfit.light, overfit.value, overfit.error) == ("green", 0, 0)
    assert "no calibration slope" in overfit.why
    assert "inf" not in overfit.why
    assert "no calibration slope" not in check_slope(study).why
