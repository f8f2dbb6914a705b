import numpy as np
import pytest
from scipy.stats import chi2

import tailscope as ts
from helpers import toys
from tailscope.counting.histogram import Histogram
from tailscope.weights.auc import auc, null_auc_error, roc
from tailscope.weights.calibration import calibration, probability
from tailscope.weights.closure import closure
from tailscope.weights.events import NONE, effective_size
from tailscope.weights.slope import calibration_slope


def test_auc_is_the_fraction_of_ordered_pairs_with_ties_counted_half():
    ref, gen = np.array([0.0, 1, 2, np.inf]), np.array([-np.inf, 0, 0, 2])
    pairs = ref[:, None] - np.where(np.isinf(gen), -1e9, gen)[None, :]
    expected = (pairs > 0).mean() + 0.5 * (pairs == 0).mean()
    assert auc(ref, gen) == pytest.approx(expected)
    assert auc(ref, gen, ties="strict") == pytest.approx((pairs > 0).mean())
    assert roc(ref, gen).area == pytest.approx(expected)


def test_event_weights_count_like_repeated_events():
    rng = np.random.default_rng(1)
    ref, gen = rng.normal(0.5, 1, 300), rng.normal(0, 1, 200)
    times = rng.integers(1, 4, 300)
    repeated = auc(np.repeat(ref, times), gen)
    assert auc(ref, gen, event_weights=(times.astype(float), None)) == pytest.approx(repeated)


def test_auc_of_identical_weights_is_one_half():
    assert auc(np.zeros(7), np.zeros(9)) == 0.5


def test_exact_weights_are_calibrated_and_shifted_ones_are_not():
    study = toys.exact_study(40_000)
    found = study.calibration(bins=30)
    assert found.ndf == 30
    assert found.n_events.sum() == 80_000
    assert 10 < found.chi2 < 60
    assert np.mean((found.ratio_low < found.predicted) & (found.predicted < found.ratio_high)) > 0.4
    log_w = [study.log_weights(s) for s in ("reference", "generated")]
    assert calibration(log_w[0] + 0.3, log_w[1] + 0.3).chi2 > 300
    assert calibration(2 * log_w[0], 2 * log_w[1]).chi2 > 300


def test_calibration_with_unequal_sizes():
    ref, gen = toys.gaussian_pair(40_000)
    ref_w, gen_w = toys.gaussian_log_ratio(ref.features[:10_000]), toys.gaussian_log_ratio(gen.features)
    found = calibration(ref_w, gen_w)
    assert 10 < found.chi2 < 60
    assert np.log(found.predicted) == pytest.approx(found.log_w, abs=0.05)


def test_calibration_keeps_zero_and_infinite_weights():
    ref = np.concatenate([np.zeros(100), np.full(20, np.inf)])
    gen = np.concatenate([np.zeros(100), np.full(20, -np.inf)])
    found = calibration(ref, gen, bins=5)
    assert found.n_events.sum() == 240
    assert found.chi2 == pytest.approx(0)


@pytest.mark.parametrize("name", toys.TOYS)
def test_the_known_ratios_are_ratios(name):
    """E_gen[w f] = E_ref[f] for every f that vanishes where there is no generated event."""
    toy = toys.TOYS[name]
    ref, gen = toy.draw(100_000, 1)
    w = np.exp(toy.log_ratio(gen))
    for i in range(5):
        for values in ((ref[:, i], gen[:, i]), (ref[:, i] > 1, gen[:, i] > 1)):
            common = [(x[:, 2] < 3.5) * f.astype(float) for x, f in zip((ref, gen), values, strict=True)]
            error = np.sqrt((common[0].var() + (w * common[1]).var()) / 100_000)
            assert (w * common[1]).mean() == pytest.approx(common[0].mean(), abs=4 * error)


def test_units_of_event_weights_do_not_matter_for_the_calibration():
    rng, toy, n = np.random.default_rng(0), toys.TOYS["smeared peak"], 3_000
    found = []
    for seed in range(40):
        log_w = [toy.log_ratio(x) for x in toy.draw(n, seed)]
        v = np.where(rng.random(n) < 0.15, -1.0, 1.0) * rng.exponential(1, n)
        plain = calibration(*log_w, event_weights=(v, None)).chi2
        scaled = calibration(*log_w, event_weights=(1e-6 * v, np.full(n, 40.0))).chi2
        assert scaled == pytest.approx(plain)
        found.append(plain)
    assert np.mean(found) == pytest.approx(30, abs=4 * np.sqrt(60 / 40))


def tilted(rng, mean, tilt, n):
    """Events of N(mean, 1) drawn from N(mean - tilt, 1): x, and event weights, which go as exp(tilt x)."""
    x = rng.normal(mean - tilt, 1, n)
    return x, np.exp(tilt * (x - mean) + tilt**2 / 2)


@pytest.mark.parametrize(
    ("tilts", "negative"),
    [((0.0, 0.5), 0), ((0.5, 0.0), 0), ((0.0, -0.5), 0), ((0.3, 0.3), 0.15)],
    ids=["generated rises", "reference rises", "generated falls", "negative"],
)
def test_exact_weights_are_calibrated_however_event_weights_go_with_them(tilts, negative):
    """N(1/2, 1) against N(-1/2, 1), log w = x. With sum v^2 C(1 - C), p < 0.05 came in 0% to 38% of cases."""
    rng, p, pulls = np.random.default_rng(5), [], []
    for _ in range(1_000):
        (ref, v_ref), (gen, v_gen) = (
            tilted(rng, m, t, 2_000) for m, t in zip((0.5, -0.5), tilts, strict=True)
        )
        v_ref *= np.where(rng.random(2_000) < negative, -1.0, 1.0)
        found = calibration(ref, gen, event_weights=(v_ref, 1e3 * v_gen))
        p.append(chi2.sf(found.chi2, found.ndf))
        slope = calibration_slope(ref, gen, event_weights=(v_ref, 1e3 * v_gen))
        pulls.append((slope.value - 1) / slope.error)
    # With negative event weights bins hold few effective events, and fail a little more seldom.
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.03 if negative else 0.02)
    assert np.mean(np.array(p) < 0.5) == pytest.approx(0.5, abs=0.13)  # one degree of freedom less than bins
    assert np.std(pulls) == pytest.approx(1, abs=0.1)


def test_event_weights_of_one_leave_the_variance_what_it_was():
    """The sum of C(1 - C), whichever way the same weights are given."""
    log_w = [toys.gaussian_log_ratio(s.features) for s in toys.gaussian_pair(3_000)]
    c = probability(np.concatenate(log_w))
    plain, ones = calibration(*log_w), calibration(*log_w, event_weights=(np.full(3_000, 7.0), None))
    assert (plain.sigma**2).sum() == pytest.approx((c * (1 - c)).sum())
    for name in ("chi2", "ratio_low", "ratio_high"):
        assert getattr(ones, name) == pytest.approx(getattr(plain, name))


def test_the_interval_of_the_ratio_covers_with_event_weights():
    rng, inside = np.random.default_rng(8), []
    for _ in range(60):
        ref, _ = tilted(rng, 0.5, 0.0, 2_000)
        gen, v_gen = tilted(rng, -0.5, 0.5, 2_000)
        found = calibration(ref, gen, bins=15, event_weights=(None, v_gen))
        inside.append((found.ratio_low < found.predicted) & (found.predicted < found.ratio_high))
    assert np.mean(inside) == pytest.approx(0.68, abs=0.06)


def test_the_auc_error_counts_effective_events():
    ref, gen = toys.gaussian_pair(400)
    half = np.where(np.arange(400) < 200, 1.0, 1e-9)
    errors = [
        ts.Study.from_weights(toys.sample("r", ref.features, event_weight=v), gen, *[np.zeros(400)] * 2)
        for v in (None, half)
    ]
    assert errors[0].auc_error() == pytest.approx(null_auc_error(400, 400, crossfit=False))
    assert errors[1].auc_error() == pytest.approx(null_auc_error(200, 400, crossfit=False))


def narrow_study(seed, n=2_000, width=0.75):
    """Exact weights of a generator that is too narrow in x0: its few outermost events weigh a lot."""
    rng = np.random.default_rng(seed)
    ref, gen = rng.standard_normal((2, n, 2)).astype(np.float32)
    gen[:, 0] *= width
    log_w = [np.log(width) + 0.5 * x[:, 0].astype(float) ** 2 * (1 / width**2 - 1) for x in (ref, gen)]
    return ts.Study.from_weights(toys.sample("ref", ref), toys.sample("gen", gen), *log_w)


def test_exact_weights_close_also_where_few_events_weigh_a_lot():
    closures = [narrow_study(seed).closure("x0") for seed in range(40)]
    assert np.mean([chi2.sf(c.chi2, c.ndf) < 0.05 for c in closures]) < 0.2
    assert np.mean([c.chi2 / c.ndf for c in closures]) == pytest.approx(1, abs=0.15)
    assert all(15 < c.ndf < 50 for c in closures)


def test_a_tail_that_nobody_generates_does_not_close():
    study = narrow_study(0)
    cut = np.where(study.reference.observables["x0"] > 1.2, np.inf, study.reference.log_w)
    assert np.isinf(cut).mean() > 0.1
    kept = study.generated.observables["x0"] < 1.2
    sides = [
        toys.sample(name, np.stack([events.observables[f"x{i}"][rows] for i in range(2)], axis=1))
        for name, events, rows in (
            ("ref", study.reference, slice(None)),
            ("gen", study.generated, kept),
        )
    ]
    closure = ts.Study.from_weights(*sides, cut, study.generated.log_w[kept]).closure("x0")
    assert closure.chi2 / closure.ndf > 3


def test_closure_of_exact_weights():
    closure = toys.exact_study(40_000).closure("x0")
    assert closure.chi2 / closure.ndf < 1.6
    assert closure.reference.total == pytest.approx(1)


@pytest.mark.parametrize("event_weights", [False, True])
def test_the_calibration_slope_is_one_for_exact_weights_and_its_error_covers(event_weights):
    pulls = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        ref, gen = rng.normal(0.3, 1, 900), rng.normal(-0.3, 1, 600)
        v = tuple(rng.choice([0.5, 2.0, -0.3], x.size, p=[0.5, 0.45, 0.05]) for x in (ref, gen))
        sides = [np.log(1.2) + 0.6 * x for x in (ref, gen)]
        found = calibration_slope(*sides, event_weights=v if event_weights else NONE)
        pulls.append((found.value - 1) / found.error)
    assert np.mean(pulls) == pytest.approx(0, abs=3.5 / np.sqrt(60))
    assert np.std(pulls) == pytest.approx(1, abs=0.35)


def test_the_slope_of_stretched_weights_is_the_inverse_of_the_stretch():
    study = toys.exact_study(20_000)
    sides = study.reference.log_w, study.generated.log_w
    once, twice = (calibration_slope(*(k * x for x in sides)) for k in (1, 2))
    assert twice.value == pytest.approx(once.value / 2)
    assert twice.error == pytest.approx(once.error / 2)


def test_the_slope_of_wildly_extreme_weights_is_found():
    rng = np.random.default_rng(0)
    found = calibration_slope(rng.normal(0.4, 30, 500), rng.normal(-0.4, 30, 500))
    assert found.value == pytest.approx(0, abs=5 * found.error)
    assert found.error < 0.01


@pytest.mark.parametrize("sides", [([0.0, 0.0], [0.0]), ([1.0, 2.0], [-1.0, 0.0]), ([np.inf], [-np.inf])])
def test_weights_without_a_slope_have_an_infinite_error(sides):
    found = calibration_slope(*map(np.array, sides))
    assert (found.value, found.error) == (1.0, np.inf)


@pytest.mark.parametrize("d", [0.0, 0.1, 0.2])
def test_the_distance_of_histograms_is_the_relative_difference_without_noise(d):
    rng = np.random.default_rng(3)
    edges = np.linspace(0, 1, 11)
    sign = np.tile([1, -1], 5)
    found = []
    for _ in range(50):
        counts = [rng.poisson(3000 * shape) for shape in (np.ones(10), 1 + d * sign)]
        one, other = (Histogram(edges, c.astype(float), c.astype(float), 0.0, 0.0, 0.0) for c in counts)
        found.append(closure(one, other).distance ** 2)
    assert np.sqrt(max(np.mean(found), 0)) == pytest.approx(d, abs=0.02)


@pytest.mark.parametrize(("w", "size"), [([1, 1, 1], 3), ([1, 0, 0], 1), ([], 0)])
def test_effective_size(w, size):
    w = np.array(w, dtype=float)
    assert effective_size(w.sum(), (w**2).sum()) == size
