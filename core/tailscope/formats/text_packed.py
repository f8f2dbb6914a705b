"""Text as it lies on disk: plain, or packed by gzip, bzip2, xz or alone in a zip; unpacked as it is read."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from tailscope.errors import FormatError

from .damage import RAISED, one_sentence
from .sniff import HEAD_BYTES, ZIP_SIGNATURES
from .store import EXPANSION_BYTES, size

EXPANSION_RATIO = 100
"""Text of numbers is packed to a third or a tenth: more, beyond `EXPANSION_BYTES`, are no events."""


class _Readable(Protocol):
    """What gives bytes."""

    def read(self, size: int, /) -> bytes: ...


_ERRORS = (*RAISED, EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError)
_one_sentence = partial(one_sentence, "packed", _ERRORS)
_OPENERS: dict[bytes, Callable[[BinaryIO], AbstractContextManager[_Readable]]] = {
    b"\x1f\x8b": partial(gzip.open, mode="rb"),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ": lzma.LZMAFile,
}
_OF_MACS = ("__MACOSX/", ".DS_Store")


def is_packed(head: bytes) -> bool:
    """Whether text may be packed in a file that begins so: a zip whose first member is an array is npz."""
    if head.startswith(ZIP_SIGNATURES[0]):
        name = head[30 : 30 + int.from_bytes(head[26:28], "little")]
        return not name.endswith(b".npy")
    return head.startswith(tuple(_OPENERS))


def unpacked_head(path: Path) -> bytes:
    """The first `HEAD_BYTES` of what is packed in a file.

    Raises
    ------
    FormatError: it is no text, or damaged.

    """
    with opened(path) as stream:
        head = stream.read(HEAD_BYTES)
    if not head:
        raise FormatError(f"{path.name}: what is packed in it is empty (0 bytes); copy or write it again")
    if b"\0" in head:
        raise FormatError(
            f"{path.name}: what is packed in it is no text, and only text is read as it is; unpack it first"
        )
    return head


@contextmanager
def opened(path: Path, skip: int = 0) -> Iterator[BinaryIO]:
    """Give the text of a file as bytes, from this many bytes on.

    Raises
    ------
    FormatError: damaged, a zip of several files, or unpacked it is far larger than tables are.
    OSError: it cannot be read.

    """
    with ExitStack() as stack:
        file = stack.enter_context(path.open("rb"))
        head = file.read(HEAD_BYTES)
        file.seek(0)
        if not is_packed(head):
            file.seek(skip)
            yield file
            return
        with _one_sentence(path, "unpacking it"):
            stream = _unpacking(path, file, head, stack)
        stored = file.seek(0, io.SEEK_END)
        file.seek(0)
        text = stack.enter_context(io.BufferedReader(_Bounded(path, stream, stored), 1 << 18))
        text.read(skip)
        yield text


def _unpacking(path: Path, file: BinaryIO, head: bytes, stack: ExitStack) -> _Readable:
    for signature, opener in _OPENERS.items():
        if head.startswith(signature):
            return stack.enter_context(opener(file))
    members = stack.enter_context(zipfile.ZipFile(file))
    found = [m for m in members.infolist() if not m.is_dir() and not m.filename.startswith(_OF_MACS)]
    names = [m.filename for m in found]
    if "[Content_Types].xml" in names:
        raise FormatError(f"{path.name}: it is a workbook of a spreadsheet; save its sheet as CSV")
    if len(found) != 1:
        listed = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
        raise FormatError(
            f"{path.name}: {len(found)} files are packed in it ({listed}), expected one table; unpack it, "
            "and name the file with the events"
        )
    if found[0].flag_bits & 1:
        raise FormatError(f"{path.name}: it is locked with a password; unpack it first")
    return stack.enter_context(members.open(found[0]))


class _Bounded(io.RawIOBase):
    """What is unpacked, as far as a table of events may be larger than what is stored of it."""

    def __init__(self, path: Path, stream: _Readable, stored: int) -> None:
        self._path, self._stream, self._stored, self._done = path, stream, stored, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _one_sentence(self._path, "unpacking it"):
            data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self._done += len(data)
        most = max(EXPANSION_BYTES, EXPANSION_RATIO * self._stored)
        if self._done > most:
            raise FormatError(
                f"{self._path.name}: it unpacks to more than {size(most)} but stores only "
                f"{size(self._stored)}, which no table of events is packed to; write it again with the "
                "events it really has"
            )
        return len(data)
