"""Notes: what people wrote about the study, with the selections that it was about."""

from __future__ import annotations

from typing import ClassVar

import panel as pn

from tailscope_dashboard.parts.base import View
from tailscope_dashboard.parts.notes import NotesPanel


class Notes(View):
    """One component; the file is read when the tab comes to the front, and every few seconds while it is."""

    title: ClassVar[str] = "Notes"
    watches: ClassVar[tuple[str, ...]] = ("study", "selections", "visible", "view", "dark")

    def content(self) -> pn.viewable.Viewable:
        """The component itself."""
        self._panel = NotesPanel(self.state, sizing_mode="stretch_width", margin=0)
        return self._panel

    def refresh(self) -> None:
        """Read the file again."""
        self._panel.refresh()
