"""What a command prints, where it cannot be written: a pipe that nobody reads any more, a full disk."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tailscope.errors import StudyError

CLOSED_PIPE = 128 + 13
"""Exit code that shells give for a command that ends by a closed pipe, as `cat` does."""


class _Stdout(io.TextIOWrapper):
    """The stdout of a command.

    Raises
    ------
    SystemExit: nobody reads it any more.
    StudyError: it cannot be written for another reason.

    """

    def write(self, text: str) -> int:
        """See `io.TextIOWrapper`."""
        with self._told():
            return super().write(text)

    def flush(self) -> None:
        """See `io.TextIOWrapper`."""
        with self._told():
            super().flush()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            # Nothing more is written there, by Python at its end either.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
            if isinstance(error, BrokenPipeError):
                raise SystemExit(CLOSED_PIPE) from None
            raise StudyError(f"stdout cannot be written: {error.strerror}; print to another place") from error


@contextmanager
def printed() -> Iterator[None]:
    """Within this block what cannot be printed is silent or a sentence, and at its end all is written."""
    usual = sys.stdout
    if isinstance(usual, io.TextIOWrapper):
        sys.stdout = _Stdout(
            usual.buffer,
            encoding=usual.encoding,
            errors=usual.errors,
            line_buffering=usual.line_buffering,
        )
    try:
        yield
    finally:
        if sys.stdout:  # none where it is closed from the first
            sys.stdout.flush()
