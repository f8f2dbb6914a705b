"""What is drawn of two observables, against the formulas on the events themselves."""

import numpy as np
import pytest

import tailscope as ts
from helpers.toys import exact_study, sample
from tailscope.weights.plane import levels, plane


def _study(n=500, weighted=True):
    rng = np.random.default_rng(1)
    x = rng.normal(0, 1, (2, n, 2)).astype(np.float32)
    v = rng.normal(1, 0.3, (2, n)) if weighted else (None, None)
    log_w = rng.normal(0, 0.5, (2, n))
    log_w[0, :5], log_w[1, :5] = np.inf, -np.inf
    sides = (sample(name, x[i], event_weight=v[i]) for i, name in enumerate(("r", "g")))
    return ts.Study.from_weights(*sides, *log_w), x, np.ones((2, n)) if v[0] is None else v, log_w


@pytest.mark.parametrize("weighted", [True, False])
def test_the_numbers_of_a_bin_are_those_of_its_events(weighted):
    study, x, v, log_w = _study(weighted=weighted)
    found = plane(study, "x0", "x1")
    i, j = np.unravel_index(np.argmax(found.events), found.events.shape)
    here = np.ones(v.shape, bool)
    for axis, k, column in ((found.x, i, x[..., 0]), (found.y, j, x[..., 1])):
        here &= (column >= axis.edges[k]) & (column < axis.edges[k + 1])
    assert found.events[i, j] == here.sum()
    good = here & np.isfinite(log_w)
    u = v / np.where(np.isfinite(log_w), v, v).sum(axis=1, keepdims=True)
    mean = (u * np.where(good, log_w, 0))[good].sum() / u[good].sum()
    error = np.sqrt((u[good] ** 2 * (log_w[good] - mean) ** 2).sum()) / u[good].sum()
    assert [part[i, j] for part in found.mean_log_w] == pytest.approx([mean, error])
    for name, weights in (("ratio", v[1]), ("closure", v[1] * np.exp(np.minimum(log_w[1], 9)))):
        top, bottom = weights[here[1]].sum() / weights.sum(), v[0][here[0]].sum() / v[0].sum()
        terms = (
            (weights[here[1]] ** 2).sum() / weights.sum() ** 2,
            (v[0][here[0]] ** 2).sum() / v[0].sum() ** 2,
        )
        wrong = np.sqrt(terms[0] + (top / bottom) ** 2 * terms[1]) / bottom
        assert [part[i, j] for part in getattr(found, name)] == pytest.approx([top / bottom, wrong])


def test_selections_are_read_off_their_right_samples_within_the_slice():
    study = exact_study(2_000)
    selections = (ts.Selection(low=1.3, cuts=(ts.Cut("x0", 0), ts.Cut("x3", 0))), ts.Selection(high=0.8))
    within = (ts.Cut("x4", -1, 1),)
    found = plane(study, "x0", "x1", selections, within)
    for counts, selection, name in zip(found.selections, selections, ("reference", "generated"), strict=True):
        seen = tuple(cut for cut in selection.cuts if cut.observable == "x3")
        kept = ts.Selection(selection.low, selection.high, (*seen, *within), sample=name)
        assert counts.events.sum() == study.select(name, kept).size
    assert found.reference.events.sum() == study.select("reference", ts.Selection(cuts=within)).size


def test_bins_are_larger_where_there_are_few_events():
    few, many = (plane(exact_study(n), "x0", "x1") for n in (300, 20_000))
    assert len(few.x) <= 20 < len(many.x) <= 60


@pytest.mark.parametrize("n", [0, 1, 30, 3_000])
def test_densities_of_any_number_of_events_are_finite_and_lines_hold_their_shares(n):
    study = exact_study(6_000)
    log_w = study.index("generated").log_w
    selection = ts.Selection(high=float(np.exp(log_w[n])) if n else 0.0)
    density = plane(study, "x0", "x1", (selection,)).density(0)
    assert np.isfinite(density).all()
    heights = levels(density, (0.5, 0.9))
    if not n:
        assert heights == []
    for height, share in zip(heights[::-1], (0.5, 0.9), strict=False):
        held = density[density >= height].sum() / density.sum()
        assert share <= held < share + density.max() / density.sum() + 1e-9
