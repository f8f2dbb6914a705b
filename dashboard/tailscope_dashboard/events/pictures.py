"""One drawing as Bokeh figures: made once for a layout, then only fed with numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from bokeh.core.properties import value
from bokeh.models import (
    ColorBar,
    ColumnDataSource,
    DataRange1d,
    FixedTicker,
    HoverTool,
    LogColorMapper,
    LogTicker,
    Range1d,
)
from bokeh.palettes import Viridis256
from bokeh.plotting import figure
from numpy.typing import NDArray

from tailscope.sample.drawing import Axis, Drawing, Grid, Points, Rings
from tailscope_dashboard.look.palette import FONT, PALETTE, Theme, shown_colour, theme
from tailscope_dashboard.look.style import styled_figure

DECADES = 8
"""Of the colour scale, at most: what is smaller has its lowest colour, and only 0 has none."""

LARGEST, LARGEST_OF_MANY = 46.0, 34.0
"""Diameters in pixels of the particle with the largest size in all pictures."""
SMALLEST = 3.0

KINDS = {"muon": PALETTE[1], "jet": PALETTE[0], "constituent": PALETTE[4]}
"""Colours of particles; other kinds get the others."""

FEW = 14
"""Layers of rings that make one or two rows; more fill a figure."""
MANY_AS_WIDE = 1.8
"""How much wider than high such a figure is."""
TILE = 0.45
"""Radius of a layer of rings, in units of the distance between the centres of two."""
AZIMUTH_MARGIN = 0.42
"""Beyond -pi and pi in a plane of azimuths, so that the largest of particles there is seen whole."""
UNEVEN = 4.0
"""Rings whose widths differ more than this are drawn equally wide: the inner ones would not be seen."""

Floats = NDArray[np.float64]


def axis_text(axis: Axis) -> str:
    """Symbol and unit as they are written at an axis."""
    return f"{axis.symbol} [{axis.unit}]" if axis.unit else axis.symbol


def energy_text(value: float, unit: str) -> str:
    """An energy as people say it: 1.23 GeV, 45 MeV, 3.2 keV; other units as they are."""
    if unit == "MeV" and value > 0:
        for factor, name in ((1e6, "TeV"), (1e3, "GeV"), (1.0, "MeV"), (1e-3, "keV"), (0.0, "eV")):
            if value >= factor:
                return f"{value / (factor or 1e-6):.3g} {name}"
    return f"{value:.3g} {unit}".strip()


def colours_of(dark: bool) -> list[str]:
    """The colours of energies, small to large; on dark ground without those that cannot be told from it."""
    return list(Viridis256[40:] if dark else Viridis256)


def mapper_of(dark: bool, *, ratio: bool = False) -> LogColorMapper:
    """A logarithmic scale of colours; a ratio's is grey at 1, blue below and red above."""
    if ratio:
        grey = "#5c656e" if dark else "#e6e8ea"
        return LogColorMapper(palette=_two_sided(grey), low=0.1, high=10)
    return LogColorMapper(palette=colours_of(dark), low=1e-3, high=1e3)


def _two_sided(middle: str, n: int = 127) -> list[str]:
    """Blue, ``middle``, red: 2 n + 1 colours."""

    def between(a: str, b: str) -> list[str]:
        first, last = (np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)]) for c in (a, b))
        mixed = np.rint(np.linspace(first, last, n + 1)).astype(int)
        return ["#" + "".join(f"{part:02x}" for part in colour) for colour in mixed]

    return [*between("#2166ac", middle), *between(middle, "#b2182b")[1:]]


def common_scale(drawings: Sequence[Drawing]) -> tuple[float, float]:
    """Ends of a scale that holds all cells that are not 0: round, and at most `DECADES` apart."""
    values = [image.values[image.values > 0] for d in drawings for image in d.images]
    cells = np.concatenate([v.ravel() for v in values]) if values else np.empty(0)
    if cells.size == 0:
        return 1e-3, 1.0
    high = _round_up(float(cells.max()))
    low = max(10.0 ** math.floor(math.log10(float(cells.min())) + 1e-9), high * 10.0**-DECADES)
    return (low, high) if low < high else (high / 10, high)


def _round_up(value: float) -> float:
    decade = 10.0 ** math.floor(math.log10(value))
    return next(m * decade for m in (1, 2, 5, 10, 20) if m * decade >= value * (1 - 1e-9))


class Picture:
    """One drawing.

    Attributes
    ----------
    plots: figures, in a row.
    wide: whether a single figure holds images side by side.

    """

    plots: list[figure]
    wide = False

    def show(self, drawing: Drawing, largest: float) -> None:
        """Feed it with one event of the layout it was made for; ``largest`` size of all pictures."""
        raise NotImplementedError


def picture_of(layout: Drawing, mapper: LogColorMapper, dark: bool) -> Picture:
    """Make the figures for drawings like this one."""
    colours = theme(dark)
    if layout.points is not None:
        return _Plane(layout.points, colours, dark)
    if any(isinstance(image, Rings) for image in layout.images):
        return _Tiles(layout, mapper, colours)
    return _Grids(layout, mapper, colours)


class _Grids(Picture):
    """A figure for each image of rectangular cells."""

    def __init__(self, layout: Drawing, mapper: LogColorMapper, colours: Theme) -> None:
        self.sources, self.plots = [], []
        for number, image in enumerate(layout.images):
            assert isinstance(image, Grid)
            source = ColumnDataSource({key: [] for key in ("left", "right", "bottom", "top", "E")})
            plot = styled_figure(
                colours,
                x_range=Range1d(image.x_edges[0], image.x_edges[-1], bounds="auto"),
                y_range=Range1d(image.y_edges[0], image.y_edges[-1], bounds="auto"),
                title=image.title or " ",
            )
            cells = plot.quad(
                *("left", "right", "bottom", "top"),
                source=source,
                fill_color={"field": "E", "transform": mapper},
                line_color=None,
            )
            plot.add_tools(_hover(layout.quantity, (image.x, image.y), cells))
            plot.xaxis.axis_label = axis_text(image.x)
            plot.yaxis.axis_label = axis_text(image.y) if number == 0 else None
            plot.grid.visible = False
            plot.min_border = 6
            plot.toolbar_inner = True
            plot.xaxis.ticker.desired_num_ticks = 3
            self.sources.append(source)
            self.plots.append(plot)

    def show(self, drawing: Drawing, largest: float) -> None:
        del largest
        for image, source, plot in zip(drawing.images, self.sources, self.plots, strict=True):
            assert isinstance(image, Grid)
            values = image.values[0]
            row, column = np.nonzero(values)
            source.data = {
                "left": image.x_edges[column],
                "right": image.x_edges[column + 1],
                "bottom": image.y_edges[row],
                "top": image.y_edges[row + 1],
                "E": values[row, column].astype(np.float64),
            }
            if image.title:
                plot.title.text = image_title(image, drawing.quantity)


class _Tiles(Picture):
    """All layers of rings in one figure, side by side."""

    wide = True

    def __init__(self, layout: Drawing, mapper: LogColorMapper, colours: Theme) -> None:
        n = len(layout.images)
        rows = round(math.sqrt(n / MANY_AS_WIDE)) if n > FEW else -(-n // 7)
        self.columns = math.ceil(n / rows)
        keys = ("x", "y", "inner", "outer", "start", "end", "E", "layer", "r_low", "r_high", "alpha")
        self.cells = ColumnDataSource({key: [] for key in keys})
        places = [self._place(i) for i in range(n)]
        x, y = (np.array(part, dtype=float) for part in zip(*places, strict=True))
        self.titles = ColumnDataSource({"x": x, "y": y + 0.49, "text": [""] * n})
        plot = styled_figure(
            colours,
            x_range=DataRange1d(range_padding=0),
            y_range=DataRange1d(range_padding=0),
            match_aspect=True,
        )
        plot.quad(
            left=x - 0.5, right=x + 0.5, bottom=y - 0.47, top=y + 0.66, fill_color=None, line_color=None
        )
        plot.circle(x, y, radius=TILE, fill_color=None, line_color=colours.axis, line_width=1)
        cells = plot.annular_wedge(
            x="x", y="y", inner_radius="inner", outer_radius="outer", start_angle="start", end_angle="end",
            source=self.cells, fill_color={"field": "E", "transform": mapper}, line_color=None,
        )  # fmt: skip
        plot.text(
            x="x", y="y", text="text", source=self.titles, text_align="center", text_color=colours.text,
            text_font=value(FONT), text_font_size="13px" if n <= FEW else "10px",
        )  # fmt: skip
        plot.add_tools(
            HoverTool(
                renderers=[cells],
                tooltips=[
                    ("layer", "@layer"),
                    (layout.quantity.symbol, f"@E{{%.3g}} {layout.quantity.unit}"),
                    ("r", "@r_low{0.[0]} to @r_high{0.[0]} mm"),
                    ("α", "@alpha{0.00}"),
                ],
                formatters={"@E": "printf"},
            )
        )
        plot.axis.visible = plot.grid.visible = False
        plot.outline_line_color = None
        plot.min_border = 2
        plot.toolbar_inner = True
        self.plots = [plot]

    def _place(self, number: int) -> tuple[float, float]:
        return float(number % self.columns), -1.13 * (number // self.columns)

    def show(self, drawing: Drawing, largest: float) -> None:
        del largest
        parts: dict[str, list[Any]] = {key: [] for key in self.cells.data}
        for number, image in enumerate(drawing.images):
            assert isinstance(image, Rings)
            values = image.values[0]
            alpha, ring = np.nonzero(values)
            radii, angles = TILE * drawn_radii(image.r_edges), image.alpha_edges
            x, y = self._place(number)
            found = {
                "x": np.full(ring.size, x), "y": np.full(ring.size, y),
                "inner": radii[ring], "outer": radii[ring + 1],
                "start": angles[alpha], "end": angles[alpha + 1],
                "E": values[alpha, ring].astype(np.float64), "layer": np.full(ring.size, number),
                "r_low": image.r_edges[ring], "r_high": image.r_edges[ring + 1],
                "alpha": (angles[alpha] + angles[alpha + 1]) / 2,
            }  # fmt: skip
            for key, values_of in found.items():
                parts[key].append(values_of)
        data = {key: np.concatenate(some) for key, some in parts.items()}
        names = np.array([image.title.removeprefix("layer ") for image in drawing.images], dtype=object)
        data["layer"] = names[data["layer"].astype(int)]
        self.cells.data = data
        short = len(drawing.images) > FEW
        self.titles.data = dict(self.titles.data) | {
            "text": [image_title(image, drawing.quantity, short=short) for image in drawing.images]
        }


class _Plane(Picture):
    """Particles in a plane; areas stand for their sizes."""

    def __init__(self, layout: Points, colours: Theme, dark: bool) -> None:
        self.layout = layout
        kinds = list(dict.fromkeys(layout.kinds))
        others = iter(PALETTE[2:])
        colour_of = {kind: shown_colour(KINDS.get(kind) or next(others), dark) for kind in kinds}
        self.colours = [colour_of[kind] for kind in layout.kinds]
        self.source = ColumnDataSource(
            {key: [] for key in ("x", "y", "size", "value", "colour", "text", "off", "align")}
        )
        around = layout.y_range == (-math.pi, math.pi)
        margin = AZIMUTH_MARGIN if around else 0.0
        y_range = Range1d(layout.y_range[0] - margin, layout.y_range[1] + margin)
        plot = styled_figure(colours, x_range=Range1d(*layout.x_range), y_range=y_range)
        dots = plot.scatter(
            "x",
            "y",
            size="size",
            source=self.source,
            fill_color="colour",
            fill_alpha=0.6,
            line_color="colour",
        )
        if any(layout.labels):
            plot.text(
                "x", "y", text="text", x_offset="off", y_offset=5, text_align="align", source=self.source,
                text_color=colours.text, text_font=value(FONT), text_font_size="14px",
            )  # fmt: skip
        plot.add_tools(_hover(layout.meaning, (layout.x, layout.y), dots))
        plot.xaxis.axis_label, plot.yaxis.axis_label = axis_text(layout.x), axis_text(layout.y)
        if around:
            plot.yaxis.ticker = FixedTicker(ticks=[-math.pi, -math.pi / 2, 0, math.pi / 2, math.pi])
            labels = {-math.pi: "−π", -math.pi / 2: "−π/2", 0: "0", math.pi / 2: "π/2", math.pi: "π"}
            plot.yaxis.major_label_overrides = labels
        plot.toolbar_inner = True
        self.plots = [plot]

    def show(self, drawing: Drawing, largest: float) -> None:
        points = drawing.points
        assert points is not None
        size, (x, y) = points.size[0], points.at[0].T
        there = np.flatnonzero(np.isfinite(size) & np.isfinite(x) & np.isfinite(y))
        there = there[np.argsort(-size[there], kind="stable")]  # small ones lie on top
        most = LARGEST if any(points.labels) else LARGEST_OF_MANY
        diameter = np.maximum(SMALLEST, most * np.sqrt(size[there] / largest))
        right = x[there] > points.x_range[0] + 0.7 * (points.x_range[1] - points.x_range[0])
        unit = f" {points.meaning.unit}" if points.meaning.unit else ""
        self.source.data = {
            "x": x[there],
            "y": y[there],
            "size": diameter,
            "off": np.where(right, -1, 1) * (diameter / 2 + 4),
            "align": np.where(right, "right", "left").tolist(),
            "value": size[there],
            "colour": [self.colours[i] for i in there],
            "text": [f"{points.labels[i]} {size[i]:.3g}{unit}" if points.labels[i] else "" for i in there],
        }


def image_title(image: Grid | Rings, quantity: Axis, *, short: bool = False) -> str:
    """What is written above an image: the layer and its energy; a ratio's title tells its own number."""
    if quantity.symbol == "ratio":
        return image.title.removeprefix("layer ") if short else image.title
    total = energy_text(float(image.values[0].sum(dtype=np.float64)), quantity.unit)
    return f"{image.title.removeprefix('layer ')}: {total}" if short else f"{image.title}: {total}"


def drawn_radii(r_edges: Floats) -> Floats:
    """Edges of rings as drawn, from 0 to 1: to scale, or equally wide where widths differ much."""
    widths = np.diff(r_edges)
    edges = r_edges if widths.max() <= UNEVEN * widths.min() else np.arange(r_edges.size)
    radii: Floats = edges / edges[-1]
    return radii


def equal_rings(drawing: Drawing) -> bool:
    """Whether rings are drawn equally wide that are not."""
    rings = [image for image in drawing.images if isinstance(image, Rings)]
    return any(not np.allclose(drawn_radii(r.r_edges), r.r_edges / r.r_edges[-1]) for r in rings)


def colour_bar(mapper: LogColorMapper, title: str, dark: bool) -> figure:
    """Make a figure that is only a colour scale."""
    colours = theme(dark)
    plot = styled_figure(colours, x_range=Range1d(0, 1), y_range=Range1d(0, 1))
    plot.toolbar_location = None
    plot.axis.visible = plot.grid.visible = False
    plot.outline_line_color = None
    plot.min_border = 0
    plot.min_border_top = plot.min_border_bottom = 10
    bar = ColorBar(
        color_mapper=mapper,
        ticker=LogTicker(desired_num_ticks=8),
        title=title,
        title_text_color=colours.text,
        title_text_font=FONT,
        title_text_font_size="14px",
        title_text_font_style="normal",
        major_label_text_color=colours.text,
        major_label_text_font=FONT,
        major_label_text_font_size="13px",
        background_fill_color=None,
        bar_line_color=colours.axis,
        width=18,
        height="auto",
        padding=4,
    )
    plot.add_layout(bar, "left")
    return plot


def _hover(quantity: Axis, axes: tuple[Axis, Axis], renderer: Any) -> HoverTool:
    """Tell the numbers of what the mouse points at; names come from domains, never from files."""
    column = "E" if "E" in renderer.data_source.data else "value"
    return HoverTool(
        renderers=[renderer],
        tooltips=[
            (quantity.symbol, f"@{column}{{%.3g}} {quantity.unit}"),
            *(
                (axis.symbol, f"{place}{{0.00}} {axis.unit}")
                for axis, place in zip(axes, ("$x", "$y"), strict=True)
            ),
        ],
        formatters={f"@{column}": "printf"},
    )
