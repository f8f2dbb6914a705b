"""Colours and the look of Bokeh figures; the same greys as the wall's theme.js and page.css."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bokeh.models import FixedTicker, LogTicker, NoOverlap, Ticker
from bokeh.plotting import figure

CSS = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")

PALETTE = ("#E69F00", "#0072B2", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#7A5195", "#8C7A2E")
"""Okabe and Ito's colours, told apart by people with any colour vision."""

BLUE = PALETTE[1]

FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif"


@dataclass(frozen=True)
class Theme:
    """The greys of one theme, as "#rrggbb"."""

    background: str
    line: str
    text: str
    muted: str
    axis: str
    grid: str
    reference: str
    reference_line: str
    generated: str
    reweighted: str


LIGHT = Theme(
    "#ffffff",
    "#d9dde1",
    "#1b1f23",
    "#5c656e",
    "#6b747d",
    "#eceff1",
    "#d5d9dd",
    "#a3abb3",
    "#22272c",
    "#7A5195",
)
DARK = Theme(
    "#15181b",
    "#363c42",
    "#eceff1",
    "#a2abb4",
    "#8b949d",
    "#262b30",
    "#3f464d",
    "#69727b",
    "#f2f4f5",
    "#c9a0e4",
)


def shown_colour(colour: str, dark: bool) -> str:
    """A colour as it is drawn: dark ones are lightened on a dark page, by the rule of the wall's theme.js.

    Anything but "#rrggbb" becomes grey.
    """
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        return "#888888"
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    luminance = sum(f * (p / 255) ** 2.2 for f, p in zip((0.2126, 0.7152, 0.0722), parts, strict=True))
    if not dark or luminance > 0.2:
        return colour
    return "#" + "".join(f"{round(p + 0.38 * (255 - p)):02x}" for p in parts)


def theme(dark: bool) -> Theme:
    """The light or the dark one."""
    return DARK if dark else LIGHT


def styled_figure(colours: Theme, **options: Any) -> figure:
    """Make an empty figure in the house's look: thin axes, ticks inside, letters that can be projected."""
    options.setdefault("sizing_mode", "stretch_width")
    plot = figure(
        toolbar_location="right",
        tools="pan,xbox_zoom,wheel_zoom,reset,save",
        active_drag=None,
        active_scroll=None,
        output_backend="canvas",
        **options,
    )
    plot.toolbar.logo = None
    plot.toolbar.autohide = True
    plot.background_fill_color = plot.border_fill_color = colours.background
    plot.outline_line_color = colours.axis
    plot.title.text_color = colours.text
    plot.title.text_font = FONT
    plot.title.text_font_style = "normal"
    plot.title.text_font_size = "15px"
    for axis in plot.axis:
        axis.axis_line_color = axis.major_tick_line_color = axis.minor_tick_line_color = colours.axis
        axis.axis_label_text_color = axis.major_label_text_color = colours.text
        axis.axis_label_text_font = axis.major_label_text_font = FONT
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_text_font_size = "15px"
        axis.major_label_text_font_size = "13px"
        axis.major_tick_in, axis.major_tick_out = 6, 0
        axis.minor_tick_in, axis.minor_tick_out = 3, 0
        axis.major_label_policy = NoOverlap(min_distance=4)
    plot.grid.grid_line_color = colours.grid
    return plot


MANY_DECADES = 1e4
"""Span of weights beyond which their axis is like any other logarithmic one."""
FEW = 2
"""So many numbers do not make an axis: others are then thinned out sooner than done without."""
_DECADES = range(-12, 13)
_DISTANCES = tuple(m * 10.0**k for k in range(0, -4, -1) for m in (5, 2, 1))


def weight_ticks(low: float, high: float, apart: float) -> list[float]:
    """Ticks of a logarithmic axis of weights: as many round numbers as have room for a label each.

    Weights often span less than a decade, where powers of ten leave an axis without a number. Tried are
    powers of ten, 1, 2 and 5 of each decade, and equal distances.

    Parameters
    ----------
    low, high: ends of the axis, at most `MANY_DECADES` apart.
    apart: least distance of two ticks, as a part of the axis.

    """
    room = apart * math.log(high / low)
    tried = [[m * 10.0**k for k in _DECADES for m in steps] for steps in ((1,), (1, 2, 5))]
    tried += [
        [round(n * step, 3) for n in range(math.ceil(low / step), math.floor(high / step) + 1)]
        for step in _DISTANCES
        if (high - low) / step < 2 / apart
    ]
    inside = [[tick for tick in ticks if 0 < low <= tick <= high] for ticks in tried]
    found = max((ticks for ticks in inside if _thinned(ticks, room) == ticks), key=len, default=[])
    return found if len(found) > FEW else max((_thinned(ticks, room) for ticks in inside), key=len)


def _thinned(ticks: list[float], room: float) -> list[float]:
    """Without those that are too near to the one before, from 1 on upwards and downwards."""
    kept: list[float] = []
    for side in ([tick for tick in ticks if tick >= 1], [tick for tick in reversed(ticks) if tick < 1]):
        last = kept[0] if kept else None
        for tick in side:
            if last is None or abs(math.log(tick / last)) >= room:
                kept.append(tick)
                last = tick
    return sorted(kept)


ROOM_ACROSS, ROOM_ALONG = 0.155, 0.075
"""Least distance of ticks, as a part of the axis: of a low panel's y axis, of an x axis."""


def weight_ticker(low: float, high: float, apart: float) -> Ticker:
    """The same for Bokeh, for weights however far apart."""
    return FixedTicker(ticks=weight_ticks(low, high, apart)) if high / low < MANY_DECADES else LogTicker()


def axis_label(label: str, unit: str) -> str:
    """LaTeX of an observable with its unit in brackets, as Bokeh's MathJax reads it."""
    return f"$${label}\\ [\\mathrm{{{unit}}}]$$" if unit else f"$${label}$$"
