"""Showing things in a cell of a notebook, without a magic and without a network."""

from __future__ import annotations

import sys
from typing import Any

import panel as pn

from tailscope.study import Study

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
    pn.extension("mathjax", inline=True, notifications=False)


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
