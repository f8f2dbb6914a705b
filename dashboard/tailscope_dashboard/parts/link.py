"""The button that copies a link to what is shown; it also keeps the address bar at that link."""

from __future__ import annotations

from typing import Any

import panel as pn
import param
from panel.custom import JSComponent

from tailscope_dashboard.state.permalink import link_of
from tailscope_dashboard.state.state import State

from .modules import joined

_WATCHED = ("study", "selections", "visible", "active", "focus", "view", "event", "tab")


class LinkButton(JSComponent):
    """Copies the permalink: a whole address on a served page, the query alone in a notebook.

    On a served page the address is also written into the address bar, without a new entry in the history,
    so that reloading or bookmarking brings the same view back.
    """

    link = param.String(doc="The query that brings back what is shown.")
    served = param.Boolean(doc="Whether the address bar is ours.")
    dark = param.Boolean(doc="Dark colours.")

    _esm = joined("parts/link.js")

    def __init__(self, state: State, **params: Any) -> None:
        served = pn.state.curdoc is not None and pn.state.curdoc.session_context is not None
        super().__init__(
            link=link_of(state),
            served=served,
            dark=state.dark,
            align="center",
            margin=(4, 4, 4, 10),
            **params,
        )
        self._state = state
        state.param.watch(self._on_state, list(_WATCHED))
        state.param.watch(self._on_dark, "dark")

    def _on_state(self, *events: param.parameterized.Event) -> None:
        del events
        self.link = link_of(self._state)

    def _on_dark(self, event: param.parameterized.Event) -> None:
        self.dark = event.new


def query_of(arguments: dict[str, list[bytes]]) -> str:
    """The query a page was asked with, from what the server made of it."""
    pairs = [(key, value.decode("utf-8", "replace")) for key, values in arguments.items() for value in values]
    return "&".join(f"{key}={value}" for key, value in pairs if key != "bokeh-session-id")
