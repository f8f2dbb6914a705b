"""The lights of trust as components: the list of checks, and the worst of them in the header."""

from __future__ import annotations

from typing import Any

import panel as pn
import param
from panel.custom import JSComponent

from tailscope_dashboard.state.state import State

from .modules import joined
from .verdict import plain_verdict

OPENS = {"trust": "Trust", "weights": "Wall", "training": "Training", "provenance": "About"}
"""What a click asks for, and the tab that has it; plots beside the list are found in the browser."""


class Lights(JSComponent):
    """What both have: the verdict, and clicks that open a tab."""

    verdict = param.Dict(default={}, doc="See `verdict.plain_verdict`; {} while it is being made.")
    dark = param.Boolean(doc="Dark colours.")

    def __init__(self, state: State, **params: Any) -> None:
        super().__init__(verdict=plain_verdict(state.checks), dark=state.dark, **params)
        self._state = state
        state.param.watch(self._on_state, ["checks", "dark"])

    def _on_state(self, *events: param.parameterized.Event) -> None:
        del events
        self.param.update(verdict=plain_verdict(self._state.checks), dark=self._state.dark)

    def _handle_msg(self, data: Any) -> None:
        if not isinstance(data, dict):
            return
        if data.get("ask") == "hello":
            # What was pushed between the making of the page and its drawing is lost on the way.
            self._send_msg({"verdict": plain_verdict(self._state.checks)})
        elif data.get("open") in OPENS:
            self._state.tab = OPENS[data["open"]]


class CheckList(Lights):
    """One line a check: light, sentence, advice."""

    _esm = joined("parts/checks.js")


class Lamp(Lights):
    """The worst light with its word."""

    _esm = joined("parts/lamp.js")


def anchored(viewable: pn.viewable.Viewable, view: str) -> pn.viewable.Viewable:
    """Make something the place that a click on a check of this view scrolls to."""
    viewable.css_classes = [*viewable.css_classes, f"ts-at-{view}"]
    return viewable
