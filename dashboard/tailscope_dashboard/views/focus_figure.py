"""The figures of the focus: made once for a look, then only fed with numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, Range1d, Span
from bokeh.plotting import figure
from numpy.typing import NDArray

from tailscope.counting.histogram import Histogram
from tailscope.sample.observable import Observable
from tailscope.weights.curves import Curves, density, ratio
from tailscope_dashboard.look.palette import shown_colour, theme
from tailscope_dashboard.look.style import axis_label, styled_figure, weight_ticker
from tailscope_dashboard.look.ticks import ROOM_ACROSS

Floats = NDArray[np.float64]

HEADER = 228
"""Pixels above and below the panels: a header of two lines, the controls, the key."""
SHARES = ((0.52, 240), (0.2, 95), (0.28, 140))
HEIGHTS = tuple(f"max({least}px, calc({share} * (100vh - {HEADER}px)))" for share, least in SHARES)
"""Of the three panels: together they fill the window below a header of two lines."""


@dataclass(frozen=True)
class Look:
    """All that a figure is made for: when it is the same, only numbers change.

    Attributes
    ----------
    names: of the reference and of the generated sample.
    selections: (name, colour) of each.
    overlays: (name, colour) of other generated samples.

    """

    observable: Observable
    names: tuple[str, str]
    selections: tuple[tuple[str, str], ...]
    log_x: bool
    log_y: bool
    density: bool
    dark: bool
    overlays: tuple[tuple[str, str], ...] = ()


class FocusFigure:
    """Curves, ratio to the reference, and mean weight of the generated events, below each other."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.colours = theme(look.dark)
        selections = [f"s{i}" for i in range(len(look.selections))]
        overlays = [f"o{i}" for i in range(len(look.overlays))]
        self.names = ("reference", "generated", "reweighted", *selections, *overlays)
        ratios = [f"ratio_{name}" for name in overlays]
        self.steps = ColumnDataSource({key: [] for key in ("x", "floor", *self.names, *ratios)})
        self.points = ColumnDataSource({key: [] for key in _POINTS})
        self.band = ColumnDataSource({"x": [], "low": [], "high": []})
        self.x_range, self.n_bins = Range1d(), -1
        scale: dict[str, Any] = {
            "x_range": self.x_range,
            "x_axis_type": "log" if look.log_x else "linear",
        }
        self.main = self._main(scale)
        self.ratio = self._ratio(scale)
        self.mean = self._mean(scale)
        for plot, height in zip(self.plots, HEIGHTS, strict=True):
            plot.min_border_left = 84
            plot.styles = {"height": height, "flex": "none"}
        for plot in (self.main, self.ratio):
            plot.xaxis.visible = False

    @property
    def plots(self) -> tuple[figure, figure, figure]:
        """From top to bottom."""
        return self.main, self.ratio, self.mean

    def show(self, found: Curves) -> None:
        """Feed the numbers of a selection into the figures."""
        histograms = (
            *(found.reference, found.generated, found.reweighted),
            *(*found.selections, *found.overlays),
        )
        look = self.look
        drawn = [density(h, look.log_x) if look.density else h for h in histograms]
        floor, top = _range_of(drawn, look.log_y)
        edges = found.reference.edges
        self.x_range.update(start=edges[0], end=edges[-1])
        self.main.y_range.update(start=floor, end=top)
        steps = {
            name: np.maximum(_closed(h.values), floor) for name, h in zip(self.names, drawn, strict=True)
        }
        ratios = {f"ratio_o{i}": _closed(ratio(h, found.reference)[0]) for i, h in enumerate(found.overlays)}
        self.steps.data = {"x": edges, "floor": np.full(edges.size, floor), **steps, **ratios}
        self._feed_ratios(found)

    def _feed_ratios(self, found: Curves) -> None:
        edges = found.reference.edges
        centres = np.sqrt(edges[1:] * edges[:-1]) if self.look.log_x else (edges[1:] + edges[:-1]) / 2
        generated, generated_error = ratio(found.generated, found.reference)
        reweighted, reweighted_error = ratio(found.reweighted, found.reference)
        mean, mean_error = found.mean_weight
        own_error = ratio(found.reference, found.reference)[1]
        self.points.data = dict(
            zip(
                _POINTS,
                (
                    centres,
                    generated, generated - generated_error, generated + generated_error,
                    reweighted, reweighted - reweighted_error, reweighted + reweighted_error,
                    mean, np.maximum(mean - mean_error, mean / 100), mean + mean_error,
                ),
                strict=True,
            )
        )  # fmt: skip
        width = np.nan_to_num(_closed(own_error))
        self.band.data = {"x": edges, "low": 1 - width, "high": 1 + width}
        overlays = [ratio(h, found.reference)[0] for h in found.overlays]
        low, high = _ratio_range(generated, reweighted, *overlays)
        self.ratio.y_range.update(start=low, end=high)
        positive = np.concatenate([mean[mean > 0], [0.8, 1.25]])
        low, high = float(positive.min()) / 1.3, float(positive.max()) * 1.3
        self.mean.y_range.update(start=low, end=high)
        self.mean.yaxis.ticker = weight_ticker(low, high, ROOM_ACROSS)

    def _main(self, scale: dict[str, Any]) -> figure:
        look, c = self.look, self.colours
        plot = styled_figure(c, y_range=Range1d(), y_axis_type="log" if look.log_y else "linear", **scale)
        plot.yaxis.axis_label = _density_label(look) if look.density else "events per bin"
        draw = {"source": self.steps, "mode": "after"}
        reference, generated = look.names
        plot.varea_step(
            "x", "floor", "reference", source=self.steps, step_mode="after", fill_color=c.reference,
            legend_label=f"{reference} (reference)",
        )  # fmt: skip
        plot.step("x", "reference", line_color=c.reference_line, line_width=1, **draw)
        plot.step(
            "x",
            "generated",
            line_color=c.generated,
            line_width=1.8,
            legend_label=f"{generated} (generated)",
            **draw,
        )
        plot.step(
            "x", "reweighted", line_color=c.reweighted, line_width=1.8, line_dash="dashed",
            legend_label="generated × w", **draw,
        )  # fmt: skip
        for i, (name, colour) in enumerate(look.overlays):
            plot.step(
                "x", f"o{i}", line_color=shown_colour(colour, look.dark), line_width=1.4,
                legend_label=f"{name} (other study)", **draw,
            )  # fmt: skip
        for i, (name, colour) in enumerate(look.selections):
            plot.step(
                "x", f"s{i}", line_color=shown_colour(colour, look.dark), line_width=2.6,
                legend_label=name or f"selection {i + 1}", **draw,
            )  # fmt: skip
        return plot

    def _ratio(self, scale: dict[str, Any]) -> figure:
        c = self.colours
        plot = styled_figure(c, y_range=Range1d(), **scale)
        plot.toolbar_location = None
        plot.yaxis.axis_label = "ratio to ref."
        plot.yaxis.ticker.desired_num_ticks = 4
        plot.varea_step("x", "low", "high", source=self.band, step_mode="after", fill_color=c.reference)
        plot.add_layout(Span(location=1, dimension="width", line_color=c.axis))
        for i, (_, colour) in enumerate(self.look.overlays):
            shown = shown_colour(colour, self.look.dark)
            plot.step("x", f"ratio_o{i}", source=self.steps, mode="after", line_color=shown, line_width=1.4)
        self._points(plot, "generated", c.generated, "circle")
        self._points(plot, "reweighted", c.reweighted, "square")
        return plot

    def _mean(self, scale: dict[str, Any]) -> figure:
        c = self.colours
        plot = styled_figure(c, y_range=Range1d(), y_axis_type="log", **scale)
        plot.toolbar_location = None
        plot.yaxis.axis_label = "⟨w⟩ (gen.)"
        plot.xaxis.axis_label = axis_label(self.look.observable.label, self.look.observable.unit)
        plot.add_layout(Span(location=1, dimension="width", line_color=c.axis))
        self._points(plot, "mean", c.generated, "circle")
        return plot

    def _points(self, plot: figure, name: str, colour: str, marker: str) -> None:
        plot.segment(
            "x", f"{name}_low", "x", f"{name}_high", source=self.points, line_color=colour, line_width=1.4
        )
        plot.scatter(
            "x", name, source=self.points, marker=marker, size=5, line_color=colour,
            fill_color=colour if marker == "circle" else self.colours.background,
        )  # fmt: skip


_POINTS = (
    "x",
    *(f"{name}{end}" for name in ("generated", "reweighted", "mean") for end in ("", "_low", "_high")),
)


def _ratio_range(*ratios: Floats) -> tuple[float, float]:
    """Symmetric around 1 as far as 0, then upwards to at most 4."""
    reach = 1.15 * float(np.nanmax(np.abs(np.concatenate([*ratios, [1.1]]) - 1)))
    return max(0.0, 1 - reach), min(1 + reach, 4.0)


def _density_label(look: Look) -> str:
    if look.log_x:
        return "density per decade"
    unit = look.observable.unit
    return f"density [1/{unit}]" if unit else "density"


def _closed(values: Floats) -> Floats:
    """One value more, so that steps end at the last edge."""
    return np.append(values, values[-1])


def _range_of(histograms: list[Histogram], log_y: bool) -> tuple[float, float]:
    """Bottom and top of the axis; on a logarithmic one, empty bins are drawn at the bottom."""
    values = np.concatenate([h.values for h in histograms])
    top = float(values.max(initial=0)) or 1.0
    if not log_y:
        return 0.0, 1.12 * top
    positive = values[values > 0]
    bottom = max(float(positive.min()) / 2, top / 1e7) if positive.size else top / 10
    return bottom, top * (top / bottom) ** 0.12
