"""Training: losses and learning rates of every fold and member, and the weights by epoch."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import panel as pn
from bokeh.models import Span
from bokeh.plotting import figure

from tailscope.record import TrainingRecord
from tailscope.study.study import Study
from tailscope.trust.classifier import guessing
from tailscope_dashboard.look.palette import PALETTE, shown_colour, theme
from tailscope_dashboard.look.style import styled_figure
from tailscope_dashboard.parts.base import WRAP, View, half, key_of, table, text_pane
from tailscope_dashboard.state.state import State

from .epochs import WATCH_SOME, epoch_figures

LEGEND = (
    "<p>Solid: loss on validation events. Dotted: on training events, while they are trained on. Dashed: "
    "guessing. A ring is an epoch that was kept, a cross where a training stopped early.</p>"
)


class Training(View):
    """Loss and rate curves, weights by epoch; a sentence where weights were imported."""

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
        study, dark = self.state.study, self.state.dark
        if not study.history:
            self._body[:] = [
                text_pane("<p>These weights were imported; how they were trained is not known.</p>")
            ]
            return
        curves = [_losses(study, dark), _rates(study, dark)]
        epochs = epoch_figures(study, dark) if study.epochs else []
        self._body[:] = [
            text_pane(LEGEND, sizing_mode="stretch_width"),
            text_pane(key_of(curves[0]), sizing_mode="stretch_width", margin=0),
            pn.Row(*(half(plot, key=False) for plot in curves), **WRAP),
            text_pane(_table(study), sizing_mode="stretch_width"),
            text_pane(
                "<h3>Weights by epoch</h3>" + ("" if epochs else WATCH_SOME), sizing_mode="stretch_width"
            ),
            *(pn.Row(*map(half, epochs[i : i + 2]), **WRAP) for i in range(0, len(epochs), 2)),
        ]


def _by_epoch(dark: bool, title: str, **options: Any) -> figure:
    plot = styled_figure(theme(dark), height=340, title=title, **options)
    plot.xaxis.axis_label = "epoch"
    plot.xaxis.ticker.min_interval = 1
    return plot


def _colour(run: TrainingRecord, dark: bool) -> str:
    return shown_colour(PALETTE[run.fold % len(PALETTE)], dark)


def _losses(study: Study, dark: bool) -> figure:
    plot = _by_epoch(dark, "Loss")
    colours = theme(dark)
    plot.yaxis.axis_label = "cross-entropy"
    plot.add_layout(
        Span(location=guessing(study), dimension="width", line_color=colours.axis, line_dash="dashed")
    )
    for run in study.history:
        colour = _colour(run, dark)
        epochs = list(range(1, len(run.epochs) + 1))
        validation = [e.validation_loss for e in run.epochs]
        train = [e.train_loss for e in run.epochs]
        plot.line(epochs, train, line_color=colour, line_dash="dotted", line_width=2)
        plot.line(epochs, validation, line_color=colour, line_width=2, legend_label=f"fold {run.fold + 1}")
        at = [validation[epoch - 1] for epoch in run.kept]
        plot.scatter(list(run.kept), at, size=11, fill_color=None, line_color=colour, line_width=2)
        if _stopped(study, run):
            plot.scatter([len(epochs)], validation[-1:], size=10, marker="x", line_color=colour, line_width=2)
    return plot


def _rates(study: Study, dark: bool) -> figure:
    """Learning rate of each training at the end of its epochs; those of equal ones lie on each other."""
    plot = _by_epoch(dark, "Learning rate at the end of each epoch", y_axis_type="log")
    plot.yaxis.axis_label = "learning rate"
    for run in study.history:
        rates = [e.learning_rate or math.nan for e in run.epochs]
        epochs = list(range(1, len(rates) + 1))
        plot.line(epochs, rates, line_color=_colour(run, dark), line_width=2)
        plot.scatter(epochs, rates, size=4, color=_colour(run, dark))
    return plot


def _stopped(study: Study, run: TrainingRecord) -> bool:
    """Whether a training ended before the epochs that it was allowed."""
    return len(run.epochs) < _allowed(study)


def _allowed(study: Study) -> int:
    return 0 if study.config is None else study.config.settings.epochs


def _table(study: Study) -> str:
    rows: list[tuple[object, ...]] = []
    for run in study.history:
        kept = run.kept
        best = run.epochs[kept[0] - 1]
        rows.append(
            (
                run.fold + 1,
                run.member + 1,
                f"{run.train_events:,}",
                f"{run.validation_events:,}",
                f"{kept[0] if len(kept) == 1 else f'{len(kept)} best'} of {len(run.epochs)}",
                f"of {_allowed(study)}" if _stopped(study, run) else "no",
                f"{best.train_loss:.4f}",
                f"{best.validation_loss:.4f}",
                f"yes, at the rate {run.learning_rate:g}" if run.restarted else "no",
            )
        )
    head = (
        "fold",
        "member",
        "training events",
        "validation events",
        "epoch kept",
        "stopped early",
        "training loss",
        "validation loss",
        "restarted",
    )
    return table(head, rows, "ts-numbers")
