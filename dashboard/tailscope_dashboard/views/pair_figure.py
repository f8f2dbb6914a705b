"""The figure of two observables, by HoloViews: made once for a look, then only fed with numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import holoviews as hv
import holoviews.plotting.bokeh
import numpy as np
import panel as pn
from bokeh.models import BoxSelectTool, HoverTool
from bokeh.plotting import figure
from contourpy import contour_generator

from tailscope.counting.pair_counts import Axis
from tailscope.sample.observable import Observable
from tailscope.selection import Selection
from tailscope.weights.events import Floats
from tailscope.weights.plane import Plane, levels
from tailscope_dashboard.look.palette import FONT, diverging, sequential, shown_colour, theme
from tailscope_dashboard.look.style import axis_label, dress, weight_ticker
from tailscope_dashboard.look.ticks import ROOM_ALONG
from tailscope_dashboard.parts.base import plain_name
from tailscope_dashboard.state.view import Colour

from .pair_words import COUNTS, NAMES, RATIOS

LEAST_HEIGHT = 400
HEIGHT = f"max({LEAST_HEIGHT}px, calc(100vh - 290px))"
"""Of the figure: it leaves room for a header of two lines, the controls, and what is said below."""

HELD = (0.5, 0.9)
"""Shares of a selection's events that its lines hold."""
ENOUGH = 10
"""Events of both samples in a bin, from where it is not paler."""
FEWEST = 20
"""Of a selection, for lines around it."""
PALEST = 0.25
FURTHEST = 0.98
"""Share of the bins with enough events whose numbers the colours reach."""

OPTIONS: dict[str, Any] = {"backend": "bokeh", "apply_ranges": False, "show_legend": False}


@dataclass(frozen=True)
class PairLook:
    """All that the figure is made for: when it is the same, only numbers change.

    Attributes
    ----------
    selections: (name, colour) of each.
    ends: numbers at which the colours end, see `ends_of`.

    """

    x: Observable
    y: Observable
    log_x: bool
    log_y: bool
    colour: Colour
    selections: tuple[tuple[str, str], ...]
    dark: bool
    ends: tuple[float, float]


@dataclass(frozen=True, eq=False)
class _Shown:
    """The numbers of one moment."""

    plane: Plane
    selections: Sequence[Selection]


class PairFigure:
    """Heat map of two observables with lines around the events of selections.

    Parameters
    ----------
    on_box: is called with (low x, low y, high x, high y) of a rectangle that somebody drew.

    """

    def __init__(
        self, look: PairLook, plane: Plane, selections: Sequence[Selection], on_box: Callable[..., None]
    ) -> None:
        self.look = look
        self._pipe = hv.streams.Pipe(data=_Shown(plane, selections))
        self._map = hv.DynamicMap(self._heat_map, streams=[self._pipe])
        layers = [self._map, hv.DynamicMap(self._halo, streams=[self._pipe])]
        for number in range(len(look.selections)):
            own = (_Of(self._lines, number), _Of(self._box, number))
            layers += [hv.DynamicMap(draw, streams=[self._pipe]) for draw in own]
        self._bounds = hv.streams.BoundsXY(source=self._map)
        self._bounds.add_subscriber(self._on_bounds)
        self._on_box = on_box
        # Without HoloViews' theme, which would paint over the house's look.
        self.pane = pn.pane.HoloViews(
            hv.Overlay(layers).collate(),
            backend="bokeh",
            theme=None,
            sizing_mode="stretch_width",
            margin=0,
        )

    def show(self, plane: Plane, selections: Sequence[Selection]) -> None:
        """Feed other numbers."""
        self._pipe.send(_Shown(plane, selections))

    def _on_bounds(self, bounds: tuple[float, float, float, float] | None = None) -> None:
        if bounds is not None:
            self._on_box(*bounds)

    def _heat_map(self, data: _Shown) -> Any:
        look, plane = self.look, data.plane
        x, y = plane.x.edges, plane.y.edges
        reference, generated = plane.reference.inside(), plane.generated.inside()
        values, error = _coloured(plane, look.colour)
        there = ~np.isnan(values)
        i, j = np.nonzero(there)
        columns: dict[str, Any] = {
            "x0": x[i], "y0": y[j], "x1": x[i + 1], "y1": y[j + 1],
            "value": np.clip(values[there], *look.ends),
            "reference": reference[there], "generated": generated[there],
            "pale": np.clip(plane.events[there] / ENOUGH, PALEST, 1.0),
        }  # fmt: skip
        if look.colour in COUNTS:
            columns["pale"] = np.ones(i.size)
        columns["said"] = [_said(*numbers) for numbers in zip(values[there], error[there], strict=True)]
        rectangles = hv.Rectangles(
            columns, ["x0", "y0", "x1", "y1"],
            ["value", "reference", "generated", "pale", "said"],
        )  # fmt: skip
        return rectangles.opts(**self._map_options(data))

    def _map_options(self, data: _Shown) -> dict[str, Any]:
        look, colours = self.look, theme(self.look.dark)
        counts, ratio = look.colour in COUNTS, look.colour in RATIOS
        # Orange is where too few are generated, also where that makes a small ratio.
        colours_of = sequential if counts else diverging
        scale = colours_of(look.dark)[:: -1 if ratio else 1]
        ticks = {"ticker": weight_ticker(*look.ends, ROOM_ALONG)} if ratio else {}
        hover = HoverTool(
            tooltips=_tooltips(look),
            formatters=dict.fromkeys(("@left", "@right", "@bottom", "@top"), "printf"),
            point_policy="follow_mouse",
            attachment="horizontal",
        )
        x, y = data.plane.x.edges, data.plane.y.edges
        return OPTIONS | {
            "color": "value",
            "fill_alpha": "pale",
            "line_alpha": 0,
            "line_width": 0,
            "cmap": scale,
            "clim": look.ends,
            "logz": counts or ratio,
            "logx": look.log_x,
            "logy": look.log_y,
            "xlim": (float(x[0]), float(x[-1])),
            "ylim": (float(y[0]), float(y[-1])),
            "apply_ranges": True,
            "colorbar": True,
            "clabel": NAMES[look.colour],
            "colorbar_opts": {
                "title_text_color": colours.text,
                "title_text_font": FONT,
                "title_text_font_style": "normal",
                "title_text_font_size": "14px",
                "title_standoff": 10,
                "major_label_text_color": colours.text,
                "major_label_text_font": FONT,
                "major_label_text_font_size": "13px",
                "background_fill_color": colours.background,
                "bar_line_color": colours.axis,
                "major_tick_line_color": colours.axis,
                "width": 14,
            }
            | ticks,
            "xlabel": axis_label(look.x.label, look.x.unit),
            "ylabel": axis_label(look.y.label, look.y.unit),
            "default_tools": ["pan", "box_zoom", "wheel_zoom", "reset", "save"],
            "tools": [hover, BoxSelectTool(renderers=[], name="cut")],
            "active_tools": ["box_select"],
            "toolbar": "right",
            "title": "",
            "responsive": True,
            "height": LEAST_HEIGHT,
            "hooks": [self._dress],
        }

    def _dress(self, plot: Any, element: Any) -> None:
        del element
        drawn: figure = plot.state
        dress(drawn, theme(self.look.dark))
        drawn.toolbar.autohide = False
        drawn.grid.visible = False
        drawn.min_border_left = 84
        drawn.styles = {"height": HEIGHT, "flex": "none"}
        drawn.toolbar.active_drag = next(t for t in drawn.toolbar.tools if isinstance(t, BoxSelectTool))
        drawn.toolbar.active_scroll = None

    def _halo(self, data: _Shown) -> Any:
        """What lines are seen on, whatever the colour below: a wider line in the page's."""
        paths = [path for n in range(len(data.selections)) for path in _contours(self.look, data.plane, n)]
        colour = theme(self.look.dark).background
        return hv.Path(paths).opts(line_color=colour, line_width=5, line_alpha=0.75, **OPTIONS)

    def _lines(self, data: _Shown, number: int) -> Any:
        return hv.Path(_contours(self.look, data.plane, number)).opts(
            line_color=self._colour(number), line_width=2.4, **OPTIONS
        )

    def _box(self, data: _Shown, number: int) -> Any:
        """The selection's own cuts on the two, as a rectangle."""
        box = _rectangle(data.plane, data.selections[number])
        return hv.Path(box).opts(
            line_color=self._colour(number), line_width=2.4, line_dash="dashed", **OPTIONS
        )

    def _colour(self, number: int) -> str:
        return shown_colour(self.look.selections[number][1], self.look.dark)


@dataclass(frozen=True)
class _Of:
    """What a layer of one selection is drawn by."""

    draw: Callable[[_Shown, int], Any]
    number: int

    def __call__(self, data: _Shown) -> Any:
        return self.draw(data, self.number)


def _coloured(plane: Plane, colour: Colour) -> tuple[Floats, Floats]:
    """Number of each bin and its error: float64[n_x, n_y] each; NaN where there is none."""
    if colour in COUNTS:
        counts = (plane.reference if colour == "reference" else plane.generated).inside()
        return np.where(counts > 0, counts, np.nan), np.sqrt(counts)
    return {"log_w": plane.mean_log_w, "ratio": plane.ratio, "closure": plane.closure}[colour]


def ends_of(plane: Plane, colour: Colour) -> tuple[float, float]:
    """Where the colours end: as far below log w = 0 or a ratio of 1 as above, or from one event on."""
    values = _coloured(plane, colour)[0]
    if colour in COUNTS:
        return 1.0, max(float(np.nanmax(values, initial=1.0)), 2.0)
    good = values[np.isfinite(values) & (plane.events >= ENOUGH)]
    far = np.abs(np.log(good[good > 0]) if colour in RATIOS else good)
    reach = min(max(float(np.quantile(far, FURTHEST)) if far.size else 0.0, 0.05), 50.0)
    return (float(np.exp(-reach)), float(np.exp(reach))) if colour in RATIOS else (-reach, reach)


def _said(value: float, error: float) -> str:
    """A number with its error, as text."""
    if np.isinf(value):
        return "no reference events"
    return f"{value:.3g} ± {error:.2g}" if np.isfinite(error) else f"{value:.3g}, error unknown"


def _tooltips(look: PairLook) -> list[tuple[str, str]]:
    return [
        (NAMES[look.colour], "@said"),
        ("reference", "@reference{0,0} events"),
        ("generated", "@generated{0,0} events"),
        (plain_name(look.x)[:40], "@left{%.4g} to @right{%.4g}"),
        (plain_name(look.y)[:40], "@bottom{%.4g} to @top{%.4g}"),
    ]


def _contours(look: PairLook, plane: Plane, number: int) -> list[dict[str, Floats]]:
    """Lines around `HELD` of a selection's events; none where it has too few for any."""
    if plane.selections[number].inside().sum() < FEWEST:
        return []
    density = plane.density(number)
    # Nothing beyond the ends of the axes: lines that reach them are closed there.
    x, y = _centres(plane.x, look.log_x), _centres(plane.y, look.log_y)
    lines = contour_generator(x, y, np.pad(density, 1).T)
    return [
        {"x": line[:, 0], "y": line[:, 1]}
        for height in levels(density, HELD)
        for line in lines.lines(height * (1 - 1e-9))
    ]


def _centres(axis: Axis, is_log: bool) -> Floats:
    """Centres of the bins between both ends of the axis."""
    edges = np.log(axis.edges) if is_log else axis.edges
    centres = (edges[1:] + edges[:-1]) / 2
    return np.concatenate([axis.edges[:1], np.exp(centres) if is_log else centres, axis.edges[-1:]])


def _rectangle(plane: Plane, selection: Selection) -> list[dict[str, Floats]]:
    """Outline of a selection's cuts on the two observables; none where it has none."""
    ends = []
    for axis in (plane.x, plane.y):
        low, high = axis.edges[0], axis.edges[-1]
        for cut in selection.cuts:
            if cut.observable == axis.name:
                low = max(low, low if cut.low is None else cut.low)
                high = min(high, high if cut.high is None else cut.high)
        ends.append((float(low), float(high)))
    (left, right), (bottom, top) = ends
    if not any(cut.observable in {plane.x.name, plane.y.name} for cut in selection.cuts):
        return []
    return [
        {"x": np.array([left, right, right, left, left]), "y": np.array([bottom, bottom, top, top, bottom])}
    ]
