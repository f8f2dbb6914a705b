"""Trainings in stacks: the weights, the cache and the second chances that they have alone."""

import logging
import signal
import subprocess
import sys

import numpy as np
import pytest
import torch

import tailscope as ts
from helpers import toys
from tailscope.classifier import Stack
from tailscope.fitting import stacks
from tailscope.fitting.folds import event_hashes
from tailscope.fitting.null_runs import null_band
from tailscope.fitting.plan import Labels, plan_of
from tailscope.fitting.repeats import discrete
from tailscope.fitting.together import out_of_fold
from tailscope.record import TrainingRecord, typed
from tailscope.sample.particles import COORDINATES, Particles
from tailscope.storage.cache import Cache

PLAIN = ts.FitConfig(
    folds=3, members=2, epochs=3, hidden=24, layers=2, dropout=0.0, fewest_batches=0, device="cpu"
)


def fit(pair, cache, config=PLAIN, **kwargs):
    return ts.fit(*pair, config=config, cache=cache, **{"progress": False, "stacked": True} | kwargs)


def log_w(study):
    return np.concatenate([study.log_weights("reference"), study.log_weights("generated")])


def weighted_pair(n):
    ref, gen = toys.gaussian_pair(n)
    weight = np.random.default_rng(0).uniform(0.5, 2, n)
    return toys.sample("weighted", ref.features, event_weight=weight), gen


@pytest.fixture
def made(monkeypatch):
    """How many members each stack has that is made."""
    sizes = []
    original = Stack.__init__

    def counted(self, rows, members, *rest):
        sizes.append(len(members))
        original(self, rows, members, *rest)

    monkeypatch.setattr(Stack, "__init__", counted)
    return sizes


@pytest.mark.parametrize("whiten", [True, False])
def test_a_fit_in_stacks_has_the_weights_of_one_training_after_the_other(tmp_path, made, whiten):
    pair = weighted_pair(600)
    config = PLAIN.with_(whiten=whiten)
    stacked, alone = fit(pair, tmp_path / "a", config), fit(pair, tmp_path / "b", config, stacked=False)
    assert made == [6]
    assert log_w(stacked) == pytest.approx(log_w(alone), abs=1e-4)
    for one, other in zip(stacked.history, alone.history, strict=True):
        assert (one.fold, one.member, one.seed) == (other.fold, other.member, other.seed)
        assert one.train_events == other.train_events
        assert (one.learning_rate, one.batch_size) == (other.learning_rate, other.batch_size)
        assert one.kept == other.kept
        assert [e.validation_loss for e in one.epochs] == pytest.approx(
            [e.validation_loss for e in other.epochs], abs=1e-5
        )


def test_candidates_of_all_folds_and_members_are_one_stack_each_and_trees_go_alone(tmp_path, made):
    told = []
    config = ts.FitConfig(folds=2, members=2, epochs=2, candidates=("small", "trees", "deep"), device="cpu")
    study = fit(toys.gaussian_pair(400), tmp_path, config, progress=told.append)
    assert made == [4, 4]
    assert [(one.fold, one.kind, one.member) for one in study.history] == [
        (fold, kind, member)
        for fold in range(2)
        for kind in ("small", "trees", "deep")
        for member in range(2)
    ]
    assert {done.trainings for done in told} == {12}
    of_networks = {done.training for done in told if done.training % 6 not in (2, 3)}
    assert len([d for d in told if d.training in of_networks]) == 2 * 8


def test_what_the_cache_holds_is_the_same_whichever_way_it_was_trained(tmp_path, made):
    pair = toys.gaussian_pair(400)
    entries = {}
    for way in (True, False):
        told = []
        cache = tmp_path / str(way)
        first = fit(pair, cache, stacked=way)
        entries[way] = {
            path.stem: Cache(cache).get("network", path.stem)
            for path in (cache / "network").glob("[!.]*.entry")
        }
        for path in (cache / "fit").glob("[!.]*.entry"):
            path.unlink()
        again = fit(pair, cache, stacked=not way, progress=told.append)
        assert sorted(done.training for done in told) == list(range(6))
        assert all(done.epoch == done.epochs for done in told)  # what the cache holds is told of once
        assert log_w(again) == pytest.approx(log_w(first), abs=1e-5)
        assert again.history == first.history
    assert made == [6]
    assert entries[True].keys() == entries[False].keys()
    for key, (arrays, data) in entries[True].items():
        others, other = entries[False][key]
        assert {k: (a.shape, a.dtype) for k, a in arrays.items()} == {
            k: (a.shape, a.dtype) for k, a in others.items()
        }
        assert data.keys() == other.keys()
        for name, array in arrays.items():
            assert array == pytest.approx(others[name], abs=1e-4)


def test_null_runs_go_into_one_stack_and_count_the_same(tmp_path, made):
    pair = weighted_pair(300)
    bands = [
        null_band(*pair, PLAIN, runs=3, cache=tmp_path / str(way), progress=False, stacked=way)
        for way in (True, False)
    ]
    assert made == [18]
    # An event whose weight lies on an edge of the grid may count on either side.
    assert bands[0].reference == pytest.approx(bands[1].reference, abs=2.5)
    assert bands[0].generated == pytest.approx(bands[1].generated, abs=2.5)
    assert bands[0].auc == pytest.approx(bands[1].auc, abs=1e-4)
    assert len({*bands[0].auc}) == 3


def test_networks_that_know_no_stack_are_trained_as_ever(tmp_path, made):
    rng = np.random.default_rng(0)
    x = rng.random((2, 200, 18), dtype=np.float32)
    layout = Particles(6, COORDINATES)
    jets = [ts.Sample(name, part, {"x": part[:, 0]}, particles=layout) for name, part in zip("ab", x)]  # noqa: B905
    pair = toys.gaussian_pair(200)
    for name, events, changes in [
        ("particles", jets, {"network": "particlenet-lite"}),
        ("bayesian", pair, {"network": "bayesian"}),
        ("watched", pair, {"watch_epochs": (1,)}),
        ("several", pair, {"best_epochs": 2}),
        ("patient", pair, {"patience": 1}),
    ]:
        config = ts.FitConfig(folds=2, epochs=2, hidden=16, layers=1, device="cpu", **changes)
        found = [fit(events, tmp_path / f"{name}{way}", config, stacked=way) for way in (True, False)]
        assert (log_w(found[0]) == log_w(found[1])).all()
    assert made == []


KILLED = """
import sys
from helpers import toys
import tailscope as ts
from tailscope.fitting import stacks
stacks.CHECKPOINT_SECONDS = 0.0
config = ts.FitConfig(folds=2, members=2, epochs=6, hidden=32, layers=1, device="cpu", schedule=sys.argv[2],
                      network="mlp")
tell = lambda e: print(e.training, e.epoch, flush=True)
ts.fit(*toys.gaussian_pair(2800), config=config, cache=sys.argv[1], progress=tell, stacked=True)
print("done", flush=True)
"""


@pytest.mark.parametrize("schedule", ["one-cycle", "plateau"])
def test_a_killed_stack_goes_on_where_it_was_and_ends_the_same(tmp_path, schedule):
    command = [sys.executable, "-c", KILLED, str(tmp_path), schedule]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd="tests") as process:
        seen = []
        for line in process.stdout:
            seen.append(line.strip())
            if seen[-1] == "3 2":
                process.send_signal(signal.SIGKILL)
    assert "done" not in seen
    resumed = subprocess.run(command, capture_output=True, text=True, cwd="tests", check=True)
    said = resumed.stdout.splitlines()
    assert "done" in said
    assert [int(line.split()[1]) for line in said[:4]] in ([3] * 4, [4] * 4)
    assert len({line.split()[0] for line in said[:4]}) == 4  # all of them in one stack again
    config = ts.FitConfig(
        folds=2, members=2, epochs=6, hidden=32, layers=1, device="cpu", schedule=schedule, network="mlp"
    )
    pair = toys.gaussian_pair(2800)
    after, fresh = fit(pair, tmp_path, config), fit(pair, tmp_path / "fresh", config)
    assert log_w(after) == pytest.approx(log_w(fresh), abs=1e-6)
    assert not list((tmp_path / "checkpoint").glob("[!.]*.entry"))


class EnoughError(Exception):
    """Raised by somebody who does not want to wait any longer."""


def test_members_that_were_stopped_at_different_epochs_go_on_in_stacks_of_their_own(
    tmp_path, made, monkeypatch
):
    pair, config = toys.gaussian_pair(400), PLAIN.with_(epochs=5)
    monkeypatch.setattr(stacks, "CHECKPOINT_SECONDS", 0.0)

    def until(epoch):
        def tell(done):
            if done.epoch == epoch:
                raise EnoughError

        return tell

    with pytest.raises(EnoughError):
        fit(pair, tmp_path, config, progress=until(3))
    kept = sorted((tmp_path / "checkpoint").glob("[!.]*.entry"))
    assert len(kept) == 6
    kept[0].unlink()
    kept[1].unlink()
    told = []
    study = fit(pair, tmp_path, config, progress=told.append)
    assert made[0] == 6
    assert sorted(made[1:]) == [2, 4]
    assert sum(done.epoch == 1 for done in told) == 2
    assert log_w(study) == pytest.approx(
        log_w(fit(pair, tmp_path / "fresh", config, stacked=False)), abs=1e-4
    )


def test_a_stack_that_does_not_fit_is_halved(tmp_path, made, monkeypatch, caplog):
    one_epoch = Stack.one_epoch

    def narrow(self):
        if len(self.progress) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        one_epoch(self)

    monkeypatch.setattr(Stack, "one_epoch", narrow)
    pair = toys.gaussian_pair(400)
    with caplog.at_level(logging.WARNING):
        study = fit(pair, tmp_path)
    assert made == [6, 3, 2, 3, 2]
    assert "a stack of 6 trainings does not fit" in caplog.text
    alone = fit(pair, tmp_path / "alone", stacked=False)
    assert log_w(study) == pytest.approx(log_w(alone), abs=1e-4)
    assert study.history[0].batch_size == alone.history[0].batch_size


def test_a_stack_is_no_larger_than_the_memory(tmp_path, made, monkeypatch):
    monkeypatch.setattr(stacks, "usable", lambda: 3.2e6)
    fit(toys.gaussian_pair(400), tmp_path)
    assert made in ([3, 3], [2, 2, 2])


def carried_out(pair, cache, config, tell):
    """All trainings of a fit in stacks, and what its cache entry holds; no study is made of it."""
    config = config.for_sample(*pair)
    hashes = [event_hashes(sample, config.seed) for sample in pair]
    plan = plan_of(
        ("a", "b"),
        Labels.of(*pair),
        np.concatenate(hashes),
        np.concatenate(discrete(*hashes)),
        config,
        "a fit",
    )
    return out_of_fold(*pair, plan, Cache(cache), tell, stacked=True)


def test_members_that_diverge_start_again_alone_and_the_others_go_on(tmp_path, made, caplog):
    config = ts.FitConfig(
        folds=3,
        members=2,
        epochs=12,
        hidden=24,
        layers=3,
        device="cpu",
        learning_rate=0.9,
        schedule="plateau",
        weight_decay=81.0,
        average=0.0,
        dropout=0.0,
        fewest_batches=0,
        batch_size=128,
        whiten=False,
        compress=False,
    )
    told = []
    with caplog.at_level(logging.WARNING):
        arrays, data = carried_out(toys.gaussian_pair(300), tmp_path, config, told.append)
    history = typed(data["history"], tuple[TrainingRecord, ...])
    restarted = [one.restarted for one in history]
    assert made == [6]
    assert 0 < sum(restarted) < 6
    assert [one.learning_rate for one in history] == pytest.approx(
        [0.09 if again else 0.9 for again in restarted]
    )
    assert caplog.text.count("it starts again, once, with the learning rate 0.09") == sum(restarted)
    assert all(np.isfinite(arrays[f"{side}.log_w"]).all() for side in ("reference", "generated"))
    for training, again in enumerate(restarted):
        epochs = [done.epoch for done in told if done.training == training]
        assert epochs[-12:] == list(range(1, 13))
        assert (len(epochs) > 12) == again or epochs == list(range(1, 13))


def test_a_member_that_diverges_at_a_lower_rate_too_is_an_error_of_the_fit(tmp_path):
    config = PLAIN.with_(
        learning_rate=0.9, layers=12, hidden=64, schedule="plateau", epochs=30, weight_decay=20_000.0
    )
    with pytest.raises(ts.errors.TrainingError, match=r"diverged in epoch .* \(now 0\.09\)"):
        fit(toys.gaussian_pair(200), tmp_path, config)
