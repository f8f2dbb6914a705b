"""Colours and the look of Bokeh figures; the same greys as the wall's theme.js and page.css."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bokeh.models import FixedTicker, LogTicker, NoOverlap, Ticker
from bokeh.plotting import figure

from .palette import FONT, Theme
from .ticks import MANY_DECADES, weight_ticks

CSS = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")


def styled_figure(colours: Theme, **options: Any) -> figure:
    """Make an empty figure in the house's look: thin axes, ticks inside, letters that can be projected."""
    options.setdefault("sizing_mode", "stretch_width")
    if title := str(options.get("title", "")).strip():
        options.setdefault("html_attributes", called(title))
    plot = figure(
        toolbar_location="right",
        tools="pan,xbox_zoom,wheel_zoom,reset,save",
        active_drag=None,
        active_scroll=None,
        output_backend="canvas",
        **options,
    )
    dress(plot, colours)
    return plot


def called(words: str) -> dict[str, str]:
    """What lets a screen reader call a figure something: its attributes."""
    return {"role": "figure", "aria-label": words}


def dress(plot: figure, colours: Theme) -> None:
    """Give any figure the house's look."""
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


def weight_ticker(low: float, high: float, apart: float) -> Ticker:
    """The same for Bokeh, for weights however far apart."""
    return FixedTicker(ticks=weight_ticks(low, high, apart)) if high / low < MANY_DECADES else LogTicker()


def axis_label(label: str, unit: str) -> str:
    """LaTeX of an observable with its unit in brackets, as Bokeh's MathJax reads it."""
    return f"$${label}\\ [\\mathrm{{{unit}}}]$$" if unit else f"$${label}$$"
