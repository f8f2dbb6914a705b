"""The menu that saves the figure of a view: as a picture, as numbers, as Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import param
from panel.custom import JSComponent

from tailscope_dashboard.state.state import State

from .modules import joined
from .saving import Shown, answer_in_background


class FigureButton(JSComponent):
    """Asks the view what it shows when something is chosen, and hands the file to the browser."""

    dark = param.Boolean(doc="Dark colours.")

    _esm = joined("parts/savebutton.js")

    def __init__(self, state: State, shown: Callable[[], Shown], **params: Any) -> None:
        super().__init__(dark=state.dark, **params)
        self._shown = shown
        state.param.watch(self._on_dark, "dark")

    def _handle_msg(self, data: Any) -> None:
        if isinstance(data, dict) and data.get("ask") == "save":
            answer_in_background(self, data, self._shown())

    def _on_dark(self, event: param.parameterized.Event) -> None:
        self.dark = event.new
