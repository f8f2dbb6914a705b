"""Several drawings on one page: beside or below each other, on common scales."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import panel as pn
from bokeh.models import LogColorMapper
from bokeh.plotting import figure

from tailscope.sample.drawing import Drawing, Grid
from tailscope_dashboard.look.style import CSS
from tailscope_dashboard.parts.base import text_pane

from .pictures import FEW, axis_text, colour_bar, common_scale, mapper_of, picture_of

ROOM = "100vh - 236px"
"""Height that header, tabs and controls leave."""
HEADING = 30
BAR = 86
"""Pixels that a scale of colours is wide."""
LEAST = 190
"""Pixels that a picture is high at least."""


def layout_of(drawing: Drawing) -> tuple[Any, ...]:
    """What figures are made for: equal for drawings that differ in their numbers only."""
    return (
        tuple(
            (
                image.title,
                image.values.shape[1:],
                (image.x_edges.tobytes() if isinstance(image, Grid) else image.r_edges.tobytes()),
            )
            for image in drawing.images
        ),
        None if drawing.points is None else (drawing.points.kinds, drawing.points.labels),
    )


class Gallery:
    """Pictures of like drawings, the last one of which may be their ratio.

    Parameters
    ----------
    layout: a drawing of the kind that will be shown.
    count: how many are shown.
    ratio: whether the last one is a ratio.

    """

    def __init__(self, layout: Drawing, count: int, dark: bool, *, ratio: bool = False) -> None:
        self.mapper, self.ratio_mapper = mapper_of(dark), mapper_of(dark, ratio=True)
        self._ratio = ratio
        mappers = [self.mapper] * (count - ratio) + [self.ratio_mapper] * ratio
        self.pictures = [picture_of(layout, mapper, dark) for mapper in mappers]
        self._points = layout.points is not None
        stacked = len(layout.images) > 1
        # Beside each other, pictures begin at the same height whether a heading takes one line or two.
        tall = {} if stacked else {"min-height": "43px"}
        self.headings = [
            text_pane(margin=(4, 8, 0, 8), sizing_mode="stretch_width", styles=tall) for _ in mappers
        ]
        rows = count if stacked else 1
        least = LEAST if 1 < len(layout.images) <= FEW else 2 * LEAST
        height = f"max({least}px, calc(({ROOM}) / {rows} - {HEADING}px))"
        blocks = [
            pn.Column(
                heading,
                self._row(picture.plots, height),
                sizing_mode="stretch_width",
                margin=0,
                styles={}
                if stacked
                else {"flex": "1 1 300px", "min-width": "min(300px, calc(100vw - 100px))"},
            )
            for heading, picture in zip(self.headings, self.pictures, strict=True)
        ]
        wrap: dict[str, Any] = {"css_classes": ["ts-wrap"], "stylesheets": [CSS]}
        pictures = (
            pn.Column(
                *blocks, sizing_mode="stretch_width", margin=0, styles={"flex": "1 1 0", "min-width": "0"}
            )
            if stacked
            else pn.Row(
                *blocks,
                sizing_mode="stretch_width",
                margin=0,
                styles={"flex": "1 1 0", "min-width": "0"},
                **wrap,
            )
        )
        if self._points:
            self.content = pn.Row(pictures, sizing_mode="stretch_width", margin=0)
            return
        self._title = axis_text(layout.quantity)
        bars = [(self.mapper, self._title)] + [(self.ratio_mapper, "ratio")] * ratio
        high = f"max({least}px, calc(({ROOM}) / {len(bars)} - {HEADING}px))"
        self.content = pn.Row(
            pictures,
            pn.Column(*(_bar(mapper, title, dark, high) for mapper, title in bars), width=BAR, margin=0),
            sizing_mode="stretch_width",
            margin=0,
        )

    @staticmethod
    def _row(plots: Sequence[figure], height: str) -> pn.Row:
        least = "min(190px, calc(100vw - 120px))"
        for plot in plots:
            plot.styles = {"height": height, "flex": "1 1 190px", "min-width": least}
        return pn.Row(
            *(pn.pane.Bokeh(plot, sizing_mode="stretch_width", margin=0) for plot in plots),
            sizing_mode="stretch_width",
            margin=0,
            css_classes=["ts-wrap"],
            stylesheets=[CSS],
        )

    def show(self, drawings: Sequence[Drawing | None], headings: Sequence[str]) -> None:
        """Draw them all on one scale; ``headings`` are HTML, None leaves a place empty."""
        there = [drawing for drawing in drawings if drawing is not None]
        plain = there[:-1] if self._ratio else there
        largest = 1.0
        if self._points:
            sizes = [d.points.size for d in plain if d.points is not None]
            largest = float(np.nanmax(np.concatenate([s.ravel() for s in sizes]), initial=0)) or 1.0
        else:
            low, high = common_scale(plain)
            self.mapper.update(low=low, high=high)
            if self._ratio:
                end = _ratio_end(there[-1])
                self.ratio_mapper.update(low=1 / end, high=end)
        for drawing, picture, heading, text in zip(
            drawings, self.pictures, self.headings, headings, strict=True
        ):
            heading.object = text
            for plot in picture.plots:
                plot.visible = drawing is not None
            if drawing is not None:
                picture.show(drawing, largest)


def _bar(mapper: LogColorMapper, title: str, dark: bool, height: str) -> pn.pane.Bokeh:
    plot = colour_bar(mapper, title, dark)
    plot.styles = {"height": height, "flex": "none"}
    return pn.pane.Bokeh(plot, sizing_mode="stretch_width", margin=(HEADING, 0, 0, 0))


def _ratio_end(ratio: Drawing) -> float:
    """How far from 1 the scale of a ratio goes: what all but a twentieth of the cells reach, 1.5 to 10."""
    values = np.concatenate([image.values.ravel() for image in ratio.images])
    away = np.abs(np.log(values[values > 0]))
    reach = float(np.exp(np.quantile(away, 0.95))) if away.size else 2.0
    return next((end for end in (1.5, 2, 3, 5) if reach <= end), 10.0)
