"""A table that is sorted by a click on a column."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent


class SortedTable(JSComponent):
    """Rows of cells (value to sort by, text); ``active`` is the number of the row that is shown."""

    columns = param.List(doc="Dicts of title and hint.")
    rows = param.List(doc="Dicts of number, cells, colour, hint, apart.")
    active = param.Integer(default=0, doc="Number of the row that is shown.")
    order = param.Integer(default=0, doc="Column that the rows are first sorted by; -1: as they come.")
    version = param.Integer(default=0, doc="Another one sorts the rows as at first.")
    label = param.String(doc="What the rows are, for readers of screens.")
    high = param.String(doc="CSS: the height beyond which the table scrolls; empty for none.")
    dark = param.Boolean(doc="Dark colours.")

    _esm = Path(__file__).parent / "table.js"

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._drawn = False
        self._waiting: list[Callable[[], None]] = []

    def when_drawn(self, change: Callable[[], None]) -> None:
        """Do something now, or once a browser has drawn the table and all that was placed with it."""
        if self._drawn:
            change()
        else:
            self._waiting.append(change)

    def _handle_msg(self, data: Any) -> None:
        if not (isinstance(data, dict) and data.get("hello")):
            return
        self._drawn = True
        waiting, self._waiting = self._waiting, []
        for change in waiting:
            change()
