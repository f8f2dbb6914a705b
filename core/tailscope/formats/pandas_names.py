"""Names of the columns in what pandas' `to_hdf` writes, in both of its formats, read without unpickling.

format="fixed" keeps blocks of one type (``block0_values``) beside their names (``block0_items``);
format="table" keeps records whose fields are such blocks (``values_block_0``), and pickles the names into an
attribute: its opcodes are looked at (`pickletools.genops`), nothing is ever executed.
"""

from __future__ import annotations

import pickletools
from typing import Any

import h5py

MAX_NAMES = 100_000

_HARMLESS = {
    "PROTO", "FRAME", "MARK", "STOP", "LIST", "EMPTY_LIST", "APPEND", "APPENDS", "PUT", "BINPUT",
    "LONG_BINPUT", "MEMOIZE",
}  # fmt: skip
_NAMES = {
    "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "STRING", "BINSTRING", "SHORT_BINSTRING", "INT", "BININT",
    "BININT1", "BININT2", "LONG", "LONG1",
}  # fmt: skip


def fixed_names(group: h5py.Group, block: str) -> tuple[str, ...]:
    """Names of the columns of ``block0_values`` in a group that pandas wrote; () where they are not plain."""
    items = group.get(block.removesuffix("_values") + "_items")
    if not isinstance(items, h5py.Dataset) or items.ndim != 1 or items.shape[0] > MAX_NAMES:
        return ()
    if items.dtype.kind in "iu":
        return tuple(str(name) for name in items[:])
    if items.dtype.kind == "S":
        return tuple(name.decode("utf-8", "backslashreplace") for name in items[:].tolist())
    return ()


def table_names(table: h5py.Dataset, field: str, width: int) -> tuple[str, ...]:
    """Names of the columns of a field of pandas' records; () where they are not plain."""
    names = _listed(table.attrs.get(f"{field}_kind"))
    return names if len(names) == width else ()


def is_pandas(group: h5py.Group) -> bool:
    """Whether pandas wrote this group."""
    return "pandas_type" in group.attrs or {"axis0", "block0_values"} <= set(group)


def _listed(pickled: Any) -> tuple[str, ...]:
    """The strings and whole numbers of a pickled flat list; () for anything else."""
    if not isinstance(pickled, (bytes, str)):
        return ()
    raw = pickled if isinstance(pickled, bytes) else pickled.encode("utf-8", "surrogateescape")
    names: list[str] = []
    try:
        for opcode, value, _ in pickletools.genops(raw):
            if opcode.name in _NAMES and len(names) < MAX_NAMES:
                names.append(str(value))
            elif opcode.name not in _HARMLESS:
                return ()
    except (ValueError, IndexError, UnicodeError, AttributeError):
        return ()
    return tuple(names)
