import pytest
import torch

from tailscope.classifier.dropout import Dropout, InputDropout


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("shape", [(1000, 101), (100_003,)])
def test_drops_that_part_and_keeps_the_mean(part, shape):
    torch.manual_seed(1)
    x = torch.ones(shape)
    y = Dropout(part).train()(x)
    dropped = float((y == 0).double().mean())
    assert abs(dropped - part) < 5 * (part * (1 - part) / x.numel()) ** 0.5 + 2**-16
    assert torch.allclose(y[y != 0], torch.tensor(1 / (1 - part)))


def test_neighbours_are_dropped_independently():
    """Four elements share one random number; none of its parts may be known from another."""
    torch.manual_seed(2)
    dropped = (Dropout(0.3).train()(torch.ones(400_000)) == 0).view(-1, 4).double()
    assert (torch.corrcoef(dropped.T) - torch.eye(4)).abs().max() < 5 / 100_000**0.5


def test_gradients_are_dropped_alike():
    x = torch.ones(1000, requires_grad=True)
    y = Dropout(0.2).train()(x)
    y.sum().backward()
    assert torch.equal(x.grad, y.detach())


def test_same_seed_same_elements_and_nothing_in_evaluation():
    x, layer = torch.ones(77), Dropout(0.5)
    outputs = []
    for _ in range(2):
        torch.manual_seed(3)
        outputs.append(layer(x))
    assert torch.equal(*outputs)
    assert layer.eval()(x) is x


def test_networks_side_by_side_do_without_inputs_of_their_own():
    layer = InputDropout(0.4)
    layer.generator = torch.Generator().manual_seed(0)
    x = layer(torch.ones(3, 7, 200))
    assert (x == x[:, :1]).all()
    assert x.unique().tolist() == pytest.approx([0.0, 1 / 0.6])
    assert (x[0, 0] != x[1, 0]).any()
    assert float((x == 0).float().mean()) == pytest.approx(0.4, abs=0.08)
    alone = InputDropout(0.4)
    alone.generator = torch.Generator().manual_seed(0)
    assert torch.equal(alone(torch.ones(7, 200)), x[0])
