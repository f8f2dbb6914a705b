"""ROC curve: fraction of reference against fraction of generated events above each weight."""

from __future__ import annotations

import numpy as np
from bokeh.plotting import figure
from numpy.typing import NDArray

from tailscope.study.study import Study
from tailscope_dashboard.look.palette import BLUE, shown_colour, theme
from tailscope_dashboard.look.style import styled_figure

POINTS = 600
"""More points than a screen can tell apart are not sent."""


def _points(study: Study) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    roc = study.roc()
    steps = np.unique(np.linspace(0, roc.generated.size - 1, POINTS).astype(int))
    return roc.generated[steps], roc.reference[steps]


def roc_figure(study: Study, dark: bool) -> figure:
    """Draw the curve with the diagonal of a classifier that learnt nothing."""
    colours = theme(dark)
    generated, reference = study.once(_points)
    title = f"ROC: AUC {study.auc():.4f} ± {study.auc_error():.4f}"
    plot = styled_figure(colours, height=380, x_range=(0, 1), y_range=(0, 1), title=title)
    plot.xaxis.axis_label = "generated events above w"
    plot.yaxis.axis_label = "reference events above w"
    plot.line([0, 1], [0, 1], line_color=colours.axis, line_dash="dotted", line_width=1.5)
    plot.line(generated, reference, line_color=shown_colour(BLUE, dark), line_width=2.5)
    return plot
