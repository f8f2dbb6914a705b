"""Focus: one observable, large, with ratio and mean weight; binning and axes to choose."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar, Literal

import numpy as np
import panel as pn
import param

from tailscope.counting.binning import MAX_BINS, Binning
from tailscope.sample.observable import Observable
from tailscope.selection import Cut
from tailscope.weights.curves import Curves, binning_of, curves
from tailscope.weights.ends import single_ends
from tailscope_dashboard.figures import Choice
from tailscope_dashboard.look.style import CSS
from tailscope_dashboard.parts.base import View, markup, plain_name, table, text_pane, with_key
from tailscope_dashboard.parts.figure_button import FigureButton
from tailscope_dashboard.parts.notes import words_of_cut
from tailscope_dashboard.parts.saving import Shown
from tailscope_dashboard.parts.trouble import Guarded
from tailscope_dashboard.state import view
from tailscope_dashboard.state.state import State

from .focus_figure import FocusFigure, Look


class Focus(View):
    """The focused observable in Bokeh: four kinds of curves, and two panels below them."""

    title: ClassVar[str] = "Focus"
    watches: ClassVar[tuple[str, ...]] = (
        "study",
        "selections",
        "visible",
        "focus",
        "focus_view",
        "view",
        "dark",
    )

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._shown: FocusFigure | None = None
        self._binning: Binning | None = None
        self._setting = False
        look: dict[str, Any] = {"css_classes": ["ts-widget"], "stylesheets": [CSS]}
        self._observable = pn.widgets.Select(label="observable", width=190, **look)
        self._bins = pn.widgets.IntInput(label="bins", start=1, end=MAX_BINS, width=80)
        self._low = pn.widgets.FloatInput(label="from", width=110)
        self._high = pn.widgets.FloatInput(label="to", width=110)
        self._log_x = pn.widgets.Checkbox(label="log x", align="end", margin=(5, 5, 14, 15))
        self._log_y = pn.widgets.Checkbox(label="log y", align="end", margin=(5, 10, 14, 5))
        self._scale = pn.widgets.RadioButtonGroup(
            options={"density": True, "events": False},
            value=view.FocusView().density,
            align="end",
            width=150,
            **look,
        )
        self._reset = pn.widgets.Button(label="default bins", align="end", width=110, **look)
        self._figure = FigureButton(state, self._to_save, align="end", margin=(5, 10, 5, 10))
        self._plot = pn.Column(
            sizing_mode="stretch_width", css_classes=["ts-plots"], stylesheets=[CSS], margin=0
        )
        self._numbers = text_pane(sizing_mode="stretch_width")
        self._remarks = text_pane(margin=(0, 5, 6, 10), align="end")

    def content(self) -> pn.viewable.Viewable:
        """Controls above, figure, table of what lies outside."""
        self._observable.param.watch(self._on_observable, "value")
        for widget in (self._bins, self._low, self._high, self._log_x):
            widget.param.watch(self._on_binning, "value")
        for widget in (self._log_y, self._scale):
            widget.param.watch(self._on_look, "value")
        self._reset.on_click(self._on_reset)
        controls = pn.FlexBox(
            self._observable, self._bins, self._low, self._high, self._reset,
            self._log_x, self._log_y, self._scale, self._figure, self._remarks,
            css_classes=["ts-controls"], stylesheets=[CSS], align_items="end", sizing_mode="stretch_width",
        )  # fmt: skip
        return pn.Column(controls, self._plot, self._numbers, sizing_mode="stretch_width")

    def refresh(self) -> None:
        """Redraw; the bins are the study's own where none are chosen for this observable."""
        chosen = view.understood(self.state.focus_view, view.FocusView)
        self._binning = None
        if chosen.axis is not None and chosen.axis.observable == self.state.focus:
            with Guarded() as guarded:
                self._binning = _chosen_binning(chosen)
            if guarded.sentence:
                self.state.note = guarded.sentence
        self._set_widgets(chosen)
        self._draw()

    @property
    def _own(self) -> Binning:
        binning = self.state.study.observable(self.state.focus).binning
        assert isinstance(binning, Binning)  # a study's edges are fixed
        return binning

    def _set_widgets(self, chosen: view.FocusView) -> None:
        binning = self._binning or self._own
        self._setting = True
        self._observable.param.update(
            options={plain_name(o): o.name for o in self.state.study.observables},
            value=self.state.focus,
        )
        low, high = (_rounded(edge) for edge in binning.edges[[0, -1]])
        self._bins.value, self._low.value, self._high.value = len(binning), low, high
        self._log_x.value = binning.scale == "log"
        self._log_y.value, self._scale.value = chosen.yscale == "log", chosen.density
        self._setting = False

    def _on_observable(self, event: param.parameterized.Event) -> None:
        if not self._setting:
            self.state.focus = event.new

    def _on_binning(self, event: param.parameterized.Event) -> None:
        if self._setting:
            return
        del event
        self.state.note = ""
        # Ends that were not touched are the study's own, of which the fields show six digits.
        low, high = (
            float(edge) if field.value == _rounded(edge) else field.value
            for field, edge in zip((self._low, self._high), self._own.edges[[0, -1]], strict=True)
        )
        scale: Literal["linear", "log"] = "log" if self._log_x.value else "linear"
        binning_of(low, high, self._bins.value, scale)
        axis = asdict(Cut(self.state.focus, low, high))
        self._choose(axis=axis, bins=self._bins.value, scale=scale)

    def _on_look(self, event: param.parameterized.Event) -> None:
        del event
        if not self._setting:
            self._choose(yscale="log" if self._log_y.value else "linear", density=self._scale.value)

    def _on_reset(self, event: param.parameterized.Event) -> None:
        del event
        self.state.note = ""
        self._choose(axis=None)
        self._set_widgets(view.understood(self.state.focus_view, view.FocusView))

    def _choose(self, **changes: Any) -> None:
        self.state.focus_view = {**self.state.focus_view, **changes}

    def _to_save(self) -> Shown:
        """What is on the screen, for whoever saves it."""
        state = self.state
        selections, within, overlays = tuple(state.drawn), state.slice, state.overlays
        log_x, log_y, density = self._log_x.value, self._log_y.value, self._scale.value
        choice = Choice(selections, within, overlays, log_x, log_y, is_density=density, mean_weight=True)
        return Shown(state.study, choice, [state.focus], self._binning)

    def _draw(self) -> None:
        state, drawn = self.state, self.state.drawn
        own = state.study.observable(state.focus)
        self._remarks.object = _remarks(own, state.slice)
        overlays = state.overlays
        others = [overlay.study for overlay in overlays]
        found = curves(state.study, state.focus, drawn, self._binning, state.slice, others)
        look = Look(
            observable=own,
            names=(state.study.reference.name, state.study.generated.name),
            selections=tuple((s.name, s.colour) for s in drawn),
            log_x=(self._binning or own.binning).scale == "log",
            log_y=self._log_y.value,
            density=self._scale.value,
            dark=state.dark,
            overlays=tuple((overlay.label, overlay.colour) for overlay in overlays),
            ends=state.study.once(single_ends, state.focus, self._binning),
        )
        if self._shown is None or self._shown.look != look:
            self._shown = FocusFigure(look)
            self._shown.show(found)
            main, *below = self._shown.plots
            self._plot[:] = [
                *with_key(main, margin=0),
                *(pn.pane.Bokeh(plot, sizing_mode="stretch_width", margin=0) for plot in below),
            ]
        else:
            self._shown.show(found)
        self._numbers.object = _outside(look, found)


def _chosen_binning(chosen: view.FocusView) -> Binning:
    assert chosen.axis is not None  # else nothing is chosen
    low, high = (np.nan if end is None else end for end in (chosen.axis.low, chosen.axis.high))
    return binning_of(low, high, chosen.bins, chosen.scale)


def _rounded(edge: float) -> float:
    return float(f"{edge:.6g}")


def _remarks(observable: Observable, within: tuple[Cut, ...]) -> str:
    """The slice, and what is special about an observable: an expression, not seen by the classifier."""
    found = [f"every number is of the slice {words_of_cut(cut)}" for cut in within]
    if observable.expression:
        found.append(f"{observable.name} = {observable.expression}, one's own observable")
    if observable.seen is False:
        found.append("not seen by the classifier: neither an input nor computed from inputs")
    return "".join(f'<div class="ts-remark">{markup(remark)}</div>' for remark in found)


def _outside(look: Look, found: Curves) -> str:
    """Entries of each curve, and what lies outside the bins or is undefined."""
    reference, generated = look.names
    labelled = [
        (f"{reference} (reference)", found.reference),
        (f"{generated} (generated)", found.generated),
        ("generated, reweighted: sum of w", found.reweighted),
        *zip((name for name, _ in look.selections), found.selections, strict=True),
        *zip((f"{name} (other study)" for name, _ in look.overlays), found.overlays, strict=True),
    ]
    rows: list[tuple[object, ...]] = [
        (name, f"{h.total:,.6g}", f"{h.underflow:,.6g}", f"{h.overflow:,.6g}", f"{h.undefined:,.6g}")
        for name, h in labelled
    ]
    return table(("", "entries", "underflow", "overflow", "undefined"), rows, "ts-numbers")
