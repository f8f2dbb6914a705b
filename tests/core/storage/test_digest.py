"""The checksum of a file, and of one that is known already."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from tailscope.errors import FormatError
from tailscope.storage.digest import known_sha256_of, sha256_of


def test_it_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc" * 1000)
    assert sha256_of(path) == known_sha256_of(path) == hashlib.sha256(b"abc" * 1000).hexdigest()
    with pytest.raises(FormatError, match=r"reading the file failed"):
        sha256_of(tmp_path)


def test_a_file_that_changes_is_not_taken_for_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one")
    before = known_sha256_of(path)
    path.write_bytes(b"two")
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))
    assert known_sha256_of(path) == sha256_of(path) != before
