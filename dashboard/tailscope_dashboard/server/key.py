"""The key that addresses of the page are signed with: one for each user, kept between servers.

A bookmark or a copied link works after a restart because the next server finds the same key. Whoever holds
such an address and reaches the port can open the page, so the key is a password: only its owner may read the
file, one that others could read is replaced, and a new key ends every address that was given away.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import stat
from pathlib import Path

import platformdirs

from tailscope.errors import ConfigError

log = logging.getLogger("tailscope")

NAME = "address.key"
LENGTH = 43
"""Letters of 32 random bytes in URL-safe base64."""


def stable_key(folder: Path | None = None, *, renew: bool = False) -> str:
    """Read the user's key; make it when there is none, when it is not a key, or when others could read it.

    Parameters
    ----------
    folder: where it is kept; the user's configuration folder when None.
    renew: make a new one whatever is there.

    Raises
    ------
    ConfigError: the file cannot be read or written.

    """
    folder = platformdirs.user_config_path("tailscope") if folder is None else folder
    path = folder / NAME
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            kept = None if renew else _kept(path)
        except FileNotFoundError:
            return _made(path)
        if kept is None:
            path.unlink(missing_ok=True)
            return _made(path)
        return kept
    except OSError as error:
        raise ConfigError(
            f"{path}: the key of the page's addresses cannot be kept there ({error.strerror}); "
            "make that folder writable, or set XDG_CONFIG_HOME to one that is"
        ) from error


def _kept(path: Path) -> str | None:
    """The key in the file; None when it must not be used. Raises FileNotFoundError when there is no file."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        raise
    except OSError:
        if path.is_symlink():
            log.warning("%s is a link to another file; a new key is made, and old addresses end", path)
            return None
        raise
    with os.fdopen(handle, encoding="ascii", errors="replace") as file:
        about = os.fstat(file.fileno())
        text = file.read(2 * LENGTH).strip()
    if os.name == "posix" and (about.st_uid != os.getuid() or stat.S_IMODE(about.st_mode) & 0o077):
        log.warning("%s could be read by others; a new key is made, and old addresses end", path)
        return None
    if not re.fullmatch(f"[A-Za-z0-9_-]{{{LENGTH}}}", text):
        log.warning("%s holds no key; a new one is made, and old addresses end", path)
        return None
    return text


def _made(path: Path) -> str:
    """Write a new key; of two servers that start at once, the later one takes the other's."""
    key = secrets.token_urlsafe(32)
    temporary = path.with_name(f".{NAME}.{secrets.token_hex(8)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            return _kept(path) or key
        except OSError:  # a file system without links
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return key
