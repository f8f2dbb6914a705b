"""What takes long, such as reading a file: in a thread, so that the page goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import panel as pn

from tailscope_dashboard.parts.trouble import Guarded

PATIENCE = 0.12
"""Seconds that the page waits before it says that something is being done: most jobs are done by then."""
BETWEEN = 0.3
"""Seconds between two sentences about the progress."""

Say = Callable[[str], None]
Job = Callable[[Say], Any]


class Superseded(Exception):  # noqa: N818 - nothing went wrong
    """Raised in a job that nobody waits for any more, when it says how far it is."""


@dataclass
class _Asked:
    """A job on its way."""

    job: Job
    done: Callable[[Any], None]
    result: Any = None
    sentence: str | None = None
    finished: threading.Event = field(default_factory=threading.Event)
    late: bool = False
    delivered: bool = False


class Worker:
    """One job at a time and one waiting; of several that wait, only the newest is ever done.

    Parameters
    ----------
    say: told what is being done, once that takes long; "" when it is over.
    failed: told a sentence when a job raised.
    when_drawn: has something done as soon as the browser has drawn the widgets that results change: before,
        BokehJS drops a change, and with it all that comes in the same message.

    """

    def __init__(
        self,
        say: Say,
        failed: Say,
        when_drawn: Callable[[Callable[[], None]], None] = lambda change: change(),
    ) -> None:
        self._say, self._failed, self._when_drawn = say, failed, when_drawn
        self._lock = threading.Lock()
        self._running: _Asked | None = None
        self._waiting: _Asked | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being done."""
        return self._running is None

    def ask(self, job: Job, done: Callable[[Any], None]) -> None:
        """Have ``job(say)`` done, then ``done(result)`` where the page may be changed."""
        asked = _Asked(job, done)
        with self._lock:
            if self._running is not None:
                self._waiting = asked
                return
            self._running = asked
        document = pn.state.curdoc
        threading.Thread(target=self._run, args=(asked, document), daemon=True).start()
        if not asked.finished.wait(PATIENCE):
            with self._lock:
                asked.late = True
            if not asked.finished.is_set():
                self._say("reading …")
                return
        self._deliver(asked)

    def _run(self, asked: _Asked, document: Any) -> None:
        last = time.monotonic()

        def say(sentence: str) -> None:
            nonlocal last
            if self._waiting is not None:
                raise Superseded
            if asked.late and time.monotonic() - last > BETWEEN:
                last = time.monotonic()
                self._on_page(document, lambda: self._say(sentence))

        with Guarded() as guarded:
            try:
                asked.result = asked.job(say)
            except Superseded:
                asked.done = lambda result: None
        asked.sentence = guarded.sentence
        asked.finished.set()
        with self._lock:
            late = asked.late
        if late:
            self._on_page(document, lambda: self._deliver(asked))

    def _deliver(self, asked: _Asked) -> None:
        with self._lock:
            if asked.delivered:
                return
            asked.delivered = True
        self._say("")
        sentence = asked.sentence
        if sentence is None:
            with Guarded() as guarded:
                asked.done(asked.result)
            sentence = guarded.sentence
        if sentence is not None:
            self._failed(sentence)
        with self._lock:
            waiting, self._running, self._waiting = self._waiting, None, None
        if waiting is not None:
            self.ask(waiting.job, waiting.done)

    def _on_page(self, document: Any, change: Callable[[], None]) -> None:
        """Make a change where the page's models may be changed; a page that was closed needs none."""
        if document is None or document.session_context is None:
            change()
        else:
            document.add_next_tick_callback(lambda: self._when_drawn(change))
