"""What generators are given: distances of Kolmogorov and Smirnov, and parts that one sample has alone."""

import numpy as np
import pytest
from scipy.stats import ks_2samp, kstest

from helpers import toys
from tailscope.sample.given import given

N = 3_000


def conditioned(x, y, weight=None):
    """Two samples that are given these conditions."""
    rng = np.random.default_rng(0)
    return [
        toys.sample(
            name,
            rng.standard_normal((len(condition), 2)).astype(np.float32),
            condition=np.asarray(condition, dtype=np.float32),
            event_weight=weight if name == "reference" else None,
        )
        for name, condition in (("reference", x), ("generated", y))
    ]


def test_distance_and_probability_are_scipys():
    rng = np.random.default_rng(1)
    x, y = rng.normal(0, 1, N), rng.normal(0.05, 1, 2 * N)
    (found,) = given(*conditioned(x, y))
    expected = ks_2samp(x.astype(np.float32), y.astype(np.float32), method="asymp")
    assert found.distance == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(expected.pvalue, rel=0.1)


@pytest.mark.parametrize("weighted", [False, True])
def test_conditions_of_one_distribution_have_uniform_p(weighted):
    rng, p = np.random.default_rng(2), []
    for _ in range(150):
        v = rng.exponential(1, 800) if weighted else None
        p.append(given(*conditioned(rng.normal(size=800), rng.normal(size=1_000), v))[0].p)
    assert kstest(p, "uniform").pvalue > 1e-3


def test_what_one_sample_has_alone_is_measured():
    rng = np.random.default_rng(3)
    continuous = rng.uniform(0, 10, N), rng.uniform(0, 9, N)
    discrete = rng.choice([1, 2, 4, 8], N), rng.choice([1, 2, 4], N)
    hole = rng.uniform(0, 10, N), np.concatenate([rng.uniform(0, 4, N // 2), rng.uniform(5, 10, N // 2)])
    for (x, y), part, exactly in ((continuous, 0.1, 0.01), (discrete, 0.25, 0.03), (hole, 0.1, 0.02)):
        (found,) = given(*conditioned(x, y))
        assert found.missing == pytest.approx(part, abs=exactly)
        assert found.leaked < 0.005
        (other,) = given(*conditioned(y, x))
        assert other.leaked == pytest.approx(found.missing)


def test_few_events_leave_no_holes_by_chance():
    rng = np.random.default_rng(4)
    found = [given(*conditioned(*rng.normal(size=(2, 200))))[0] for _ in range(100)]
    assert np.mean([one.missing for one in found]) < 0.015


def test_each_condition_has_its_own_and_samples_without_have_none():
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(2, N, 2))
    y[:, 1] += 1
    first, second = given(*conditioned(x, y))
    assert first.p > 1e-3
    assert second.p < 1e-10
    assert given(*toys.gaussian_pair(20)) is None
