from dataclasses import replace

import h5py
import numpy as np
import pytest

import tailscope as ts
from helpers import toys
from tailscope.errors import ConfigError, InputError, StudyError
from tailscope.fitting.null_runs import attach, null_band
from tailscope.fitting.plan import Labels
from tailscope.trust.classifier import check_tails
from tailscope.weights.null_band import GRID, NullBand, cumulative, rank_p, said_p

QUICK = ts.FitConfig(folds=2, epochs=2, hidden=16, layers=1, device="cpu")


def band_of(runs, n=5_000, width=0.1, seed=0):
    """A band whose log weights are known: Gaussian with a known width."""
    rng = np.random.default_rng(seed)
    sides = [np.stack([cumulative(width * rng.standard_normal(n), None) for _ in range(runs)]) for _ in "ab"]
    return NullBand(*sides, np.full(runs, 0.5))


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    pair, cache = toys.gaussian_pair(1_500), tmp_path_factory.mktemp("cache")
    study = ts.fit(*pair, config=QUICK, cache=cache, progress=False)
    return pair, cache, study, null_band(*pair, QUICK, runs=4, cache=cache, progress=False)


def test_cumulative_counts_are_numpys():
    rng = np.random.default_rng(0)
    log_w, v = rng.normal(size=500), rng.normal(1, 0.5, 500)
    counts = cumulative(log_w, v)
    for i in (0, 1150, 1200, 1277, 2400):
        assert counts[i] == pytest.approx(v[log_w < GRID[i]].sum(), abs=1e-9)
    assert counts[-1] == pytest.approx(v.sum())


def test_infinite_weights_are_beyond_every_cut():
    counts = cumulative(np.array([-np.inf, 0.5, np.inf]), None)
    band = NullBand(np.stack([counts, counts]), np.stack([counts, counts]), np.full(2, 0.5))
    assert band.beyond("reference", low=2.0).tolist() == [1, 1]
    assert band.beyond("reference", high=1.0).tolist() == [1, 1]
    assert band.beyond("generated").tolist() == [3, 3]


def test_the_band_covers_68_percent_of_fresh_runs():
    edges = np.linspace(-0.1, 0.1, 21)
    low, middle, high = band_of(20).histogram("reference", edges)
    assert (low <= middle).all()
    assert (middle <= high).all()
    fresh = band_of(200, seed=1)
    counts = np.diff(fresh.below("reference", edges * np.log(10)), axis=1)
    assert np.mean((low <= counts) & (counts <= high)) == pytest.approx(0.68, abs=0.1)


def test_the_band_of_few_runs_is_not_too_narrow():
    """So many bins that what is left is bias: the usual percentiles of 20 runs cover 62%."""
    counts = np.random.default_rng(0).poisson(1e5, (21, GRID.size - 1))
    runs = np.cumsum(np.pad(counts, ((0, 0), (1, 1))), axis=1).astype(float)
    band = NullBand(runs[:20], runs[:20], np.full(20, 0.5))
    low, _, high = band.histogram("generated", GRID / np.log(10))
    fresh = counts[20]
    assert np.mean((low <= fresh) & (fresh <= high)) == pytest.approx(0.68, abs=0.03)


def test_the_excess_over_noise_is_what_was_added():
    rng = np.random.default_rng(2)
    n, extra = 5_000, 400
    log_w = np.concatenate([0.1 * rng.standard_normal(n - extra), np.full(extra, 0.6)])
    ref, gen = toys.gaussian_pair(n)
    study = ts.Study.from_weights(ref, gen, log_w, 0.1 * rng.standard_normal(n))
    band = band_of(30)
    tail = band.excess(study.sample("reference"), "reference", low=1.2)
    assert tail.observed == (log_w >= np.log(1.2)).sum()
    assert tail.excess == pytest.approx(extra, abs=3 * tail.error)
    assert tail.error == pytest.approx(np.sqrt(tail.spread**2 * 31 / 30 + tail.excess))
    nothing = band.excess(study.sample("generated"), "generated", high=1 / 1.2)
    assert abs(nothing.excess) < 3.5 * nothing.error
    assert band.excess(study.sample("generated"), "generated").excess == 0


@pytest.mark.parametrize("runs", [5, 20, 60])
def test_the_p_value_of_an_excess_is_no_smaller_than_it_says(runs):
    """Counts of runs that scatter by far more than counting, with a long tail: 1,000 bands of each size."""
    rng = np.random.default_rng(3)
    p = []
    for _ in range(1_000):
        counts = rng.poisson(20 * rng.lognormal(0, 1, runs + 1)).astype(float)
        p.append(rank_p(counts[-1], counts[:-1]))
    for level in (0.05, 0.2, 0.5):
        assert np.mean(np.array(p) <= level) <= level + 3 * np.sqrt(level * (1 - level) / 1_000)
    assert min(p) >= 1 / (1 + runs)
    assert np.mean(np.array(p) <= 0.5) > 0.35  # and is one


def test_the_excess_has_the_rank_of_its_count_among_the_runs():
    """Whole events, between two points of the grid: a run with as many counts as having as many."""
    rng, found = np.random.default_rng(4), []
    ref, gen = toys.gaussian_pair(500)
    for _ in range(300):
        log_w = 0.3 * rng.lognormal(0, 0.4, (21, 1)) * rng.standard_normal((21, 500))
        counts = np.stack([cumulative(run, None) for run in log_w[1:]])
        study = ts.Study.from_weights(ref, gen, log_w[0], log_w[0])
        excess = NullBand(counts, counts, np.full(20, 0.5)).excess(study.reference, "reference", low=1.6)
        exact = rank_p(excess.observed, (log_w[1:] >= np.log(1.6)).sum(axis=1))
        assert excess.p == pytest.approx(exact, abs=0.1)
        assert excess.runs == 20
        found.append(excess.p)
    assert np.mean(np.array(found) <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)
    assert np.mean(np.array(found) <= 0.5) == pytest.approx(0.5, abs=0.1)


def test_what_is_said_of_a_p_value_ends_where_the_runs_do():
    assert said_p(1 / 21, 20) == "p ≤ 0.048, 20 runs can say no more"
    assert said_p(2 / 21, 20) == "p = 0.095"
    assert said_p(1 / 3, 2) == "p ≤ 0.33, 2 runs can say no more"


def test_the_spread_of_the_auc_is_that_of_enough_runs():
    rng = np.random.default_rng(5)
    runs = 0.5 + 0.003 * rng.standard_normal(4_000)
    counts = np.zeros((4_000, GRID.size + 1))
    assert NullBand(counts, counts, runs).auc_spread == pytest.approx(0.003, rel=0.05)
    assert NullBand(counts[:9], counts[:9], runs[:9]).auc_spread is None
    assert NullBand(counts[:20], counts[:20], np.full(20, 0.5)).auc_spread is None


def test_units_of_event_weights_do_not_matter_for_the_excess():
    rng = np.random.default_rng(2)
    ref, gen = toys.gaussian_pair(2_000)
    log_w = 0.1 * rng.standard_normal(2_000) + 0.5 * (np.arange(2_000) < 200)
    pulls, lights = [], []
    for v in (1.0, 1e-6):
        weighted = toys.sample("reference", ref.features, event_weight=np.full(2_000, v))
        study = ts.Study.from_weights(weighted, gen, log_w, log_w)
        runs = np.stack([cumulative(rng.normal(0, 0.1, 2_000), np.full(2_000, v)) for _ in range(20)])
        band = NullBand(runs, band_of(20, 2_000).generated, np.full(20, 0.5))
        found = band.excess(study.sample("reference"), "reference", low=1.3)
        pulls.append(found.excess / found.error)
        lights.append(check_tails(replace(study, null=band)).light)
    assert pulls[1] == pytest.approx(pulls[0], rel=0.1)
    assert lights == ["green", "green"]


def test_permuted_labels_keep_sizes_events_and_weights():
    x = np.arange(50, dtype=np.float32)
    ref = toys.sample("r", x[:20, None], event_weight=x[:20].astype(float) + 1)
    gen = toys.sample("g", x[20:, None], condition=None)
    labels = Labels.of(ref, gen)
    permuted = labels.permuted(np.random.default_rng(0))
    assert permuted.is_reference.sum() == 20
    assert (permuted.is_reference != labels.is_reference).any()
    for side in (permuted.is_reference, ~permuted.is_reference):
        # In units of each sample's mean, 10.5 and 1, and then of the mean under the new labels.
        weight = np.where(x < 20, (x + 1) / 10.5, 1)[side]
        assert permuted.weight[side] == pytest.approx(weight / weight.mean())


def test_units_of_event_weights_do_not_matter_for_the_null_band(tmp_path):
    ref, gen = toys.gaussian_pair(300)
    v = np.random.default_rng(1).choice([-0.5, 1.0, 2.0], 300)
    bands = []
    for number, unit in enumerate((1.0, 0.25)):  # a power of two: equal to the last bit
        weighted = toys.sample("r", ref.features, event_weight=unit * v)
        bands.append(null_band(weighted, gen, QUICK, runs=2, cache=tmp_path / str(number), progress=False))
        assert bands[-1].reference[:, -1] == pytest.approx(unit * v.sum())
        assert bands[-1].generated[:, -1] == pytest.approx(300)
    np.testing.assert_allclose(bands[1].reference, 0.25 * bands[0].reference)
    np.testing.assert_allclose(bands[1].generated, bands[0].generated)
    np.testing.assert_array_equal(bands[1].auc, bands[0].auc)


def test_refits_find_nothing_and_are_cached_one_by_one(fitted):
    pair, cache, study, band = fitted
    assert len(band) == 4
    assert (band.reference[:, -1] == 1_500).all()
    assert abs(band.auc - 0.5).max() < 4 * study.auc_error()
    seen = []
    more = null_band(*pair, QUICK, runs=5, cache=cache, progress=seen.append)
    assert (more.reference[:4] == band.reference).all()
    assert {done.training for done in seen} == {0, 1}  # two folds of the fifth run alone
    assert {done.trainings for done in seen} == {2}
    assert len(list((cache / "null").glob("*.entry"))) == 5
    assert len(list((cache / "network").glob("*.entry"))) == 2  # the fit's own; those of refits are gone


def test_the_study_file_carries_the_band(fitted, tmp_path):
    _, _, study, band = fitted
    assert ts.open(study.save(tmp_path / "a.study.h5")).null is None
    path = attach(study, band).save(tmp_path / "b.study.h5")
    again = ts.open(path).null
    assert (again.reference == band.reference).all()
    assert (again.generated == band.generated).all()
    assert (again.auc == band.auc).all()
    with h5py.File(path, "r+") as file:
        file["null/auc"][0] = 0.9
    with pytest.raises(StudyError, match="checksum of /null/auc"):
        ts.open(path)


def test_what_makes_no_sense_is_refused(fitted):
    pair, cache, study, band = fitted
    with pytest.raises(ConfigError, match="at least 2 runs"):
        null_band(*pair, QUICK, runs=1, cache=cache)
    fewer = replace(study, reference=toys.exact_study(100).reference)
    with pytest.raises(InputError, match="null band was made for 1,500 reference events"):
        attach(fewer, band)


def test_weights_that_add_up_to_nothing_make_no_band():
    x = np.arange(20, dtype=np.float32)
    v = np.r_[np.full(9, -1.0), 12.0, np.ones(10)]
    labels = Labels(x < 10, v)
    with pytest.raises(InputError, match="a null band needs a positive sum"):
        [labels.permuted(np.random.default_rng(seed)) for seed in range(50)]
