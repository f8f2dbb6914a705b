"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tailscope.errors import StudyError

_STALE_SECONDS = 24 * 3600

_TEMPORARY = ".partial-"


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A temporary path in the folder of ``path`` that takes its place when the block ends well.

    The file is synced before it is renamed, so that a crash or a full disk leaves the old file or the new
    one, whole. When the block raises, nothing is left behind. Partial files of processes that were killed
    are swept after a day.

    Raises
    ------
    StudyError: the folder is missing or cannot be written, or the disk is full.

    """
    try:
        _sweep(path.parent)
        temporary = path.with_name(f"{_TEMPORARY}{secrets.token_hex(8)}{path.name}")
        # With the permissions that new files have here: to ask for these alone would change them for a moment
        # for all threads.
        temporary.touch(mode=0o666, exist_ok=False)
    except OSError as error:
        raise StudyError(f"{path} cannot be written: {error.strerror}; choose another folder") from error
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StudyError(
            f"{path} could not be written: {reason}; what was there before is untouched"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    for stale in folder.glob(f"{_TEMPORARY}*"):
        # One that is gone was renamed by whoever wrote it.
        with suppress(FileNotFoundError):
            if time.time() - stale.stat().st_mtime > _STALE_SECONDS:
                stale.unlink()
