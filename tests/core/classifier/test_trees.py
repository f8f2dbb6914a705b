"""Boosted trees: as good as they can be where trees are right, honest where there is nothing to learn."""

import numpy as np

from tailscope.classifier.trees import boosted


def parts(n, seed=0):
    rows = np.random.default_rng(seed).permutation(n)
    return np.sort(rows[: n // 2]), np.sort(rows[n // 2 : 6 * n // 10]), np.sort(rows[6 * n // 10 :])


def step(n, difference):
    """Reference events lie right of 0 a little more often: log w has two values."""
    rng = np.random.default_rng(1)
    labels = np.arange(n) < n // 2
    chance = np.where(labels, 0.5 + difference, 0.5 - difference)
    side = np.where(rng.random(n) < chance, 1, -1)
    x = np.c_[side * rng.random(n), rng.standard_normal((n, 3))].astype(np.float32)
    return x, labels, side * np.log((0.5 + difference) / (0.5 - difference))


def test_a_step_is_found_with_its_height():
    x, labels, exact = step(20_000, 0.1)
    found = boosted(x, labels, None, *parts(len(x)), seed=3)
    scored = parts(len(x))[2]
    assert np.sqrt(np.mean((found.logits - exact[scored]) ** 2)) < 0.2  # guessing: 0.41
    assert 1 <= found.best <= len(found.losses)
    assert min(held for _, held in found.losses) < 0.68


def test_nothing_is_found_where_there_is_nothing():
    x, labels, _ = step(20_000, 0.0)
    found = boosted(x, labels, None, *parts(len(x)), seed=3)
    assert np.abs(found.logits).mean() < 0.1
    assert len(found.losses) < 5


def test_logits_are_those_of_the_class_sums_and_event_weights_count():
    """Reference events at the right count double: log w there rises by log 2, against the sums."""
    x, labels, exact = step(20_000, 0.1)
    v = np.where(labels & (x[:, 0] > 0), 2.0, 1.0)
    found = boosted(x, labels, v, *parts(len(x)), seed=3)
    scored = parts(len(x))[2]
    expected = exact[scored] + np.where(x[scored, 0] > 0, np.log(2), 0.0)
    right = x[scored, 0] > 0
    assert abs((found.logits - expected)[right].mean()) < 0.15
    assert abs((found.logits - expected)[~right].mean()) < 0.15


def test_equal_seeds_give_equal_trees_whatever_the_threads():
    x, labels, _ = step(3_000, 0.1)
    one, two = (boosted(x, labels, None, *parts(len(x)), seed=3, threads=threads) for threads in (1, 2))
    np.testing.assert_array_equal(one.logits, two.logits)
    other = boosted(x, labels, None, *parts(len(x)), seed=4)
    assert not np.array_equal(one.logits, other.logits)


def test_the_history_ends_with_the_last_tree():
    x, labels, _ = step(3_000, 0.2)
    found = boosted(x, labels, None, *parts(len(x)), seed=0, epochs=2, learning_rate=0.02)
    assert len(found.losses) == 2
    assert found.losses[1][0] < found.losses[0][0] < np.log(2)
