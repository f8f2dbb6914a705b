"""The lights of trust on the page: made once a study, while its pages are open already; and as plain data."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import panel as pn
import param

from tailscope.study.study import Study
from tailscope.trust import Check

from .state import State

LOOK_EVERY = 200
"""Milliseconds after which a page looks again whether its lights are made."""

_worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="trust")


class Judge:
    """Brings the checks of the study that is shown into ``state.checks`` as soon as they are made.

    The first page of a study has them made in a thread, so that nothing that moves waits for them; all other
    pages find them made.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        state.param.watch(self._on_study, "study")
        self._on_study()

    def _on_study(self, *events: param.parameterized.Event) -> None:
        del events
        state, study = self.state, self.state.study
        if not checks_of(study).done():
            state.checks = ()

        def tell() -> None:
            if state.study is study:
                state.checks = checks_of(study).result()

        when_done(checks_of(study), tell)


def checks_of(study: Study) -> Future[tuple[Check, ...]]:
    """The checks of a study, made once for all pages, one study after the other."""
    return study.once(_ask)


def _ask(study: Study) -> Future[tuple[Check, ...]]:
    return _worker.submit(lambda: study.checks)


def when_done(future: Future[Any], tell: Callable[[], None]) -> None:
    """Call ``tell`` where the page lives: now, or by its event loop; without one, wait."""
    document = pn.state.curdoc
    if future.done():
        tell()
    elif document is not None and document.session_context is not None:
        # The session looks by itself: what another thread adds to one that is just being made can be lost.
        def look() -> None:
            if future.done():
                document.remove_periodic_callback(looking)
                tell()

        looking = document.add_periodic_callback(look, LOOK_EVERY)
    else:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            future.result()
            tell()
        else:
            future.add_done_callback(lambda _: loop.call_soon_threadsafe(tell))
