"""Memo: as many values as it may keep, whoever asks."""

import copy
import threading

import pytest

from tailscope.memo import Memo


def test_the_value_asked_for_longest_ago_is_forgotten():
    memo, made = Memo(2), []

    def get(key):
        return memo.get(key, lambda: made.append(key) or key)

    assert [get(key) for key in "abab"] == [*"abab"]
    assert made == ["a", "b"]
    get("a")  # b is now the one asked for longest ago
    get("c")
    assert [memo.knows(key) for key in "abc"] == [True, False, True]
    assert made == ["a", "b", "c"]
    assert get("b") == "b"
    assert made == ["a", "b", "c", "b"]
    assert [memo.knows(key) for key in "abc"] == [False, True, True]


def test_without_a_limit_nothing_is_forgotten_and_a_copy_has_the_same_limit():
    memo = Memo()
    for key in range(500):
        memo.get(key, object)
    assert all(memo.knows(key) for key in range(500))
    few = copy.copy(Memo(1))
    few.get("a", object)
    few.get("b", object)
    assert (few.knows("a"), few.knows("b")) == (False, True)


def test_who_waits_for_a_value_that_is_forgotten_meanwhile_gets_it():
    memo, begun, go_on, found = Memo(1), threading.Event(), threading.Event(), []

    def slow():
        begun.set()
        assert go_on.wait(20)
        return "slow"

    def ask():
        found.append(memo.get("key", slow))

    first = threading.Thread(target=ask)
    first.start()
    assert begun.wait(20)
    waiting = threading.Thread(target=ask)
    waiting.start()
    assert memo.get("other", lambda: "other") == "other"  # forgets the key, or is forgotten for it
    go_on.set()
    for thread in (first, waiting):
        thread.join(20)
    assert found == ["slow", "slow"]
    assert sum(memo.knows(key) for key in ("key", "other")) <= 1


def test_many_threads_get_the_values_of_their_keys_and_no_more_are_kept_than_may_be():
    memo, wrong = Memo(3), []

    def ask(seed):
        for step in range(300):
            key = (seed * 7 + step * 3) % 11
            value = memo.get(key, lambda key=key: ("value", key))
            if value != ("value", key):
                wrong.append((key, value))

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not wrong
    assert 1 <= sum(memo.knows(key) for key in range(11)) <= 3


def test_a_computation_that_fails_after_it_was_forgotten_forgets_nothing_else():
    memo = Memo(1)

    def fails():
        memo.get("other", lambda: "other")  # forgets this one while it is made
        raise ValueError("never")

    with pytest.raises(ValueError, match="never"):
        memo.get("key", fails)
    assert (memo.knows("key"), memo.knows("other")) == (False, True)
