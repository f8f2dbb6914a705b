"""Tabs whose views are built when first opened and not updated while hidden."""

from __future__ import annotations

from collections.abc import Sequence

import panel as pn
import param

from tailscope_dashboard.look.style import CSS
from tailscope_dashboard.parts.base import View, text_pane
from tailscope_dashboard.state.state import State


class LazyTabs:
    """Views side by side, one in front; `State.tab` names it."""

    def __init__(self, state: State, views: Sequence[View]) -> None:
        self.state = state
        self._views = {view.title: view for view in views}
        self._places = {title: self._place() for title in self._views}
        self._built: set[str] = set()
        self._stale: set[str] = set()
        self._tabs = pn.Tabs(
            *self._places.items(), sizing_mode="stretch_width", css_classes=["ts-tabs"], stylesheets=[CSS]
        )
        watched = sorted({name for view in views for name in view.watches})
        state.param.watch(self._on_state, watched)
        state.param.watch(self._on_tab, "tab")
        self._tabs.param.watch(self._on_click, "active")
        if state.tab not in self._views:
            state.tab = views[0].title
        self._on_tab()

    def content(self) -> pn.viewable.Viewable:
        """Return the tabs themselves."""
        return self._tabs

    @staticmethod
    def _place() -> pn.Column:
        """Where a view will be; it says that it is being drawn until it is there."""
        return pn.Column(
            text_pane("<p>drawing …</p>"),
            sizing_mode="stretch_width",
            margin=0,
            css_classes=["ts-tab"],
            stylesheets=[CSS],
        )

    def _on_click(self, event: param.parameterized.Event) -> None:
        self.state.tab = list(self._views)[event.new]

    def _on_tab(self, *events: param.parameterized.Event) -> None:
        del events
        title = self.state.tab
        self._tabs.active = list(self._views).index(title)
        view = self._views[title]
        if title not in self._built:
            self._built.add(title)
            content = view.content()
            view.refresh()
            self._places[title][:] = [content]
        elif title in self._stale:
            self._stale.discard(title)
            view.refresh()

    def _on_state(self, *events: param.parameterized.Event) -> None:
        changed = {event.name for event in events}
        for title in self._built:
            if changed.isdisjoint(self._views[title].watches):
                continue
            if title == self.state.tab:
                self._views[title].refresh()
            else:
                self._stale.add(title)
