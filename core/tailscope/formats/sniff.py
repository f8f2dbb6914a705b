"""The first bytes of a file, and what they say; names and suffixes lie."""

from __future__ import annotations

from pathlib import Path

from tailscope.errors import FormatError

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
"""Of a zip with members, and of an empty one; npz files are zips of arrays."""
HEAD_BYTES = (512 << 7) + 8

_NOT_READ = (
    (b"%PDF", "is a PDF document, expected HDF5, npz, Parquet or CSV"),
    (b"version https://git-lfs", "is a Git LFS pointer and not the data; run `git lfs pull`"),
    (b"<", "is a web page or XML and not the data; download it again"),
)


def head_of(path: Path) -> bytes:
    """The first `HEAD_BYTES` of a file.

    Raises
    ------
    FormatError: there is no such file, it cannot be read, or is empty.

    """
    try:
        if not path.exists():
            raise FormatError(f"{path}: there is no such file; check its name and folder")
        if not path.is_file():
            raise FormatError(f"{path}: it is not a file; name one file of events")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except (OSError, ValueError) as error:  # ValueError: a name with a null byte
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise FormatError(f"{path.name}: it cannot be opened ({reason}); check its permissions") from error
    if not head:
        raise FormatError(f"{path.name}: the file is empty (0 bytes); copy or write it again")
    return head


def is_hdf5(head: bytes) -> bool:
    """Whether HDF5 begins there; its superblock may come after a user block of 512, 1024, 2048, ... bytes."""
    return any(head[at : at + 8] == HDF5_SIGNATURE for at in (0, *(512 << i for i in range(8))))


def refuse_all_but_text(path: Path, head: bytes) -> None:
    """Say what a file is that is read in no way.

    Raises
    ------
    FormatError: it is no text, or text that is no table.

    """
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    for signature, what in _NOT_READ:
        if text.startswith(signature):
            raise FormatError(f"{path.name}: the file {what}")
    if b"\0" in head:
        said = " although its name says so" if path.suffix in {".h5", ".hdf5", ".hdf"} else ""
        raise FormatError(
            f"{path.name}: the file is not HDF5{said}, nor npz, Parquet or CSV; is it the right file?"
        )
    if path.suffix in {".h5", ".hdf5", ".hdf"}:
        raise FormatError(
            f"{path.name}: the file is not HDF5 although its name says so; copy or write it again"
        )
