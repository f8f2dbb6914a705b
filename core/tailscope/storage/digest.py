"""Checksums of files."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from tailscope.errors import FormatError


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, read in pieces.

    Raises
    ------
    FormatError: it cannot be read.

    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FormatError(
            f"{path.name}: reading the file failed ({error.strerror}); is its disk still there?"
        ) from error


def known_sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, computed once for each path, size and time of change.

    Raises
    ------
    FormatError: it cannot be read.

    """
    status = path.stat()
    return _sha256_at(path.resolve(), status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=256)
def _sha256_at(path: Path, size: int, changed: int) -> str:
    del size, changed
    return sha256_of(path)
