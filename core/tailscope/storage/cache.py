"""The cache on disk: content-addressed keys, checked entries, locks and atomic writes."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import safetensors
import safetensors.numpy
from filelock import FileLock
from numpy.typing import NDArray

from tailscope.errors import StudyError

from .atomic import atomic_path

log = logging.getLogger(__name__)

Entry = tuple[dict[str, NDArray[Any]], dict[str, Any]]
"""Arrays by name, and plain JSON data."""

_MAGIC = b"tailscope-cache-1 sha256="


def default_folder() -> Path:
    """``$TAILSCOPE_CACHE``, else the user's cache folder of this platform."""
    chosen = os.environ.get("TAILSCOPE_CACHE")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("tailscope"))


def key_of(**parts: Any) -> str:
    """SHA-256 of the parts as canonical JSON: the same parts, the same key, on any machine."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


class Cache:
    """A folder of entries ``<kind>/<key>``: a line with the SHA-256 of the rest, then a safetensors file.

    An entry is arrays and JSON data. One that is damaged counts as missing, and the log says so.
    """

    def __init__(self, folder: Path | str | None = None) -> None:
        self.folder = Path(folder) if folder is not None else default_folder()

    def get(self, kind: str, key: str) -> Entry | None:
        """Read an entry, or None where there is none that is whole."""
        path = self._path(kind, key)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StudyError(f"cache entry {path} cannot be read: {error.strerror}") from error
        head, _, body = content.partition(b"\n")
        if head != _MAGIC + hashlib.sha256(body).hexdigest().encode():
            log.warning("cache entry %s is damaged; it is computed again", path)
            return None
        length = int.from_bytes(body[:8], "little")
        metadata = json.loads(body[8 : 8 + length]).get("__metadata__", {})
        return safetensors.numpy.load(body), json.loads(metadata["json"])

    def has(self, kind: str, key: str) -> bool:
        """Whether there is an entry, whole or damaged."""
        return self._path(kind, key).exists()

    def put(self, kind: str, key: str, arrays: Mapping[str, NDArray[Any]], data: Mapping[str, Any]) -> None:
        """Write an entry, whole or not at all; one that exists is replaced.

        Raises
        ------
        StudyError: the cache folder cannot be written.

        """
        whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        body = safetensors.numpy.save(whole, metadata={"json": json.dumps(dict(data))})
        path = self._path(kind, key)
        self._make(path.parent)
        with atomic_path(path) as temporary:
            temporary.write_bytes(_MAGIC + hashlib.sha256(body).hexdigest().encode() + b"\n" + body)

    def drop(self, kind: str, key: str) -> None:
        """Remove an entry, if it is there."""
        self._path(kind, key).unlink(missing_ok=True)

    @contextmanager
    def lock(self, kind: str, key: str) -> Iterator[None]:
        """Hold an entry: of several processes that want it, one computes and the others wait and read."""
        path = self._path(kind, key)
        self._make(path.parent)
        with FileLock(path.with_suffix(".lock")):
            yield

    def _make(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StudyError(
                f"the cache folder {folder} cannot be made: {error.strerror}; choose another one with "
                "--cache or $TAILSCOPE_CACHE"
            ) from error

    def _path(self, kind: str, key: str) -> Path:
        return self.folder / kind / f"{key}.entry"
