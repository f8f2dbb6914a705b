"""Tables in ROOT: the flat branches of a TTree or RNTuple, one number an entry each."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .base import Dataset
from .choice import Choice
from .contents import no_column
from .table import Columns, Table
from .trees import Trees
from .units import split_unit

NUMBERS = {
    "double": "float64", "float": "float32", "bool": "bool", "char": "int8", "int8_t": "int8",
    "uint8_t": "uint8", "int16_t": "int16", "uint16_t": "uint16", "int32_t": "int32", "uint32_t": "uint32",
    "int64_t": "int64", "uint64_t": "uint64", "int": "int32", "unsigned int": "uint32", "short": "int16",
    "unsigned short": "uint16", "unsigned char": "uint8",
}  # fmt: skip
"""C++'s name of a type -> numpy's."""


def flat_branches(file: Trees, tree: str) -> dict[str, str]:
    """Branches of a tree with one number an entry -> numpy's name of their type."""
    kinds = {name: file.type_of(tree, name).removeprefix("std::") for name in file.branches[tree]}
    return {
        name: NUMBERS[kind] for name, kind in kinds.items() if kind in NUMBERS and _alone(name, file, tree)
    }


def _alone(name: str, file: Trees, tree: str) -> bool:
    """Whether a branch is not a field of an RNTuple's collection, whose types are those of its members."""
    owner = name.rpartition(".")[0]
    return not owner or owner not in file.branches[tree]


def tree_of(file: Trees, part: str) -> str:
    """The tree to read as a table: the one that is asked for, or the only one that has flat branches.

    Raises
    ------
    FormatError: there is no such tree, none with flat branches, or several.

    """
    if part:
        return file.asked(part)
    flat = [tree for tree in file.branches if flat_branches(file, tree)]
    if len(flat) == 1:
        return flat[0]
    found = ", ".join(file.branches) or ", ".join(file.names) or "nothing"
    if flat:
        raise FormatError(
            f"{file.path.name}: its trees {', '.join(flat[:6])} are tables; name one, like "
            f"{file.path.name}:{flat[0]}"
        )
    raise FormatError(
        f"{file.path.name}: there is {found} in it, expected NanoAOD's tree Events with Muon_pt, jets in "
        "lists of constituents (part_pt ...), or a tree with one number an event in each branch"
    )


class FlatTree(Table):
    """The flat branches of one tree; branches of lists and of text are left alone.

    Raises
    ------
    FormatError: no flat branch of numbers, or a damaged file.

    """

    contents: Trees

    def __init__(self, file: Trees, tree: str, choice: Choice) -> None:
        self.path, self.contents = file.path, file
        self.title = f"table in ROOT (tree {tree})"
        self._tree = tree
        numbers = flat_branches(file, tree)
        n_events = file.entries(tree, numbers)
        self._branches = {self._name(name): name for name in file.branches[tree]}
        found = [
            Dataset(
                self._name(name), (n_events,), numbers[name], split_unit(name)[1] if name in numbers else ""
            )
            if name in numbers
            else Dataset(name, (n_events,), "lists", used=False, why="no number an entry")
            for name in file.branches[tree]
        ]
        self._numbers = tuple(d.name for d in found if d.used)
        self.settle(n_events, found, choice)

    def stored(self, names: Sequence[str], stop: int) -> Iterator[tuple[int, Columns]]:
        """See `Table.stored`."""
        awkward: Any = importlib.import_module("awkward")
        start = 0
        branches = {name: self._branches[name] for name in names}
        for piece in self.contents.pieces(self._tree, branches.values(), stop):
            with self.contents.one_sentence(f"reading tree {self._tree}"):
                read = {name: awkward.to_numpy(piece[branch]) for name, branch in branches.items()}
            yield start, read
            start += len(piece)

    def named(self, name: str, stop: int) -> NDArray[Any]:
        """See `EventFile.named`."""
        if name not in self._numbers:
            raise no_column(self.path, name, self._numbers)
        return np.concatenate([part[name] for _, part in self.stored([name], min(stop, self.n_events))])

    def close(self) -> None:
        """See `EventFile.close`."""
        self.contents.close()

    @staticmethod
    def _name(branch: str) -> str:
        return split_unit(branch)[0]
