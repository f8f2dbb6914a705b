"""How much of a known ratio the default learns."""

import numpy as np
import pytest

import tailscope as ts
from helpers import toys
from tailscope.weights.auc import auc


def part_of_auc(toy, n, seed, tmp_path):
    """Of the exact weights' AUC beyond 1/2, on the same events."""
    study = ts.fit(*toy.pair(n, seed), cache=tmp_path, progress=False)
    exact = auc(*(toy.log_ratio(rows) for rows in toy.draw(n, seed)))
    return (study.auc() - 0.5) / (exact - 0.5)


@pytest.mark.parametrize("toy", ["correlated", "heavy tails"])
def test_the_default_sees_what_blinded_one_network(toy, tmp_path):
    """One perceptron on standardised inputs finds less than half of either."""
    assert part_of_auc(toys.BLINDING[toy], 3_000, 0, tmp_path) > 0.75


@pytest.mark.slow
@pytest.mark.parametrize("toy", toys.BLINDING)
def test_the_default_learns_nine_tenths(toy, tmp_path):
    parts = [part_of_auc(toys.BLINDING[toy], 5_000, seed, tmp_path) for seed in range(3)]
    assert np.mean(parts) > 0.9


@pytest.mark.slow
def test_the_default_learns_nine_tenths_in_many_columns(tmp_path):
    assert part_of_auc(toys.WIDE, 20_000, 0, tmp_path) > 0.9
