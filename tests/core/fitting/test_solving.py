"""Trees as the network of a fit: as good as they can be, the same again, and nothing is grown twice."""

import numpy as np
import pytest

import tailscope as ts
from helpers import toys
from tailscope.weights.auc import auc

TREES = ts.FitConfig(network="trees", folds=2, device="cpu")


def fit(pair, cache, config=TREES, **kwargs):
    return ts.fit(*pair, config=config, cache=cache, **{"progress": False} | kwargs)


def log_w(study):
    return np.concatenate([study.log_weights(name) for name in ("reference", "generated")])


@pytest.mark.parametrize("name", ["smeared peak", "hard boundary"])
def test_trees_find_what_there_is(tmp_path, name):
    pair = toys.TOYS[name].pair(10_000)
    study = fit(pair, tmp_path)
    exact = auc(*(toys.TOYS[name].log_ratio(sample.features) for sample in pair))
    assert exact - 0.02 < study.auc() < exact + 3 * study.auc_error()
    assert np.mean(study.weights("generated")) == pytest.approx(1, abs=0.05)


def test_the_history_tells_of_one_training_a_fold_and_member(tmp_path):
    study = fit(toys.gaussian_pair(1_000), tmp_path, TREES.with_(members=2))
    assert [(run.fold, run.member, run.kind) for run in study.history] == [
        (0, 0, ""),
        (0, 1, ""),
        (1, 0, ""),
        (1, 1, ""),
    ]
    assert study.log_weights("reference", members=True).shape == (1_000, 2)
    assert study.provenance.shares == {}
    for run in study.history:
        assert 1 <= run.best_epoch <= len(run.epochs) <= 15
        assert run.train_events + run.validation_events == 1_000
    assert ts.open(study.save(tmp_path / "s.h5")).history == study.history


def test_the_same_seed_gives_the_same_weights_however_many_run_at_once(tmp_path):
    pair = toys.gaussian_pair(1_000)
    one, two = (fit(pair, tmp_path / str(n), at_once=n) for n in (1, 2))
    assert (log_w(one) == log_w(two)).all()
    assert one.history == two.history
    assert (log_w(fit(pair, tmp_path / "3", TREES.with_(seed=1))) != log_w(one)).any()


class EnoughError(Exception):
    """Raised by somebody who does not want to wait any longer."""


STACK = ts.FitConfig(candidates=("small", "trees"), folds=2, epochs=2, device="cpu")


@pytest.mark.parametrize("config", [TREES, STACK], ids=["trees alone", "a stack"])
def test_a_fit_that_was_stopped_goes_on_with_the_trees_that_it_has(tmp_path, config):
    pair, told, again = toys.gaussian_pair(1_000), [], []

    def impatient(done):
        told.append(done)
        if done.training == config.trainings - 1:
            raise EnoughError

    with pytest.raises(EnoughError):
        fit(pair, tmp_path, config, progress=impatient, at_once=1)
    assert {done.training for done in told} == set(range(config.trainings))
    study = fit(pair, tmp_path, config, progress=again.append, at_once=1)
    found = [done for done in again if done.training < config.trainings - 1]
    assert [done.training for done in found] == list(range(config.trainings - 1))
    assert all(done.epoch == done.epochs for done in found)  # what the cache holds is told of once
    fresh = fit(pair, tmp_path / "fresh", config)
    assert (log_w(study) == log_w(fresh)).all()
    assert study.history == fresh.history


def test_of_many_inputs_trees_look_at_the_observables(tmp_path):
    """The inputs are noise; one observable, which is none of them, tells all."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 1_000, 200)).astype(np.float32)
    tells = rng.standard_normal((2, 1_000)).astype(np.float32) + np.float32([[0], [2]])
    pair = [ts.Sample(name, x[i], {"tells": tells[i]}) for i, name in enumerate(("reference", "generated"))]
    assert fit(pair, tmp_path).auc() > 0.9
    few = [ts.Sample(s.name, s.features[:, :199], s.observables) for s in pair]
    assert abs(fit(few, tmp_path).auc() - 0.5) < 0.06
