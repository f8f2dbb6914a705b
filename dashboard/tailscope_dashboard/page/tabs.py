"""Tabs whose views are built when first opened and not updated while hidden, and the weights beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import panel as pn
import param

from tailscope_dashboard.look.style import CSS
from tailscope_dashboard.parts.base import View, text_pane
from tailscope_dashboard.state.state import State
from tailscope_dashboard.views.wall_view import WallView


class LazyTabs:
    """Views side by side, one in front; `State.tab` names it.

    The wall lies outside the tabs: whole under its own, and its weights and selections alone beside every
    view that follows the selections, so that one panel moves the cuts wherever somebody looks.
    """

    def __init__(self, state: State, views: Sequence[View]) -> None:
        self.state = state
        self._views = {view.title: view for view in views}
        self._places = {view.title: self._place(view) for view in views}
        self._built: set[str] = set()
        self._stale: set[str] = set()
        self._tabs = pn.Tabs(
            *self._places.items(), sizing_mode="stretch_width", css_classes=["ts-tabs"], stylesheets=[CSS]
        )
        self._wall = pn.Column(sizing_mode="stretch_width", margin=0, stylesheets=[CSS])
        watched = sorted({name for view in views for name in view.watches})
        state.param.watch(self._on_state, watched)
        state.param.watch(self._on_tab, "tab")
        self._tabs.param.watch(self._on_click, "active")
        if state.tab not in self._views:
            state.tab = views[0].title
        self._on_tab()

    def content(self) -> pn.viewable.Viewable:
        """Return the tabs, and below them, or to their left, the wall."""
        return pn.Column(
            self._tabs,
            self._wall,
            sizing_mode="stretch_width",
            margin=0,
            css_classes=["ts-body"],
            stylesheets=[CSS],
        )

    def _place(self, view: View) -> pn.Column:
        """Where a view will be; it says that it is being drawn until it is there. Nothing for the wall."""
        if isinstance(view, WallView):
            return pn.Column(css_classes=["ts-nothing"], margin=0, stylesheets=[CSS])
        return pn.Column(
            text_pane("<p>drawing …</p>"),
            sizing_mode="stretch_width",
            margin=0,
            css_classes=["ts-tab", *(["ts-beside"] if has_weights(view) else [])],
            stylesheets=[CSS],
        )

    @property
    def _in_front(self) -> list[str]:
        """Titles of what is seen: a view, and the wall where a part of it is."""
        title = self.state.tab
        view = self._views[title]
        beside = [name for name, other in self._views.items() if isinstance(other, WallView)]
        return [title, *beside] if has_weights(view) else [title]

    def _on_click(self, event: param.parameterized.Event) -> None:
        self.state.tab = list(self._views)[event.new]

    def _on_tab(self, *events: param.parameterized.Event) -> None:
        del events
        title = self.state.tab
        self._tabs.active = list(self._views).index(title)
        view = self._views[title]
        whole = isinstance(view, WallView)
        part = "whole" if whole else "side" if has_weights(view) else "gone"
        self._wall.css_classes = [f"ts-wall-{part}"]
        for other in self._views.values():
            if isinstance(other, WallView):
                other.stand_aside(not whole)
        for name in self._in_front:
            self._bring(name)

    def _bring(self, title: str) -> None:
        """Build a view, or bring it up to date."""
        view = self._views[title]
        if title not in self._built:
            self._built.add(title)
            content = view.content()
            view.refresh()
            place = self._wall if isinstance(view, WallView) else self._places[title]
            place[:] = [content]
        elif title in self._stale:
            self._stale.discard(title)
            view.refresh()

    def _on_state(self, *events: param.parameterized.Event) -> None:
        changed = {event.name for event in events}
        for title in self._built:
            if changed.isdisjoint(self._views[title].watches):
                continue
            if title in self._in_front:
                _with_lock(self._views[title].refresh)
            else:
                self._stale.add(title)


def _with_lock(refresh: Callable[[], None]) -> None:
    """Refresh now, or where a server holds the page, when this holds its lock.

    A message from the browser lets Panel run what waits of its changes without one, in which nothing of
    Bokeh's own may be changed (panel 1.9.4, `_event_coroutine`).
    """
    doc = pn.state.curdoc
    if doc is not None and doc.session_context is not None:
        pn.state.execute(refresh, schedule=True)
    else:
        refresh()


def has_weights(view: View) -> bool:
    """Whether the weights stand beside a view: it follows the selections, and is not the wall itself."""
    return "selections" in view.watches and not isinstance(view, WallView)
