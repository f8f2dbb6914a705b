"""Axes of weights: enough numbers on them, and not too many."""

import json
import math
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tailscope_dashboard
from helpers.toys import exact_study
from tailscope.weights.curves import curves
from tailscope_dashboard.look.palette import DARK, LIGHT, PALETTE
from tailscope_dashboard.look.ticks import MANY_DECADES, ROOM_ACROSS, ROOM_ALONG, weight_ticks
from tailscope_dashboard.views.focus_figure import FocusFigure, Look


def test_the_browser_and_the_server_have_the_same_colours():
    """What is drawn by both is one thing and has one colour: the page's theme.js against palette.py."""
    text = (Path(tailscope_dashboard.__file__).parent / "parts" / "theme.js").read_text(encoding="utf-8")
    assert json.loads(re.search(r"PALETTE = (\[.*?\])", text)[1]) == list(PALETTE)
    names = ("background", "line", "text", "muted", "axis", "grid", "reference", "generated", "reweighted")
    for name, colours in (("light", LIGHT), ("dark", DARK)):
        block = text.split(f"  {name}: {{")[1].split("}")[0]
        found = dict(re.findall(r'(\w+): "(#\w+)"', block))
        assert {key: found[key] for key in names} == {key: getattr(colours, key) for key in names}
        assert found["referenceLine"] == colours.reference_line


@given(
    low=st.floats(1e-6, 10),
    span=st.floats(1.2, MANY_DECADES),
    apart=st.sampled_from([ROOM_ACROSS, ROOM_ALONG]),
)
def test_ticks_of_weights_are_inside_and_have_room(low, span, apart):
    high = low * span
    ticks = weight_ticks(low, high, apart)
    assert all(low <= tick <= high for tick in ticks)
    gaps = [math.log(b / a) / math.log(high / low) for a, b in pairwise(ticks)]
    assert all(gap >= apart * (1 - 1e-9) for gap in gaps)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.8 / 1.3, 1.25 * 1.3, [0.8, 1, 1.2, 1.4]),
        (0.3, 2.6, [0.5, 1, 2]),
        (0.05, 40, [0.1, 1, 10]),
        (0.97, 1.04, [0.98, 1, 1.02, 1.04]),
    ],
)
def test_ticks_of_weights(low, high, expected):
    assert weight_ticks(low, high, ROOM_ACROSS) == pytest.approx(expected)


def test_the_mean_weight_near_one_has_an_axis_that_can_be_read():
    study = exact_study(2000)
    x0 = study.observable("x0")
    figure = FocusFigure(Look(x0, ("a", "b"), (), log_x=False, log_y=False, density=True, dark=False))
    found = curves(study, "x0", [])
    figure.show(replace(found, reweighted=found.generated))  # w = 1 everywhere
    ticks = figure.mean.yaxis[0].ticker.ticks
    assert len(ticks) >= 3
    assert 1.0 in ticks
