"""Checksums of files."""

from __future__ import annotations

import hashlib
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
