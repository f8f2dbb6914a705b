"""The button that copies a link to what is shown."""

from __future__ import annotations

from typing import Any

import param
from panel.custom import JSComponent

from tailscope_dashboard.state.permalink import link_of
from tailscope_dashboard.state.state import State

from .modules import joined
from .steps import is_served


class LinkButton(JSComponent):
    """Copies the permalink: a whole address on a served page, the query alone in a notebook."""

    link = param.String(doc="The query that brings back what is shown.")
    served = param.Boolean(doc="Whether this is a page of its own.")
    dark = param.Boolean(doc="Dark colours.")

    _esm = joined("parts/link.js")

    def __init__(self, state: State, **params: Any) -> None:
        super().__init__(
            link=link_of(state),
            served=is_served(),
            dark=state.dark,
            align="center",
            margin=(4, 4, 4, 10),
            **params,
        )
        self._state = state
        state.param.watch(self._on_step, "step")
        state.param.watch(self._on_dark, "dark")

    def _on_step(self, *events: param.parameterized.Event) -> None:
        del events
        self.link = link_of(self._state)

    def _on_dark(self, event: param.parameterized.Event) -> None:
        self.dark = event.new


def query_of(arguments: dict[str, list[bytes]]) -> str:
    """The query a page was asked with, from what the server made of it."""
    pairs = [(key, value.decode("utf-8", "replace")) for key, values in arguments.items() for value in values]
    return "&".join(f"{key}={value}" for key, value in pairs if key != "bokeh-session-id")
