"""Training: the loss of every fold and member, epoch by epoch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import panel as pn
from bokeh.models import Span
from bokeh.plotting import figure

from tailscope_dashboard.state import State
from tailscope_dashboard.style import PALETTE, shown_colour, style_legend, styled_figure, theme

from .base import View, table, text_pane

TITLE = "Loss: solid on validation, dotted on training events; the ring is the epoch that was kept"


class Training(View):
    """Loss curves; a sentence where weights were imported."""

    title: ClassVar[str] = "Training"
    watches: ClassVar[tuple[str, ...]] = ("study", "dark")

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._body = pn.Column(sizing_mode="stretch_width")

    def content(self) -> pn.viewable.Viewable:
        """Only a place."""
        return self._body

    def refresh(self) -> None:
        """Draw the history of the study that is shown."""
        history = self.state.study.history
        if not history:
            self._body[:] = [
                text_pane("<p>These weights were imported; how they were trained is not known.</p>")
            ]
            return
        plot = _losses(history, self.state.dark)
        self._body[:] = [
            pn.pane.Bokeh(plot, sizing_mode="stretch_width"),
            text_pane(_table(history), sizing_mode="stretch_width"),
        ]


def _losses(history: tuple[Mapping[str, Any], ...], dark: bool) -> figure:
    colours = theme(dark)
    plot = styled_figure(colours, height=440, title=TITLE)
    plot.title.text = (
        "Loss: solid on validation, dotted on training events; the ring is the epoch that was kept"
    )
    plot.xaxis.axis_label = "epoch"
    plot.xaxis.ticker.min_interval = 1
    plot.yaxis.axis_label = "cross-entropy"
    guess = Span(location=math.log(2), dimension="width", line_color=colours.axis, line_dash="dashed")
    plot.add_layout(guess)
    for run in history:
        colour = shown_colour(PALETTE[run["fold"] % len(PALETTE)], dark)
        epochs = list(range(1, len(run["epochs"]) + 1))
        validation = [e["validation_loss"] for e in run["epochs"]]
        plot.line(
            epochs,
            [e["train_loss"] for e in run["epochs"]],
            line_color=colour,
            line_dash="dotted",
            line_width=2,
        )
        plot.line(epochs, validation, line_color=colour, line_width=2, legend_label=f"fold {run['fold'] + 1}")
        best = run["best_epoch"]
        if 1 <= best <= len(validation):
            plot.scatter(
                [best], [validation[best - 1]], size=11, fill_color=None, line_color=colour, line_width=2
            )
    style_legend(plot, colours)
    return plot


def _table(history: tuple[Mapping[str, Any], ...]) -> str:
    rows: list[tuple[object, ...]] = []
    for run in history:
        best = run["best_epoch"]
        kept = run["epochs"][best - 1] if 1 <= best <= len(run["epochs"]) else {}
        rows.append(
            (
                run["fold"] + 1,
                run["member"] + 1,
                f"{run['train_events']:,}",
                f"{run['validation_events']:,}",
                f"{best} of {len(run['epochs'])}",
                f"{kept.get('validation_loss', math.nan):.4f}",
                "yes" if run.get("restarted") else "no",
            )
        )
    head = (
        "fold",
        "member",
        "training events",
        "validation events",
        "epoch kept",
        "validation loss",
        "restarted",
    )
    return table(head, rows, "ts-numbers")
