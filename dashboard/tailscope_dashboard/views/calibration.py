"""Calibration in weight space (paper Eq. 11): the density ratio that is counted against the weight."""

from __future__ import annotations

import numpy as np
from bokeh.models import Range1d
from bokeh.plotting import figure

from tailscope.study.study import Study
from tailscope.trust.classifier import HUGE
from tailscope_dashboard.look.palette import BLUE, shown_colour, theme
from tailscope_dashboard.look.style import styled_figure, weight_ticker
from tailscope_dashboard.look.ticks import ROOM_ALONG

MOST_LINEAR = 1.5
"""Deviation of the counted over promised ratio from 1 beyond which its axis is logarithmic."""
FARTHEST = 1e3
"""Ratios beyond are drawn as arrows at the edge."""


def calibration_figure(study: Study, dark: bool) -> figure:
    """Counted over promised ratio in equal-count bins of w, with 68% intervals; 1 where a weight is right."""
    colours, blue = theme(dark), shown_colour(BLUE, dark)
    found = study.once(Study.calibration)
    usable = np.isfinite(found.log_w) & np.isfinite(found.predicted) & (found.predicted > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        w = np.exp(found.log_w[usable])
        ratio, low, high = (
            x[usable] / found.predicted[usable] for x in (found.ratio, found.ratio_low, found.ratio_high)
        )
    high = np.where(np.isfinite(high), high, 1e9)
    known = ratio[np.isfinite(ratio)]
    reach = float(np.max(np.abs(known - 1), initial=0.1))
    wild = reach > MOST_LINEAR
    if wild:
        least = np.min(known[known > 0], initial=1 / FARTHEST)
        y_range = Range1d(max(least / 1.6, 1 / FARTHEST), min(float(known.max(initial=1)) * 1.6, FARTHEST))
    else:
        y_range = Range1d(1 - min(1.6 * reach, 1.0), 1 + 1.6 * reach)
    x_range = Range1d(*_around(w))
    plot = styled_figure(
        colours,
        height=380,
        x_axis_type="log",
        y_axis_type="log" if wild else "linear",
        x_range=x_range,
        y_range=y_range,
    )
    chi2 = f"{found.chi2:.1f}" if found.chi2 < HUGE else f"{found.chi2:.1e}"
    plot.title.text = f"Calibration: χ²/ndf = {chi2}/{found.ndf}"
    plot.xaxis.ticker = weight_ticker(x_range.start, x_range.end, ROOM_ALONG)
    plot.xaxis.axis_label = "weight w (mean of the bin)"
    plot.yaxis.axis_label = "counted / promised ratio"
    plot.line(
        [x_range.start, x_range.end], [1, 1], line_color=colours.axis, line_dash="dotted", line_width=1.5
    )
    plot.segment(w, np.maximum(low, 1e-9), w, high, line_color=blue, line_width=1.6)
    beyond = ~((ratio >= y_range.start) & (ratio <= y_range.end))
    plot.scatter(w[~beyond], ratio[~beyond], size=7, color=blue)
    inset = (y_range.end / y_range.start) ** 0.03 if wild else 1.0
    for off, marker, edge in (
        (ratio < y_range.start, "inverted_triangle", y_range.start * inset),
        (ratio > y_range.end, "triangle", y_range.end / inset),
    ):
        plot.scatter(w[off], np.full(int(off.sum()), edge), size=11, marker=marker, color=blue)
    return plot


def _around(w: np.ndarray) -> tuple[float, float]:
    if not w.size:
        return 0.1, 10.0
    return float(min(w.min() / 1.25, 0.5)), float(max(w.max() * 1.25, 2.0))
