"""Weights by epoch (paper Fig. 15): whether a tail was learned early, or by heart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from bokeh.models import Span
from bokeh.palettes import viridis
from bokeh.plotting import figure

from tailscope.study.study import Study
from tailscope.weights.estimates import Estimate, auc_estimate
from tailscope.weights.events import SAMPLES
from tailscope_dashboard.look.palette import Theme, theme
from tailscope_dashboard.look.style import styled_figure

from .weights_figure import points, weights_figure

WATCH_SOME = (
    "<p>No weights of single epochs are in this study. "
    "<code>tailscope fit REF GEN -o STUDY --watch-epochs 1,5,15</code> keeps them: their histograms, AUC and "
    "calibration are then drawn here, epoch by epoch.</p>"
)
KEPT = "kept"
WIDE = 20.0
"""Ratio of the largest to the least chi2/ndf from where its axis is logarithmic."""


@dataclass(frozen=True)
class EpochNumbers:
    """What the weights after one epoch tell: AUC, and chi2/ndf of their calibration with its own spread."""

    label: str
    study: Study
    auc: Estimate
    ratio: float
    spread: float


def epoch_numbers(study: Study) -> tuple[EpochNumbers, ...]:
    """Every watched epoch, and the weights of the study itself at the end."""
    stages = [(str(one.epoch), study.at_epoch(one.epoch)) for one in study.epochs]
    found = []
    for label, stage in [*stages, (KEPT, study)]:
        calibration = stage.once(Study.calibration)
        ndf = calibration.ndf
        ratio, spread = calibration.chi2 / ndf, float(np.sqrt(2 / ndf))
        found.append(EpochNumbers(label, stage, auc_estimate(stage), ratio, spread))
    return tuple(found)


def epoch_figures(study: Study, dark: bool) -> list[figure]:
    """Weights of both samples at each epoch, their AUC and their calibration."""
    found = study.once(epoch_numbers)
    colours = theme(dark)
    watched = found[:-1]
    tint = _tints(len(watched), dark)
    plots = [
        weights_figure(
            [one.study for one in found],
            sample,
            study,
            dark,
            lines=[*tint, colours.text],
            labels=[*(f"epoch {one.label}" for one in watched), KEPT],
        )
        for sample in SAMPLES[::-1]
    ]
    epochs = [float(one.label) for one in watched]
    area = styled_figure(colours, height=300, title="AUC by epoch; dashed: the weights that were kept")
    points(area, epochs, [(one.auc.value, one.auc.error) for one in watched], tint[-1], "")
    _levels(area, colours, 0.5, found[-1].auc.value)
    area.yaxis.axis_label = "AUC"
    ratios = np.array([one.ratio for one in found])
    wide = bool(ratios.max() > WIDE * max(ratios.min(), 1.0))
    calibration = styled_figure(
        colours,
        height=300,
        title="Calibration by epoch; dashed: the weights that were kept",
        x_range=area.x_range,
        y_axis_type="log" if wide else "linear",
    )
    points(calibration, epochs, [(one.ratio, one.spread) for one in watched], tint[-1], "")
    _levels(calibration, colours, 1.0, found[-1].ratio)
    if not wide:
        calibration.y_range.start = 0
    calibration.yaxis.axis_label = "χ²/ndf"
    for plot in (area, calibration):
        plot.xaxis.axis_label = "epoch"
    return [*plots, area, calibration]


def _levels(plot: figure, colours: Theme, ideal: float, kept: float) -> None:
    """Dotted where nothing is learned or all is right, dashed for the weights of the study."""
    for value, dash, colour in ((ideal, "dotted", colours.axis), (kept, "dashed", colours.text)):
        if np.isfinite(value):
            plot.add_layout(Span(location=value, dimension="width", line_color=colour, line_dash=dash))


def _tints(n: int, dark: bool) -> list[str]:
    """Early epochs far from the page's colour of text, late ones near it; told apart by any eye."""
    scale = viridis(256)
    ends = (60, 250) if dark else (215, 20)
    return [scale[round(float(at))] for at in np.linspace(*ends, n)]
