"""What the processes of a page's studies do, brought into its state."""

from __future__ import annotations

import asyncio
from typing import Any

import panel as pn
import param

from tailscope_dashboard.state.state import State

from .null_runs import newest, null_runs_of

LOOK_EVERY = 300
"""Milliseconds."""


class Follower:
    """Looks how it stands with the null runs of the study that is shown, whichever page began them.

    Studies that have new ones are renewed, so that everything that depends on a null band is drawn again.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._waiting = False
        document: Any = pn.state.curdoc
        self._by_itself = document is not None and document.session_context is not None
        if self._by_itself:
            document.add_periodic_callback(self.look, LOOK_EVERY)
        state.param.watch(self._on_change, ["study", "null_runs"])
        self.look()

    def look(self) -> None:
        """Bring the state up to date."""
        state = self._state
        for study in state.studies:
            if (newer := newest(study)) is not study:
                state.renew(study, newer)
        seen = null_runs_of(state.study).seen
        if seen is not state.null_runs:
            state.null_runs = seen

    def _on_change(self, *events: param.parameterized.Event) -> None:
        del events
        self.look()
        if not self._by_itself and null_runs_of(self._state.study).seen.is_busy:
            self._look_again()

    def _look_again(self) -> None:
        """In a notebook, as long as something is being made: a cell that is gone is not kept alive."""
        if self._waiting:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        self._waiting = True
        loop.call_later(LOOK_EVERY / 1000, self._again)

    def _again(self) -> None:
        self._waiting = False
        self._on_change()
