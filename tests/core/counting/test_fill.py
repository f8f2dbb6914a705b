"""Filling against loops over events that ask of each value where it lies."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tailscope.counting.binning import Binning, place
from tailscope.counting.fill import fill, fill_placed, fill_sorted, sums
from tailscope.counting.slots import Slots
from tailscope.errors import SelectionError

quick = settings(max_examples=80, deadline=None)


@st.composite
def filled(draw: st.DrawFn) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Values with every trouble there is, many on edges; and edges, more than a binning may have as well."""
    n_bins = draw(st.sampled_from([1, 2, 7, 253, 254, 2400]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    edges = np.sort(rng.normal(0, 1, n_bins + 1))
    values = rng.normal(0, 1.5, draw(st.sampled_from([0, 1, 40, 400])))
    trouble = rng.random(values.size)
    for low, high, what in ((0.0, 0.1, np.nan), (0.1, 0.15, np.inf), (0.15, 0.2, -np.inf)):
        values[(trouble >= low) & (trouble < high)] = what
    on_edges = (trouble >= 0.2) & (trouble < 0.6)
    values[on_edges] = rng.choice(edges, int(on_edges.sum()))
    return values, edges


def asked(values: NDArray[np.float64], edges: NDArray[np.float64]) -> list[int]:
    """Slot of each value, asked of one edge after the other."""
    n_bins = edges.size - 1
    return [n_bins + 2 if np.isnan(x) else int(sum(x >= edge for edge in edges)) for x in values]


@quick
@given(filled(), st.sampled_from(["events", "weights", "signed"]), st.integers(0, 2**32))
def test_filling_is_what_a_loop_over_events_gives(
    given_: tuple[NDArray[np.float64], NDArray[np.float64]], kind: str, seed: int
) -> None:
    values, edges = given_
    rng = np.random.default_rng(seed)
    weight = {
        "events": None,
        "weights": np.where(rng.random(values.size) < 0.2, 0.0, rng.exponential(1, values.size)),
        "signed": rng.normal(1, 2, values.size),
    }[kind]
    expected, squares = np.zeros(edges.size + 2), np.zeros(edges.size + 2)
    for slot, v in zip(asked(values, edges), np.ones(values.size) if weight is None else weight, strict=True):
        expected[slot] += v
        squares[slot] += v * v
    found = fill(values, edges, weight)
    np.testing.assert_array_equal(found.slots, expected)
    np.testing.assert_array_equal(found.values, expected[1:-2])
    np.testing.assert_array_equal(found.variances, squares[1:-2])
    np.testing.assert_array_equal(found.outside_variances, squares[[0, -2, -1]])
    assert found.edges is edges
    again = fill_placed(place(values, edges), edges, weight)
    np.testing.assert_array_equal(again.slots, found.slots)
    if weight is None:
        assert found.total == values.size
        np.testing.assert_array_equal(fill_sorted(np.sort(values), edges).slots, expected)


@quick
@given(filled())
def test_folding_puts_what_lies_outside_into_the_outermost_bins(
    given_: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    values, edges = given_
    defined = values[~np.isnan(values)]
    inside = np.clip(defined, edges[0], np.nextafter(edges[-1], -np.inf))
    folded = fill(values, edges).folded()
    np.testing.assert_array_equal(folded.values, fill(inside, edges).values)
    np.testing.assert_array_equal(folded.variances, folded.values)
    assert folded.underflow == folded.overflow == 0
    assert folded.total == values.size


@quick
@given(filled())
def test_bins_may_be_closed_on_the_right(given_: tuple[NDArray[np.float64], NDArray[np.float64]]) -> None:
    values, edges = given_
    mirrored = np.array(asked(-values, -edges[::-1]), dtype=int)
    expected = np.where(np.isnan(values), edges.size + 1, edges.size - mirrored)
    np.testing.assert_array_equal(place(values, edges, closed="right"), expected)


def test_float32_values_meet_the_edges_in_float64() -> None:
    assert place(np.array([0.1], np.float32), np.array([0.0, 0.1, 0.2])).tolist() == [2]
    assert place(np.array([0.3], np.float32), np.array([0.0, 0.3])).tolist() == [2]
    assert place(np.array([0.7], np.float32), np.array([0.0, 0.7])).tolist() == [1]


def test_slots_of_a_binning_fit_into_a_byte() -> None:
    edges = np.arange(254.0)
    assert place(np.array([np.nan]), edges).dtype == np.uint8
    assert place(np.array([-1.0, 0, 253, np.nan]), edges).tolist() == [0, 1, 254, 255]
    assert place(np.array([np.nan]), np.arange(1000.0)).tolist() == [1001]


def test_sums_of_places_that_nothing_is_at_are_zero() -> None:
    assert sums(np.array([3, 1, 3]), 5).tolist() == [0, 1, 0, 2, 0]
    assert sums(np.array([3, 1, 3]), 5, np.array([0.5, -1, 2])).tolist() == [0, -1, 0, 2.5, 0]


def test_rows_of_several_observables_lie_one_after_the_other() -> None:
    slots = Slots.of({"a": Binning(np.array([0.0, 1, 2])), "b": Binning(np.array([0.0, 1]))})
    assert len(slots) == 9
    assert slots.own("a") == slice(0, 5)
    assert slots.own("b") == slice(5, 9)
    h = slots.histogram("b", np.arange(9), np.arange(9) + 10)
    assert h.slots.tolist() == [5, 6, 7, 8]
    assert [h.underflow, *h.values, h.overflow, h.undefined] == [5, 6, 7, 8]
    assert h.variances.tolist() == [16]
    assert h.outside_variances == (15, 17, 18)
    assert h.edges.tolist() == [0, 1]
    with pytest.raises(SelectionError, match=r"'c'.*did you mean a, b"):
        slots.own("c")
