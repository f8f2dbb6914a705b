from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

import tailscope as ts
from helpers import toys
from tailscope.config import METHODS
from tailscope.errors import ConfigError, InputError
from tailscope.fitting.null_runs import null_band
from tailscope.weights.events import SAMPLES
from tailscope.weights.recalibration import crossfitted, isotonic, platt

EXTREME = 1.7
ONES = (None, None)


def folded(n, seed=0):
    return tuple(np.random.default_rng([seed, i]).integers(0, 5, n).astype(np.int16) for i in (0, 1))


def too_extreme(n=8_000, seed=0, **event_weights):
    """The Gaussian toy with its exact log w times 1.7: in the right order, and too sure."""
    ref, gen = toys.gaussian_pair(n, seed)
    log_w = tuple(toys.gaussian_log_ratio(s.features) for s in (ref, gen))
    return log_w, ts.Study.from_weights(ref, gen, *(EXTREME * x for x in log_w))


@pytest.mark.parametrize("method", METHODS)
def test_weights_that_are_too_extreme_are_mended(method):
    exact, study = too_extreme()
    before, after = study.calibration(), study.recalibrated(method).calibration()
    assert chi2.sf(before.chi2, before.ndf) < 1e-10
    assert chi2.sf(after.chi2, after.ndf) > 1e-3
    for name, log_w in zip(SAMPLES, exact, strict=True):
        bulk = np.abs(log_w) < 1
        rms = [
            np.sqrt(np.mean((s.log_weights(name) - log_w)[bulk] ** 2))
            for s in (study, study.recalibrated(method))
        ]
        assert rms[0] > 0.25
        assert rms[1] < 0.1
    # The order within a part is kept; steps make some weights equal, which count half.
    assert study.recalibrated(method).auc() == pytest.approx(study.auc(), abs=2e-3)


def test_platt_finds_the_factor_and_the_shift():
    log_w, _ = too_extreme(20_000)
    learned = platt(tuple(EXTREME * x + 0.4 for x in log_w), tuple(np.ones(x.size) for x in log_w))
    x = np.array([0.0, 1.0])
    slope, shift = learned(x)[1] - learned(x)[0], learned(x)[0]
    assert slope == pytest.approx(1 / EXTREME, abs=0.03)
    assert shift == pytest.approx(-0.4 / EXTREME, abs=0.03)


@pytest.mark.parametrize("method", METHODS)
def test_no_event_learns_from_its_own_fold(method):
    log_w, _ = too_extreme(1_000)
    folds = folded(1_000)
    before = crossfitted(log_w, folds, ONES, method)
    # Other scores in fold 2 change the maps of all other folds, and not that of fold 2.
    changed = tuple(np.where(fold == 2, -x, x) for x, fold in zip(log_w, folds, strict=True))
    after = crossfitted(changed, folds, ONES, method)
    for x, y, fold, start in zip(before, after, folds, log_w, strict=True):
        order = np.argsort(start[fold == 2])
        # The same map: the value at a score that both have, here by interpolation between neighbours.
        assert not np.array_equal(x[fold == 1], y[fold == 1])
        grid = np.linspace(-0.5, 0.5, 20)
        own, other = x[fold == 2][order], y[fold == 2][::1][np.argsort(-start[fold == 2])]
        ascending = np.sort(start[fold == 2])
        np.testing.assert_allclose(
            np.interp(grid, ascending, own), np.interp(grid, np.sort(-start[fold == 2]), other), atol=0.1
        )


@given(
    n=st.integers(20, 200),
    m=st.integers(20, 200),
    seed=st.integers(0, 2**32 - 1),
    decimals=st.integers(0, 3),
    method=st.sampled_from(METHODS),
    weights=st.sampled_from(["none", "positive", "negative"]),
)
@settings(deadline=None, max_examples=60)
def test_maps_rise_and_give_no_nan(n, m, seed, decimals, method, weights):
    rng = np.random.default_rng(seed)
    scores = np.round(rng.normal(0.5, 1, n), decimals), np.round(rng.normal(-0.5, 1, m), decimals)
    v = {
        "none": np.ones,
        "positive": lambda k: rng.uniform(0, 2, k),
        "negative": lambda k: np.where(rng.random(k) < 0.1, -1.0, 1.0),
    }[weights]
    learned = {"isotonic": isotonic, "platt": platt}[method](scores, (v(n), v(m)))
    x = np.sort(np.concatenate([*scores, rng.normal(0, 3, 50)]))
    mapped = learned(x)
    assert not np.isnan(mapped).any()
    finite = np.isfinite(mapped)
    assert np.all(np.diff(mapped[finite]) >= -1e-9)
    # 0 below all finite weights and inf above them.
    assert np.array_equal(np.sort(np.sign(mapped[~finite])), np.sign(mapped[~finite]))


def test_steps_of_one_sample_alone_are_zero_and_infinite():
    ref, gen = np.array([0.0, 1.0, 2.0, 3.0, 4.0]), np.array([-2.0, -1.0, 0.5, 1.5])
    learned = isotonic((ref, gen), (np.ones(5), np.ones(4)))
    mapped = learned(np.array([-9.0, -1.0, -0.5, 0.7, 1.9, 2.0, 9.0]))
    assert mapped[:2].tolist() == [-np.inf, -np.inf]
    assert np.isfinite(mapped[2:5]).all()
    assert mapped[5:].tolist() == [np.inf, np.inf]
    # Samples that do not overlap have nothing in between.
    apart = isotonic((np.array([3.0, 4.0]), np.array([-1.0, 0.0])), (np.ones(2), np.ones(2)))
    assert apart(np.array([-5.0, 0.0, 1.0, 2.0, 3.0])).tolist() == [-np.inf] * 3 + [np.inf] * 2


@pytest.mark.parametrize("method", METHODS)
def test_weights_of_zero_and_infinity_stay_and_teach_nothing(method):
    log_w, _ = too_extreme(500)
    ref, gen = (np.concatenate([x, [-np.inf, np.inf]]) for x in log_w)
    folds = tuple(np.concatenate([f, [0, 1]]).astype(np.int16) for f in folded(500))
    with_them = crossfitted((ref, gen), folds, ONES, method)
    without = crossfitted(log_w, tuple(f[:-2] for f in folds), ONES, method)
    for x, y in zip(with_them, without, strict=True):
        assert x[-2:].tolist() == [-np.inf, np.inf]
        np.testing.assert_array_equal(x[:-2], y)


@pytest.mark.parametrize("method", METHODS)
def test_negative_event_weights_subtract_what_was_added(method):
    """A third of the generated events too many in x0 > 0, taken away by weights of -1 on as many."""
    log_w, _ = too_extreme(12_000)
    rng = np.random.default_rng(5)
    gen = log_w[1]
    extra = rng.choice(gen[gen > 0], 1_500)
    taken = rng.choice(gen[gen > 0], 1_500)
    scores = EXTREME * log_w[0], EXTREME * np.concatenate([gen, extra, taken])
    v = np.ones(log_w[0].size), np.concatenate([np.ones(gen.size + 1_500), np.full(1_500, -1.0)])
    folds = tuple((np.arange(x.size) % 5).astype(np.int16) for x in scores)
    found = crossfitted(scores, folds, v, method)
    bulk = np.abs(log_w[0]) < 1
    assert np.sqrt(np.mean((found[0] - log_w[0])[bulk] ** 2)) < 0.12


def test_a_recalibrated_study_says_so(tmp_path):
    _, study = too_extreme(300)
    copy = study.recalibrated("platt")
    assert copy.name == f"{study.name}, recalibrated (platt)"
    assert "recalibrated (platt)" in repr(copy)
    assert copy.provenance == msgspec.structs.replace(study.provenance, recalibration="platt")
    assert copy.digest != study.digest
    again = ts.open(copy.save(tmp_path / "r.study.h5"))
    assert again.digest == copy.digest
    assert again.provenance.recalibration == "platt"
    with pytest.raises(InputError, match=r"were recalibrated before \(platt\); start from the original"):
        again.recalibrated("isotonic")
    with pytest.raises(InputError, match=r"no recalibration 'beta'; choose isotonic or platt"):
        study.recalibrated("beta")


def test_a_fit_recalibrates_without_training_again(tmp_path):
    ref, gen = toys.gaussian_pair(600)
    config = ts.FitConfig(epochs=1, folds=2, hidden=8, device="cpu")
    plain = ts.fit(ref, gen, config=config, cache=tmp_path, progress=False)
    epochs = []
    study = ts.fit(ref, gen, config=config.with_(recalibrate="platt"), cache=tmp_path, progress=epochs.append)
    assert epochs == []
    assert study.config.recalibrate == study.provenance.recalibration == "platt"
    assert not plain.provenance.recalibration
    for name in SAMPLES:
        np.testing.assert_array_equal(study.log_weights(name), plain.recalibrated("platt").log_weights(name))
    bands = [
        null_band(ref, gen, c, runs=2, cache=tmp_path, progress=False)
        for c in (config, config.with_(recalibrate="isotonic"))
    ]
    assert not np.array_equal(bands[0].reference, bands[1].reference)
    with pytest.raises(ConfigError, match="recalibrate = 'beta' makes no sense"):
        ts.FitConfig(recalibrate="beta")


def test_too_few_events_to_learn_from():
    x = np.zeros(3)
    with pytest.raises(InputError, match="too few events with finite weights outside of fold 1"):
        crossfitted((x, x), tuple(np.array([0, 0, 1], np.int16) for _ in range(2)), ONES, "platt")
