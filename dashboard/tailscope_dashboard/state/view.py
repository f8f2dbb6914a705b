"""How things are shown: the view of a page, typed, with its defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tailscope.selection import Cut, Selection

State = Mapping[str, Any]
"""A selection as the page holds it: `Selection.to_dict` and "visible"."""


def selection_of(state: State) -> Selection:
    """A selection without what only the page knows.

    Raises
    ------
    SelectionError: what was sent is not a selection.

    """
    return Selection.from_dict({key: value for key, value in state.items() if key != "visible"})


def slice_cut(state: State | None) -> tuple[Cut, ...]:
    """The slice as a further cut; none when there is no slice."""
    return () if state is None else (Cut(state["observable"], state["low"], state["high"]),)
