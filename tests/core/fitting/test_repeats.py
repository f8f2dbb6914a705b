"""Copies of events against values that repeat because they are discrete."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import repeats
from tailscope.fitting.repeats import discrete

TRIALS = 20


def hashes(*pair):
    """A number for each event, equal for equal ones."""
    _, which = np.unique(np.concatenate(pair), axis=0, return_inverse=True)
    return np.split(which.ravel().astype(np.uint64), [len(pair[0])])


def judged(pair):
    """Events of each sample that occur more than once in all, and which of them are called discrete."""
    ref, gen = hashes(*pair)
    _, which, counts = np.unique(np.concatenate([ref, gen]), return_inverse=True, return_counts=True)
    repeated = np.split(counts[which] > 1, [ref.size])
    found = discrete(ref, gen)
    assert not any((f & ~r).any() for f, r in zip(found, repeated, strict=True))
    return np.concatenate(repeated), np.concatenate(found)


@pytest.mark.parametrize("name", sorted(repeats.DISCRETE))
def test_values_that_repeat_because_they_are_discrete_are_no_copies(name):
    parts = []
    for seed in range(TRIALS):
        repeated, found = judged(repeats.DISCRETE[name](np.random.default_rng(seed)))
        parts.append(found[repeated].mean())
    assert np.mean(parts) > 0.99


@pytest.mark.parametrize("name", sorted(repeats.COPIES))
def test_copies_are_not_taken_for_discrete_values(name):
    parts = []
    for seed in range(TRIALS):
        repeated, found = judged(repeats.COPIES[name](np.random.default_rng(seed)))
        parts.append(found[repeated].mean())
    assert np.mean(parts) < 0.05


def test_empty_showers_are_discrete_and_copies_beside_them_are_not():
    for seed in range(TRIALS):
        ref, gen = repeats.showers(np.random.default_rng(seed), empty=(0.05, 0.1), copied=0.1)
        _, found = judged((ref, gen))
        assert (found == ~np.concatenate([ref, gen]).any(axis=1)).all()


def test_where_the_rule_cannot_tell_coincidences_of_a_few_values_count_as_copies():
    """Some in 10,000 events of nine counts each are equal: too few to know their kind."""
    called = []
    for seed in range(TRIALS):
        ref, gen = hashes(*(np.random.default_rng([seed, i]).poisson(3, (5000, 9)) for i in range(2)))
        called.append(int((np.isin(gen, ref) & ~discrete(ref, gen)[1]).sum()))
    assert max(called) <= 5


@given(st.data())
def test_without_repeats_within_a_sample_nothing_is_discrete(data):
    ref, gen = (data.draw(st.lists(st.integers(0, 60), unique=True, min_size=1)) for _ in range(2))
    found = discrete(np.array(ref, np.uint64), np.array(gen, np.uint64))
    assert [f.size for f in found] == [len(ref), len(gen)]
    assert not any(f.any() for f in found)


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=2, max_size=200))
def test_equal_events_are_of_one_kind_in_any_order(events):
    values, is_ref = (np.array(column) for column in zip(*events, strict=True))
    if is_ref.all() or not is_ref.any():
        return
    ref, gen = values[is_ref].astype(np.uint64), values[~is_ref].astype(np.uint64)
    found = discrete(ref, gen)
    kinds = dict(zip([*ref, *gen], np.concatenate(found), strict=True))
    assert [kinds[v] for v in ref] == list(found[0])
    assert [kinds[v] for v in gen] == list(found[1])
    again = discrete(ref[::-1], gen[::-1])
    assert (again[0][::-1] == found[0]).all()
    swapped = discrete(gen, ref)
    assert (swapped[0] == found[1]).all()
