"""Tables as text, packed or not: cells between commas, semicolons, tabs, bars or blanks, with names above."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError, said_by

from .base import Dataset
from .choice import Choice
from .contents import Contents, Rows, no_column
from .ranges import CHUNK_BYTES
from .store import TEXT
from .table import Columns, Table
from .text_dialect import ROW_NUMBERS, Dialect, dialect_of, split_lines
from .text_numbers import MISSING_WORDS, numbers_of
from .text_packed import opened

if TYPE_CHECKING:
    import pandas as pd

COLUMN_ROWS = 1 << 18
"""Rows of a single column that are read at a time."""


class CSV(Table, Contents):
    """A table as text. Columns without a single number are left alone; one bad cell among numbers is refused.

    Raises
    ------
    FormatError: no names, names that occur twice, no rows, lines of unequal length.

    """

    container = "CSV"

    def __init__(self, path: Path, choice: Choice | None = None) -> None:
        choice = choice or Choice()
        self.path, self.contents = path, self
        self.title = "table in CSV"
        self._dialect = dialect_of(path, choice.names)
        self._chunk_rows = max(1, CHUNK_BYTES // (8 * len(self._dialect.names)))
        self._first = self._first_rows()
        n_events, empty = self._counted()
        found = [self._described(name, n_events, name in empty) for name in self._dialect.names]
        self._numbers = tuple(d.name for d in found if d.dtype != TEXT)
        self.settle(
            n_events, [replace(d, unit=u) for d, u in zip(found, self._dialect.units, strict=True)], choice
        )
        self._first = self._first.iloc[:0]

    def stored(self, names: Sequence[str], stop: int) -> Iterator[tuple[int, Columns]]:
        """See `Table.stored`."""
        if not names:
            return
        # All columns are asked for: of a choice of them, pandas does not say that a line is too long.
        rows = min(self._chunk_rows, max(stop, 1))
        frames = parsed(self.path, self._dialect, rows, self._dialect.names, stop)
        start = 0
        # Roles are guessed by rows that are there already.
        for frame in [self._first[:stop]] if len(self._first) else frames:
            yield start, {name: self._numbers_in(frame[name], start) for name in names}
            start += len(frame)

    def column(self, name: str, stop: int) -> NDArray[Any]:
        """See `Contents.column`."""
        if name not in self._numbers:
            raise no_column(self.path, name, self._numbers)
        frames = parsed(self.path, self._dialect, COLUMN_ROWS, [name], stop)
        return np.concatenate([self._numbers_in(frame[name], frame.index[0]) for frame in frames])

    def copy_rows(self, target: Path, rows: Rows, n_events: int, about: str) -> None:
        """See `Contents.copy_rows`: lines as they are, whatever packed them; ``about`` is left out."""
        with opened(self.path) as stream:
            lines = split_lines(stream.read().decode("utf-8-sig"))
        above = self._dialect.lines_before
        events = [line for line in lines[above:] if line.strip()]
        if len(events) != n_events:
            raise FormatError(
                f"{self.path.name}: there are {len(events)} lines for {n_events} events; save it with one "
                "line for each"
            )
        chosen = [*lines[:above], *(events[i] for i in rows)]
        target.write_text("".join(line.rstrip("\r\n") + "\n" for line in chosen), encoding="utf-8")

    def close(self) -> None:
        """See `EventFile.close`; nothing stays open between the passes."""

    def _first_rows(self) -> pd.DataFrame:
        """What `settle` looks at without reading the file again; nothing is kept of it."""
        import pandas as pd

        names = self._dialect.names
        return next(parsed(self.path, self._dialect, self._chunk_rows, names), pd.DataFrame(columns=names))

    def _counted(self) -> tuple[int, set[str]]:
        """(events, columns without a single value)."""
        n, names, first = len(self._first), self._dialect.names, self._first
        empty = set(first.columns[first.isna().all()]) if n else set()
        if n < self._chunk_rows:
            return n, empty
        n = 0
        for rows in parsed(self.path, self._dialect, self._chunk_rows, [names[0], *(empty - {names[0]})]):
            n += len(rows)
            empty &= set(rows.columns[rows.isna().all()])
        return n, empty

    def _described(self, name: str, n_events: int, is_empty: bool) -> Dataset:
        column = self._first[name]
        numbers = numbers_of(self.path, column, self._dialect.decimal)
        if numbers is None or is_empty:
            return Dataset(name, (n_events,), TEXT, used=False, why="empty" if is_empty else TEXT)
        why = "row numbers" if name == ROW_NUMBERS else "of the export" if name in self._dialect.ours else ""
        dtype = column.dtype if column.dtype.kind == "b" else numbers.dtype
        return Dataset(name, (n_events,), str(dtype), used=not why, why=why)

    def _numbers_in(self, column: pd.Series[Any], start: int) -> NDArray[Any]:
        numbers = numbers_of(self.path, column, self._dialect.decimal)
        if numbers is None:
            raise FormatError(
                f"{self.path.name}: column {column.name} turns from numbers to text at event {start}; "
                "correct that part of the file"
            )
        return numbers


def parsed(
    path: Path, dialect: Dialect, rows: int, names: Sequence[str], stop: int | None = None
) -> Iterator[pd.DataFrame]:
    """Parts of some columns of a table, of so many rows each, whose index is the event number.

    Raises
    ------
    FormatError: lines of unequal length, what is no text, a damaged file.

    """
    import pandas as pd

    try:
        with (
            opened(path, dialect.bytes_before) as stream,
            pd.read_csv(
                stream,
                sep=r"\s+" if dialect.separator is None else dialect.separator,
                decimal=dialect.decimal,
                header=None,
                names=list(dialect.names),
                usecols=None if len(names) == len(dialect.names) else sorted(map(dialect.names.index, names)),
                na_values=list(MISSING_WORDS),
                skipinitialspace=True,
                chunksize=rows,
                nrows=stop,
                low_memory=False,
            ) as reader,
        ):
            yield from reader
    except (ValueError, LookupError, ArithmeticError, OSError, MemoryError) as error:
        raise FormatError(f"{path.name}: {_explained(error, dialect.lines_before)}") from error


def ragged(path: Path, names: Collection[str]) -> Mapping[str, NDArray[Any]]:
    """All columns of a text by name, whatever their lengths: the shorter ones end in empty cells.

    Raises
    ------
    FormatError: it is no such table.

    """
    import pandas as pd

    dialect = dialect_of(path)
    frames = list(parsed(path, dialect, COLUMN_ROWS, dialect.names))
    columns = {}
    for name in dialect.names:
        column = np.concatenate([frame[name].to_numpy() for frame in frames] or [np.empty(0)])
        filled = np.flatnonzero(pd.notna(column))
        columns[name] = column[: filled[-1] + 1 if filled.size else 0]
    return columns


def _explained(error: Exception, lines_before: int) -> str:
    """What a parser's message means."""
    detail = said_by(error)
    if match := re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", detail):
        expected, line, saw = match.groups()
        where = int(line) + lines_before
        return f"line {where} has {saw} values, expected {expected}; correct or remove that line"
    if isinstance(error, UnicodeDecodeError):
        return f"it is not text in UTF-8 ({error.reason}); save it as UTF-8"
    return f"reading it as a table failed ({detail}); is it CSV?"
