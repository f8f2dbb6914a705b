"""Numbers become Gaussians and come back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tailscope.baselines.quantiles import Quantiles

N = 4_000


def there_and_back(column: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    numbers = column.astype(np.float64)[:, None]
    quantiles = Quantiles.of(numbers)
    gaussians = quantiles.forward(numbers, np.random.default_rng(1))
    return gaussians[:, 0], quantiles.backward(gaussians)[:, 0]


rng = np.random.default_rng(3)
SAMPLES = {
    "narrow": rng.normal(91, 2.5, N),
    "falling": rng.exponential(30, N) + 20,
    "mostly zero": np.where(rng.random(N) < 0.8, 0, rng.exponential(1, N)),
    "whole": rng.poisson(2, N).astype(float),
    "two values": rng.choice([-1.0, 1.0], N),
    "heavy": rng.standard_cauchy(N),
}


@pytest.mark.parametrize("column", SAMPLES.values(), ids=SAMPLES)
def test_gaussian_there_and_the_same_back(column: np.ndarray) -> None:
    gaussians, back = there_and_back(column)
    sorted_ = np.sort(gaussians)
    assert np.abs(np.mean(sorted_[:, None] < [-1, 0, 1], axis=0) - [0.1587, 0.5, 0.8413]).max() < 0.02
    ranks = np.sort(column)
    difference = np.searchsorted(ranks, [column, back], "right") - np.searchsorted(
        ranks, [column, back], "left"
    )
    assert column.min() <= back.min()
    assert back.max() <= column.max()
    moved = np.abs(np.searchsorted(ranks, column) - np.searchsorted(ranks, back))
    assert moved.max() <= N / 256 + difference.max()
    for value, count in zip(*np.unique(column, return_counts=True), strict=True):
        if count > N / 50:
            np.testing.assert_allclose(np.sum(back == value), count, rtol=0.1)


def test_what_is_undefined_is_noise() -> None:
    column = rng.normal(5, 1, N)
    column[::2] = np.nan
    gaussians, back = there_and_back(column)
    assert np.isfinite(gaussians).all()
    assert abs(np.mean(gaussians[::2])) < 0.1
    assert np.abs(back[1::2] - column[1::2]).max() < 0.5


def test_never_defined_and_constant_numbers() -> None:
    for column, value in ((np.full(200, np.nan), 0.0), (np.full(200, 7.5), 7.5)):
        gaussians, back = there_and_back(column)
        assert np.isfinite(gaussians).all()
        assert (back == value).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=60))
def test_nothing_outside_the_training_range(values: list[float]) -> None:
    quantiles = Quantiles.of(np.array(values)[:, None])
    drawn = quantiles.backward(np.linspace(-9, 9, 101, dtype=np.float32)[:, None])
    assert drawn.min() == min(values)
    assert drawn.max() == max(values)
    assert (np.diff(drawn[:, 0]) >= -1e-6 * (1 + np.abs(drawn[1:, 0]))).all()
