"""Suggested pairs: the one whose correlation the weights miss comes first, and noise suggests none."""

import numpy as np
import pytest

import tailscope as ts
from helpers import toys
from tailscope.weights.pair_ranking import pair_ranking

RHO = 0.3
SHIFT = 0.4


def _study(n=4_000, seed=0, learnt=True):
    """x2 and x5 are correlated in the reference alone, x0 is shifted; weights that know of both or of x0."""
    x = np.random.default_rng(seed).standard_normal((2, n, 7))
    x[0, :, 5] = RHO * x[0, :, 2] + np.sqrt(1 - RHO**2) * x[0, :, 5]
    x[1, :, 0] += SHIFT
    x = x.astype(np.float32)

    def log_ratio(events):
        a, b = events[:, 2].astype(float), events[:, 5].astype(float)
        found = SHIFT**2 / 2 - SHIFT * events[:, 0].astype(float)
        if learnt:
            found += (a**2 + b**2) / 2 - (a**2 - 2 * RHO * a * b + b**2) / (2 * (1 - RHO**2))
            found -= np.log(1 - RHO**2) / 2
        return found

    sides = (toys.sample(name, x[i]) for i, name in enumerate(("r", "g")))
    return ts.Study.from_weights(*sides, *map(log_ratio, x))


def test_a_correlation_that_the_weights_miss_comes_first_and_alone():
    found = pair_ranking(_study(learnt=False))
    missed, seen = found.suggested(5)
    assert [one.names for one in missed] == [("x2", "x5")]
    assert missed[0].size == pytest.approx(RHO, abs=0.1)  # d = rho a b
    assert missed[0].z > 6
    assert seen == ()
    assert found.pairs == 21


def test_a_correlation_that_the_weights_know_is_seen_and_not_missed():
    missed, seen = pair_ranking(_study()).suggested(5)
    assert missed == ()
    assert seen[0].names == ("x2", "x5")
    assert seen[0].size == pytest.approx(RHO, abs=0.1)


def test_what_one_observable_lacks_is_no_matter_of_its_pairs():
    ref, gen = toys.gaussian_pair(4_000)
    found = pair_ranking(ts.Study.from_weights(ref, gen, np.zeros(4_000), np.zeros(4_000)))
    assert found.suggested(5) == ((), ())
    assert np.std([one.z for one in found.missed]) < 2


CLOSING = {
    # what is never generated is in no reweighted bin
    name: toy
    for name, toy in (toys.TOYS | toys.BLINDING).items()
    if name != "missing mode"
}


@pytest.mark.parametrize("name", CLOSING)
def test_of_exact_weights_the_scores_are_noise(name):
    toy, z = CLOSING[name], []
    for seed in range(4):
        ref, gen = toy.pair(3_000, seed)
        study = ts.Study.from_weights(ref, gen, *(toy.log_ratio(s.features) for s in (ref, gen)))
        found = pair_ranking(study)
        assert found.suggested(5)[0] == ()
        z += [one.z for one in found.missed]
    assert abs(np.mean(z)) < 3.5 / np.sqrt(len(z))
    assert np.std(z) < 1.6
    assert max(z) < 4


@pytest.mark.parametrize("n", [2, 40])
def test_few_events_suggest_nothing(n):
    assert pair_ranking(toys.exact_study(n)).suggested(5)[0] == ()


def test_what_is_constant_undefined_or_infinite_suggests_nothing():
    n = 300
    rng = np.random.default_rng(0)
    columns = {"flat": np.ones(n), "none": np.full(n, np.nan), "x": rng.normal(size=n)}
    sides = (ts.Sample(name, np.ones((n, 1)), columns) for name in "ab")
    study = ts.Study.from_weights(*sides, np.full(n, np.inf), np.full(n, -np.inf))
    found = pair_ranking(study)
    assert found.suggested(5) == ((), ())
    assert all(np.isfinite([one.z, one.size]).all() for one in found.missed + found.seen)


def test_of_many_events_some_are_drawn_and_always_the_same(monkeypatch):
    monkeypatch.setattr("tailscope.weights.pair_ranking.MOST_EVENTS", 2_000)
    one, other = (pair_ranking(_study(6_000, learnt=False)) for _ in range(2))
    assert one.events == (2_000, 2_000)
    assert one == other
