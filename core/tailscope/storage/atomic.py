"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
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
        handle, name = tempfile.mkstemp(prefix=_TEMPORARY, suffix=path.name, dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise StudyError(f"{path} cannot be written: {error.strerror}; choose another folder") from error
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StudyError(
            f"{path} could not be written: {reason}; what was there before is untouched"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sweep(folder: Path) -> None:
    for stale in folder.glob(f"{_TEMPORARY}*"):
        if time.time() - stale.stat().st_mtime > _STALE_SECONDS:
            stale.unlink(missing_ok=True)
