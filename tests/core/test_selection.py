import math

import numpy as np
import pytest

from tailscope import Cut, Selection
from tailscope.errors import SelectionError

LOG_W = np.array([-math.inf, -2.0, 0.0, 0.0, 1.0, math.inf])


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(), [1, 1, 1, 1, 1, 1]),
        (Selection(low=0), [1, 1, 1, 1, 1, 1]),
        (Selection(low=1.0), [0, 0, 1, 1, 1, 1]),
        (Selection(high=1.0), [1, 1, 0, 0, 0, 0]),
        (Selection(low=1.0, high=1.0), [0, 0, 0, 0, 0, 0]),
        (Selection(low=0.1, high=math.inf), [0, 1, 1, 1, 1, 0]),
        (Selection(low=math.inf), [0, 0, 0, 0, 0, 1]),
        (Selection(high=0), [0, 0, 0, 0, 0, 0]),
    ],
)
def test_ranges_are_half_open_and_keep_zero_and_infinite_weights(selection, expected):
    assert selection.mask(LOG_W).tolist() == [bool(e) for e in expected]
    start, stop = selection.slice_of(LOG_W)
    assert stop - start == sum(expected)


def test_undefined_values_never_pass_a_cut():
    values = np.array([math.nan, -1.0, 0.1, 5.0], np.float32)
    assert Cut("x").mask(values).tolist() == [False, True, True, True]
    assert Cut("x", low=-1.0, high=5.0).mask(values).tolist() == [False, True, True, False]


def test_cuts_compare_in_double_precision():
    value = np.array([0.1], np.float32)  # 0.1f is larger than 0.1
    assert Cut("x", low=0.1).mask(value)[0]
    assert not Cut("x", high=0.1).mask(value)[0]


@pytest.mark.parametrize(
    ("selection", "sample"),
    [
        (Selection(low=1.6), "reference"),
        (Selection(high=0.6), "generated"),
        (Selection(low=0.5, high=2), "generated"),
        (Selection(low=1.6, sample="generated"), "generated"),
    ],
)
def test_the_high_tail_is_read_off_the_reference_and_the_low_tail_off_the_generated(selection, sample):
    assert selection.right_sample == sample


@pytest.mark.parametrize(
    "kwargs",
    [{"low": 2, "high": 1}, {"low": -1}, {"low": math.nan}, {"low": "1"}, {"sample": "true"}],
)
def test_senseless_selections_are_refused(kwargs):
    with pytest.raises(SelectionError):
        Selection(**kwargs)


def test_selections_are_plain_data():
    selection = Selection(1.6, None, (Cut("E_2", high=0.1),), "orange", "#E69F00", "reference")
    assert Selection.from_dict(selection.to_dict()) == selection
    with pytest.raises(SelectionError, match="not a selection"):
        Selection.from_dict({"lower": 1})
