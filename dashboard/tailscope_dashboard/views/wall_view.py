"""The wall's place on the page: its selections, view and clicks, tied to the state."""

from __future__ import annotations

from typing import Any, ClassVar

import panel as pn
import param

from tailscope_dashboard.parts.base import View
from tailscope_dashboard.parts.lights import OPENS
from tailscope_dashboard.parts.verdict import plain_verdict
from tailscope_dashboard.state.state import State
from tailscope_dashboard.state.view import selection_of, states_of
from tailscope_dashboard.wall import Wall

FILLS = ".wall { height: 100%; } :host([data-narrow]) { height: auto !important; }"
"""The component is as high as its place: its histograms scroll beside the weights, not the page with both.

In a narrow window they stand below each other, and it is as high as it needs."""

ONE_SWITCH = '.ts-bar button[aria-label="light or dark"] { display: none; }'
"""The page's header has the switch for everything."""


class WallView(View):
    """Weight histogram, selections and all observables on one canvas.

    What the browser commits goes into the state, and what others commit goes to the browser. Both ways
    compare first, so that nothing echoes.
    """

    title: ClassVar[str] = "Wall"
    watches: ClassVar[tuple[str, ...]] = (
        "study",
        "selections",
        "visible",
        "active",
        "view",
        "dark",
        "checks",
        "step",
    )

    height: ClassVar[str] = "max(560px, calc(100vh - 140px))"
    min_height: ClassVar[int] = 560
    alone: ClassVar[bool] = False

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._wall: Wall | None = None
        self._aside = self.alone

    def stand_aside(self, aside: bool) -> None:
        """Show the weights and the selections alone, or everything."""
        self._aside = aside
        if self._wall is not None:
            self._wall.push(aside=aside)

    def content(self) -> pn.viewable.Viewable:
        """The component itself."""
        state = self.state
        self._wall = Wall(
            state.study,
            selections=states_of(state.selections, state.visible),
            active=state.active,
            view=_themed(state),
            studies=state.studies,
            verdict=plain_verdict(state.checks),
            sizing_mode="stretch_width",
            styles={"height": self.height},
            min_height=self.min_height,
            margin=0,
            stylesheets=[FILLS, ONE_SWITCH],
            aside=self._aside,
        )
        self._wall.places = state.places
        self._wall.param.watch(self._on_wall, ["selections", "active", "view", "moving"])
        self._wall.param.watch(self._on_focus, "focus")
        self._wall.param.watch(self._on_asked, "asked")
        return self._wall

    def refresh(self) -> None:
        """Tell the wall what it does not know yet."""
        wall, state = self._wall, self.state
        if wall is None:
            return
        if wall.study is not state.study:
            wall.show(state.study, studies=state.studies)
        wanted = {
            "selections": states_of(state.selections, state.visible),
            "active": state.active,
            "view": _themed(state),
            "verdict": plain_verdict(state.checks),
            "elsewhere": bool(state.history and state.history.undoes and not state.history.undoes_on_wall),
        }
        changes = {name: value for name, value in wanted.items() if getattr(wall, name) != value}
        if changes:
            wall.push(**changes)

    def _on_wall(self, *events: param.parameterized.Event) -> None:
        del events
        wall, state = self._wall, self.state
        assert wall is not None  # it is the one that calls
        selections = [selection_of(plain) for plain in wall.selections]
        visible = [bool(plain.get("visible", True)) for plain in wall.selections]
        view = {key: value for key, value in wall.view.items() if key != "theme"}
        dark = {"dark": True, "light": False}.get(wall.view.get("theme"), state.dark)
        state.param.update(
            selections=selections,
            visible=visible,
            active=wall.active,
            view=view,
            dark=dark,
            moving=wall.moving,
        )

    def _on_focus(self, event: param.parameterized.Event) -> None:
        if event.new:
            self.state.param.update(focus=event.new, tab="Focus")

    def _on_asked(self, event: param.parameterized.Event) -> None:
        if event.new in OPENS:
            self.state.tab = OPENS[event.new]
        elif self.state.history and event.new == "undo":
            self.state.history.undo()
        elif self.state.history and event.new == "redo":
            self.state.history.redo()


class WeightsView(WallView):
    """The weight histogram and the selections, for a cell of a notebook."""

    title: ClassVar[str] = "Weights"
    height: ClassVar[str] = "440px"
    min_height: ClassVar[int] = 440
    alone: ClassVar[bool] = True


def _themed(state: State) -> dict[str, Any]:
    return dict(state.view) | {"theme": "dark" if state.dark else "light"}
