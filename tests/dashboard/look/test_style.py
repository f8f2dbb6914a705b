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


def contrast(one, other):
    """WCAG's ratio of two colours' luminances, 1 to 21."""

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05

    low, high = sorted([luminance(one), luminance(other)])
    return high / low


@pytest.mark.parametrize("name", ["light", "dark"])
def test_what_is_written_can_be_read(name):
    """WCAG AA: 4.5 for text, on the page and on its surfaces; no tool looks at what a canvas shows."""
    folder = Path(tailscope_dashboard.__file__).parent
    block = (
        (folder / "parts" / "theme.js").read_text(encoding="utf-8").split(f"  {name}: {{")[1].split("}")[0]
    )
    drawn = dict(re.findall(r'(\w+): "(#\w+)"', block))
    sheet = (folder / "look" / "page.css").read_text(encoding="utf-8").split("color-scheme")[name == "dark"]
    page = dict(re.findall(r"--ts-([\w-]+): (#\w+)", sheet))
    texts = [(drawn, ("text", "muted", "axis", "accent", "bad"), ("background",)),
             (drawn, ("text", "muted", "accent"), ("surface",)),
             (page, ("text", "muted", "accent", "good", "bad"), ("background", "surface")),
             (page, ("text",), ("note",))]  # fmt: skip
    pairs = [(of[word], of[ground]) for of, words, grounds in texts for word in words for ground in grounds]
    assert min((contrast(*pair), pair) for pair in pairs)[0] >= 4.5
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


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
