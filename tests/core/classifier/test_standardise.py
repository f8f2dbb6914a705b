import numpy as np
import pytest
import torch

import tailscope as ts
from tailscope.classifier import network_of, score
from tailscope.classifier.network import Classifier
from tailscope.classifier.standardise import MANY_INPUTS, standardised
from tailscope.storage.scratch import ScratchRows


@pytest.mark.parametrize(("n", "beyond"), [(7, np.inf), (7, 3), (MANY_INPUTS - 1, 3), (MANY_INPUTS, 0)])
def test_is_the_formula(n, beyond):
    rng = np.random.default_rng(0)
    x = rng.standard_cauchy((500, n)).astype(np.float32) * 10
    mean, scale = rng.normal(0, 1, n).astype(np.float32), rng.uniform(0.1, 2, n).astype(np.float32)
    z = (x.astype(np.float64) - mean) * scale
    if np.isfinite(beyond):
        size = np.abs(z)
        far = beyond + np.log1p(np.maximum(size - beyond, 0))
        z = np.where(size > beyond, np.sign(z) * far, z)
    tensors = [torch.from_numpy(a) for a in (x, mean, scale)]
    found = standardised(tensors[0], tensors[1], tensors[2], compress=bool(np.isfinite(beyond)))
    np.testing.assert_allclose(found.numpy(), z, rtol=3e-6, atol=3e-6)


def test_input_is_left_alone_and_may_be_a_part_of_a_larger_one():
    x = torch.randn(6, 8)
    before = x.clone()
    mean, scale = torch.zeros(4), torch.ones(4)
    assert torch.equal(standardised(x[::2, 2:6], mean, scale, compress=False), x[::2, 2:6])
    assert torch.equal(x, before)


@pytest.mark.parametrize("condition", [False, True])
@pytest.mark.parametrize("preset", ["fast", "paper-calo"])
def test_scoring_from_memory_is_scoring(preset, condition, tmp_path):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((700, 40)).astype(np.float32) * 3
    sample = ts.Sample("x", x, {"x": x[:, 0]}, condition=x[:, :2] if condition else None)
    settings = ts.FitConfig(preset=preset, network="mlp", hidden=8).settings
    network = network_of(sample.n_inputs, settings).eval()
    network.mean.uniform_(-1, 1)
    network.scale.uniform_(0.5, 2)
    rows = rng.permutation(700)[:650]
    with torch.inference_mode():
        expected = network(torch.from_numpy(sample.inputs(rows))).numpy()
    found = score(network, sample, torch.device("cpu"), rows)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    stored = ScratchRows(40, tmp_path)
    stored.append(x)
    on_disk = ts.Sample("x", stored, sample.observables, condition=sample.condition)
    np.testing.assert_array_equal(score(network, on_disk, torch.device("cpu"), rows), found)
    assert score(network, sample, torch.device("cpu"), rows[:0]).shape == (0,)


def test_compressed_inputs_keep_their_order_and_what_is_near():
    network = Classifier(1, ts.FitConfig(layers=1, hidden=2).settings)
    seen = []
    network.body = torch.nn.Sequential(torch.nn.Identity())
    network.body.register_forward_hook(lambda _, given, __: seen.append(given[0]))
    z = torch.linspace(-50, 50, 1001)
    network(z[:, None])
    compressed = seen[0].squeeze(-1)
    near = z.abs() <= 3
    assert torch.equal(compressed[near], z[near])
    assert (compressed.diff() > 0).all()
    assert compressed[-1] == pytest.approx(3 + np.log(48), abs=1e-5)
