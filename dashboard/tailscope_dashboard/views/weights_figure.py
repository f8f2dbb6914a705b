"""Weights of several studies over each other, and the tails of a series by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from bokeh.models import Range1d, Span
from bokeh.plotting import figure
from numpy.typing import NDArray

from tailscope.comparing.compare import Row
from tailscope.counting.fill import fill
from tailscope.selection import SampleName
from tailscope.study.study import Study
from tailscope.weights.events import SAMPLES
from tailscope_dashboard.look.palette import PALETTE, colour_of, shown_colour, theme
from tailscope_dashboard.look.style import styled_figure, weight_ticker
from tailscope_dashboard.look.ticks import ROOM_ALONG

BINS = 60
LEAST = 0.3
"""Events of the lowest line of the logarithmic axis: where a step begins that would be at nothing."""


def weights_figure(
    studies: Sequence[Study],
    sample: SampleName,
    shown: Study,
    dark: bool,
    *,
    lines: Sequence[str] = (),
    labels: Sequence[str] = (),
) -> figure:
    """Share of each study's events per bin of log w, with the errors of counting; the shown one is thicker.

    w = 0 and w = inf count in the outermost bins, and so do weights beyond the axis. ``lines`` are colours
    other than those of the table of studies, ``labels`` make a legend.
    """
    colours = theme(dark)
    edges = shared_edges(studies)
    w = np.exp(edges)
    floor = LEAST / max(len(study.sample(sample)) for study in studies)
    plot = styled_figure(
        colours, height=330, x_axis_type="log", y_axis_type="log", x_range=Range1d(w[0], w[-1]),
        title=f"Weights of the {sample} events",
    )  # fmt: skip
    top = floor
    for number, study in enumerate(studies):
        colour = lines[number] if lines else colour_of(number, dark)
        legend = {"legend_label": labels[number]} if labels else {}
        share, error = shares(study, sample, edges)
        top = max(top, float((share + error).max()))
        low, high = np.maximum(share - error, floor), np.maximum(share + error, floor)
        plot.quad(
            left=w[:-1],
            right=w[1:],
            bottom=low,
            top=high,
            fill_color=colour,
            fill_alpha=0.18,
            line_color=None,
        )
        line = np.maximum(share, floor)
        plot.step(
            w, np.append(line, line[-1]), mode="after", line_color=colour,
            line_width=3 if study is shown else 1.6, **legend,
        )  # fmt: skip
    plot.y_range = Range1d(floor, 2 * top)
    plot.add_layout(Span(location=1, dimension="height", line_color=colours.axis, line_dash="dotted"))
    plot.xaxis.ticker = weight_ticker(w[0], w[-1], ROOM_ALONG)
    plot.xaxis.axis_label = "weight w"
    plot.yaxis.axis_label = "events per bin / all"
    return plot


def shared_edges(studies: Sequence[Study]) -> NDArray[np.float64]:
    """Edges in log w that hold all but a thousandth of every sample's finite weights: float64[BINS + 1]."""
    ends = []
    for study, sample in product(studies, SAMPLES):
        log_w = study.log_weights(sample)
        finite = log_w[np.isfinite(log_w)]
        if finite.size:
            ends += np.quantile(finite, [0.0005, 0.9995]).tolist()
    low, high = (min(ends), max(ends)) if ends else (-1.0, 1.0)
    low, high = max(low, -30.0), min(high, 30.0)
    margin = max(0.02 * (high - low), 0.1)
    return np.linspace(low - margin, high + margin, BINS + 1)


def shares(
    study: Study, sample: SampleName, edges: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Part of the sum of event weights in each bin, and sqrt(sum v^2) over that sum: float64[BINS] each."""
    events = study.sample(sample)
    part = fill(events.log_w, edges, events.event_weight).folded()
    part = part.over(part.total)
    return part.values, part.errors


def series_figures(rows: Sequence[Row], cuts: tuple[float, float], dark: bool) -> tuple[figure, figure]:
    """Tail fractions and AUC by epoch, with their errors."""
    colours = theme(dark)
    steps = [float(row.step or 0) for row in rows]
    tails = styled_figure(colours, height=330, title="Tails by epoch")
    high, low = shown_colour(PALETTE[0], dark), shown_colour(PALETTE[1], dark)
    points(tails, steps, [(100 * row.tails["low"].value, 100 * row.tails["low"].error) for row in rows], low,
            f"w < {cuts[0]:g}, of generated")  # fmt: skip
    points(tails, steps, [(100 * row.tails["high"].value, 100 * row.tails["high"].error) for row in rows],
            high, f"w ≥ {cuts[1]:g}, of reference")  # fmt: skip
    tails.yaxis.axis_label = "events in the tail [%]"
    tails.y_range.start = 0
    area = styled_figure(colours, height=330, title="AUC by epoch", x_range=tails.x_range)
    points(area, steps, [(row.auc.value, row.auc.error) for row in rows], shown_colour(PALETTE[2], dark), "")
    area.add_layout(Span(location=0.5, dimension="width", line_color=colours.axis, line_dash="dotted"))
    area.yaxis.axis_label = "AUC"
    for plot in (tails, area):
        plot.xaxis.axis_label = "epoch"
    return tails, area


def points(plot: figure, x: list[float], found: list[tuple[float, float]], colour: str, label: str) -> None:
    """Values with one standard deviation, joined by a line."""
    value, error = (np.array(part) for part in zip(*found, strict=True))
    legend = {"legend_label": label} if label else {}
    plot.line(x, value, line_color=colour, line_width=1.6, **legend)
    plot.segment(x, value - error, x, value + error, line_color=colour, line_width=1.6)
    plot.scatter(x, value, size=8, color=colour, **legend)
