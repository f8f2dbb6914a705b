"""Undo and redo, and the browser's Back and Forward, over everything that a link says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import panel as pn
import param
from panel.custom import JSComponent

from tailscope_dashboard.state.permalink import follow, link_of
from tailscope_dashboard.state.state import State

from .modules import joined
from .trouble import Guarded


class StepButtons(JSComponent):
    """Two buttons and their keys for the state's history, which Back and Forward go through as well.

    On a served page each step has an entry of the browser's history, and the address bar holds its link, so
    that reloading or bookmarking brings the same view back.
    """

    link = param.String(doc="The query that brings back what is shown.")
    step = param.Integer(doc="Number of the step that is shown.")
    undoes = param.String(doc="What undo takes back; empty for nothing.")
    redoes = param.String(doc="What redo brings back; empty for nothing.")
    served = param.Boolean(doc="Whether the address bar is ours.")
    dark = param.Boolean(doc="Dark colours.")

    _esm = joined("parts/steps.js")

    def __init__(self, state: State, tabs: Sequence[str], **params: Any) -> None:
        self._state, self._tabs = state, tabs
        super().__init__(
            served=is_served(), dark=state.dark, align="center", margin=(4, 4), **self._now(), **params
        )
        state.param.watch(self._on_step, "step")
        state.param.watch(self._on_dark, "dark")

    def _now(self) -> dict[str, Any]:
        history = self._state.history
        return {
            "link": link_of(self._state),
            "step": self._state.step,
            "undoes": history.undoes,
            "redoes": history.redoes,
        }

    def _handle_msg(self, data: Any) -> None:
        match data:
            case {"ask": "undo"}:
                self._state.history.undo()
            case {"ask": "redo"}:
                self._state.history.redo()
            case {"ask": "go", "step": int(number)}:
                self._state.history.go(number)
                self._send_msg({"done": True})
            case {"ask": "link", "link": str(query)}:
                with Guarded() as guarded:
                    follow(self._state, query, self._tabs)
                if guarded.sentence:
                    self._state.note = guarded.sentence
                self._send_msg({"done": True})

    def _on_step(self, *events: param.parameterized.Event) -> None:
        del events
        self.param.update(**self._now())

    def _on_dark(self, event: param.parameterized.Event) -> None:
        self.dark = event.new


def is_served() -> bool:
    """Whether this is a page of its own, not a cell of a notebook."""
    return pn.state.curdoc is not None and pn.state.curdoc.session_context is not None
