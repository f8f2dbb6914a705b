"""Numbers that stand for none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tailscope.sample.missing import CANDIDATES, Counted, sentinels


def sentinel(values: object) -> float | None:
    counted = Counted()
    counted.add(np.asarray(values, dtype=np.float32))
    return counted.sentinel


@pytest.mark.parametrize("candidate", CANDIDATES)
def test_a_value_far_below_all_others_stands_for_none(candidate):
    values = np.r_[np.random.default_rng(0).normal(0, 3, 500), [candidate] * 5]
    assert sentinel(values) == candidate
    counted = Counted()
    for part in np.split(values.astype(np.float32), [100, 502]):
        counted.add(part)
    assert counted.undefined == 5
    assert counted.range == pytest.approx((values[:500].min(), values.max()))


def test_one_among_others_is_a_number():
    grid = np.arange(-1000, 1000)
    assert sentinel(np.r_[grid, grid]) is None
    assert sentinel(np.r_[np.linspace(-990, 0, 50), [-999.0] * 3]) is None
    assert sentinel(np.r_[np.arange(50), -999.0]) is None  # once
    assert sentinel([0.0, 1.0, np.nan]) is None


def test_a_column_of_nothing_else_is_undefined_throughout():
    counted = Counted()
    counted.add(np.full(10, -999, dtype=np.float32))
    assert (counted.undefined, counted.range) == (10, None)


@given(arrays(np.float32, st.integers(1, 60), elements=st.floats(-50, 50, width=32)), st.integers(0, 59))
def test_it_does_not_matter_in_which_parts_it_is_counted(values, at):
    values = np.r_[values, np.float32([-999, -999, np.nan])]
    whole, parts = Counted(), Counted()
    whole.add(values)
    for part in np.split(values, [min(at, len(values))]):
        parts.add(part)
    assert whole == parts
    assert sentinels({"a": values}) == {"a": -999.0}
