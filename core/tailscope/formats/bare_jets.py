"""Jets in one array (N, P, 3) or (N, P, 4) whose name says nothing: its first rows decide what it is.

JetNet's relative constituents, as generators save them without their key; EnergyFlow's ``X`` =
(pT, y, phi, pid) (Komiske, Metodiev and Thaler, arXiv:1810.05165); pT, eta, phi with mass, energy or mask;
four-momenta. An array of which two readings make sense is refused, and the title says which one was taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .base import Dataset, EventFile, refuse_bad_numbers
from .constituents import (
    EXCESS,
    MAX_PARTICLES,
    PARTICLES,
    Floats,
    StoredConstituents,
    momenta_of,
    refuse_jets,
)
from .jetnet import FARTHEST_ETA, PLAUSIBLE_SUM, JetNet
from .store import ArrayStore, Found

LEAST_PARTICLES = 6
"""Arrays of fewer particles are those of whole events, or something else."""
LOOKED_AT = 1000
"""So many jets are enough to tell what the columns are."""
FARTHEST_PHI = 3 * np.pi + 0.01
"""EnergyFlow's phi lies in [0, 2 pi], or within pi of its jet's."""
CENTRED, WIDEST, HEAVIEST = 0.5, 1.0, 6.0
"""How far from 0 relative axes are, how wide jets, and the masses of constituents in GeV."""
PIDS = (11, 13, 15, 22, 111, 130, 211, 310, 321, 2112, 2212, 3112, 3122, 3222, 3312, 3322, 3334)
"""PDG numbers of what flies far enough to be a constituent."""
LARGEST_CODE = 1.3
"""EnergyFlow also writes particles as 0, 0.1, ... 1.3: photons, then hadrons, electrons and muons."""

EXPECTED = (
    "(eta_rel, phi_rel, pT_rel, mask) with pT_rel that sums to 1, (pT, eta, phi, mass or pid) or "
    "(E, px, py, pz) in GeV and radians"
)
ADVICE = f"save (eta_rel, phi_rel, pT_rel) under the name {PARTICLES}"


@dataclass(frozen=True)
class Columns:
    """What the columns of an array are.

    Attributes
    ----------
    names: of each column.
    relative: whether they are given relative to their jet.

    """

    names: tuple[str, ...]
    relative: bool = False

    def __str__(self) -> str:
        return f"({', '.join(self.names)})"

    @property
    def order(self) -> tuple[int, int, int]:
        """Where eta, phi and pT are."""
        where = {name.removesuffix("_rel").replace("y", "eta"): i for i, name in enumerate(self.names)}
        return where["eta"], where["phi"], where["pT"]


def likeness(found: Mapping[str, Found]) -> float:
    """0.5, less than a full match of any other format, with an array that may be constituents; else 0."""
    return 0.5 * bool(_candidates(found))


def _candidates(found: Mapping[str, Found]) -> list[str]:
    return [
        f.name
        for f in found.values()
        if not f.problem
        and len(f.shape) == 3
        and f.shape[2] in {3, 4}
        and LEAST_PARTICLES <= f.shape[1] <= MAX_PARTICLES
    ]


def open_bare(path: Path, file: ArrayStore) -> EventFile:
    """Open the one array of a file that may be constituents as what its first rows are.

    Raises
    ------
    FormatError: there are several, its first rows are no constituents, or could be two kinds of them.

    """
    names = _candidates(file.found)
    if "X" in names:  # EnergyFlow's, whatever else is there
        names = ["X"]
    if len(names) != 1:
        there = ", ".join(f"{name} {file.found[name].shape}" for name in names)
        raise FormatError(
            f"{path.name}: there are {len(names)} arrays that may be the constituents of jets ({there}), "
            f"expected one; save the one to be read alone, or under the name {PARTICLES}"
        )
    found = file.found[names[0]]
    if found.shape[0] == 0:
        raise FormatError(f"{path.name}: there are no jets in it ({found.name} has shape {found.shape})")
    where = f"{path.name}: dataset {found.name}"
    first = file.read(found.name, slice(0, min(found.shape[0], LOOKED_AT)))
    finite = np.isfinite(first).all(axis=(1, 2))
    if not finite.any():
        refuse_bad_numbers(where, first, 0)
    columns = _decided(where, found.shape, first[finite].astype(np.float64))
    events: EventFile
    if columns.relative:
        events = JetNet(path, file, found.name, columns.order, "mask" in columns.names)
    else:
        events = BareJets(path, file, found, columns)
    events.title = f"jets of the constituents in {found.name} ({file.container}), read as {columns}"
    return events


def _decided(where: str, shape: tuple[int, ...], first: Floats) -> Columns:
    possible = readings(first)
    if len(possible) == 1:
        return possible[0]
    if possible:
        said = " or as ".join(map(str, possible))
        raise FormatError(f"{where} of shape {shape} can be read as {said}, so that it is not; {ADVICE}")
    if centred := next((c for c in _three(first[..., :3]) if _scale(first, c) == "centred"), None):
        raise FormatError(
            f"{where} of shape {shape} looks like {centred} with eta and phi relative to their jet but pT in "
            f"GeV, expected both relative or both not; divide pT by the jet's and {ADVICE}"
        )
    raise FormatError(
        f"{where} of shape {shape} is none of what jets' constituents are known to be: {EXPECTED}; {ADVICE}"
    )


@np.errstate(over="ignore", invalid="ignore")
def readings(first: Floats) -> list[Columns]:
    """All that the columns of some jets can be (float64[n, P, 3 or 4]): one, where that is clear."""
    found = []
    for three in _three(first):
        scale = _scale(first, three)
        if scale not in {"relative", "absolute"}:
            continue
        relative = scale == "relative"
        suffix = "_rel" * relative
        names = tuple(name + suffix for name in three.names)
        if first.shape[2] == 3:
            found.append(Columns(names, relative))
            continue
        eta, _, pt = (first[..., i] for i in three.order)
        for fourth in _fourth(first[..., 3], pt, eta, relative):
            own = tuple(name.replace("eta", "y") for name in names) if fourth == "pid" else names
            found.append(Columns((*own, fourth), relative))
    if first.shape[2] == 4:
        found += [
            Columns(names)
            for names in (("E", "px", "py", "pz"), ("px", "py", "pz", "E"))
            if _are_four_momenta(_cartesian(first, names))
        ]
    return found


def _three(first: Floats) -> tuple[Columns, Columns]:
    return Columns(("eta", "phi", "pT")), Columns(("pT", "eta", "phi"))


@np.errstate(over="ignore", invalid="ignore")
def _scale(first: Floats, columns: Columns) -> str:
    """Whether these columns are "relative" to jets, "absolute", "centred" (relative but for pT), or "" ."""
    eta, phi, pt = (first[..., i] for i in columns.order)
    there = pt > 0
    if (pt < 0).any() or not there.any():
        return ""
    if np.abs(eta[there]).max() > FARTHEST_ETA or np.abs(phi[there]).max() > FARTHEST_PHI:
        return ""
    jets = there.any(axis=1)
    axis, width = _axes(pt[jets], eta[jets], phi[jets])
    if np.median(width) > WIDEST:
        return ""
    centred = float(np.median(np.hypot(*axis))) < CENTRED
    total = float(np.median(pt[jets].sum(axis=1)))
    if centred and PLAUSIBLE_SUM[0] <= total <= PLAUSIBLE_SUM[1]:
        return "relative"
    if total <= PLAUSIBLE_SUM[1]:
        return ""
    return "centred" if centred else "absolute"


def _axes(pt: Floats, eta: Floats, phi: Floats) -> tuple[tuple[Floats, Floats], Floats]:
    """Axes of jets (eta, phi), weighted with pT, and the mean distance from them: each float64[n]."""
    total = pt.sum(axis=1)
    eta_axis = (pt * eta).sum(axis=1) / total
    phi_axis = np.arctan2((pt * np.sin(phi)).sum(axis=1), (pt * np.cos(phi)).sum(axis=1))
    turn = np.angle(np.exp(1j * (phi - phi_axis[:, None])))
    return (eta_axis, phi_axis), (pt * np.hypot(eta - eta_axis[:, None], turn)).sum(axis=1) / total


def _fourth(values: Floats, pt: Floats, eta: Floats, relative: bool) -> list[str]:
    """All that a fourth column can be, beside pT and eta (float64[n, P])."""
    there = pt > 0
    present, whole = values[there], values == np.round(values)
    if np.isin(values, (0, 1)).all() and ((values > 0) == there).mean() > 0.5 and (relative or present.all()):
        return ["mask"]
    if whole.all() and np.isin(np.abs(present), PIDS).all():
        return ["pid"]
    codes = np.abs(10 * values - np.round(10 * values)) < 1e-4
    if codes.all() and present.min() >= 0 and 0 < present.max() <= LARGEST_CODE + 1e-4:
        return ["pid"]
    if relative:
        return []
    is_energy = (present >= (pt * np.cosh(eta))[there] * (1 - EXCESS)).all()
    is_mass = present.min() >= 0 and present.max() <= HEAVIEST
    return ["E"] * bool(is_energy) + ["mass"] * bool(is_mass)


def _cartesian(values: Floats, names: tuple[str, ...]) -> Floats:
    """The columns in the order E, px, py, pz."""
    return values[..., [names.index(name) for name in ("E", "px", "py", "pz")]]


def _are_four_momenta(momenta: Floats) -> bool:
    energy, px, py, pz = np.moveaxis(momenta, -1, 0)
    pt = np.hypot(px, py)
    p = np.hypot(pt, pz)
    there = energy > 0
    if (p > energy * (1 + EXCESS)).any() or not there.any() or not (pt[there] > 0).all():
        return False
    # Constituents are light, and fly together.
    if np.median(np.maximum(energy**2 - p**2, 0)[there] / energy[there] ** 2) > 0.25:
        return False
    jets = there.any(axis=1)
    eta = np.arcsinh(np.divide(pz, pt, where=there, out=np.zeros_like(pt)))
    _, width = _axes(pt[jets], eta[jets], np.arctan2(py, px)[jets])
    return bool(np.median(width) < WIDEST and np.median(pt[jets].sum(axis=1)) > PLAUSIBLE_SUM[1])


class BareJets(StoredConstituents):
    """Jets whose constituents are given in the laboratory, in an array of any name."""

    format = "bare_jets"

    def __init__(self, path: Path, file: ArrayStore, found: Found, columns: Columns) -> None:
        super().__init__(path, file)
        self._source, self._names = found.name, columns
        self.n_events, self.slots = found.shape[:2]
        self.datasets = tuple(
            Dataset(f.name, f.shape, f.dtype, used=f.name == found.name) for f in file.found.values()
        )

    @property
    def where(self) -> str:
        """See `StoredConstituents.where`."""
        return f"{self.path.name}: dataset {self._source}"

    def four_momenta(self, rows: slice) -> Floats:
        """See `StoredConstituents.four_momenta`."""
        stored = self.contents.read(self._source, rows)
        refuse_bad_numbers(self.where, stored, rows.start)
        values = stored.astype(np.float64)
        names = self._names.names
        if "px" in names:
            return _cartesian(values, names)
        eta, phi, pt = (values[..., i] for i in self._names.order)
        fourth = values[..., 3] if len(names) == 4 else np.zeros_like(pt)
        self._check(pt, eta, phi, fourth, rows.start)
        if names[-1] == "mass":
            return momenta_of(pt, eta, phi, fourth)
        momenta = momenta_of(pt, eta, phi)
        if names[-1] == "E":
            momenta[..., 0] = fourth * (pt > 0)
        return momenta

    def _check(self, pt: Floats, eta: Floats, phi: Floats, fourth: Floats, start: int) -> None:
        """Refuse numbers beyond those that the first rows had.

        Raises
        ------
        FormatError: negative pT or mass, angles that are no radians, a mask that disagrees with pT.

        """
        there = pt > 0
        far = (np.abs(eta) > FARTHEST_ETA) | (np.abs(phi) > FARTHEST_PHI)
        problems: dict[str, NDArray[np.bool_]] = {
            "has a constituent with negative pT; give it pT 0": pt < 0,
            f"has a constituent with an eta beyond {FARTHEST_ETA:g} or a phi beyond 3 pi, expected radians": (
                far & there
            ),
        }
        if self._names.names[-1] == "mass":
            problems["has a constituent with negative mass; give it mass 0"] = (fourth < 0) & there
        if self._names.names[-1] == "mask":
            problems["has a constituent whose mask is 0, or padding whose mask is 1; make them agree"] = (
                fourth != there
            )
        refuse_jets(self.where, start, {problem: bad.any(axis=1) for problem, bad in problems.items()})
