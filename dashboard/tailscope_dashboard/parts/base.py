"""What every view is."""

from __future__ import annotations

import html
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import panel as pn
from bokeh.models import VAreaStep
from bokeh.plotting import figure

from tailscope.sample.observable import Observable
from tailscope_dashboard.look.style import CSS
from tailscope_dashboard.state.state import State

from .notebook import Text


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


def plain_name(observable: Observable) -> str:
    """Name and unit of an observable where nothing sets formulas: in lists and buttons."""
    return f"{observable.name} [{observable.unit}]" if observable.unit else observable.name


def text_pane(html_text: str = "", **options: Any) -> Text:
    """Make a place for HTML made with `markup` and `table`; it runs no math and fetches nothing."""
    return Text(html_text, css_classes=["ts-text"], stylesheets=[CSS], disable_math=True, **options)


WRAP: dict[str, Any] = {"css_classes": ["ts-wrap"], "stylesheets": [CSS], "sizing_mode": "stretch_width"}
"""Of a row whose parts stand below each other where the window is narrow."""


def half(plot: figure, *, key: bool = True) -> pn.Column:
    """Figure of a row of two (`WRAP`), with the key to its curves; both figures end on the same line."""
    plot.styles = {"height": f"max({plot.height}px, 42vh)"}
    return pn.Column(
        *with_key(plot, key=key),
        sizing_mode="stretch_width",
        margin=0,
        css_classes=["ts-half"],
        stylesheets=[CSS],
        styles={"flex": "1 1 420px", "min-width": "min(420px, calc(100vw - 32px))", "align-self": "flex-end"},
    )


def with_key(plot: figure, *, key: bool = True, **options: Any) -> list[pn.viewable.Viewable]:
    """A figure below the key to its curves: HTML, which wraps in a narrow window where Bokeh's is cut off."""
    words = key_of(plot) if key else ""
    for legend in plot.legend:
        legend.visible = False
    pane = pn.pane.Bokeh(plot, sizing_mode="stretch_width", **options)
    return [text_pane(words, margin=0, sizing_mode="stretch_width"), pane] if words else [pane]


def key_of(plot: figure) -> str:
    """HTML that shows what the glyphs of a figure's legend look like, with their labels."""
    items = [item for legend in plot.legend for item in legend.items]
    entries = [(item.label.value, item.renderers[0].glyph) for item in items]
    shown = "".join(
        f'<span><i style="{markup(_swatch(glyph))}"></i>{markup(label)}</span>' for label, glyph in entries
    )
    return f'<div class="ts-key">{shown}</div>' if entries else ""


def _swatch(glyph: Any) -> str:
    """CSS of a filled area, or of a line."""
    if isinstance(glyph, VAreaStep):
        return f"height: 11px; background: {glyph.fill_color}"
    dash = "dashed" if glyph.line_dash else "solid"
    return f"border-top: {max(2, glyph.line_width)}px {dash} {glyph.line_color}"


def table(head: tuple[str, ...], rows: list[tuple[object, ...]], css: str = "") -> str:
    """Make an HTML table; every cell is escaped."""
    lines = ["<tr>" + "".join(f"<th>{markup(cell)}</th>" for cell in head) + "</tr>"] if head else []
    lines += ["<tr>" + "".join(f"<td>{markup(cell)}</td>" for cell in row) + "</tr>" for row in rows]
    return f'<div class="ts-scroll"><table class="ts-table {css}">{"".join(lines)}</table></div>'
