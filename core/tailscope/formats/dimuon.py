"""Dimuon events as tables: CMS open data's CSV files and whatever has their columns.

Of each muon ``E px py pz`` and ``pt eta phi Q``, or only the latter, in some ``dxy`` and ``iso``; ``M`` of
the pair. Which of them there are differs from file to file; what is missing, the domain leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .base import Dataset, EventFile, refuse_bad_numbers
from .table import Table

COLUMNS = ("E", "px", "py", "pz", "pt", "eta", "phi", "Q", "dxy", "iso")
ANGLES, CARTESIAN = ("pt", "eta", "phi"), ("px", "py", "pz")
"""Either tells the momentum of a muon, whose mass is known."""
UNITS = {"E": "GeV", "px": "GeV", "py": "GeV", "pz": "GeV", "pt": "GeV", "dxy": "cm", "M": "GeV"}
_SAME = {"e": "E", "energy": "E", "q": "Q", "charge": "Q", "mass": "M", "m": "M"}
_NAME = re.compile(r"([a-z]+)_?([1-9])")

LARGEST_PT = 2000.0
"""No dimuon sample has a median pT beyond this many GeV: those are MeV."""
POSSIBLE = {
    "pt": (0.0, np.inf, "a positive pT in GeV; remove such events"),
    "E": (0.0, np.inf, "a positive energy in GeV; remove such events"),
    "Q": (-2.0, 2.0, "a charge of +1 or -1"),
    "phi": (-6.5, 6.5, "an angle in radians; is it in degrees?"),
    "eta": (-20.0, 20.0, "a pseudorapidity; is it an angle in degrees?"),
}
"""What a muon's numbers are between, and what to say where they are not."""
TOLERANCE = 0.02
"""By how much the medians of pt and sqrt(px^2 + py^2) may differ, as a fraction."""


def canonical(name: str) -> str | None:
    """CMS's name of a column ("pt1", "M"), whatever its case and underscores; None for any other column."""
    if name.strip().lower() in {"m", "mass"}:
        return "M"
    kind, number = _of_lepton(name) or ("", 0)
    return f"{kind}{number}" if number in {1, 2} else None


def _of_lepton(name: str) -> tuple[str, int] | None:
    """(CMS's name of a quantity, number of the lepton) of a column: "pt", 3; None for any other column."""
    match = _NAME.fullmatch(name.strip().lower())
    kind = _SAME.get(match[1], match[1]) if match else ""
    return (kind, int(match[2])) if match and kind in COLUMNS else None


def is_dimuon(names: set[str]) -> bool:
    """Whether these CMS names tell two muons' pT and anything else about them."""
    pt = all(f"pt{i}" in names or {f"px{i}", f"py{i}"} <= names for i in (1, 2))
    return pt and bool({"M", "eta1", "phi1", "pz1", "E1"} & names) and len(names) > 3


def recognised(table: Table, domain: str | None) -> EventFile:
    """Give the table back, as dimuon events if it has their columns and ``domain`` does not forbid it.

    A table of three or four leptons is none unless ``domain`` says so, which then takes the first two.

    Raises
    ------
    FormatError: ``domain`` says dimuon, and the columns do not.

    """
    names = {c for name in table.columns if (c := canonical(name)) is not None}
    if domain == Dimuon.domain and not is_dimuon(names):
        raise FormatError(
            f"{table.path.name}: there are the columns {', '.join(table.columns[:12])}, expected those of "
            "two muons: pt1, eta1, phi1, pt2, eta2, phi2 or E1, px1, py1, pz1, E2, px2, py2, pz2"
        )
    more = any((lepton := _of_lepton(name)) and lepton[1] > 2 for name in table.columns)
    is_asked = domain == Dimuon.domain or (domain is None and not more)
    return Dimuon(table) if is_asked and is_dimuon(names) else table


class Dimuon(EventFile):
    """A table of dimuon events; `chunks` gives float32[n] columns by CMS's names.

    Columns that say the same twice (E, px, py, pz beside pt, eta, phi) are compared, and may be undefined; M
    is left alone where both momenta are there.

    Raises
    ------
    FormatError: two columns that mean the same.

    """

    format = "dimuon"
    domain = "dimuon"

    def __init__(self, table: Table) -> None:
        self.path, self.n_events, self.contents = table.path, table.n_events, table.contents
        self.title = table.title.replace("table", "dimuon table", 1)
        self._table = table
        self._names: dict[str, str] = {}
        for name in table.columns:
            known = canonical(name)
            if known in self._names:
                raise FormatError(
                    f"{self.path.name}: columns {self._names[known]} and {name} both mean {known}; drop one"
                )
            if known is not None:
                self._names[known] = name
        momenta = all(_has(self._names, i, ANGLES) or _has(self._names, i, CARTESIAN) for i in "12")
        mass = self._names.pop("M") if momenta and "M" in self._names else None
        table.leave_out([name for name in table.columns if canonical(name) is None], "not of the muons")
        table.leave_out([mass] if mass else [], "follows from the momenta")
        by_name = {name: known for known, name in self._names.items()}
        self.datasets = tuple(
            replace(d, unit=unit_of(by_name[d.name])) if d.name in by_name else d for d in table.datasets
        )

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """See `EventFile.shapes`."""
        return dict.fromkeys(self._names, ())

    def chunks(self, stop: int | None = None) -> Iterator[tuple[int, Mapping[str, NDArray[Any]]]]:
        """See `EventFile.chunks`."""
        for at, arrays in self._table.chunks(self._rows_of(stop)):
            columns, start = {known: arrays[name] for known, name in self._names.items()}, at
            if self.rows is not None:
                length = len(next(iter(columns.values())))
                start, last = (int(i) for i in np.searchsorted(self.rows, [at, at + length]))
                columns = {name: values[self.rows[start:last] - at] for name, values in columns.items()}
                if start == last:
                    continue
            for known in _needed(columns):
                refuse_bad_numbers(f"{self.path.name}: column {self._names[known]}", columns[known], start)
            check_muons(self.path.name, columns, start)
            yield start, columns

    def named(self, name: str, stop: int) -> NDArray[Any]:
        """See `EventFile.named`."""
        values = super().named(name, self._rows_of(stop))
        return values if self.rows is None else values[self.rows[:stop]]

    def drop_undefined(self) -> None:
        """Leave out the events of which a number that is needed is undefined.

        Raises
        ------
        FormatError: no event is left.

        """
        kept = []
        for start, arrays in self._table.chunks():
            needed = [arrays[self._names[known]] for known in _needed(self._names)]
            kept.append(start + np.flatnonzero(np.isfinite(needed).all(axis=0)))
        rows = np.concatenate(kept)
        if not rows.size:
            raise FormatError(f"{self.path.name}: no event has all of its numbers; write the file again")
        if rows.size < self.n_events:
            self.rows, self.n_events = rows, int(rows.size)

    def _rows_of(self, stop: int | None) -> int:
        """How many rows of the table hold the first events."""
        n = self.n_events if stop is None else min(stop, self.n_events)
        return n if self.rows is None or not n else int(self.rows[n - 1]) + 1

    def close(self) -> None:
        """See `EventFile.close`."""
        self._table.close()


def _has(names: Iterable[str], i: str, kinds: Iterable[str]) -> bool:
    """Whether these columns of a muon ("1" or "2") are all there."""
    return {kind + i for kind in kinds} <= set(names)


def _needed(names: Collection[str]) -> list[str]:
    """Columns that say what no other does: pt, eta, phi win over px, py, pz; E follows from a muon's mass."""
    angles = {i for i in "12" if _has(names, i, ANGLES)}
    return [n for n in names if n[:-1] != "E" and not (n[:-1] in CARTESIAN and n[-1] in angles)]


def unit_of(name: str) -> str:
    """Unit of a column by CMS's name: "GeV" of pt1."""
    return UNITS.get(name.rstrip("12"), "")


def described(names: Mapping[str, str], n_events: int, dtype: str) -> tuple[Dataset, ...]:
    """Datasets of ``names`` (CMS's -> the file's), all of them used."""
    return tuple(Dataset(name, (n_events,), dtype, unit_of(known)) for known, name in names.items())


def check_muons(where: str, columns: Mapping[str, NDArray[Any]], start: int) -> None:
    """Refuse muons that cannot be; what is undefined is passed over.

    Raises
    ------
    FormatError: pT that is not positive, charges other than +-1, angles in degrees, MeV, px and pt of
        different units.

    """
    for i in ("1", "2"):
        for kind, (low, high, expected) in POSSIBLE.items():
            name = kind + i
            if name not in columns:
                continue
            values = columns[name]
            wrong = (values <= low) | (values >= high)
            if kind == "Q":
                wrong |= values == 0
            if wrong.any():
                event = int(wrong.argmax())
                raise FormatError(
                    f"{where}: column {name}: event {start + event} has {columns[name][event]:g} "
                    f"({int(wrong.sum())} such in events {start} to {start + len(wrong) - 1}), expected "
                    f"{expected}"
                )
        has_xy = f"px{i}" in columns and f"py{i}" in columns
        transverse = np.hypot(columns[f"px{i}"], columns[f"py{i}"]) if has_xy else columns[f"pt{i}"]
        if not transverse.all():
            raise FormatError(
                f"{where}: column px{i}: event {start + int(transverse.argmin())} has px = py = 0, expected "
                "a muon with a direction; remove such events"
            )
        if start == 0:
            _check_units(where, i, transverse, columns.get(f"pt{i}", transverse))


def _check_units(where: str, i: str, transverse: NDArray[Any], pt: NDArray[Any]) -> None:
    """Refuse MeV, and a mixture of units; nothing is scaled silently."""
    defined = np.isfinite(transverse) & np.isfinite(pt)
    if not defined.any():
        return
    said, found = float(np.median(pt[defined])), float(np.median(transverse[defined]))
    if abs(said / found - 1) > TOLERANCE:
        raise FormatError(
            f"{where}: column pt{i} has a median of {said:.4g} but px{i} and py{i} give {found:.4g}; "
            "write all of them in GeV"
        )
    if said > LARGEST_PT:
        raise FormatError(
            f"{where}: column pt{i} has a median of {said:.4g}, expected GeV; it looks like MeV: divide by "
            "1000"
        )
