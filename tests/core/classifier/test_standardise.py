import numpy as np
import pytest
import torch

import tailscope as ts
from tailscope.classifier.network import Classifier
from tailscope.classifier.standardise import COMPRESSED_BEYOND, standardised


@pytest.mark.parametrize("compress", [False, True])
def test_is_the_formula(compress):
    rng = np.random.default_rng(0)
    x = rng.standard_cauchy((500, 7)).astype(np.float32) * 10
    mean, scale = rng.normal(0, 1, 7).astype(np.float32), rng.uniform(0.1, 2, 7).astype(np.float32)
    z = (x.astype(np.float64) - mean) * scale
    if compress:
        size = np.abs(z)
        far = COMPRESSED_BEYOND + np.log1p(np.maximum(size - COMPRESSED_BEYOND, 0))
        z = np.where(size > COMPRESSED_BEYOND, np.sign(z) * far, z)
    found = standardised(*(torch.from_numpy(a) for a in (x, mean, scale)), compress=compress)
    np.testing.assert_allclose(found.numpy(), z, rtol=3e-6, atol=3e-6)


def test_input_is_left_alone_and_may_be_a_part_of_a_larger_one():
    x = torch.randn(6, 8)
    before = x.clone()
    mean, scale = torch.zeros(4), torch.ones(4)
    assert torch.equal(standardised(x[::2, 2:6], mean, scale, compress=False), x[::2, 2:6])
    assert torch.equal(x, before)


def test_compressed_inputs_keep_their_order_and_what_is_near():
    network = Classifier(1, ts.FitConfig(layers=1, hidden=2).settings)
    seen = []
    network.body = torch.nn.Sequential(torch.nn.Identity())
    network.body.register_forward_hook(lambda _, given, __: seen.append(given[0]))
    z = torch.linspace(-50, 50, 1001)
    network(z[:, None])
    compressed = seen[0].squeeze(-1)
    near = z.abs() <= COMPRESSED_BEYOND
    assert torch.equal(compressed[near], z[near])
    assert (compressed.diff() > 0).all()
    assert compressed[-1] == pytest.approx(2 + np.log(49), abs=1e-5)
