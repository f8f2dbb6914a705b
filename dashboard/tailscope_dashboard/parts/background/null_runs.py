"""Null runs of a study, made by a process of their own and watched by every page that shows it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread
from typing import Literal

import msgspec

from tailscope.errors import ConfigError, StudyError
from tailscope.fitting.again import files_of
from tailscope.fitting.null_runs import FEWEST_RUNS
from tailscope.study.study import Study
from tailscope_dashboard.parts.trouble import Guarded
from tailscope_dashboard.state.opened import open_studies

from .messages import Failed, Finished, Going, Question, Said, said_of

USUAL, MOST = 20, 200
"""Null runs that are made at once."""

_looker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="samples")


@dataclass(frozen=True, eq=False)
class Seen:
    """How it stands with null runs of a study: a value, which another one replaces.

    Attributes
    ----------
    phase: whether any are made; "stopping" and "stopped" when somebody did not want them any more.
    more: how many are or were wanted.
    share: of the work that is done, 0 to 1.
    seconds_left: None where that is not known yet.
    sentence: why there is nothing new, where it failed.
    newer: the study with its new null runs, where these are done.

    """

    phase: Literal["idle", "running", "stopping", "stopped", "failed", "done"] = "idle"
    more: int = 0
    share: float = 0.0
    seconds_left: float | None = None
    sentence: str = ""
    newer: Study | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a process is at work."""
        return self.phase in {"running", "stopping"}


class NullRuns:
    """The null runs that are being made of one study, one process at a time.

    Attributes
    ----------
    seen: how it stands.
    process: the one at work, or the last one.

    """

    def __init__(self, study: Study) -> None:
        self.seen = Seen()
        self._study = study
        self.process: subprocess.Popen[bytes] | None = None
        self._lock = Lock()

    def start(self, more: int, places: Sequence[Path] = ()) -> None:
        """Have so many more made; where some are being made, or are done, nothing happens.

        Raises
        ------
        ConfigError: too few for a band, or too many at once.
        StudyError: a study that is in no file, or in one that cannot be written.

        """
        known = 0 if self._study.null is None else len(self._study.null)
        if not 1 <= more <= MOST or known + more < FEWEST_RUNS:
            raise ConfigError(
                f"{more} null runs are none to make: a band needs {FEWEST_RUNS}, {MOST} at once are the most"
            )
        question = Question(
            study=str(writable(self._study)),
            digest=self._study.digest,
            more=more,
            places=tuple(str(place.absolute()) for place in places),
        )
        with self._lock:
            if self.seen.is_busy or self.seen.newer is not None:
                return
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tailscope_dashboard.parts.background.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            assert self.process.stdin is not None  # it is a pipe
            # A process that is gone already is told of by whoever listens to it.
            with suppress(OSError):
                self.process.stdin.write(msgspec.json.encode(question) + b"\n")
                self.process.stdin.flush()
            self.seen = Seen("running", more)
            Thread(target=self._listen, args=(self.process, question), daemon=True).start()

    def cancel(self) -> None:
        """End the process; what it has not written into the file by now it never will."""
        with self._lock:
            if self.seen.phase == "running" and self.process is not None and self.process.stdin is not None:
                self.seen = Seen("stopping", self.seen.more, self.seen.share)
                self.process.stdin.close()

    def _listen(self, process: subprocess.Popen[bytes], question: Question) -> None:
        """Follow a process to its end."""
        assert process.stdin is not None  # both are pipes
        assert process.stdout is not None
        last: Said | None = None
        pace = _Pace()
        with Guarded() as guarded, process.stdout:
            for line in process.stdout:
                last = said_of(line)
                if isinstance(last, Going):
                    with self._lock:
                        if self.seen.phase == "running":
                            self.seen = Seen("running", question.more, last.share, pace.left(last.share))
        code = process.wait()
        with self._lock:
            stopping = self.seen.phase == "stopping"
            process.stdin.close()
            if isinstance(last, Finished):
                self.seen = _done(question)
            elif isinstance(last, Failed):
                self.seen = Seen("failed", question.more, sentence=last.sentence)
            elif stopping:
                self.seen = Seen("stopped", question.more)
            else:
                self.seen = Seen("failed", question.more, sentence=guarded.sentence or _ended(code))


class _Pace:
    """How long it still takes, from how long it took."""

    def __init__(self) -> None:
        self._first: tuple[float, float] | None = None

    def left(self, share: float) -> float | None:
        """Seconds; None at the first look."""
        now = time.monotonic()
        if self._first is None:
            self._first = now, share
        began, at = self._first
        return (now - began) * (1 - share) / (share - at) if share > at else None


def _done(question: Question) -> Seen:
    with Guarded() as guarded:
        (newer,) = open_studies([Path(question.study)])
        return Seen("done", question.more, 1.0, newer=newer)
    return Seen("failed", question.more, sentence=guarded.sentence or "")


def _ended(code: int) -> str:
    return (
        f"the process that makes them ended without a word (exit status {code}); was it killed, for memory "
        "perhaps? What it had finished is kept"
    )


def null_runs_of(study: Study) -> NullRuns:
    """The same for all pages that show a study."""
    return study.once(NullRuns)


def newest(study: Study) -> Study:
    """The study with the null runs that were made since it was opened."""
    while study.knows(NullRuns) and (newer := null_runs_of(study).seen.newer) is not None:
        study = newer
    return study


def refusal_of(study: Study, places: Sequence[Path] = ()) -> Future[str]:
    """Why no null runs can be made of a study, one sentence, or "": samples are looked for in a thread."""
    return _looker.submit(_refusal, study, places)


def _refusal(study: Study, places: Sequence[Path]) -> str:
    with Guarded() as guarded:
        writable(study)
        files_of(study, places)
    return guarded.sentence or ""


def writable(study: Study) -> Path:
    """The file that keeps what is found.

    Raises
    ------
    StudyError: there is none, or it must not be written.

    """
    path = study.path
    if path is None:
        raise StudyError(
            "this study is in no file, which would keep them; write it with Study.save, and open that"
        )
    try:
        kept = path.stat().st_mode & 0o222
    except OSError as error:
        raise StudyError(f"{path.name} cannot be found any more ({error.strerror})") from error
    if not kept or not os.access(path, os.W_OK):
        raise StudyError(
            f"{path.name} may only be read, so that it cannot keep them; copy it and serve the copy"
        )
    if not os.access(path.parent, os.W_OK):
        raise StudyError(
            f"the folder of {path.name} may only be read, so that the file cannot keep them; copy it and "
            "serve the copy"
        )
    return path
