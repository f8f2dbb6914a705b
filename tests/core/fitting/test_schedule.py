"""Trainings run at once: the same weights, an end in time, and every error where the caller waits."""

import numpy as np
import pytest
import torch

import tailscope as ts
from helpers import toys
from tailscope.errors import ConfigError, TrainingError
from tailscope.fitting.null_runs import null_band
from tailscope.sample.particles import COORDINATES, Particles

QUICK = ts.FitConfig(folds=3, members=2, epochs=3, hidden=24, layers=2, device="cpu")


def jets(n=240):
    rng = np.random.default_rng(0)
    x = rng.random((2, n, 18), dtype=np.float32)
    layout = Particles(6, COORDINATES)
    return [ts.Sample(name, part, {"x": part[:, 0]}, particles=layout) for name, part in zip("ab", x)]  # noqa: B905


@pytest.mark.parametrize("network", ["mlp", "bayesian", "particlenet-lite"])
def test_weights_are_the_same_to_the_last_bit_however_many_trainings_run_at_once(tmp_path, network):
    pair = jets() if network == "particlenet-lite" else toys.gaussian_pair(600)
    config = QUICK.with_(network=network, watch_epochs=(1,), best_epochs=2)
    studies = [
        ts.fit(*pair, config=config, cache=tmp_path / str(n), progress=False, at_once=n) for n in (1, 2, 5)
    ]
    assert studies[0].reference.members.shape[1] == 4 * config.outputs
    for study in studies[1:]:
        for name in ("reference", "generated"):
            assert (study.log_weights(name) == studies[0].log_weights(name)).all()
            assert (study.log_weights(name, members=True) == studies[0].log_weights(name, members=True)).all()
            assert (study.epochs[0].log_w[name] == studies[0].epochs[0].log_w[name]).all()
        assert study.history == studies[0].history


def test_a_null_band_is_the_same_however_many_trainings_run_at_once(tmp_path):
    pair = toys.gaussian_pair(400)
    bands = [
        null_band(*pair, QUICK, runs=3, cache=tmp_path / str(n), progress=False, at_once=n) for n in (1, 4)
    ]
    assert (bands[0].reference == bands[1].reference).all()
    assert (bands[0].generated == bands[1].generated).all()
    assert (bands[0].auc == bands[1].auc).all()


def test_every_epoch_of_every_training_is_told(tmp_path):
    told = []
    ts.fit(*toys.gaussian_pair(300), config=QUICK, cache=tmp_path, progress=told.append, at_once=3)
    assert sorted((done.training, done.epoch) for done in told) == [
        (t, e) for t in range(6) for e in (1, 2, 3)
    ]
    assert {done.trainings for done in told} == {6}


class EnoughError(Exception):
    """Raised by somebody who does not want to wait any longer."""


def test_a_listener_that_raises_ends_all_trainings_which_go_on_later(tmp_path):
    pair, config = toys.gaussian_pair(300), QUICK.with_(epochs=400)
    told = []

    def impatient(done):
        told.append(done)
        if len(told) == 7:
            raise EnoughError

    with pytest.raises(EnoughError):
        ts.fit(*pair, config=config, cache=tmp_path, progress=impatient, at_once=2)
    assert len(told) == 7
    kept = {path.name for path in (tmp_path / "checkpoint").glob("[!.]*.entry")}
    assert len(kept) == 2
    again = []

    def at_first(done):
        again.append(done)
        raise EnoughError

    with pytest.raises(EnoughError):
        ts.fit(*pair, config=config, cache=tmp_path, progress=at_first, at_once=1)
    assert (again[0].training, again[0].epoch > 1) == (0, True)


def test_a_training_that_fails_is_an_error_of_the_fit(tmp_path):
    x = np.random.default_rng(0).normal(size=(200, 2)).astype(np.float32)
    pair = toys.sample("a", x), toys.sample("b", x + np.float32(1))
    wild = QUICK.with_(
        learning_rate=0.9, layers=12, hidden=64, schedule="plateau", epochs=30, weight_decay=20_000.0
    )
    with pytest.raises(TrainingError, match="diverged in epoch"):
        ts.fit(*pair, config=wild, cache=tmp_path, progress=False, at_once=3)


def test_the_randomness_of_the_caller_is_left_alone(tmp_path):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    ts.fit(*toys.gaussian_pair(200), config=QUICK, cache=tmp_path, progress=False)
    assert torch.equal(torch.rand(3), expected)


def test_fewer_than_one_at_once_makes_no_sense(tmp_path):
    with pytest.raises(ConfigError, match="0 trainings at once make no sense"):
        ts.fit(*toys.gaussian_pair(200), config=QUICK, cache=tmp_path, progress=False, at_once=0)
