"""Event weights, also negative ones, and unequal sizes: w is the ratio of normalised densities.

The generated sample is made too large where x0 > 0, and as many independent events from there are given the
weight -1: its density is that of the toy, whose ratio is known.
"""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from scipy.stats import chi2

import tailscope as ts
from helpers import toys
from tailscope.study.export import export_events
from tailscope.trust.reweighting import mean_weight
from tailscope.weights.auc import auc
from tailscope.weights.slope import calibration_slope

N_REF, N_GEN, ADDED = 9_000, 3_000, 900


def subtracted(seed=0, scale=1.0):
    """Reference; generated with negative weights; and their features."""
    ref, _ = toys.gaussian_pair(N_REF, seed)
    _, gen = toys.gaussian_pair(N_GEN, seed + 1000)
    _, more = toys.gaussian_pair(8 * ADDED, seed + 2000)
    right = more.features[more.features[:, 0] > 0]
    x = np.concatenate([gen.features, right[: 2 * ADDED]])
    v = np.concatenate([np.ones(N_GEN + ADDED), np.full(ADDED, -1.0)])
    order = np.random.default_rng(seed).permutation(len(x))
    return ref, toys.sample("generated", x[order], event_weight=scale * v[order])


def exact(seed=0, scale=1.0):
    ref, gen = subtracted(seed, scale)
    log_w = [toys.gaussian_log_ratio(s.features) for s in (ref, gen)]
    return ts.Study.from_weights(ref, gen, *log_w)


@pytest.fixture(scope="module")
def studies():
    return [exact(seed, scale=0.01) for seed in range(12)]


def test_the_auc_is_that_of_the_density(studies):
    plain = toys.exact_study(60_000, 5).auc()
    found = [study.auc() for study in studies]
    error = np.std(found, ddof=1)
    assert np.mean(found) == pytest.approx(plain, abs=4 * error / np.sqrt(len(found)) + 0.003)
    assert studies[0].roc().area == pytest.approx(studies[0].auc(), abs=1e-12)
    # Without the weights it would be another one.
    _, gen = subtracted()
    log_w = studies[0].log_weights("reference"), toys.gaussian_log_ratio(gen.features)
    assert abs(auc(*log_w) - plain) > 5 * error


def test_the_calibration_of_exact_weights_is_good(studies):
    found = [study.calibration() for study in studies]
    total, ndf = sum(c.chi2 for c in found), sum(c.ndf for c in found)
    assert chi2.sf(total, ndf) > 1e-3
    assert chi2.sf(total, ndf) < 1 - 1e-3
    slopes = [calibration_slope(*s.log_w, event_weights=s.event_weights) for s in studies]
    pulls = [(s.value - 1) / s.error for s in slopes]
    assert abs(np.mean(pulls)) < 4 / np.sqrt(len(pulls))
    assert 0.5 < np.std(pulls) < 1.6


def test_means_of_w_are_one(studies):
    pulls = []
    for study in studies:
        value, error, infinite = mean_weight(study.log_weights("generated"), study.generated.event_weight)
        assert infinite == 0
        pulls.append((value - 1) / error)
        inverse, error, _ = mean_weight(-study.log_weights("reference"), study.reference.event_weight)
        assert inverse == pytest.approx(1, abs=4 * error)
    assert abs(np.mean(pulls)) < 4 / np.sqrt(len(pulls))
    assert 0.5 < np.std(pulls) < 1.6


def test_closure_holds(studies):
    for name in ("x0", "x1"):
        found = [study.closure(name) for study in studies]
        assert chi2.sf(sum(c.chi2 for c in found), sum(c.ndf for c in found)) > 1e-3


def test_histograms_and_exported_events_carry_them(studies, tmp_path):
    study, tail = studies[0], ts.Selection(low=1.2)
    rows = study.select("generated", tail)
    v, x = study.generated.event_weight[rows], study.generated.observables["x1"][rows]
    found = study.histogram("x1", "generated", tail)
    values, _ = np.histogram(x, found.edges, weights=v)
    squares, _ = np.histogram(x, found.edges, weights=v**2)
    assert (v < 0).any()
    assert found.values == pytest.approx(values, abs=1e-9)
    assert found.variances == pytest.approx(squares, abs=1e-9)
    assert found.total == pytest.approx(v.sum())
    export_events(study, tail, tmp_path / "tail.h5", sample="generated")
    with h5py.File(tmp_path / "tail.h5") as file:
        assert np.array_equal(file["event_weight"][()], v)


def test_a_fit_learns_the_ratio_of_the_weighted_densities(tmp_path):
    ref, gen = subtracted()
    config = ts.FitConfig(folds=2, epochs=10, hidden=64, device="cpu")
    study = ts.fit(ref, gen, config=config, cache=tmp_path, progress=False)
    truth = toys.gaussian_log_ratio(ref.features)
    bulk = np.abs(truth) < 1
    off = (study.log_weights("reference") - truth)[bulk]
    assert np.sqrt(np.mean(off**2)) < 0.3
    # Neither the sizes nor the events that were added and taken away shift it, on either side.
    for side in (ref.features[:, 0] > 0, ref.features[:, 0] < 0):
        assert abs((study.log_weights("reference") - truth)[bulk & side].mean()) < 0.12
