"""FitConfig: which classifiers a fit trains, and what is refused."""

import numpy as np
import pytest

import tailscope as ts
from helpers import toys
from tailscope.config import ALL, AUTO, CANDIDATES, FEW, MANY, MANY_INPUTS, MOST_WHITENED, NETWORKS, PRESETS
from tailscope.errors import ConfigError
from tailscope.record import plain, typed


def with_inputs(n, **kwargs):
    return toys.sample("many", np.random.default_rng(0).random((4, n), dtype=np.float32), **kwargs)


@pytest.mark.parametrize(
    ("n", "kinds"), [(1, FEW), (MANY_INPUTS - 1, FEW), (MANY_INPUTS, MANY), (MOST_WHITENED + 1, MANY)]
)
def test_the_default_takes_candidates_by_the_number_of_inputs(n, kinds):
    config = ts.FitConfig()
    assert (config.kinds, config.members) == (AUTO, 1)
    made = config.for_sample(with_inputs(n))
    assert made.kinds == kinds
    assert made.network == "mlp"
    assert made.networks == len(kinds)
    assert made.trainings == 5 * len(kinds)
    assert made.whiten == (n <= MOST_WHITENED)
    assert made.for_sample(with_inputs(n)) == made


def test_best_takes_all_candidates_twice_whatever_the_inputs():
    for n in (3, MANY_INPUTS):
        made = ts.FitConfig(preset="best").for_sample(with_inputs(n))
        assert (made.kinds, made.members, made.networks) == (ALL, 2, 2 * len(ALL))
    assert ts.FitConfig(preset="best", members=1).networks == len(ALL)
    assert set(FEW) | set(MANY) == set(ALL) == set(CANDIDATES)


ONE_ALONE = [
    {"network": "mlp"},
    {"network": "bayesian"},
    {"network": "trees"},
    {"layers": 2},
    {"hidden": 16},
    {"dropout": 0.2},
    {"input_dropout": 0.1},
    {"weight_decay": 1.0},
    {"best_epochs": 2},
    {"watch_epochs": (1,)},
    {"candidates": ()},
    {"preset": "paper-calo"},
    {"preset": "paper-events"},
    {"preset": "paper-jets"},
]


@pytest.mark.parametrize("settings", ONE_ALONE, ids=str)
def test_what_is_said_of_one_network_makes_a_fit_of_one(settings):
    config = ts.FitConfig(**settings)
    assert config.kinds == ()
    made = config.for_sample(toys.gaussian_pair(9)[0])
    assert (made.kinds, made.networks) == ((), 1)
    assert made.settings_of("") == made.settings
    for name, value in settings.items():
        assert getattr(made, name) == value


@pytest.mark.parametrize(
    "settings",
    [{"epochs": 3}, {"batch_size": 99}, {"learning_rate": 1e-3}, {"whiten": False}, {"members": 4}],
)
def test_other_settings_hold_for_all_candidates(settings):
    made = ts.FitConfig(**settings).for_sample(toys.gaussian_pair(9)[0])
    assert made.kinds == FEW
    for kind in FEW:
        for name, value in settings.items():
            assert name == "members" or getattr(made.settings_of(kind), name) == value


def test_candidates_differ_in_what_they_are_named_for():
    config = ts.FitConfig(preset="best")
    assert [config.settings_of(kind).layers for kind in ("shallow", "small", "deep")] == [1, 2, 3]
    assert config.settings_of("trees").network == "trees"
    assert all(config.settings_of(kind).epochs == 25 for kind in ALL)


def test_named_candidates_are_taken_in_their_order():
    made = ts.FitConfig(candidates=("trees", "small")).for_sample(with_inputs(MANY_INPUTS))
    assert made.kinds == ("trees", "small")
    with pytest.raises(
        ConfigError,
        match=r"candidates = .* some of shallow, small, deep, quadratic, additive, trees",
    ):
        ts.FitConfig(candidates=("small", "forest"))


def test_negative_event_weights_leave_trees_out_and_refuse_them_alone():
    x = np.random.default_rng(0).random((4, 2), dtype=np.float32)
    plus, minus = (
        toys.sample(name, x, event_weight=np.array([1, 1, 1, v])) for name, v in (("p", 2), ("m", -1))
    )
    config = ts.FitConfig()
    assert config.for_sample(plus, plus).kinds == FEW
    for pair in ((minus, plus), (plus, minus)):
        assert config.for_sample(*pair).kinds == ("small", "deep", "quadratic", "additive")
        for alone in ({"network": "trees"}, {"candidates": ("trees",)}):
            with pytest.raises(
                ConfigError, match=r"^m has negative event weights.*choose the network mlp or auto"
            ):
                ts.FitConfig(**alone).for_sample(*pair)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_plain_data_with_nothing_left_open(preset):
    config = ts.FitConfig(preset=preset)
    assert typed(plain(config), ts.FitConfig) == config
    assert all(getattr(config, name) is not None for name in plain(config))
    assert config.with_() == config


def test_every_network_has_settings():
    for network in NETWORKS:
        assert ts.FitConfig(network=network).settings.network == network
