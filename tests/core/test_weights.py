import numpy as np
import pytest

from helpers import toys
from tailscope import weights


def test_auc_is_the_fraction_of_ordered_pairs_with_ties_counted_half():
    ref, gen = np.array([0.0, 1, 2, np.inf]), np.array([-np.inf, 0, 0, 2])
    pairs = ref[:, None] - np.where(np.isinf(gen), -1e9, gen)[None, :]
    expected = (pairs > 0).mean() + 0.5 * (pairs == 0).mean()
    assert weights.auc(ref, gen) == pytest.approx(expected)
    assert weights.auc(ref, gen, ties="strict") == pytest.approx((pairs > 0).mean())
    assert weights.roc(ref, gen).area == pytest.approx(expected)


def test_event_weights_count_like_repeated_events():
    rng = np.random.default_rng(1)
    ref, gen = rng.normal(0.5, 1, 300), rng.normal(0, 1, 200)
    times = rng.integers(1, 4, 300)
    repeated = weights.auc(np.repeat(ref, times), gen)
    assert weights.auc(ref, gen, event_weights=(times.astype(float), None)) == pytest.approx(repeated)


def test_auc_of_identical_weights_is_one_half():
    assert weights.auc(np.zeros(7), np.zeros(9)) == 0.5


def test_exact_weights_are_calibrated_and_shifted_ones_are_not():
    study = toys.exact_study(40_000)
    calibration = study.calibration(bins=30)
    assert calibration.ndf == 30
    assert calibration.n_events.sum() == 80_000
    assert 10 < calibration.chi2 < 60
    assert (
        np.mean(
            (calibration.ratio_low < calibration.predicted) & (calibration.predicted < calibration.ratio_high)
        )
        > 0.4
    )
    log_w = [study.log_weights(s) for s in ("reference", "generated")]
    assert weights.calibration(log_w[0] + 0.3, log_w[1] + 0.3).chi2 > 300
    assert weights.calibration(2 * log_w[0], 2 * log_w[1]).chi2 > 300


def test_calibration_with_unequal_sizes():
    ref, gen = toys.gaussian_pair(40_000)
    ref_w, gen_w = toys.gaussian_log_ratio(ref.features[:10_000]), toys.gaussian_log_ratio(gen.features)
    calibration = weights.calibration(ref_w, gen_w)
    assert 10 < calibration.chi2 < 60
    assert np.log(calibration.predicted) == pytest.approx(calibration.log_w, abs=0.05)


def test_calibration_keeps_zero_and_infinite_weights():
    ref = np.concatenate([np.zeros(100), np.full(20, np.inf)])
    gen = np.concatenate([np.zeros(100), np.full(20, -np.inf)])
    calibration = weights.calibration(ref, gen, bins=5)
    assert calibration.n_events.sum() == 240
    assert calibration.chi2 == pytest.approx(0)


def test_closure_of_exact_weights():
    closure = toys.exact_study(40_000).closure("x0")
    assert closure.chi2 / closure.ndf < 1.6
    assert closure.reference.total == pytest.approx(1)


@pytest.mark.parametrize(("w", "size"), [([1, 1, 1], 3), ([1, 0, 0], 1), ([], 0)])
def test_effective_size(w, size):
    w = np.array(w, dtype=float)
    assert weights.effective_size(w.sum(), (w**2).sum()) == size
