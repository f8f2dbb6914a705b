"""Entry point of the `tailscope` command: Ctrl-C has a meaning before the command itself is loaded."""

from __future__ import annotations

import os
import signal
from types import FrameType


def main() -> None:
    """Load the command and run it; Ctrl-C while it loads says so and ends with 130."""
    usual = signal.signal(signal.SIGINT, _stop)
    from .cli import main as run

    signal.signal(signal.SIGINT, usual)
    run()


def _stop(number: int, frame: FrameType | None) -> None:
    """Stop at once: packages that are half loaded turn a KeyboardInterrupt into errors of their own."""
    os.write(2, b"\nStopped.\n")
    os._exit(130)
