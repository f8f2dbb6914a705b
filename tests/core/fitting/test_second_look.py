"""What a second look finds: nothing where the weights are right, and what they lack where they are not."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest

import tailscope as ts
from helpers import toys
from tailscope.fitting import second_look as module
from tailscope.fitting.second_look import second_look, with_second_look
from tailscope.storage.cache import Cache

N = 4_000
QUICK = ts.FitConfig(network="mlp", folds=2, epochs=2, hidden=16, layers=1, device="cpu")


def pair_of(toy, scale, n=N, seed=0):
    """A study with ``scale`` times the exact log w, and its samples."""
    ref, gen = toy.pair(n, seed)
    log_w = [scale * toy.log_ratio(s.features) for s in (ref, gen)]
    return ts.Study.from_weights(ref, gen, *log_w), ref, gen


def rms(toy, n=N, seed=0):
    return float(np.concatenate([toy.log_ratio(x) for x in toy.draw(n, seed)]).std())


@pytest.mark.parametrize("toy", toys.BLINDING)
def test_of_exact_weights_nothing_is_missed_and_the_error_covers(toy):
    pulls = []
    for seed in range(10):
        found = second_look(*pair_of(toys.BLINDING[toy], 1.0, 2_000, seed))
        pulls.append(found.missed / found.missed_error)
        assert found.gain <= 3 * found.gain_error
    assert abs(np.mean(pulls)) < 1.2
    assert np.max(pulls) < 3


@pytest.mark.parametrize("toy", toys.BLINDING)
def test_without_weights_nearly_all_is_missed(toy):
    found = second_look(*pair_of(toys.BLINDING[toy], 0.0))
    assert found.missed > 4 * found.missed_error
    assert 0.6 < found.missed / rms(toys.BLINDING[toy]) < 1.1
    assert found.auc > 0.5 + 4 * found.auc_error
    assert found.information == pytest.approx(0)
    # Half a square of a small log ratio's width over four: the divergence that it holds. Heavy tails hold
    # 0.005 nats, of which the gain is uncertain by 0.16 in one draw of 4,000 events (0.36 to 0.87 in six).
    more = [second_look(*pair_of(toys.BLINDING[toy], 0.0, seed=seed)) for seed in (1, 2)]
    gains = [one.gain / (rms(toys.BLINDING[toy], seed=i) ** 2 / 8) for i, one in enumerate((found, *more))]
    assert 0.4 < np.mean(gains) < 1.3


def test_it_names_what_the_difference_goes_along_with():
    for toy, names in (
        (toys.ONE_SHIFTED, {"x0"}),
        (toys.BLINDING["resolution"], {"x0", "x1"}),
        (toys.BLINDING["heavy tails"], {"x0", "x1"}),
    ):
        assert set(second_look(*pair_of(toy, 0.0)).observables) == names


def test_a_constant_of_log_w_is_nothing_that_observables_explain():
    study, ref, gen = pair_of(toys.BLINDING["conditional"], 1.0)
    off = [replace(s, log_w=s.log_w + 0.3) for s in (study.reference, study.generated)]
    found = second_look(replace(study, reference=off[0], generated=off[1]), ref, gen)
    assert found.missed < 3 * found.missed_error


def test_samples_of_other_sizes_and_event_weights_change_nothing_where_weights_are_right():
    toy = toys.BLINDING["conditional"]
    rng = np.random.default_rng(5)
    ref, gen = toy.draw(3 * N, 0)[0], toy.draw(N, 1)[1]
    v = np.where(rng.random(N) < 0.05, -1.0, 1.0) * rng.exponential(1.0, N)
    samples = toys.sample("r", ref), toys.sample("g", gen, event_weight=v)
    for scale, missed in ((1.0, False), (0.0, True)):
        log_w = [scale * toy.log_ratio(x) for x in (ref, gen)]
        found = second_look(ts.Study.from_weights(*samples, *log_w), *samples)
        assert (found.reference, found.generated) == (3 * N, N)
        assert (found.missed > 3 * found.missed_error) == missed


def test_the_unit_of_event_weights_does_not_matter():
    toy = toys.BLINDING["conditional"]
    ref, gen = toy.draw(1_000, 2)
    found = []
    for unit in (1.0, 1e-4):
        pair = toys.sample("r", ref), toys.sample("g", gen, event_weight=np.full(1_000, unit))
        found.append(second_look(ts.Study.from_weights(*pair, np.zeros(1_000), np.zeros(1_000)), *pair))
    assert found[1].missed == pytest.approx(found[0].missed, rel=1e-6)


def test_events_that_are_in_both_samples_do_not_look_like_an_anti_classifier():
    x = np.random.default_rng(0).standard_normal((2_000, 3)).astype(np.float32)
    ref, gen = toys.sample("r", x), toys.sample("g", x[::-1].copy())
    found = second_look(ts.Study.from_weights(ref, gen, np.zeros(2_000), np.zeros(2_000)), ref, gen)
    assert abs(found.missed) < 1e-6
    assert found.auc == pytest.approx(0.5)


def test_conditions_are_looked_at_too():
    rng = np.random.default_rng(3)
    e = rng.normal(0, 1, N), rng.normal(0.5, 1, N)
    pair = [
        ts.Sample("s", np.zeros((N, 1)), {"x0": rng.standard_normal(N)}, condition=c.astype(np.float32))
        for c in e
    ]
    found = second_look(ts.Study.from_weights(*pair, np.zeros(N), np.zeros(N)), *pair)
    assert found.missed > 0.4


def test_weights_of_0_and_infinity_and_what_is_undefined_are_looked_at():
    toy = toys.TOYS["hard boundary"]
    ref, gen = toy.pair(2_000)
    columns = {**gen.observables, "x4": np.full(2_000, np.nan, np.float32)}
    gen = ts.Sample("g", gen.features, columns)
    study = ts.Study.from_weights(ref, gen, *(toy.log_ratio(s.features) for s in (ref, gen)))
    found = second_look(study, ref, gen)
    assert np.isfinite([found.missed, found.missed_error, found.auc, found.gain, found.information]).all()
    assert found.missed > 0.3  # x4 is undefined in one sample alone
    wrong = ts.Study.from_weights(ref, gen, np.full(2_000, -np.inf), np.full(2_000, np.inf))
    found = second_look(wrong, ref, gen)
    assert (found.auc, found.information, found.gain) == (None, None, 0)


def test_of_many_events_some_are_drawn_and_always_the_same(monkeypatch):
    monkeypatch.setattr(module, "MOST_EVENTS", 500)
    args = pair_of(toys.BLINDING["resolution"], 0.5)
    first, second = second_look(*args), second_look(*args)
    assert (first.reference, first.generated) == (500, 500)
    assert first == second


def test_the_cache_keeps_it_for_the_same_weights_and_observables(tmp_path, monkeypatch):
    cache = Cache(tmp_path)
    study, ref, gen = pair_of(toys.BLINDING["resolution"], 0.5, 500)
    made = with_second_look(study, ref, gen, cache)
    asked = []
    monkeypatch.setattr(module, "second_look", lambda *args: asked.append(1) or second_look(*args))
    assert with_second_look(study, ref, gen, cache).provenance.second == made.provenance.second
    assert not asked
    other = replace(study, reference=replace(study.reference, log_w=2 * study.reference.log_w))
    assert with_second_look(other, ref, gen, cache).provenance.second != made.provenance.second
    assert asked == [1]


def test_a_fit_and_its_file_have_it_and_what_has_other_weights_or_events_has_not(tmp_path):
    ref, gen = toys.gaussian_pair(300)
    config = QUICK.with_(watch_epochs=(1,))
    study = ts.fit(ref, gen, config=config, cache=tmp_path, progress=False)
    second = study.provenance.second
    assert (second.reference, second.generated) == (300, 300)
    assert second.information == pytest.approx(study.information())
    assert ts.open(study.save(tmp_path / "a.study.h5")).provenance.second == second
    assert ts.fit(ref, gen, config=config, cache=tmp_path, progress=False).provenance.second == second
    for other in (study.at_epoch(1), study.recalibrated("platt"), study.take(np.arange(9), np.arange(9))):
        assert other.provenance == msgspec.structs.replace(
            study.provenance, second=None, recalibration=other.provenance.recalibration
        )
    tame = ts.fit(ref, gen, config=config.with_(recalibrate="platt"), cache=tmp_path, progress=False)
    assert tame.provenance.second.information == pytest.approx(tame.information())
    assert tame.provenance.second != second
    held = ts.fit(ref, gen, config=QUICK.with_(protocol="split"), cache=tmp_path, progress=False)
    assert held.provenance.second.reference == len(held.reference) < 300


def test_weights_beyond_all_numbers_are_looked_at_too():
    """As a training leaves them that all but diverged."""
    study, ref, gen = pair_of(toys.BLINDING["correlated"], 1.0, 500)
    far = [replace(s, log_w=1000 * np.sign(s.log_w)) for s in (study.reference, study.generated)]
    found = second_look(replace(study, reference=far[0], generated=far[1]), ref, gen)
    assert np.isfinite(found.missed)
    assert 0 <= found.auc <= 1
