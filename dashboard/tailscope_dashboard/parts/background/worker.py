"""The process that makes null runs: ``python -m tailscope_dashboard.parts.background.worker``.

It reads a `Question`, says how far it is, and writes the runs into the study file. It ends when nobody holds
the other end of its standard input any more: whoever cancels closes that, and so does a server that ends.
Until the file is written nothing but the cache has changed.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread, main_thread

import msgspec

from tailscope.errors import StudyError
from tailscope.fitting.again import with_null_runs
from tailscope.fitting.progress import EpochDone, Share
from tailscope.record import parsed, typed
from tailscope.study.study import Study, open_study
from tailscope_dashboard.parts.trouble import Guarded

from .messages import Failed, Finished, Going, Question, Said

GRACE = 10.0
"""Seconds in which trainings may end by themselves."""

BETWEEN = 0.2
"""Seconds between two words about the progress."""

Say = Callable[[Said], None]


def main() -> None:
    """Answer one question."""
    say = _speaker()
    question = typed(parsed(_first_line()), Question)
    writing = Lock()
    Thread(target=_end_with_the_asker, args=(writing,), daemon=True).start()
    with Guarded() as guarded:
        study = _asked(question)
        more = with_null_runs(study, question.more, places=question.places, progress=_listener(say))
        # From here on it is too late to end.
        with writing:
            more.save(question.study)
            say(Finished())
    if guarded.sentence is not None:
        say(Failed(sentence=guarded.sentence))


def _speaker() -> Say:
    """What says something on standard output, where nothing else may be printed from now on."""
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)

    def say(said: Said) -> None:
        # Where nobody listens any more, this process is about to end.
        with suppress(BrokenPipeError):
            out.write(msgspec.json.encode(said) + b"\n")

    return say


def _first_line() -> bytes:
    """What comes first on standard input; nothing follows but its end."""
    line = b""
    while not line.endswith(b"\n") and (part := os.read(0, 1 << 16)):
        line += part
    return line


def _end_with_the_asker(writing: Lock) -> None:
    """Wait for the end of standard input, and have everything end then; what is being written is written."""
    while os.read(0, 1 << 16):
        pass
    writing.acquire()
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(main_thread().ident or 0, signal.SIGINT)
    time.sleep(GRACE)
    os._exit(1)


def _asked(question: Question) -> Study:
    """The study in the file.

    Raises
    ------
    StudyError: it is none, or has become another one.

    """
    path = Path(question.study)
    study = open_study(path)
    if study.digest != question.digest:
        raise StudyError(f"{path.name} holds other weights now than those that are shown; reload the page")
    return study


def _listener(say: Say) -> Callable[[EpochDone], None]:
    """What says how much of the runs that are new is done."""
    share, last = Share(), 0.0

    def told(done: EpochDone) -> None:
        nonlocal last
        now, part = time.monotonic(), share.after(done)
        if part >= 1 or now - last > BETWEEN:
            last = now
            say(Going(share=min(1.0, part)))

    return told


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        # All trainings have stopped; to take the interpreter apart would cost seconds that somebody waits.
        os._exit(1)
