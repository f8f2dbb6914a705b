"""Profiles of average showers, selection over backdrop, with errors: along the beam and away from it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import panel as pn
from bokeh.models import ColumnDataSource, Range1d, Span
from bokeh.plotting import figure

from tailscope.looking.profiles import Profile
from tailscope_dashboard.look.palette import theme
from tailscope_dashboard.look.style import styled_figure

HEIGHT = 230
WIDEST, LEAST = 5.0, 0.1
"""The ratio is drawn up to the first at most, and as far from 1 as the second at least."""
MARGIN = 1.1
"""Times the point that is farthest from 1."""


def profile_figures(own: Sequence[Profile], others: Sequence[Profile], dark: bool) -> list[pn.pane.Bokeh]:
    """A figure a profile: the ratio of both with its standard deviation."""
    return [
        pn.pane.Bokeh(_ratio(one, other, dark), sizing_mode="stretch_width", margin=(6, 0))
        for one, other in zip(own, others, strict=True)
    ]


def _ratio(own: Profile, other: Profile, dark: bool) -> figure:
    colours = theme(dark)
    ratio, error = own.over(other)
    there = np.isfinite(ratio) & np.isfinite(error)
    middle = (own.edges[1:] + own.edges[:-1]) / 2
    low, high = ratio - error, ratio + error
    reach = float(np.max(np.abs([low[there] - 1, high[there] - 1]), initial=LEAST / MARGIN)) * MARGIN
    reach = min(WIDEST - 1, max(LEAST, reach))
    plot = styled_figure(
        colours,
        height=HEIGHT,
        x_range=Range1d(own.edges[0], own.edges[-1], bounds="auto"),
        y_range=Range1d(max(0.0, 1 - reach), 1 + reach),
    )
    source = ColumnDataSource(
        {
            "x": middle[there], "left": own.edges[:-1][there], "right": own.edges[1:][there],
            "ratio": ratio[there], "low": low[there], "high": high[there],
        }
    )  # fmt: skip
    plot.add_layout(Span(location=1, dimension="width", line_color=colours.axis, line_dash="dotted"))
    plot.segment("x", "low", "x", "high", source=source, line_color=colours.text, line_width=1.4)
    plot.segment("left", "ratio", "right", "ratio", source=source, line_color=colours.text, line_width=1.8)
    plot.xaxis.axis_label, plot.yaxis.axis_label = own.title, "energy, ratio"
    plot.styles = {"flex": "1 1 260px", "min-width": "min(260px, calc(100vw - 100px))"}
    if own.title == "layer":
        plot.xaxis.ticker.desired_num_ticks = min(10, middle.size)
        plot.xaxis.ticker.mantissas = [1, 2, 5]
        plot.xaxis.minor_tick_line_color = None
    return plot
