"""One view of a dashboard alone, for a cell of its own."""

from __future__ import annotations

import panel as pn
import param

from tailscope.study.study import Study
from tailscope_dashboard.look.style import CSS
from tailscope_dashboard.parts.access import Access
from tailscope_dashboard.parts.base import View
from tailscope_dashboard.parts.notebook import NotebookViewer, inline_styles
from tailscope_dashboard.state.state import State


class SingleView(NotebookViewer):
    """A view without tabs and header.

    It shares the state of the dashboard it was taken from: cuts dragged in one cell move all others.
    """

    def __init__(self, view: View) -> None:
        super().__init__()
        self.view = view
        self.state: State = view.state
        self._root = pn.Column(
            sizing_mode="stretch_width", margin=0, stylesheets=[CSS], hooks=[inline_styles]
        )
        self._root[:] = [view.content(), Access()]
        view.refresh()
        self.state.param.watch(self._on_state, [*view.watches, "dark"])
        self._dress()

    def __panel__(self) -> pn.viewable.Viewable:
        """Return what is rendered."""
        return self._root

    def shown_study(self) -> Study:
        """Return the study that is shown."""
        study: Study = self.state.study
        return study

    def _on_state(self, *events: param.parameterized.Event) -> None:
        del events
        self._dress()
        self.view.refresh()

    def _dress(self) -> None:
        self._root.css_classes = ["ts-page", "ts-dark" if self.state.dark else "ts-light"]
