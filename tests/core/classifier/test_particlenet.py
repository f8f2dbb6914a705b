"""ParticleNet-Lite: what must not matter does not, neighbours are neighbours, and it learns."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import tailscope as ts
from helpers.particles import jets
from tailscope.classifier import network_of
from tailscope.classifier.particlenet import NEIGHBOURS, EdgeConvolution, masked_mean, neighbours
from tailscope.config import FEW
from tailscope.domains import jets as domain_of_jets
from tailscope.errors import ConfigError, InputError
from tailscope.sample.particles import COORDINATES, Particles

SETTINGS = ts.FitConfig(preset="paper-jets", network="particlenet-lite").settings
COUNT = 12


def sample(name: str, arrays: dict[str, np.ndarray], **kwargs) -> ts.Sample:
    """A sample of jets, as `load` makes it."""
    domain = domain_of_jets({key: values.shape[1:] for key, values in arrays.items()})
    columns = domain.observe(arrays)
    kwargs = {"particles": domain.particles} | kwargs
    return ts.Sample(name, domain.features(arrays), columns, domain.shown, domain="jets", **kwargs)


def logits(features: np.ndarray, particles: Particles) -> np.ndarray:
    torch.manual_seed(1)
    network = network_of(features.shape[1], SETTINGS, particles).eval()
    with torch.inference_mode():
        return network(torch.from_numpy(features)).numpy()


JETS = sample("jets", jets(200, COUNT, seed=1))
assert JETS.particles is not None
WIDTH = JETS.particles.width


def as_particles(features: np.ndarray) -> np.ndarray:
    """A view (n, count, columns) of the particles in features."""
    return features[:, :WIDTH].reshape(len(features), COUNT, -1)


def test_the_layout_says_where_the_particles_are() -> None:
    arrays = jets(20, COUNT, seed=4)
    made = sample("jets", arrays)
    columns = dict(zip(made.particles.columns, np.moveaxis(as_particles(made.features), 2, 0), strict=True))
    hardest = np.argsort(-arrays["particle_features"][:, :, 2], axis=1, kind="stable")
    for name, column in (("pT_rel", 2), ("eta_rel", 0), ("phi_rel", 1)):
        wanted = np.take_along_axis(arrays["particle_features"][:, :, column], hardest, axis=1)
        np.testing.assert_array_equal(columns[name], wanted)
    assert set(COORDINATES) <= set(made.particles.columns)
    assert made.take(np.arange(3), "few").particles == made.particles


def test_the_order_of_particles_makes_no_difference() -> None:
    shuffled = JETS.features.copy()
    as_particles(shuffled)[:] = as_particles(shuffled)[:, np.random.default_rng(0).permutation(COUNT)]
    before, after = logits(JETS.features, JETS.particles), logits(shuffled, JETS.particles)
    np.testing.assert_allclose(after, before, atol=1e-5)
    assert np.ptp(before) > 1e-3


def test_what_padding_holds_and_how_much_there_is_make_no_difference() -> None:
    padded = as_particles(JETS.features.copy())
    padded[padded[:, :, 0] == 0] = [0, 7, 3, -2]
    padding = np.full((len(padded), 9, 4), 1.5, np.float32)
    padding[:, :, 0] = 0
    more = np.concatenate([padded, padding], axis=1).reshape(len(padded), -1)
    features = np.concatenate([more, JETS.features[:, WIDTH:]], axis=1)
    longer = logits(features, Particles(COUNT + 9, JETS.particles.columns))
    np.testing.assert_allclose(longer, logits(JETS.features, JETS.particles), atol=1e-5)


def test_an_event_does_not_depend_on_its_batch() -> None:
    alone = np.concatenate([logits(JETS.features[i : i + 1], JETS.particles) for i in range(5)])
    np.testing.assert_allclose(alone, logits(JETS.features, JETS.particles)[:5], atol=1e-5)


@pytest.mark.parametrize("dimensions", [2, 32])
def test_neighbours_are_the_nearest_others_that_are_there(dimensions: int) -> None:
    rng = np.random.default_rng(2)
    positions = rng.normal(size=(30, COUNT, dimensions)).astype(np.float32)
    there = rng.random((30, COUNT)) < 0.7
    nearest, found = (t.numpy() for t in neighbours(torch.from_numpy(positions), torch.from_numpy(there)))
    assert nearest.shape == (30, COUNT, NEIGHBOURS)
    for event in range(30):
        for i in range(COUNT):
            others = [j for j in range(COUNT) if j != i and there[event, j]]
            others.sort(key=lambda j: np.linalg.norm(positions[event, j] - positions[event, i]))
            assert set(nearest[event, i][found[event, i]]) == set(others[:NEIGHBOURS])


def test_the_edge_convolution_is_that_of_its_equation() -> None:
    torch.manual_seed(0)
    layer = EdgeConvolution(3, 8)
    x, positions = torch.randn(4, COUNT, 3), torch.randn(4, COUNT, 2)
    there = torch.rand(4, COUNT) < 0.8
    nearest, found = neighbours(positions, there)
    result = layer(x, positions, there)
    for event, i in ((0, 0), (3, 5)):
        pairs = []
        for j in nearest[event, i][found[event, i]]:
            # own and neighbour together are a linear layer of (x_i, x_j - x_i).
            h = layer.own(x[event, i]) + layer.neighbour(x[event, j])
            for inner in (None, *layer.layers):
                h = torch.relu(h if inner is None else inner(h))
            pairs.append(h)
        wanted = torch.relu(layer.shortcut(x[event, i]) + torch.stack(pairs).mean(0))
        torch.testing.assert_close(result[event, i], wanted)


def test_the_mean_over_nothing_is_zero() -> None:
    assert (masked_mean(torch.ones(2, 3, 4), torch.zeros(2, 3, dtype=torch.bool)) == 0).all()


def test_one_particle_and_coinciding_particles_give_finite_gradients() -> None:
    features = np.zeros((2, WIDTH), np.float32)
    features[0, 0] = 1
    as_particles(features)[1, :, 0] = 0.1
    network = network_of(WIDTH, SETTINGS, JETS.particles)
    network(torch.from_numpy(features)).sum().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in network.parameters())


QUICK = ts.FitConfig(folds=2, epochs=3, batch_size=64, device="cpu", protocol="split", candidates=())


def test_candidates_are_perceptrons_and_trees_also_where_there_are_particles() -> None:
    made = ts.FitConfig().for_sample(JETS)
    assert (made.network, made.kinds) == ("mlp", FEW)


def test_the_domain_chooses_the_network_and_jets_without_particles_get_the_perceptron(tmp_path) -> None:
    """Where one network alone is trained."""
    pair = sample("a", jets(300, COUNT, seed=2)), sample("b", jets(300, COUNT, seed=3))
    fits = {
        name: ts.fit(*p, config=QUICK.with_(network=network), cache=tmp_path, progress=False)
        for name, p, network in (
            ("auto", pair, "auto"),
            ("particlenet", pair, "particlenet-lite"),
            ("mlp", pair, "mlp"),
            (
                "high",
                [sample(s.name, jets(300, COUNT, seed=2 + i), particles=None) for i, s in enumerate(pair)],
                "auto",
            ),
        )
    }
    used = {name: study.config.network for name, study in fits.items()}
    assert used == {
        "auto": "particlenet-lite",
        "particlenet": "particlenet-lite",
        "mlp": "mlp",
        "high": "mlp",
    }
    log_w = {name: study.log_weights("reference") for name, study in fits.items()}
    assert (log_w["auto"] == log_w["particlenet"]).all()
    assert (log_w["high"] == log_w["mlp"]).all()
    assert (log_w["auto"] != log_w["mlp"]).any()
    plain = ts.Sample("plain", np.ones((9, 2)), {"x": np.ones(9)})
    with pytest.raises(ConfigError, match="plain holds table events without particles"):
        ts.fit(plain, plain, config=QUICK.with_(network="particlenet-lite"), cache=tmp_path)


def test_it_finds_what_is_in_the_constituents_alone(tmp_path) -> None:
    """Prongs of generated jets are closer: no number of the jet as a whole is given."""
    reference, generated = jets(1_500, COUNT, seed=5), jets(1_500, COUNT, seed=6)
    generated["particle_features"][:, :, :2] *= 0.9
    pair = []
    for name, arrays in (("reference", reference), ("generated", generated)):
        made = sample(name, {"particle_features": arrays["particle_features"]})
        pair.append(
            ts.Sample(
                name, made.features[:, :WIDTH], made.observables, domain="jets", particles=made.particles
            )
        )
    study = ts.fit(*pair, config=QUICK.with_(epochs=6), cache=tmp_path, progress=False)
    assert study.auc() > 0.7


def test_layouts_that_cannot_be_are_refused() -> None:
    with pytest.raises(InputError, match="phi_rel is missing"):
        ts.Sample("jets", JETS.features, {}, particles=Particles(COUNT, ("pT_rel", "eta_rel", "phi")))
    with pytest.raises(InputError, match="30 particles of 3 numbers each are 90 features, but there are 54"):
        ts.Sample("jets", JETS.features, {}, particles=Particles(30, COORDINATES))
