"""CMS NanoAOD: the muons of a ROOT tree, read in pieces by uproot where that is installed.

Events with fewer than two muons are passed over; of more than two, the hardest two count.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .base import Dataset, EventFile, refuse_bad_numbers
from .contents import hint, no_column
from .dimuon import check_muons, unit_of
from .flat_tree import flat_branches
from .trees import Trees

TREE = "Events"
BRANCHES = {
    "pt": ("Muon_pt", "Muon.pt"),
    "eta": ("Muon_eta", "Muon.eta"),
    "phi": ("Muon_phi", "Muon.phi"),
    "Q": ("Muon_charge", "Muon.charge"),
    "dxy": ("Muon_dxy", "Muon.dxy"),
    "iso03": ("Muon_pfRelIso03_all", "Muon.pfRelIso03_all"),
    "iso04": ("Muon_pfRelIso04_all", "Muon.pfRelIso04_all"),
}
NEEDED = ("pt", "eta", "phi")


def has_muons(file: Trees) -> bool:
    """Whether there are any branches of muons as NanoAOD has them, in whatever tree."""
    known = {name for names in BRANCHES.values() for name in names}
    return any(not known.isdisjoint(branches) for branches in file.branches.values())


class NanoAOD(EventFile):
    """Dimuon events of a NanoAOD file; `chunks` gives float32[n] columns pt1, eta1, phi1, pt2, ...

    Raises
    ------
    FormatError: no tree Events, no muons in it, no event with two.

    """

    format = "nanoaod"
    domain = "dimuon"
    contents: Trees

    def __init__(self, file: Trees) -> None:
        self.path, self.contents = file.path, file
        self.title = "dimuon events in NanoAOD (ROOT)"
        if TREE not in file.branches:
            raise FormatError(f"{self.path.name}: tree {TREE} is missing; {hint(TREE, file.names)}")
        there = set(file.branches[TREE])
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
        n_entries = file.entries(TREE, self._branches.values())
        self.n_events = sum(len(columns["pt1"]) for columns in self._pieces(("pt",)))
        if self.n_events == 0:
            raise FormatError(
                f"{self.path.name}: none of the {n_entries} events has two muons; is it a sample of another "
                "final state?"
            )
        self.datasets = tuple(
            Dataset(name, (n_entries,), "lists", unit_of(kind)) for kind, name in self._branches.items()
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

    def named(self, name: str, stop: int) -> NDArray[Any]:
        """See `EventFile.named`: a flat branch, such as genWeight, of the events with two muons."""
        if name not in flat_branches(self.contents, TREE):
            raise no_column(self.path, name, flat_branches(self.contents, TREE))
        awkward: Any = importlib.import_module("awkward")
        found = []
        for piece in self.contents.pieces(TREE, [self._branches["pt"], name]):
            with self.contents.one_sentence(f"reading branch {name} of tree {TREE}"):
                both = awkward.num(piece[self._branches["pt"]]) >= 2
                found.append(awkward.to_numpy(piece[name][both]))
        return np.concatenate(found)[:stop]

    def close(self) -> None:
        """See `EventFile.close`."""
        self.contents.close()

    def _pieces(self, kinds: tuple[str, ...]) -> Iterator[dict[str, NDArray[np.float32]]]:
        """Columns of the events with two muons, some MB of the tree at a time."""
        awkward: Any = importlib.import_module("awkward")
        for piece in self.contents.pieces(TREE, [self._branches[kind] for kind in kinds]):
            with self.contents.one_sentence(f"reading tree {TREE}"):
                events = piece[awkward.num(piece[self._branches["pt"]]) >= 2]
                if len(events) == 0:
                    continue
                hardest = awkward.argsort(events[self._branches["pt"]], ascending=False, stable=True)[:, :2]
                muons = {k: awkward.to_numpy(events[self._branches[k]][hardest]) for k in kinds}
                columns = {
                    f"{kind}{i + 1}": np.ascontiguousarray(values[:, i], dtype=np.float32)
                    for i in range(2)
                    for kind, values in muons.items()
                }
            yield columns
