"""Tables of numbers: columns of equal length, whatever the container. Text columns are left alone."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .base import Dataset, EventFile, as_float32, refuse_bad_numbers
from .choice import Choice, chosen
from .ranges import rows_at_a_time
from .roles import WORDS, Role, role_of

MAX_COLUMNS = 2000
FEWEST_ROWS, HEAD_ROWS = 100, 10_000
"""Rows by which the roles of columns are guessed, at least and at most."""

Columns = Mapping[str, NDArray[Any]]


class Table(EventFile):
    """What all tables share; `chunks` gives float32[n] columns, NaN where a number is missing or infinite.

    A container says which columns of numbers there are (`settle`) and gives them as they are stored
    (`stored`); what they are for, and which are left alone, is decided here.
    """

    format = "table"
    domain = "table"
    _guessed: frozenset[str] = frozenset()
    _whole = False

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """See `EventFile.shapes`; a column of shape (N, 1) is given as (N,)."""
        return {d.name: () for d in self.datasets if d.used}

    @abstractmethod
    def stored(self, names: Sequence[str], stop: int) -> Iterator[tuple[int, Columns]]:
        """(first row, name -> numbers[n] as they are stored) of some columns, through the first events.

        Missing numbers are NaN.

        Raises
        ------
        FormatError: what is no number, a damaged file.

        """

    def chunks(self, stop: int | None = None) -> Iterator[tuple[int, Columns]]:
        """See `EventFile.chunks`."""
        n = self.n_events if stop is None else min(stop, self.n_events)
        for start, columns in self.stored(self.columns, n):
            yield start, self.as_float32(columns)

    def settle(self, n_events: int, found: Sequence[Dataset], choice: Choice) -> None:
        """Set what was found, after checking that it is a table at all, and decide what each column is for.

        Parameters
        ----------
        found: columns of numbers, and (``used`` False) whatever is left alone.
        choice: what was asked for.

        Raises
        ------
        FormatError: no events, no columns of numbers, or too many; a name that is not there.

        """
        numbers = [d.name for d in found if d.used]
        if not numbers:
            text = ", ".join(d.name for d in found)
            raise FormatError(
                f"{self.path.name}: there is no column of numbers in it ({text or 'nothing at all'}); "
                "is it the right file?"
            )
        if n_events == 0:
            raise FormatError(f"{self.path.name}: there are no events in it, only column names")
        if len(numbers) > MAX_COLUMNS and not choice.columns:
            raise FormatError(
                f"{self.path.name}: there are {len(numbers)} columns in it, expected at most "
                f"{MAX_COLUMNS}; name the ones to look at with --columns"
            )
        self.n_events = n_events
        self.datasets = tuple(self._with_roles(found, numbers, choice))
        self._guessed = frozenset(d.name for d in self.datasets if d.why == WORDS.get(d.role)) - set(
            chosen(self.path, "--label", choice.label, (d.name for d in found))
        )
        if not self.columns:
            what = ", ".join(f"{d.name} ({d.why})" for d in self.datasets if d.name in numbers)
            raise FormatError(
                f"{self.path.name}: no column is left to compare: {what}; name the ones "
                "to take with --columns"
            )

    def like(self, first: Table) -> None:
        """Give the columns that the first file of the same sample gives, whatever they seem to be for."""
        aside = {d.name: d.why for d in first.datasets if d.name in first._guessed}
        numbers = {d.name for d in self.datasets if d.used} | self._guessed
        self.datasets = tuple(
            replace(d, used=d.name not in aside, why=aside.get(d.name, ""))
            if d.name in numbers and d.name in {*aside, *first.columns}
            else d
            for d in self.datasets
        )

    def take_all(self) -> None:
        """Give every column of numbers, whatever it seems to be for, and refuse what is undefined.

        Domains of other packages name the columns that they need.
        """
        self.datasets = tuple(
            replace(d, used=True, why="") if d.name in self._guessed else d for d in self.datasets
        )
        self._whole = True

    def _with_roles(
        self, found: Sequence[Dataset], numbers: Sequence[str], choice: Choice
    ) -> Iterator[Dataset]:
        taken = chosen(self.path, "--columns", choice.columns, numbers)
        dropped = chosen(self.path, "--drop", choice.drop, (d.name for d in found))
        labels = chosen(self.path, "--label", choice.label, (d.name for d in found))
        unsure = [n for n in numbers if n not in {*taken, *dropped, *labels}]
        head = self._head(unsure)
        for d in found:
            role: Role = "label" if d.name in labels else "feature"
            if d.name in head:
                role = role_of(d.name, head[d.name])
            why = d.why
            if d.name in labels:
                why = WORDS["label"]
            elif d.name in dropped:
                why = "dropped"
            elif d.used and taken and d.name not in taken:
                why = "not among --columns"
            elif d.used and d.name not in taken:
                why = WORDS.get(role, "")
            yield replace(d, role=role, used=d.used and not why, why=why)

    def _head(self, names: Sequence[str]) -> Columns:
        """The first rows of some columns, as many as are read at a time."""
        rows = int(np.clip(rows_at_a_time(8 * max(1, len(names))), FEWEST_ROWS, HEAD_ROWS))
        parts: list[Columns] = [part for _, part in self.stored(names, min(self.n_events, rows))]
        return {name: np.concatenate([part[name] for part in parts]) for name in names} if names else {}

    def as_float32(self, columns: Columns) -> dict[str, NDArray[np.float32]]:
        """Columns as float32[n]; what is infinite is undefined, like what is NaN."""
        for name, values in columns.items() if self._whole else ():
            refuse_bad_numbers(f"{self.path.name}: column {name}", values, 0)
        return {name: self._as_float32(name, values) for name, values in columns.items()}

    def _as_float32(self, name: str, values: NDArray[Any]) -> NDArray[np.float32]:
        if values.dtype.kind == "f":
            low, high = (values.min(), values.max()) if values.size else (0, 0)
            if not (np.isfinite(low) and np.isfinite(high)):
                values = np.where(np.isfinite(values), values, np.nan)
        return as_float32(f"{self.path.name}: column {name}", values)
