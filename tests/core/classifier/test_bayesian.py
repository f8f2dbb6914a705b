"""A network whose weights have a posterior: closed forms, draws, and what the spread of log w says."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import tailscope as ts
from helpers import toys
from helpers.pools import labelled
from tailscope.classifier import network_of, outputs_of, score, score_all, train
from tailscope.classifier.bayesian import VariationalLinear
from tailscope.fitting.combine import combined

SETTINGS = ts.FitConfig(network="bayesian", hidden=32, layers=2, batch_size=64).settings
CPU = torch.device("cpu")


def layer(n_inputs=3, n_outputs=2, **settings):
    torch.manual_seed(1)
    made = VariationalLinear(n_inputs, n_outputs, replace(SETTINGS, **settings))
    torch.nn.init.normal_(made.rho, std=0.1)
    return made


def test_kl_is_that_of_two_gaussians():
    made = layer(prior_sigma=1.7)
    posterior = torch.distributions.Normal(made.mu, made.log_sigma.exp())
    prior = torch.distributions.Normal(torch.zeros(2, 3), torch.tensor(1.7 / 3**0.5))
    expected = torch.distributions.kl_divergence(posterior, prior).sum()
    assert float(made.kl().detach()) == pytest.approx(float(expected.detach()), rel=1e-5)


def test_kl_vanishes_where_posterior_and_prior_agree():
    made = layer(initial_sigma=1.0)
    with torch.no_grad():
        made.rho.zero_()
        made.mu.zero_()
    assert float(made.kl().detach()) == pytest.approx(0, abs=1e-6)


def test_outputs_scatter_as_those_of_drawn_weights():
    made, x = layer(initial_sigma=0.5), torch.tensor([[1.0, -2.0, 0.5]])
    generator = torch.Generator().manual_seed(2)
    drawn = torch.stack([x @ made.draw(generator).T + made.bias for _ in range(20_000)]).squeeze(1)
    local = made.train()(x.expand(20_000, 3))
    assert local.mean(0).tolist() == pytest.approx(drawn.mean(0).tolist(), abs=0.05)
    assert local.std(0).tolist() == pytest.approx(drawn.std(0).tolist(), rel=0.03)
    assert torch.equal(made.eval()(x), made.eval()(x))


def test_initial_spread_is_that_of_the_settings():
    network = network_of(5, replace(SETTINGS, initial_sigma=0.02, prior_sigma=3.0))
    for one in network.layers:
        expected = 0.02 * 3.0 / one.mu.shape[1] ** 0.5
        assert one.log_sigma.exp().detach().numpy() == pytest.approx(expected)


def test_draws_follow_the_seed_alone_and_narrow_posteriors_are_one_network():
    sample, _ = toys.gaussian_pair(50)
    rows = np.arange(50)
    network = network_of(5, SETTINGS).eval()
    first, again, other = (score_all(outputs_of(network, 3, seed), sample, CPU, rows) for seed in (7, 7, 8))
    assert first.shape == (50, 3)
    assert (first == again).all()
    assert (first != other).any()
    assert (first.std(axis=1) > 0).all()
    narrow = network_of(5, replace(SETTINGS, initial_sigma=1e-6)).eval()
    for column in score_all(outputs_of(narrow, 2, 1), sample, CPU, rows).T:
        assert column == pytest.approx(score(narrow, sample, CPU, rows), abs=1e-4)


def trained(n, seed=0):
    """Draws of a network that has seen n + n events, and the events; batches grow with n."""
    pair = toys.gaussian_pair(n, seed)
    rows = np.random.default_rng(seed).permutation(2 * n)
    settings = replace(SETTINGS, batch_size=max(16, n // 60))
    states, progress = train(labelled(*pair, CPU), rows[n // 4 :], rows[: n // 4], settings, seed)
    network = network_of(5, settings).eval()
    network.load_state_dict(states[0])
    return outputs_of(network, 20, seed), progress


def spread(draws, x):
    sample = toys.sample("x", x.astype(np.float32))
    return float(np.median(score_all(draws, sample, CPU, np.arange(len(x))).std(axis=1, ddof=1)))


def test_the_spread_grows_beyond_the_training_events_and_where_they_are_few():
    x = np.random.default_rng(5).normal(size=(1_000, 5))
    few, many = trained(500)[0], trained(8_000)[0]
    assert spread(many, 4 * x) > 1.7 * spread(many, x)
    assert spread(few, x) > 1.5 * spread(many, x)


def test_the_history_tells_the_divergence_and_the_best_epoch_minds_it():
    _, progress = trained(500)
    sums = [e.validation_loss + e.kl for e in progress.history]
    assert progress.best_epoch == 1 + int(np.argmin(sums))
    assert all(e.kl > 0 for e in progress.history)


QUICK = ts.FitConfig(network="bayesian", folds=2, hidden=32, layers=2, epochs=2, device="cpu")


@pytest.mark.parametrize("rule", ["logit", "probability"])
def test_draws_are_members_of_the_weights(tmp_path, rule):
    config = QUICK.with_(
        members=2, best_epochs=2, posterior_samples=3, combine=rule, watch_epochs=(1,), batch_size=64
    )
    study = ts.fit(*toys.gaussian_pair(300), config=config, cache=tmp_path, progress=False)
    members = study.log_weights("generated", members=True)
    assert members.shape == (300, 12)
    assert len(np.unique(members[0])) == 12
    assert study.log_weights("generated") == pytest.approx(combined(members, rule))
    assert study.generated.observables["sigma_log_w"] == pytest.approx(members.std(axis=1, ddof=1), abs=1e-6)
    ranks = [study.history[m].best_epochs.index(1) for m in range(2)]
    columns = [6 * m + 3 * rank + draw for m, rank in enumerate(ranks) for draw in range(3)]
    then, first = study.at_epoch(1).log_weights("generated"), study.generated.fold == 0
    # the same state, but with other draws: as far from each other as draws are
    assert np.abs(then - combined(members[:, columns], rule))[first].max() < 6 * members.std()
    again = ts.fit(*toys.gaussian_pair(300), config=config, cache=tmp_path / "b", progress=False)
    assert (again.log_weights("generated", members=True) == members).all()


def test_weights_of_the_posterior_are_the_ratio_within_their_spread(tmp_path):
    """Calibrated, and pulls (log w - exact)/sigma of order one in the central 98% of the exact ratio."""
    config = QUICK.with_(epochs=15, hidden=64, folds=5, protocol="split")
    study = ts.fit(*toys.gaussian_pair(10_000), config=config, cache=tmp_path, progress=False)
    exact, learned, sigma = [], [], []
    for events in (study.reference, study.generated):
        x = np.stack([events.observables[f"x{i}"] for i in range(5)], axis=1)
        exact.append(toys.gaussian_log_ratio(x))
        learned.append(events.log_w)
        sigma.append(events.observables["sigma_log_w"])
    true, log_w, error = map(np.concatenate, (exact, learned, sigma))
    low, high = np.quantile(true, [0.01, 0.99])
    central = (low < true) & (true < high)
    pulls = ((log_w - true) / error)[central]
    assert np.polyfit(true[central], log_w[central], 1)[0] == pytest.approx(1, abs=0.15)
    assert abs(np.mean(pulls)) < 0.6
    assert 0.4 < np.sqrt(np.mean(pulls**2)) < 2
    calibration = study.calibration(15)
    assert calibration.chi2 / calibration.ndf < 2.5


@pytest.mark.parametrize(
    "bad",
    [{"posterior_samples": 1}, {"prior_sigma": 0.0}, {"initial_sigma": 0.0}, {"temperature": -1.0}],
)
def test_settings_are_checked(bad):
    with pytest.raises(ts.TailscopeError, match="makes no sense"):
        ts.FitConfig(network="bayesian", **bad)
