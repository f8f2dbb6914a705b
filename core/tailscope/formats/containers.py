"""Containers: kinds of files, whatever is in them. A new one is one module and one entry here.

What can be done with one (its columns, copies of its rows) its `Contents` know; this file knows which there
are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray

from . import root, text
from .choice import Choice
from .constituents import JetFile
from .contents import Contents
from .dimuon import Dimuon
from .hdf5 import HDF5Store
from .layouts import OWN_DOMAINS
from .not_read import refuse_what_is_not_read
from .npy import NpyStore
from .npz import NpzStore
from .parquet import Parquet
from .sniff import ZIP_SIGNATURES, head_of, is_hdf5, refuse_all_but_text
from .table import Table
from .text_packed import is_packed, unpacked_head
from .trees import Trees

Ragged = Callable[[Path, Collection[str]], Mapping[str, NDArray[Any]]]


def _lacks_none(domain: str) -> str:
    return ""


class Container(NamedTuple):
    """One kind of file.

    Attributes
    ----------
    name: for people.
    begins: whether a file of this kind may begin with these bytes.
    open: checks a file and gives what is in it, of what was chosen: an `ArrayStore`, of which a layout makes
        events, or an `EventFile` where only one kind of event is in such files.
    lacks: why events of a domain are in no such file, "" where they may be.
    ragged: path and names -> arrays of any lengths, of which those of these names are whole; None where
        nobody keeps weights in such files.

    """

    name: str
    begins: Callable[[bytes], bool]
    open: Callable[[Path, Choice], Contents]
    lacks: Callable[[str], str] = _lacks_none
    ragged: Ragged | None = None


def _not_in_trees(domain: str) -> str:
    if domain not in OWN_DOMAINS - root.DOMAINS:
        return ""
    return f"it is a ROOT file, of which muons, jets and tables are read, not {domain} events"


def _no_table(domain: str) -> str:
    if domain not in OWN_DOMAINS - {Table.domain, Dimuon.domain, JetFile.domain}:
        return ""
    return f"it is a table, which has no {domain} events"


def _only_jets(domain: str) -> str:
    if domain not in OWN_DOMAINS - {JetFile.domain}:
        return ""
    return f"it is an array without names, of which jets are read, not {domain} events"


TEXT = Container("CSV", lambda head: b"\0" not in head or is_packed(head), text.CSV, _no_table, text.ragged)

CONTAINERS = (
    Container("HDF5", is_hdf5, lambda path, choice: HDF5Store(path, choice.part), ragged=HDF5Store.ragged),
    Container(
        "npz",
        lambda head: head.startswith(ZIP_SIGNATURES) and not is_packed(head),
        lambda path, choice: NpzStore(path, choice.part),
        ragged=NpzStore.ragged,
    ),
    Container(
        "npy", lambda head: head.startswith(b"\x93NUMPY"), lambda path, choice: NpyStore(path), _only_jets
    ),
    Container("Parquet", lambda head: head.startswith(b"PAR1"), Parquet, _no_table),
    Container(
        "ROOT",
        lambda head: head.startswith(b"root"),
        lambda path, choice: Trees(path),
        _not_in_trees,
    ),
    TEXT,
)


def container_of(path: Path) -> Container:
    """Recognise what kind of file it is by its first bytes.

    Raises
    ------
    FormatError: there is no such file, it cannot be read, is empty, or is something else.

    """
    head = head_of(path)
    if not is_hdf5(head):
        refuse_what_is_not_read(path, head)
    container = next((c for c in CONTAINERS if c.begins(head)), TEXT)
    if container is TEXT:
        if is_packed(head):
            head = unpacked_head(path)
            refuse_what_is_not_read(path, head)
        refuse_all_but_text(path, head)
    return container
