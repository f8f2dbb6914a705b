"""The figures of the focus: made once for a look, then only fed with numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, Range1d, Span
from bokeh.plotting import figure
from numpy.typing import NDArray

from tailscope.counting.atoms import Ends
from tailscope.counting.histogram import Histogram
from tailscope.sample.observable import Observable
from tailscope.weights.curves import Curves, density, ratio
from tailscope_dashboard.figures.frame import Frame, Off, beyond_of, mean_range, ratio_range, unmatched
from tailscope_dashboard.look.palette import FONT, shown_colour, theme
from tailscope_dashboard.look.style import axis_label, called, styled_figure, weight_ticker
from tailscope_dashboard.look.ticks import ROOM_ACROSS

Floats = NDArray[np.float64]

HEADER = 228
"""Pixels above and below the panels: a header of two lines, the controls, the key."""
BESIDE = 4
"""Pixels from the outermost edge of the bins to the value of the box beyond it."""
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
    ends: the single values that underflow and overflow consist of, each drawn in a box; None for others.

    """

    observable: Observable
    names: tuple[str, str]
    selections: tuple[tuple[str, str], ...]
    log_x: bool
    log_y: bool
    density: bool
    dark: bool
    overlays: tuple[tuple[str, str], ...] = ()
    ends: Ends = (None, None)


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
        self.off_main, self.off_ratio, self.off_mean = (
            ColumnDataSource({k: [] for k in _OFF}) for _ in "123"
        )
        self.named = ColumnDataSource({"x": [], "y": [], "text": [], "align": [], "beside": []})
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
        look, bins = self.look, found.reference.edges
        below, above = (beyond_of(end, is_there=end is not None) for end in look.ends)
        frame = Frame(bins, look.log_x, (below, above))
        framed = [frame.histogram(h) for h in histograms]
        drawn = [density(h, look.log_x) if look.density else h for h in framed]
        floor, top = _range_of(frame, drawn, look.log_y)
        edges = frame.edges
        self.x_range.update(start=edges[0], end=edges[-1])
        for plot in self.plots:  # no numbers below boxes, which the axis does not run through
            plot.xaxis.bounds = (bins[0], bins[-1])
        self.main.y_range.update(start=floor, end=top)
        sides = [("left", BESIDE, bins[0]), ("right", -BESIDE, bins[-1])]
        boxes = [(end, *side) for end, side in zip(look.ends, sides, strict=True) if end is not None]
        self.named.data = {
            "x": [x for *_, x in boxes],
            "y": [top] * len(boxes),
            "text": [f"= {end:.4g}" for end, *_ in boxes],
            "align": [align for _, align, *_ in boxes],
            "beside": [beside for _, _, beside, _ in boxes],
        }
        colours = self._colours
        self.off_main.data = _off_data(
            frame.centres,
            [(Off.of(h.values, 0.0, top), colour) for h, colour in zip(drawn, colours, strict=True)],
            (floor, top),
        )
        steps = {
            name: np.maximum(_closed(h.values), floor) for name, h in zip(self.names, drawn, strict=True)
        }
        reference, overlays = framed[0], framed[len(framed) - len(found.overlays) :]
        ratios = {f"ratio_o{i}": _closed(ratio(h, reference)[0]) for i, h in enumerate(overlays)}
        self.steps.data = {"x": edges, "floor": np.full(edges.size, floor), **steps, **ratios}
        self._feed_ratios(frame, framed[:3], overlays, found)

    @property
    def _colours(self) -> list[str]:
        """Of all curves, in the order of `names`."""
        look, c = self.look, self.colours
        drawn = (*look.selections, *look.overlays)
        return [c.reference_line, c.generated, c.reweighted, *(shown_colour(x, look.dark) for _, x in drawn)]

    def _feed_ratios(
        self, frame: Frame, histograms: list[Histogram], overlays: list[Histogram], found: Curves
    ) -> None:
        edges, centres, c = frame.edges, frame.centres, self.colours
        reference, *others = histograms
        (generated, generated_error), (reweighted, reweighted_error) = (ratio(h, reference) for h in others)
        mean, mean_error = (
            frame.whole(slots[1:-1], slots[0], slots[-1], gap=np.nan)
            for slots in found.mean_weight_everywhere
        )
        own_error = ratio(reference, reference)[1]
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
        compared = [*others, *overlays]
        colours = [c.generated, c.reweighted, *self._colours[len(self._colours) - len(overlays) :]]
        ratios = [ratio(h, reference)[0] for h in compared]
        low, high = ratio_range(*ratios)
        self.ratio.y_range.update(start=low, end=high)
        self.off_ratio.data = _off_data(
            centres,
            [
                (Off.of(values, low, high, unmatched(h, reference)), colour)
                for values, h, colour in zip(ratios, compared, colours, strict=True)
            ],
            (low, high),
        )
        low, high = mean_range(mean)
        self.mean.y_range.update(start=low, end=high)
        self.off_mean.data = _off_data(centres, [(Off.of(mean, low, high), c.generated)], (low, high))
        self.mean.yaxis.ticker = weight_ticker(low, high, ROOM_ACROSS)

    def _main(self, scale: dict[str, Any]) -> figure:
        look, c = self.look, self.colours
        words = called(f"distribution of {look.observable.name}")
        y_type = "log" if look.log_y else "linear"
        plot = styled_figure(c, y_range=Range1d(), y_axis_type=y_type, html_attributes=words, **scale)
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
        plot.text(
            "x", "y", "text", source=self.named, text_align="align", text_baseline="top",
            x_offset="beside", y_offset=6, text_color=c.text, text_font_size="13px", text_font=FONT,
        )  # fmt: skip
        _arrows(plot, self.off_main)
        return plot

    def _ratio(self, scale: dict[str, Any]) -> figure:
        c = self.colours
        words = called(f"ratio to the reference in bins of {self.look.observable.name}")
        plot = styled_figure(c, y_range=Range1d(), html_attributes=words, **scale)
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
        _arrows(plot, self.off_ratio)
        return plot

    def _mean(self, scale: dict[str, Any]) -> figure:
        c = self.colours
        words = called(f"mean weight of generated events in bins of {self.look.observable.name}")
        plot = styled_figure(c, y_range=Range1d(), y_axis_type="log", html_attributes=words, **scale)
        plot.toolbar_location = None
        plot.yaxis.axis_label = "⟨w⟩ (gen.)"
        plot.xaxis.axis_label = axis_label(self.look.observable.label, self.look.observable.unit)
        plot.add_layout(Span(location=1, dimension="width", line_color=c.axis))
        self._points(plot, "mean", c.generated, "circle")
        _arrows(plot, self.off_mean)
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


_OFF = ("x", "y", "marker", "line", "fill")


def _off_data(
    x: Floats, curves: Sequence[tuple[Off, str]], ends: tuple[float, float]
) -> dict[str, list[float] | list[str]]:
    """Arrows at the frame's edges, ``ends``, in their curves' colours; open ones have no denominator."""
    low, high = ends
    rows: list[tuple[float, float, str, str, str]] = []
    for off, colour in curves:
        rows += [(at, high, "triangle", colour, colour) for at in x[off.above].tolist()]
        rows += [(at, low, "inverted_triangle", colour, colour) for at in x[off.below].tolist()]
        rows += [(at, high, "triangle", colour, "transparent") for at in x[off.unmatched].tolist()]
    columns = zip(*rows, strict=True) if rows else ([] for _ in _OFF)
    return {key: list(column) for key, column in zip(_OFF, columns, strict=True)}


def _arrows(plot: figure, source: ColumnDataSource) -> None:
    plot.scatter(
        "x",
        "y",
        source=source,
        marker="marker",
        size=9,
        line_color="line",
        fill_color="fill",
        level="overlay",
    )


def _density_label(look: Look) -> str:
    if look.log_x:
        return "density per decade"
    unit = look.observable.unit
    return f"density [1/{unit}]" if unit else "density"


def _closed(values: Floats) -> Floats:
    """One value more, so that steps end at the last edge."""
    return np.append(values, values[-1])


def _range_of(frame: Frame, histograms: list[Histogram], log_y: bool) -> tuple[float, float]:
    """Bottom and top of the axis; on a logarithmic one, empty bins are drawn at the bottom.

    A linear axis is that of the bins: boxes of single values may lie far above them.
    """
    if not log_y:
        return 0.0, 1.12 * (max(float(frame.height(h).max(initial=0)) for h in histograms) or 1.0)
    values = np.concatenate([h.values for h in histograms])
    top = float(values.max(initial=0)) or 1.0
    positive = values[values > 0]
    bottom = max(float(positive.min()) / 2, top / 1e7) if positive.size else top / 10
    return bottom, top * (top / bottom) ** 0.12
