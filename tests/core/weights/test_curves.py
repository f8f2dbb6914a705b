"""The focus's curves: whatever the binning, they equal numpy on the study."""

import numpy as np
import pytest

import tailscope as ts
from helpers.toys import gaussian_log_ratio, gaussian_pair
from tailscope.errors import SelectionError
from tailscope.weights.curves import binning_of, curves, density, ratio

SELECTIONS = (
    ts.Selection(low=1.6, name="high"),
    ts.Selection(high=0.6, cuts=(ts.Cut("x1", low=0.0),), name="low"),
    ts.Selection(low=0.9, high=1.1, sample="reference"),
)


@pytest.fixture(scope="module", params=[False, True], ids=["events", "weighted"])
def study(request):
    ref, gen = gaussian_pair(4000)
    log_w = [gaussian_log_ratio(s.features) for s in (ref, gen)]
    log_w[1][:3] = np.inf
    if request.param:
        v = np.random.default_rng(2).uniform(-0.5, 2, 4000)
        ref, gen = (ts.Sample(s.name, s.features, s.observables, event_weight=v) for s in (ref, gen))
    return ts.Study.from_weights(ref, gen, *log_w)


def numpy_histogram(study, sample, name, selection, edges, weight=None):
    rows = study.select(sample, selection)
    x = study.sample(sample).observables[name][rows].astype(np.float64)
    v = study.sample(sample).event_weight
    v = np.ones(len(study.sample(sample))) if v is None else v
    v = (v if weight is None else v * weight)[rows]
    inside = (x >= edges[0]) & (x < edges[-1])
    at = np.searchsorted(edges, x[inside], side="right") - 1
    return tuple(np.bincount(at, y[inside], minlength=edges.size - 1) for y in (v, v**2))


@pytest.mark.parametrize("within", [(), (ts.Cut("x2", low=-0.5, high=1.0),)], ids=["all", "slice"])
@pytest.mark.parametrize("bins", [None, 17])
def test_curves_equal_numpy(study, bins, within):
    binning = None if bins is None else binning_of(-2.5, 2.0, bins, "linear")
    found = curves(study, "x0", SELECTIONS, binning, within)
    edges = found.reference.edges
    w = study.weights("generated")
    w = np.where(np.isfinite(w), w, 0)
    everything = ts.Selection(cuts=within)
    expected = [
        numpy_histogram(study, "reference", "x0", everything, edges),
        numpy_histogram(study, "generated", "x0", everything, edges),
        numpy_histogram(study, "generated", "x0", everything, edges, w),
    ]
    for s in SELECTIONS:
        cut = ts.Selection(s.low, s.high, s.cuts + within)
        expected.append(numpy_histogram(study, s.right_sample, "x0", cut, edges))
    shown = (found.reference, found.generated, found.reweighted, *found.selections)
    for histogram, (values, variances) in zip(shown, expected, strict=True):
        np.testing.assert_allclose(histogram.values, values, atol=1e-9)
        np.testing.assert_allclose(histogram.variances, variances, atol=1e-9)


def test_the_index_and_the_columns_agree(study):
    own = study.observable("x0").binning
    by_index, by_column = curves(study, "x0", SELECTIONS), curves(study, "x0", SELECTIONS, own)
    for a, b in zip(by_index.selections, by_column.selections, strict=True):
        np.testing.assert_allclose(a.values, b.values, atol=1e-9)
        assert (a.underflow, a.overflow) == pytest.approx((b.underflow, b.overflow))


def test_mean_weight_is_the_mean_of_w_in_a_bin():
    ref, gen = gaussian_pair(2000)
    study = ts.Study.from_weights(ref, gen, *(gaussian_log_ratio(s.features) for s in (ref, gen)))
    found = curves(study, "x0", (), binning_of(-1, 1, 4, "linear"))
    mean, error = found.mean_weight
    x, w = gen.observables["x0"].astype(float), study.weights("generated")
    inside = (x >= -1) & (x < -0.5)
    assert mean[0] == pytest.approx(w[inside].mean())
    assert error[0] == pytest.approx(w[inside].std() / np.sqrt(inside.sum()))


def weighted_means(seed, binning, unit=1.0):
    """Mean weights in x0 of a sample with event weights that go with w."""
    ref, gen = gaussian_pair(1_500, seed)
    log_w = [gaussian_log_ratio(s.features) for s in (ref, gen)]
    v = unit * np.exp(1.5 * log_w[1]) * np.random.default_rng(seed).exponential(1, 1_500)
    weighted = ts.Sample(gen.name, gen.features, gen.observables, event_weight=v)
    return curves(ts.Study.from_weights(ref, weighted, *log_w), "x0", (), binning).mean_weight


@pytest.mark.parametrize("unit", [1000.0, 1e-6])
@pytest.mark.parametrize("bins", [None, 12])
def test_a_mean_weight_and_its_error_do_not_know_the_unit_of_event_weights(bins, unit):
    binning = None if bins is None else binning_of(-2, 2, bins, "linear")
    plain, scaled = weighted_means(0, binning), weighted_means(0, binning, unit)
    np.testing.assert_allclose(scaled[0], plain[0], rtol=1e-9)
    # Bins of one event, of which the error is 0 but for rounding, are there too.
    np.testing.assert_allclose(scaled[1], plain[1], rtol=1e-6, atol=1e-7)


def test_the_error_of_a_mean_weight_covers_with_event_weights():
    found = np.array([weighted_means(seed, binning_of(-2, 2, 12, "linear")) for seed in range(60)])
    spread = found[:, 0].std(axis=0, ddof=1) / np.sqrt((found[:, 1] ** 2).mean(axis=0))
    assert np.mean(spread) == pytest.approx(1, abs=0.12)


def test_density_integrates_to_the_share_inside():
    ref, gen = gaussian_pair(2000)
    study = ts.Study.from_weights(ref, gen, np.zeros(2000), np.zeros(2000))
    found = curves(study, "x0", (), binning_of(-1, 1, 40, "linear"))
    h = density(found.reference, log_x=False)
    inside = np.mean((ref.observables["x0"] >= -1) & (ref.observables["x0"] < 1))
    assert (h.values * np.diff(h.edges)).sum() == pytest.approx(inside)


def test_the_ratio_of_a_sample_to_itself_is_one_with_its_relative_error():
    ref, gen = gaussian_pair(2000)
    study = ts.Study.from_weights(ref, gen, np.zeros(2000), np.zeros(2000))
    h = curves(study, "x0", (), binning_of(-5, 50, 55, "linear")).reference
    value, error = ratio(h, h)
    filled = h.values > 0
    assert np.all(value[filled] == 1)
    assert np.isnan(value[~filled]).all()
    np.testing.assert_allclose(error[filled], 1 / np.sqrt(h.values[filled]))


@pytest.mark.parametrize(
    ("low", "high", "bins", "scale", "sentence"),
    [
        (1, 0, 10, "linear", "is empty"),
        (0, np.nan, 10, "linear", "is empty"),
        (0, 1, 0, "linear", "bins cannot be drawn"),
        (0, 1, 254, "linear", "bins cannot be drawn"),
        (0, 1, 10, "log", "above 0"),
        (1, 1 + 1e-15, 10, "linear", "too narrow"),
    ],
)
def test_binnings_that_cannot_be(low, high, bins, scale, sentence):
    with pytest.raises(SelectionError, match=sentence):
        binning_of(low, high, bins, scale)
