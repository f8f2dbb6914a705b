"""Jets in ROOT trees, their constituents in lists: the branches of JetClass and of ParticleNet's samples.

One entry a jet (Qu, Li and Qian, arXiv:2202.03772): ``part_px``, ``part_py``, ``part_pz``, ``part_energy``,
or ``part_pt``, ``part_eta``, ``part_phi`` with ``part_mass`` or massless. Only where neither is there,
``part_deta`` and ``part_dphi`` are taken as they are; JetClass mirrors deta of jets with eta < 0. Jets
without constituents are passed over.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .base import Dataset, as_float32, refuse_bad_numbers
from .constituents import (
    JETS,
    MAX_PARTICLES,
    PARTICLES,
    Floats,
    JetFile,
    hardest_of,
    jets_of,
    momenta_of,
    refuse_jets,
    refuse_mev,
)
from .contents import Rows, hint
from .jetnet import FARTHEST_ETA, check_relative, check_sum
from .trees import Trees

PREFIX = "part_"
EXPECTED = "part_px, part_py, part_pz and part_energy, or part_pt, part_eta and part_phi"
RELATIVE = ("part_pt", "part_deta", "part_dphi")
UNITS = {"pt": "GeV", "px": "GeV", "py": "GeV", "pz": "GeV", "energy": "GeV", "mass": "GeV"}


class Momenta(NamedTuple):
    """Lists of which four-momenta are made: their branches, and how (each float64[n, any])."""

    branches: tuple[str, ...]
    made: Callable[..., Floats]
    said: str = ""


def _cartesian(px: Floats, py: Floats, pz: Floats, energy: Floats | None = None) -> Floats:
    return np.stack([np.hypot(np.hypot(px, py), pz) if energy is None else energy, px, py, pz], axis=-1)


def _with_energy(pt: Floats, eta: Floats, phi: Floats, energy: Floats) -> Floats:
    momenta = momenta_of(pt, eta, phi)
    momenta[:, :, 0] = energy
    return momenta


CARTESIAN, ANGLES = ("part_px", "part_py", "part_pz"), ("part_pt", "part_eta", "part_phi")
LAYOUTS = (
    Momenta((*CARTESIAN, "part_energy"), _cartesian),
    Momenta((*ANGLES, "part_mass"), momenta_of),
    Momenta((*ANGLES, "part_energy"), _with_energy),
    Momenta(ANGLES, momenta_of, "massless"),
    Momenta(CARTESIAN, _cartesian, "massless"),
)
"""The first of these whose branches are all there is read."""


def jets_in(file: Trees) -> tuple[str, ...]:
    """Trees whose branches are a jet's constituents."""
    return tuple(tree for tree, names in file.branches.items() if _layout(names) or _is_relative(names))


def _layout(names: tuple[str, ...]) -> Momenta | None:
    return next((layout for layout in LAYOUTS if set(layout.branches) <= set(names)), None)


def _is_relative(names: tuple[str, ...]) -> bool:
    return set(RELATIVE) <= set(names)


class JaggedJets(JetFile):
    """Jets of a ROOT tree; `chunks` gives what `JetFile` says, hardest constituents first.

    A jet is the sum of its constituents. Where these are only given relative to it, its pT, eta and mass are
    those of ``jet_pt``, ``jet_eta`` and ``jet_mass`` or ``jet_energy``. With ``drop_undefined`` jets with a
    number that is not finite are passed over, too.

    Raises
    ------
    FormatError: no tree with constituents, several of them, branches that are no lists of numbers, no jets.

    """

    format = "jagged_jets"
    contents: Trees
    _lists: tuple[str, ...]
    _stated: tuple[str, ...] = ()

    def __init__(self, file: Trees, *, drop_undefined: bool = False) -> None:
        self.path, self.contents, self._drops = file.path, file, drop_undefined
        trees = jets_in(file)
        if len(trees) != 1:
            raise FormatError(f"{file.path.name}: {_no_tree(file, trees)}")
        self._tree = trees[0]
        there = file.branches[self._tree]
        self._layout = _layout(there)
        if self._layout is not None:
            self._lists = self._layout.branches
            said = f"read as ({', '.join(name.removeprefix(PREFIX) for name in self._lists)})"
            said += f", {self._layout.said}" if self._layout.said else ""
        else:
            self._lists, self._stated = RELATIVE, self._stated_branches(there)
            said = "read as (pt over jet_pt, deta, dphi), massless"
            self._gives = (PARTICLES, JETS) if len(self._stated) > 1 else (PARTICLES,)
        used = (*self._lists, *self._stated)
        n_entries = file.entries(self._tree, used)
        if n_entries:
            self._check_lists()
        there_are, kept, self.slots = self._counted()
        self.n_events = kept.size
        if kept.size < there_are:
            self.rows = kept
        if self.n_events == 0:
            raise FormatError(
                f"{self.path.name}: there are no jets in it (of the {n_entries} entries of tree {self._tree} "
                f"{'none has constituents' if not there_are else 'none has all of its numbers'})"
            )
        if passed := n_entries - there_are:
            said += f"; {passed} of {n_entries} without constituents are passed over"
        self.title = f"jets of the constituents in tree {self._tree} (ROOT), {said}"
        self.datasets = tuple(
            Dataset(
                name,
                (n_entries,),
                file.type_of(self._tree, name),
                UNITS.get(name.partition("_")[2], "") if name in used else "",
                used=name in used,
            )
            for name in there
        )

    def chunks(self, stop: int | None = None) -> Iterator[tuple[int, Mapping[str, NDArray[Any]]]]:
        """See `EventFile.chunks`."""
        start, n = 0, self.n_events if stop is None else min(stop, self.n_events)
        where = f"{self.path.name}: tree {self._tree}"
        for piece in self.contents.pieces(self._tree, (*self._lists, *self._stated)):
            with self.contents.one_sentence(f"reading tree {self._tree}"):
                jets = piece[self._good(piece)][: n - start]
            if len(jets) == 0:
                continue
            lists = [self._padded(jets, name, start) for name in self._lists]
            if self._layout is not None:
                refuse_jets(where, start, _impossible(self._lists, lists))
                arrays = jets_of(where, self._layout.made(*lists), self.slots, start)
            else:
                arrays = self._relative(where, jets, lists, start)
            if start == 0 and JETS in self._gives:
                refuse_mev(where, arrays[JETS])
            yield start, {name: arrays[name] for name in self._gives}
            start += len(jets)
            if start >= n:
                return

    def named(self, name: str, stop: int) -> NDArray[Any]:
        """See `EventFile.named`: a branch of one number a jet."""
        there = self.contents.branches[self._tree]
        if name not in there:
            raise FormatError(
                f"{self.path.name}: there is no branch {name} in tree {self._tree}; {hint(name, there)}"
            )
        parts, n = [], 0
        for piece in self.contents.pieces(self._tree, dict.fromkeys((*self._decisive, name))):
            with self.contents.one_sentence(f"reading branch {name}"):
                values = np.asarray(piece[name][self._good(piece)])
            parts.append(values)
            n += len(values)
            if n >= stop:
                break
        return np.concatenate(parts)[:stop]

    def close(self) -> None:
        """See `EventFile.close`."""
        self.contents.close()

    def _stated_branches(self, there: tuple[str, ...]) -> tuple[str, ...]:
        """Of the jet as a whole: its pT, and eta with mass or energy where they are."""
        if "jet_pt" not in there:
            raise FormatError(
                f"{self.path.name}: branch jet_pt of tree {self._tree} is missing, which part_deta and "
                f"part_dphi need beside them, or {EXPECTED}; {hint('jet_pt', there)}"
            )
        weight = next((name for name in ("jet_mass", "jet_energy") if name in there), None)
        return ("jet_pt", "jet_eta", weight) if weight and "jet_eta" in there else ("jet_pt",)

    def _relative(
        self, where: str, piece: Any, lists: list[Floats], start: int
    ) -> dict[str, NDArray[np.float32]]:
        stated = [self._flat(piece, name, start) for name in self._stated]
        jet_pt = stated[0]
        refuse_jets(where, start, {"has a jet_pt that is not above 0 GeV; remove such jets": jet_pt <= 0})
        pt, eta, phi = lists
        with np.errstate(over="ignore"):
            pt_rel = pt / jet_pt[:, None]
        particles = np.stack([eta, phi, pt_rel, pt > 0], axis=-1)
        particles[pt == 0] = 0
        arrays = {PARTICLES: as_float32(where, particles)}
        check_relative(where, arrays[PARTICLES], start)
        if start == 0:
            check_sum(where, arrays[PARTICLES])
        arrays[PARTICLES] = hardest_of(arrays[PARTICLES], self.slots)
        if JETS in self._gives:
            jet_eta, mass = stated[1:]
            if self._stated[-1] == "jet_energy":
                with np.errstate(over="ignore", invalid="ignore"):
                    mass = np.sqrt(np.maximum(mass**2 - (jet_pt * np.cosh(jet_eta)) ** 2, 0))
            n = np.count_nonzero(pt, axis=1)
            jets = np.stack([jet_pt, jet_eta, mass, n], axis=1)
            refuse_bad_numbers(f"{where}: {', '.join(self._stated)}", jets, start)
            arrays[JETS] = as_float32(where, jets)
        return arrays

    def _check_lists(self) -> None:
        """Refuse branches that do not hold one list of numbers for each jet.

        Raises
        ------
        FormatError: one number, text, lists of lists.

        """
        piece = next(self.contents.pieces(self._tree, (*self._lists, *self._stated), 1))
        for names, dimensions, expected in (
            (self._lists, 2, "one list of numbers"),
            (self._stated, 1, "one number"),
        ):
            for name in names:
                with self.contents.one_sentence(f"reading branch {name}"):
                    good = piece[name].ndim == dimensions
                if not good:
                    raise FormatError(
                        f"{self.path.name}: branch {name} of tree {self._tree} holds "
                        f"{self.contents.type_of(self._tree, name)}, expected {expected} for each jet"
                    )

    def _counted(self) -> tuple[int, Rows, int]:
        """(jets with constituents, which of them are given, the most constituents of one that are kept)."""
        n, most, kept = 0, 1, [np.empty(0, dtype=np.int64)]
        for piece in self.contents.pieces(self._tree, self._decisive):
            with self.contents.one_sentence(f"reading tree {self._tree}"):
                lengths, good = self._lengths(piece), self._good(piece)
            kept.append(n + np.flatnonzero(good[lengths > 0]))
            n, most = n + int(np.count_nonzero(lengths)), max(most, int(lengths[good].max(initial=0)))
        return n, np.concatenate(kept), min(most, MAX_PARTICLES)

    @property
    def _decisive(self) -> tuple[str, ...]:
        """Branches that say which jets are given."""
        return (*self._lists, *self._stated) if self._drops else self._lists[:1]

    def _good(self, piece: Any) -> NDArray[np.bool_]:
        """Which jets of a piece are given, bool[n]."""
        awkward: Any = importlib.import_module("awkward")
        good = self._lengths(piece) > 0
        if self._drops:
            for name in self._lists:
                good &= np.asarray(awkward.all(np.isfinite(piece[name]), axis=1))
            for name in self._stated:
                good &= np.isfinite(np.asarray(piece[name]))
        return good

    def _lengths(self, piece: Any, name: str | None = None) -> NDArray[Any]:
        awkward: Any = importlib.import_module("awkward")
        lengths: NDArray[Any] = np.asarray(awkward.num(piece[name or self._lists[0]]))
        return lengths

    def _padded(self, piece: Any, name: str, start: int) -> Floats:
        """Lists of the jets of a piece, float64[n, longest], zeros after the end of each."""
        awkward: Any = importlib.import_module("awkward")
        with self.contents.one_sentence(f"reading branch {name}"):
            lengths = self._lengths(piece)
            agree = self._lengths(piece, name) == lengths
            filled = awkward.fill_none(awkward.pad_none(piece[name], int(lengths.max()), clip=True), 0)
            values: NDArray[Any] = awkward.to_numpy(filled)
        refuse_jets(
            f"{self.path.name}: branch {name}",
            start,
            {f"has another number of constituents than {self._lists[0]}": ~agree},
        )
        refuse_bad_numbers(f"{self.path.name}: branch {name}", values, start)
        return values.astype(np.float64)

    def _flat(self, piece: Any, name: str, start: int) -> Floats:
        """One number a jet of a piece, float64[n]."""
        with self.contents.one_sentence(f"reading branch {name}"):
            values: NDArray[Any] = np.asarray(piece[name])
        refuse_bad_numbers(f"{self.path.name}: branch {name}", values, start)
        return values.astype(np.float64)


def _impossible(names: tuple[str, ...], lists: list[Floats]) -> dict[str, Any]:
    """Which jets have a pT, a mass or an eta that cannot be."""
    given = dict(zip(names, lists, strict=True))
    problems = {
        f"has a negative {name}; remove such jets": (given[name] < 0).any(axis=1)
        for name in ("part_pt", "part_mass")
        if name in given
    }
    if "part_eta" in given:
        far = np.abs(given["part_eta"]) > FARTHEST_ETA
        problems[f"has a part_eta beyond {FARTHEST_ETA:g}; remove such jets"] = far.any(axis=1)
    return problems


def _no_tree(file: Trees, trees: tuple[str, ...]) -> str:
    if trees:
        return (
            f"there are {len(trees)} trees of jets in it ({', '.join(trees)}), expected one; write each to a "
            "file of its own"
        )
    branches = [name for names in file.branches.values() for name in names]
    if not file.branches:
        return f"there is no tree in it, expected one of jets with branches {EXPECTED}"
    return f"no tree has a jet's constituents, expected branches {EXPECTED}; {hint(PREFIX + 'px', branches)}"
