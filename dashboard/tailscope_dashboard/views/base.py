"""What every view is."""

from __future__ import annotations

import html
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import panel as pn

from tailscope_dashboard.notebook import Text
from tailscope_dashboard.state import State
from tailscope_dashboard.style import CSS


class View(ABC):
    """One tab of the page.

    `content` is built when the tab is opened for the first time; `refresh` is called then, and whenever
    something in `watches` changed - at once while the tab is in front, else when it comes back to the front.

    Attributes
    ----------
    title: of the tab.
    watches: names of the parameters of `State` that the view depends on.

    """

    title: ClassVar[str]
    watches: ClassVar[tuple[str, ...]]

    def __init__(self, state: State) -> None:
        self.state = state

    @abstractmethod
    def content(self) -> pn.viewable.Viewable:
        """Build what is seen; nothing need be up to date yet."""

    @abstractmethod
    def refresh(self) -> None:
        """Bring it up to date with the state."""


def markup(text: object) -> str:
    """Any text as HTML that shows it: the only way user strings get into a page's HTML."""
    return html.escape(str(text), quote=True)


def text_pane(html_text: str = "", **options: Any) -> Text:
    """Make a place for HTML made with `markup` and `table`; it runs no math and fetches nothing."""
    return Text(html_text, css_classes=["ts-text"], stylesheets=[CSS], disable_math=True, **options)


def half(plot: object) -> pn.pane.Bokeh:
    """Figure of a row of two: beside each other, below each other where the window is narrow."""
    return pn.pane.Bokeh(
        plot,
        sizing_mode="stretch_width",
        styles={"flex": "1 1 420px", "min-width": "min(420px, calc(100vw - 32px))"},
    )


def table(head: tuple[str, ...], rows: list[tuple[object, ...]], css: str = "") -> str:
    """Make an HTML table; every cell is escaped."""
    lines = ["<tr>" + "".join(f"<th>{markup(cell)}</th>" for cell in head) + "</tr>"] if head else []
    lines += ["<tr>" + "".join(f"<td>{markup(cell)}</td>" for cell in row) + "</tr>" for row in rows]
    return f'<table class="ts-table {css}">{"".join(lines)}</table>'
