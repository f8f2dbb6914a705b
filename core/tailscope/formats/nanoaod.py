"""CMS NanoAOD: the muons of a ROOT tree, read in pieces by uproot where that is installed.

Events with fewer than two muons are passed over; of more than two, the hardest two count.
"""

from __future__ import annotations

import importlib
import lzma
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError
from tailscope.optional import needing

from .base import Dataset, EventFile, refuse_bad_numbers
from .contents import Contents, hint
from .damage import RAISED, one_sentence
from .dimuon import check_muons, unit_of
from .ranges import CHUNK_BYTES

TREE = "Events"
BRANCHES = {
    "pt": ("Muon_pt",),
    "eta": ("Muon_eta",),
    "phi": ("Muon_phi",),
    "Q": ("Muon_charge",),
    "dxy": ("Muon_dxy",),
    "iso03": ("Muon_pfRelIso03_all",),
    "iso04": ("Muon_pfRelIso04_all",),
}
NEEDED = ("pt", "eta", "phi")

_ERRORS = (*RAISED, zlib.error, lzma.LZMAError, struct.error, AttributeError, AssertionError, EOFError)
"""What uproot, awkward and the decompressors raise on damaged files, beside uproot's DeserializationError."""


def _one_sentence(path: Path, doing: str) -> AbstractContextManager[None]:
    damaged: type[Exception] = importlib.import_module("uproot").deserialization.DeserializationError
    return one_sentence("ROOT", (*_ERRORS, damaged), path, doing)


class NanoAOD(EventFile, Contents):
    """Dimuon events of a NanoAOD file; `chunks` gives float32[n] columns pt1, eta1, phi1, pt2, ...

    Raises
    ------
    FormatError: uproot is missing; no tree Events, no muons in it, no event with two.

    """

    format = "nanoaod"
    domain = "dimuon"
    container = "ROOT"

    def __init__(self, path: Path) -> None:
        self.path, self.contents = path, self
        self.title = "dimuon events in NanoAOD (ROOT)"
        with needing("uproot", f"{path.name}: reading ROOT files", FormatError, "save the muons as CSV"):
            uproot: Any = importlib.import_module("uproot")
        with _one_sentence(path, "opening it"):
            self._file: Any = uproot.open(path)
        try:
            self._open()
        except FormatError:
            self.close()
            raise

    def _open(self) -> None:
        with _one_sentence(self.path, "listing its trees"):
            kinds: dict[str, str] = self._file.classnames(recursive=False, cycle=False)
            trees = [name for name, kind in kinds.items() if kind in {"TTree", "ROOT::RNTuple"}]
        if TREE not in trees:
            raise FormatError(f"{self.path.name}: tree {TREE} is missing; {hint(TREE, kinds)}")
        with _one_sentence(self.path, f"listing the branches of {TREE}"):
            self._tree = self._file[TREE]
            there = set(self._tree.keys())
        self._branches = {
            kind: next(n for n in names if n in there)
            for kind, names in BRANCHES.items()
            if there & set(names)
        }
        for kind in NEEDED:
            if kind not in self._branches:
                raise FormatError(
                    f"{self.path.name}: branch {BRANCHES[kind][0]} of tree {TREE} is missing; "
                    f"{hint(BRANCHES[kind][0], there)}"
                )
        self._check_entries()
        self.n_events = sum(len(columns["pt1"]) for columns in self._pieces(("pt",)))
        if self.n_events == 0:
            raise FormatError(
                f"{self.path.name}: none of the {int(self._tree.num_entries)} events has two muons; is it a "
                "sample of another final state?"
            )
        self.datasets = tuple(
            Dataset(name, (int(self._tree.num_entries),), "lists", unit_of(kind))
            for kind, name in self._branches.items()
        )

    def _check_entries(self) -> None:
        """Refuse a tree that says it is longer than its branches: uproot would fill up the rest for ages.

        Raises
        ------
        FormatError: numbers of entries that disagree.

        """
        with _one_sentence(self.path, f"counting the entries of {TREE}"):
            said = int(self._tree.num_entries)
            found = {
                name: int(offsets[-1])
                if (offsets := getattr(self._tree[name], "entry_offsets", None))
                else said
                for name in self._branches.values()
            }
        for name, entries in found.items():
            if entries != said:
                raise FormatError(
                    f"{self.path.name}: tree {TREE} says that it has {said} entries but branch {name} holds "
                    f"{entries}; copy or write the file again"
                )

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """See `EventFile.shapes`."""
        return {f"{kind}{i}": () for i in (1, 2) for kind in self._branches}

    def chunks(self, stop: int | None = None) -> Iterator[tuple[int, Mapping[str, NDArray[Any]]]]:
        """See `EventFile.chunks`."""
        start, n = 0, self.n_events if stop is None else min(stop, self.n_events)
        for piece in self._pieces(tuple(self._branches)):
            columns = {name: values[: n - start] for name, values in piece.items()}
            for name, values in columns.items():
                refuse_bad_numbers(f"{self.path.name}: branch {self._branches[name[:-1]]}", values, start)
            check_muons(self.path.name, columns, start)
            yield start, columns
            start += len(columns["pt1"])
            if start >= n:
                return

    def close(self) -> None:
        """See `EventFile.close`."""
        self._file.close()

    def _pieces(self, kinds: tuple[str, ...]) -> Iterator[dict[str, NDArray[np.float32]]]:
        """Columns of the events with two muons, some MB of the tree at a time."""
        awkward: Any = importlib.import_module("awkward")
        names = [self._branches[kind] for kind in kinds]
        with _one_sentence(self.path, f"reading tree {TREE}"):
            pieces = self._tree.iterate(names, step_size=CHUNK_BYTES, library="ak")
        while True:
            with _one_sentence(self.path, f"reading tree {TREE}"):
                piece = next(pieces, None)
                if piece is None:
                    return
                piece = piece[awkward.num(piece[self._branches["pt"]]) >= 2]
                if len(piece) == 0:
                    continue
                hardest = awkward.argsort(piece[self._branches["pt"]], ascending=False, stable=True)[:, :2]
                muons = {k: awkward.to_numpy(piece[self._branches[k]][hardest]) for k in kinds}
                columns = {
                    f"{kind}{i + 1}": np.ascontiguousarray(values[:, i], dtype=np.float32)
                    for i in range(2)
                    for kind, values in muons.items()
                }
            yield columns
