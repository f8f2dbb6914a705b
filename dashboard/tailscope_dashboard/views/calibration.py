"""Calibration in weight space (paper Eq. 11): the density ratio that is counted against the weight."""

from __future__ import annotations

import numpy as np
from bokeh.models import FixedTicker, Range1d
from bokeh.plotting import figure

from tailscope.study import Study
from tailscope_dashboard.style import BLUE, WEIGHT_TICKS, shown_colour, styled_figure, theme
from tailscope_dashboard.summary import calibration_of


def calibration_figure(study: Study, dark: bool) -> figure:
    """Counted over promised ratio in equal-count bins of w, with 68% intervals; 1 where a weight is right."""
    colours, blue = theme(dark), shown_colour(BLUE, dark)
    found = calibration_of(study)
    usable = np.isfinite(found.log_w) & np.isfinite(found.predicted) & (found.predicted > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        w = np.exp(found.log_w[usable])
        ratio, low, high = (
            x[usable] / found.predicted[usable] for x in (found.ratio, found.ratio_low, found.ratio_high)
        )
    high = np.where(np.isfinite(high), high, 1e9)
    spread = np.concatenate([np.abs(ratio[np.isfinite(ratio)] - 1), [0.1]])
    reach = float(np.clip(1.6 * np.max(spread), 0.15, 1.5))
    x_range = Range1d(*_around(w))
    plot = styled_figure(
        colours, height=380, x_axis_type="log", x_range=x_range, y_range=Range1d(1 - reach, 1 + reach)
    )
    plot.title.text = f"Calibration: χ²/ndf = {found.chi2:.1f}/{found.ndf}"
    plot.xaxis.ticker = FixedTicker(ticks=WEIGHT_TICKS)
    plot.xaxis.axis_label = "weight w (mean of the bin)"
    plot.yaxis.axis_label = "counted / promised ratio"
    plot.line(
        [x_range.start, x_range.end], [1, 1], line_color=colours.axis, line_dash="dotted", line_width=1.5
    )
    plot.segment(w, low, w, high, line_color=blue, line_width=1.6)
    plot.scatter(w, ratio, size=7, color=blue)
    return plot


def _around(w: np.ndarray) -> tuple[float, float]:
    if not w.size:
        return 0.1, 10.0
    return float(min(w.min() / 1.25, 0.5)), float(max(w.max() * 1.25, 2.0))
