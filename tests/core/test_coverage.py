"""Whether errors, p-values and bands mean what they say: toys, with exact weights and with trainings."""

import numpy as np
import pytest
from scipy.stats import chi2, kstest

import tailscope as ts
from helpers import toys
from tailscope.fitting.null_runs import null_band
from tailscope.weights.auc import auc, null_auc_error
from tailscope.weights.calibration import calibration, probability
from tailscope.weights.null_band import GRID, NullBand, cumulative, rank_p

pytestmark = pytest.mark.slow
LEAST = 1e-3
"""Of a Kolmogorov-Smirnov test with given seeds."""


@pytest.mark.parametrize("name", toys.TOYS)
def test_exact_weights_have_uniform_calibration_p_values(name):
    toy, found = toys.TOYS[name], []
    for seed in range(50):
        log_w = [toy.log_ratio(x) for x in toy.draw(5_000, seed)]
        found.append(calibration(*log_w, bins=30))
    p = chi2.sf([c.chi2 for c in found], 30)
    assert kstest(p, "uniform").pvalue > LEAST
    pulls = np.concatenate([c.pulls for c in found])
    assert np.std(pulls) == pytest.approx(1, abs=0.06)  # 1,500 pulls: 3 standard deviations


def test_the_calibration_has_almost_one_degree_of_freedom_less_than_bins():
    """The totals of both samples are fixed: the mean chi2 is the number of bins less that of 4 C(1 - C)."""
    toy, found, less = toys.TOYS["smeared peak"], [], []
    for seed in range(1_500):
        log_w = [toy.log_ratio(x) for x in toy.draw(600, seed)]
        c = probability(np.concatenate(log_w))
        found.append(calibration(*log_w, bins=6).chi2)
        less.append(np.mean(4 * c * (1 - c)))
    error = np.std(found) / np.sqrt(len(found))
    assert np.mean(found) == pytest.approx(6 - np.mean(less), abs=3 * error)
    assert np.mean(found) < 6 - 5 * error


@pytest.mark.parametrize("toy", ["shift and width"])
def test_learned_weights_are_calibrated_as_far_as_their_test_sample_can_tell(toy, tmp_path):
    """With the split, labels of test events are independent of the weights; only miscalibration is left."""
    found = []
    for seed in range(20):
        config = ts.FitConfig(protocol="split", validation=0.25, epochs=8, seed=seed, device="cpu")
        pair = toys.TOYS[toy].pair(5_000, seed)
        found.append(ts.fit(*pair, config=config, cache=tmp_path, progress=False).calibration(bins=20))
    p = chi2.sf([c.chi2 for c in found], 20)
    assert kstest(p, "uniform").pvalue > LEAST
    assert np.mean([c.chi2 for c in found]) / 20 < 1.25


def test_cross_fitted_weights_are_calibrated_but_not_to_the_last_chi2(tmp_path):
    """Their chi2 is of all events, as many as were trained on: it sees what the trainings could not."""
    found = []
    for seed in range(12):
        config = ts.FitConfig(folds=2, epochs=8, seed=seed, device="cpu")
        pair = toys.gaussian_pair(5_000, seed)
        found.append(ts.fit(*pair, config=config, cache=tmp_path, progress=False).calibration(bins=20))
    mean = np.mean([c.chi2 for c in found]) / 20
    assert 0.85 < mean < 2


N = 1_000
QUICK = ts.FitConfig(folds=2, epochs=3, hidden=32, device="cpu")


def null_sample(seed):
    rng = np.random.default_rng(seed)
    return [toys.sample(name, rng.standard_normal((N, 3)).astype(np.float32)) for name in ("a", "b")]


def part(runs, which):
    return NullBand(runs.reference[which], runs.generated[which], runs.auc[which])


@pytest.fixture(scope="module")
def null_runs(tmp_path_factory):
    """100 permutations of the same events, for five bands of 20; and studies of 40 fresh null pairs."""
    cache = tmp_path_factory.mktemp("cache")
    runs = null_band(*null_sample(0), QUICK, runs=100, cache=cache, progress=False)
    studies = [
        ts.fit(*null_sample(seed), config=QUICK.with_(seed=seed), cache=cache, progress=False)
        for seed in range(100, 140)
    ]
    counts = [
        np.stack([cumulative(np.asarray(s.log_weights(side), np.float64), None) for s in studies])
        for side in ("reference", "generated")
    ]
    return runs, NullBand(*counts, np.array([s.auc() for s in studies])), studies


@pytest.mark.parametrize("fresh", ["permutations", "pairs"])
@pytest.mark.parametrize("side", ["reference", "generated"])
def test_fresh_null_runs_lie_inside_the_band(null_runs, fresh, side):
    """68 ± 10% of the bins of fresh runs; ties of counts, most of them 0, lie inside half of the time.

    One band of 20 runs scatters by more than that: its bins are strongly correlated. So five of them.
    """
    runs, pairs, _ = null_runs
    inside = []
    for block in np.split(np.arange(100), 5):
        band = part(runs, block)
        others = part(runs, np.setdiff1d(np.arange(100), block)) if fresh == "permutations" else pairs
        grid_counts = band.below(side, GRID).mean(axis=0)
        log_edges = np.interp(np.linspace(0.02, 0.98, 7) * N, grid_counts, GRID)
        low, _, high = band.histogram(side, log_edges / np.log(10))
        counts = np.diff(others.below(side, log_edges), axis=1)
        inside += [((low <= counts) & (counts <= high)).mean(), ((low < counts) & (counts < high)).mean()]
    assert np.mean(inside) == pytest.approx(0.68, abs=0.1)


@pytest.mark.parametrize(("side", "cut"), [("reference", {"low": 1.1}), ("generated", {"high": 0.9})])
def test_a_fresh_null_pair_has_no_excess_over_the_band(null_runs, side, cut):
    runs, _, studies = null_runs
    band = part(runs, slice(20))
    found = [band.excess(study.sample(side), side, **cut) for study in studies]
    pulls = np.array([e.excess / e.error for e in found])
    assert np.abs(pulls).max() < 4
    assert abs(pulls.mean()) < 1
    assert pulls.std() < 1.5


def test_ranks_among_null_runs_claim_no_more_than_they_may(null_runs):
    """Of trainings: p <= 1/21 of a tail and of the AUC, bands of 20 against 80 permutations and 40 pairs."""
    runs, pairs, _ = null_runs
    claimed = {"tail": [], "auc": []}
    for block in np.split(np.arange(100), 5):
        band = part(runs, block)
        counts = band.beyond("reference", low=1.1)
        for others in (part(runs, np.setdiff1d(np.arange(100), block)), pairs):
            fresh = others.beyond("reference", low=1.1)
            claimed["tail"] += [rank_p(one - 0.5, counts) <= 0.05 for one in fresh]
            claimed["auc"] += [rank_p(one, band.auc) <= 0.05 for one in others.auc]
    # Five bands are five numbers of their own: the largest of 20 has a rank of 1/21 with an error of as much.
    assert np.mean(claimed["tail"]) <= 0.05 + 3 * 0.05 / np.sqrt(5)
    assert np.mean(claimed["auc"]) <= 0.05 + 3 * 0.05 / np.sqrt(5)


def test_the_auc_of_null_pairs_varies_no_more_than_its_error(null_runs):
    permutations, pairs, studies = null_runs
    error = studies[0].auc_error()
    for runs in (permutations, pairs):
        assert np.sqrt(np.mean((runs.auc - 0.5) ** 2)) < 1.3 * error


def out_of_fold_linear(n, dimensions, folds, offset, rng):
    """AUC of a null pair by Fisher's linear discriminant, whose folds may differ by an offset."""
    samples = rng.standard_normal((2, n, dimensions))
    fold = np.arange(n) % folds
    log_w = np.empty((2, n))
    for k in range(folds):
        mean = [x[fold != k].mean(axis=0) for x in samples]
        slope = mean[0] - mean[1]
        constant = -(mean[0] + mean[1]) @ slope / 2 + offset * rng.normal() * np.linalg.norm(slope)
        log_w[:, fold == k] = samples[:, fold == k] @ slope + constant
    return auc(*log_w)


@pytest.mark.parametrize(
    ("dimensions", "folds", "offset", "low", "high"),
    [(5, 5, 0.0, 0.8, 1.1), (20, 5, 0.0, 0.85, 1.15), (20, 2, 0.0, 0.85, 1.15), (5, 5, 3.0, 0.3, 0.7)],
)
def test_the_null_auc_error_is_an_upper_bound(dimensions, folds, offset, low, high):
    """Right for folds of one scale; too large where the folds' weights differ by more than they vary."""
    rng = np.random.default_rng(0)
    areas = [out_of_fold_linear(400, dimensions, folds, offset, rng) for _ in range(300)]
    assert low < np.std(areas) / null_auc_error(400, 400) < high
