"""What libraries raise where a file is damaged, as one sentence that names the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tailscope.errors import FormatError, said_by

RAISED = (
    OSError,
    RuntimeError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    MemoryError,
)
"""What every one of them was seen to raise; some raise more."""


@contextmanager
def one_sentence(kind: str, raised: tuple[type[Exception], ...], path: Path, doing: str) -> Iterator[None]:
    """Turn what a library raises into a FormatError.

    Parameters
    ----------
    kind: of file, as in "the HDF5 file is damaged".
    raised: what counts as damage: `RAISED`, and what this library raises beside it.
    path: the file.
    doing: as in "opening it failed".

    """
    try:
        yield
    except raised as error:
        detail = said_by(error)
        if "truncated file:" in detail:  # HDF5's word for it
            found = "is cut short (the end of the file is missing)"
        else:
            found = f"is damaged: {doing} failed ({detail})"
        raise FormatError(f"{path.name}: the {kind} file {found}; copy or write it again") from error
