"""Showing things in a cell of a notebook, without a magic and without a network."""

from __future__ import annotations

import sys
from typing import Any

import panel as pn
from bokeh.models import ImportedStyleSheet, UIElement
from panel.io.notebook import patch_inline_stylesheets, replace_inline_css

from tailscope.study.study import Study

from .trouble import ignore_known_references

STATIC = "<style>div:has(> [data-root-id]:not(:empty)) ~ .ts-static { display: none; }</style>"
"""Hides the static picture as soon as the live view beside it is drawn."""

_loaded_in: list[str] = []


def load_extension() -> None:
    """Bring BokehJS and its like into the page of a notebook; elsewhere nothing happens.

    Everything is sent from here, some 5 MB: the CDNs that are panel's default are never asked. That is done
    by the first cell of a kernel that shows something, and again when this very cell is run again, as its
    output, which held the scripts, is replaced then.
    """
    kernel = _kernel()
    if kernel is None:
        return
    cell = str(kernel.get_parent().get("metadata", {}).get("cellId", ""))
    if _loaded_in and _loaded_in[0] != cell:
        return
    _loaded_in[:] = [cell]
    ignore_known_references()
    pn.extension("mathjax", inline=True, notifications=False)


def inline_styles(viewable: Any, root: Any, changed: Any, old_models: Any) -> None:
    """Hook of a root: in a notebook, take style sheets from here for what was added after the first drawing.

    Panel does so before its theme adds sheets from a CDN (panel 1.9.4), and the theme is the last to add any.
    """
    del viewable, changed, old_models
    if _kernel() is not None:
        for model in root.select({"type": UIElement}):
            patch_inline_stylesheets(model)


class Text(pn.pane.HTML):
    """HTML whose style sheets come from here in a notebook.

    Panel names all sheets of a pane anew whenever its text changes, those of the CDN among them.
    """

    def _get_properties(self, doc: Any) -> dict[str, Any]:
        properties: dict[str, Any] = super()._get_properties(doc)
        if _kernel() is not None:
            properties["stylesheets"] = [
                replace_inline_css(sheet) if isinstance(sheet, ImportedStyleSheet) else sheet
                for sheet in properties.get("stylesheets", [])
            ]
        return properties


def _kernel() -> Any:
    """The kernel that runs this code; None in a plain interpreter, a test, or a server."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None)


class NotebookViewer(pn.viewable.Viewer):
    """A viewer that needs no `pn.extension` in a notebook, and leaves a picture where nothing runs.

    GitHub and nbconvert keep the HTML of an output but not always its scripts; there the static picture of
    the study stays.
    """

    def shown_study(self) -> Study:
        """Return the study of the static picture."""
        raise NotImplementedError

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        load_extension()
        shown = super()._repr_mimebundle_(include, exclude)
        if not isinstance(shown, tuple) or "text/html" not in shown[0]:
            return shown
        data, metadata = shown
        picture = f'{STATIC}<div class="ts-static">{self.shown_study()._repr_html_()}</div>'
        return {**data, "text/html": data["text/html"] + picture}, metadata
