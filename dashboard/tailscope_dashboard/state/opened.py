"""Study files that this process has opened, each once for all pages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from tailscope.study.study import Study, open_study


def open_studies(paths: Sequence[Path]) -> tuple[Study, ...]:
    """Open studies read-only, each once for all pages; a file that has changed is opened anew.

    Raises
    ------
    StudyError: a file that is not a study, or none at all.

    """
    return tuple(_open(path.resolve(), path.stat().st_mtime_ns if path.exists() else 0) for path in paths)


@lru_cache(maxsize=64)
def _open(path: Path, changed: int) -> Study:
    del changed
    return open_study(path)
