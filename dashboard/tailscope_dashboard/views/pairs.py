"""Pairs: a heat map of two observables with the selections in it; a rectangle in it makes two cuts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import panel as pn
import param

from tailscope.counting.binning import Binning
from tailscope.sample.observable import Observable
from tailscope.selection import Cut, Selection
from tailscope.weights.plane import Plane, plane
from tailscope_dashboard.look.palette import shown_colour
from tailscope_dashboard.look.style import CSS
from tailscope_dashboard.parts.base import View, markup, plain_name, table, text_pane
from tailscope_dashboard.state.state import State
from tailscope_dashboard.state.view import Colour, PairView, chosen, understood

from .pair_suggestions import Suggestions
from .pair_words import COUNTS, MEANING, NAMES

if TYPE_CHECKING:
    from .pair_figure import PairFigure


class Pairs(View):
    """Two observables at once.

    Attributes
    ----------
    found: what is drawn; None where there is nothing to draw.

    """

    title: ClassVar[str] = "Pairs"
    watches: ClassVar[tuple[str, ...]] = (
        "study",
        "selections",
        "visible",
        "active",
        "view",
        "pair",
        "dark",
    )

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._shown: PairFigure | None = None
        self.found: Plane | None = None
        self._setting = False
        look: dict[str, Any] = {"css_classes": ["ts-widget"], "stylesheets": [CSS]}
        self._x = pn.widgets.Select(label="x", width=190, **look)
        self._y = pn.widgets.Select(label="y", width=190, **look)
        self._colour = pn.widgets.Select(
            label="colour", options={words: colour for colour, words in NAMES.items()}, width=250, **look
        )
        self._swap = pn.widgets.Button(label="swap", align="end", width=70, **look)
        self._remove = pn.widgets.Button(label="remove these cuts", align="end", width=160, **look)
        self._suggestions = Suggestions(self._choose)
        self._plot = pn.Column(
            sizing_mode="stretch_width",
            css_classes=["ts-plots"],
            stylesheets=[CSS],
            margin=0,
        )
        self._words = text_pane(sizing_mode="stretch_width", margin=(0, 10))

    def content(self) -> pn.viewable.Viewable:
        """Controls above, the heat map, and what it means; beside it the pairs that are suggested."""
        for widget in (self._x, self._y, self._colour):
            widget.param.watch(self._on_choice, "value")
        self._swap.on_click(self._on_swap)
        self._remove.on_click(lambda event: self.remove_cuts())
        controls = pn.FlexBox(
            self._x, self._y, self._swap, self._colour, self._remove,
            css_classes=["ts-controls"], stylesheets=[CSS], align_items="end", sizing_mode="stretch_width",
        )  # fmt: skip
        left = pn.Column(self._plot, self._words, margin=0, styles={"flex": "1 1 480px", "min-width": "0"})
        right = pn.Column(self._suggestions.column, margin=0, styles={"flex": "0 1 300px"})
        return pn.Column(
            controls,
            pn.FlexBox(left, right, sizing_mode="stretch_width", align_items="flex-start"),
            sizing_mode="stretch_width",
        )

    def refresh(self) -> None:
        """Count and draw; nothing for a study of one observable."""
        study, state = self.state.study, self.state
        if len(study.observables) < 2:
            self._words.object = "<p>This study has one observable only; a pair needs two.</p>"
            self._plot[:] = []
            self._shown = None
            return
        x, y = self._observables
        settings = self._settings
        self._set_widgets(x, y, settings.colour)
        self._suggestions.show(study)
        found = plane(study, x.name, y.name, state.drawn, state.slice)
        self.found = found
        self._draw(x, y, settings.colour, found)
        self._remove.disabled = not self._cuts_of_pair
        self._words.object = self._said(found, settings.colour)

    @property
    def _settings(self) -> PairView:
        return understood(self.state.pair, PairView)

    @property
    def _observables(self) -> tuple[Observable, Observable]:
        study = self.state.study
        x, y = self._settings.names([o.name for o in study.observables])
        return study.observable(x), study.observable(y)

    @property
    def _active(self) -> Selection | None:
        """The selection that cuts are made on; None where there is none."""
        selections = self.state.selections
        return selections[self.state.active] if self.state.active < len(selections) else None

    @property
    def _cuts_of_pair(self) -> tuple[Cut, ...]:
        """Those of the active selection on the two observables."""
        names = {observable.name for observable in self._observables}
        cuts = self._active.cuts if self._active else ()
        return tuple(cut for cut in cuts if cut.observable in names)

    def _set_widgets(self, x: Observable, y: Observable, colour: Colour) -> None:
        self._setting = True
        options = {plain_name(o): o.name for o in self.state.study.observables}
        self._x.param.update(options=options, value=x.name)
        self._y.param.update(options=options, value=y.name)
        self._colour.value = colour
        self._setting = False

    def _draw(self, x: Observable, y: Observable, colour: Colour, found: Plane) -> None:
        from .pair_figure import PairFigure, PairLook, ends_of

        assert isinstance(x.binning, Binning)  # a study's edges are fixed
        assert isinstance(y.binning, Binning)
        drawn = self.state.drawn
        look = PairLook(
            x, y, x.binning.scale == "log", y.binning.scale == "log", colour,
            tuple((s.name, s.colour) for s in drawn), self.state.dark, ends_of(found, colour),
        )  # fmt: skip
        if self._shown is None or self._shown.look != look:
            self._shown = PairFigure(look, found, drawn, self.draw_box)
            self._plot[:] = [self._shown.pane]
        else:
            self._shown.show(found, drawn)

    def _said(self, found: Plane, colour: Colour) -> str:
        """What colours and lines mean, and how many events are where."""
        state, active = self.state, self._active
        within = " of the slice" if state.slice else ""
        names = [s.name or f"selection {n + 1}" for n, s in enumerate(state.drawn)]
        sentences = [
            MEANING[colour],
            "" if colour in COUNTS else "Bins of fewer than 10 events are paler.",
            "Lines hold 50% and 90% of a selection's events.",
            f"Drag a rectangle to cut {active.name or 'the active selection'}." if active else "",
        ]
        colours = [shown_colour(s.colour, state.dark) for s in state.drawn]
        keys = [
            f'<span><i style="border-top: 3px solid {markup(line)}"></i>{markup(name)}</span>'
            for line, name in zip(colours, names, strict=True)
        ]
        rows: list[tuple[object, ...]] = [
            (f"{study.name} ({which}){within}", f"{counts.events.sum():,}", f"{counts.outside:,}")
            for which, study, counts in (
                ("reference", state.study.reference, found.reference),
                ("generated", state.study.generated, found.generated),
            )
        ]
        shown = {found.x.name, found.y.name}
        for name, selection, counts in zip(names, state.drawn, found.selections, strict=True):
            loose = any(cut.observable in shown for cut in selection.cuts)
            what = f"{name} ({selection.right_sample}){within}" + (
                ", without its cuts on the two" if loose else ""
            )
            rows.append((what, f"{counts.events.sum():,}", f"{counts.outside:,}"))
        return (
            f'<div class="ts-key">{"".join(keys)}</div>'
            f"<p>{markup(' '.join(filter(None, sentences)))}</p>"
            + table(("", "events", "beyond the axes or undefined"), rows, "ts-numbers")
        )

    def _on_choice(self, event: param.parameterized.Event) -> None:
        if self._setting:
            return
        x, y = self._x.value, self._y.value
        if x == y:  # the other one takes the place that this one left
            if event.obj is self._x:
                y = event.old
            else:
                x = event.old
        self._look_at(PairView(x=x, y=y, colour=self._colour.value))

    def _on_swap(self, event: param.parameterized.Event) -> None:
        del event
        x, y = self._observables
        self._look_at(PairView(x=y.name, y=x.name, colour=self._settings.colour))

    def _choose(self, names: tuple[str, str], colour: Colour) -> None:
        self._look_at(PairView(x=names[0], y=names[1], colour=colour))

    def _look_at(self, settings: PairView) -> None:
        self.state.pair = chosen(settings)

    def draw_box(self, left: float, bottom: float, right: float, top: float) -> None:
        """Cut the active selection to a rectangle, whose sides go to the nearest edges of bins."""
        active, found = self._active, self.found
        if active is None or found is None:
            self.state.note = "There is no selection to cut; add one on the tab Wall."
            return
        ends = ((found.x, left, right), (found.y, bottom, top))
        cuts = [Cut(axis.name, *axis.snapped(low, high)) for axis, low, high in ends]
        self._cut(active, [cut for cut in cuts if cut.low is not None or cut.high is not None])

    def remove_cuts(self) -> None:
        """Take the active selection's cuts on the two observables away."""
        if self._active is not None:
            self._cut(self._active, [])

    def _cut(self, active: Selection, cuts: list[Cut]) -> None:
        """Put cuts in the place of the selection's own on the two observables."""
        names = {observable.name for observable in self._observables}
        others = [cut for cut in active.cuts if cut.observable not in names]
        selections = list(self.state.selections)
        selections[self.state.active] = replace(active, cuts=(*others, *cuts))
        self.state.selections = selections
