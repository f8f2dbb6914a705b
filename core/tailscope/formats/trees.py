"""ROOT files: their trees and branches, opened by uproot where that is installed, read in pieces."""

from __future__ import annotations

import importlib
import lzma
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from tailscope.errors import FormatError
from tailscope.optional import needing

from .contents import Contents, hint
from .damage import RAISED, one_sentence
from .ranges import CHUNK_BYTES

_ERRORS = (*RAISED, zlib.error, lzma.LZMAError, struct.error, AttributeError, AssertionError, EOFError)
"""What uproot, awkward and the decompressors raise on damaged files, beside uproot's DeserializationError."""


class Trees(Contents):
    """An opened ROOT file.

    Attributes
    ----------
    names: its objects of any kind, the last cycle of each.
    branches: tree (or RNTuple) -> names of its branches, in the order of the file.

    Raises
    ------
    FormatError: uproot is missing, or the file is damaged.

    """

    container = "ROOT"

    def __init__(self, path: Path) -> None:
        self.path = path
        with needing("uproot", f"{path.name}: reading ROOT files", FormatError, "save the events as HDF5"):
            uproot: Any = importlib.import_module("uproot")
        self._errors = (*_ERRORS, uproot.deserialization.DeserializationError)
        with self.one_sentence("opening it"):
            self._file: Any = uproot.open(path)
        self._trees: dict[str, Any] = {}
        try:
            with self.one_sentence("listing its trees"):
                kinds: dict[str, str] = self._file.classnames(recursive=False, cycle=False)
            self.names = tuple(kinds)
            self.branches: Mapping[str, tuple[str, ...]] = {
                name: self._branches_of(name)
                for name, kind in kinds.items()
                if kind in {"TTree", "ROOT::RNTuple"}
            }
        except FormatError:
            self.close()
            raise

    def _branches_of(self, tree: str) -> tuple[str, ...]:
        with self.one_sentence(f"listing the branches of {tree}"):
            self._trees[tree] = self._file[tree]
            return tuple(self._trees[tree].keys())

    def asked(self, tree: str) -> str:
        """The tree of that name.

        Raises
        ------
        FormatError: there is none.

        """
        if tree not in self.branches:
            raise FormatError(f"{self.path.name}: there is no tree {tree} in it; {hint(tree, self.branches)}")
        return tree

    def entries(self, tree: str, branches: Iterable[str]) -> int:
        """How many entries a tree has.

        Raises
        ------
        FormatError: one of these branches holds another number of entries than the tree says: uproot would
            fill up the rest for ages.

        """
        with self.one_sentence(f"counting the entries of {tree}"):
            said = int(self._trees[tree].num_entries)
            found = {
                name: int(offsets[-1])
                if (offsets := getattr(self._trees[tree][name], "entry_offsets", None))
                else said
                for name in branches
            }
        for name, entries in found.items():
            if entries != said:
                raise FormatError(
                    f"{self.path.name}: tree {tree} says that it has {said} entries but branch {name} holds "
                    f"{entries}; copy or write the file again"
                )
        return said

    def type_of(self, tree: str, branch: str) -> str:
        """C++ type of a branch, "float[]" or "std::vector<float>" for lists."""
        with self.one_sentence(f"looking at branch {branch} of {tree}"):
            return str(self._trees[tree][branch].typename)

    def pieces(self, tree: str, branches: Iterable[str], stop: int | None = None) -> Iterator[Any]:
        """Records of awkward's with these branches, some MB of the tree at a time, of its first entries."""
        branches = list(branches)
        with self.one_sentence(f"reading tree {tree}"):
            # A number without a unit would be one of entries.
            pieces = self._trees[tree].iterate(
                branches, step_size=f"{CHUNK_BYTES} B", library="ak", entry_stop=stop
            )
        awkward: Any = importlib.import_module("awkward")
        while True:
            with self.one_sentence(f"reading tree {tree}"):
                piece = next(pieces, None)
                # Lists of damaged lengths would be read beyond the end of the memory that holds them.
                if piece is not None and (problem := awkward.validity_error(piece)):
                    raise ValueError(problem)
            if piece is None:
                return
            # Members of an RNTuple's collection come as fields of its records.
            nested = {name: name.split(".") for name in branches if name not in piece.fields}
            for name, path in nested.items():
                with self.one_sentence(f"reading branch {name} of {tree}"):
                    piece = awkward.with_field(piece, piece[path[0]][path[1]], name)
            yield piece

    def one_sentence(self, doing: str) -> AbstractContextManager[None]:
        """Turn what is raised on damaged files into a FormatError."""
        return one_sentence("ROOT", self._errors, self.path, doing)

    def close(self) -> None:
        """See `Contents.close`."""
        self._file.close()
