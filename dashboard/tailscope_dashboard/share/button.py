"""The button that saves the static page of what is shown, opening with the selections as they are."""

from __future__ import annotations

import re
from typing import Any

import param
from panel.custom import JSComponent

from tailscope_dashboard.parts.modules import joined
from tailscope_dashboard.parts.trouble import Guarded
from tailscope_dashboard.state.state import State

from . import page_of


class ShareButton(JSComponent):
    """Makes the page when it is clicked and hands it to the browser, which saves it as a file."""

    dark = param.Boolean(doc="Dark colours.")

    _esm = joined("share/button.js")

    def __init__(self, state: State, **params: Any) -> None:
        super().__init__(dark=state.dark, align="center", margin=(4, 4), **params)
        self._state = state
        state.param.watch(self._on_dark, "dark")

    def _handle_msg(self, data: Any) -> None:
        if not isinstance(data, dict) or data.get("ask") != "page":
            return
        page = b""
        with Guarded() as guarded:
            page = page_of(self._state.studies, self._state).encode()
        if guarded.sentence:
            self._state.note = guarded.sentence
        self._send_msg({"name": file_name(self._state.study.name), "page": page})

    def _on_dark(self, event: param.parameterized.Event) -> None:
        self.dark = event.new


def file_name(study_name: str) -> str:
    """A name for the file that every system takes, made of the study's."""
    stem = re.sub(r"[^A-Za-z0-9]+", "-", study_name).strip("-")[:60]
    return f"{stem or 'tailscope'}.html"
