"""Normal scores by ranks: those of a plain definition, on every device."""

import numpy as np
import pytest
import torch
from scipy.stats import norm, rankdata

from tailscope.classifier.knots import KNOTS, Knots


def columns(n=2_000):
    """Smooth, heavy-tailed, mostly one value, integers, and constant."""
    rng = np.random.default_rng(0)
    sparse = np.where(rng.random(n) < 0.7, 0.0, rng.exponential(size=n))
    return np.column_stack(
        [rng.normal(size=n), rng.standard_cauchy(n), sparse, rng.integers(0, 6, n), np.full(n, 3.0)]
    ).astype(np.float32)


def test_scores_are_those_of_the_ranks():
    x = columns()
    found = Knots(torch.from_numpy(x)).normal_scores(torch.from_numpy(x)).numpy()
    exact = norm.ppf((rankdata(x, axis=0) - 0.5) / len(x))
    # Between knots, which are 1/255 of probability apart, the score is linear in the value.
    assert np.abs(found - exact).max() < 0.1
    for column in (3, 4):
        assert found[:, column] == pytest.approx(exact[:, column], abs=1e-6)
    empty = x[:, 2] == 0
    assert found[empty, 2] == pytest.approx(exact[empty, 2], abs=1e-6)


def test_few_values_are_all_knots_and_beyond_them_the_score_is_constant():
    x = np.arange(KNOTS // 2, dtype=np.float32)[:, None]
    knots = Knots(torch.from_numpy(x))
    exact = norm.ppf((x + 0.5) / len(x))
    assert knots.normal_scores(torch.from_numpy(x)).numpy() == pytest.approx(exact, abs=1e-6)
    outside = torch.tensor([[-5.0], [1e6]])
    assert knots.normal_scores(outside).numpy() == pytest.approx(exact[[0, -1]], abs=1e-6)


@pytest.mark.gpu
def test_a_gpu_finds_the_same_scores():
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    x = torch.from_numpy(columns())
    other = torch.from_numpy(columns(500)[::-1] * np.float32(1.5))
    on_host, on_gpu = Knots(x), Knots(x.cuda())
    for some in (x, other):
        assert on_gpu.normal_scores(some.cuda()).cpu().numpy() == pytest.approx(
            on_host.normal_scores(some).numpy(), abs=1e-5
        )
