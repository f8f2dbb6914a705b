"""Tables as text: comma, semicolon, tab or blank separated, with a line of column names."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError, said_by

from .base import Dataset
from .contents import Contents, Rows, no_column
from .ranges import CHUNK_BYTES
from .table import Table

if TYPE_CHECKING:
    import pandas as pd

MAX_HEADER_BYTES = 1 << 20


class CSV(Table, Contents):
    """A CSV file. Columns without a single number are left alone; one bad cell among numbers is refused.

    Raises
    ------
    FormatError: no names in the first line, names that occur twice, no rows, lines of unequal length.

    """

    container = "CSV"

    def __init__(self, path: Path) -> None:
        import pandas as pd

        self.path, self.contents = path, self
        self.title = "table in CSV"
        self._separator, names, self._lines_before = _header(path)
        # DataFrame.to_csv writes its row numbers as a first column without a name.
        self._names = ["(row)", *names[1:]] if names[0] == "" else names
        _check_names(path, self._names)
        self._chunk_rows = max(1, CHUNK_BYTES // (8 * len(names)))
        first = next(self._parsed(self._chunk_rows), pd.DataFrame(columns=self._names))
        self._used = used = [n for n in self._names if n != "(row)" and _numbers(path, first[n]) is not None]
        # pandas splits whole lines even where one column is wanted, so that these count too.
        n_events = sum(len(rows) for rows in self._parsed(self._chunk_rows, [0]))
        self._settle(
            n_events,
            [
                Dataset(n, (n_events,), str(first[n].dtype) if n in used else "text", used=n in used)
                for n in self._names
            ],
        )

    def chunks(self, stop: int | None = None) -> Iterator[tuple[int, Mapping[str, NDArray[Any]]]]:
        """See `EventFile.chunks`."""
        start, n = 0, self.n_events if stop is None else min(stop, self.n_events)
        for frame in self._parsed(self._chunk_rows):
            rows = frame.iloc[: n - start]
            yield start, {name: self._column(rows[name], start) for name in self.columns}
            start += len(rows)
            if start >= n:
                return

    def column(self, name: str, stop: int) -> NDArray[Any]:
        """See `Contents.column`."""
        import pandas as pd

        if name not in self._used:
            raise no_column(self.path, name, self._used)
        frames = [frame[name] for frame in self._parsed(1 << 18, [self._names.index(name)])]
        numbers = _numbers(self.path, pd.concat(frames))
        return np.zeros(0) if numbers is None else numbers[:stop]

    def copy_rows(self, target: Path, rows: Rows, n_events: int, about: str) -> None:
        """See `Contents.copy_rows`: lines as they are; ``about`` is left out."""
        lines = self.path.read_text(encoding="utf-8-sig").splitlines()
        events = [line for line in lines[self._lines_before :] if line.strip()]
        if len(events) != n_events:
            raise FormatError(
                f"{self.path.name}: there are {len(events)} lines for {n_events} events; save it with one "
                "line for each"
            )
        chosen = [*lines[: self._lines_before], *(events[i] for i in rows)]
        target.write_text("\n".join(chosen) + "\n", encoding="utf-8")

    def close(self) -> None:
        """See `EventFile.close`; nothing stays open between the passes."""

    def _column(self, column: pd.Series[Any], start: int) -> NDArray[np.float32]:
        numbers = _numbers(self.path, column)
        if numbers is None:
            raise FormatError(
                f"{self.path.name}: column {column.name} turns from numbers to text at event {start}; "
                "correct that part of the file"
            )
        return self._checked(str(column.name), numbers, start)

    def _parsed(self, rows: int, columns: list[int] | None = None) -> Iterator[pd.DataFrame]:
        """Parts of the table of so many rows, whose index is the event number."""
        import pandas as pd

        try:
            with pd.read_csv(
                self.path,
                sep=self._separator,
                header=None,
                names=self._names,
                usecols=columns,
                skiprows=self._lines_before,
                skipinitialspace=True,
                chunksize=rows,
                low_memory=False,
            ) as reader:
                yield from reader
        except (ValueError, LookupError, ArithmeticError, OSError, MemoryError) as error:
            raise FormatError(f"{self.path.name}: {_explained(error)}") from error


def ragged(path: Path, names: Collection[str]) -> Mapping[str, NDArray[Any]]:
    """All columns of a CSV file by name, whatever their lengths: the shorter ones end in empty cells.

    Raises
    ------
    FormatError: it is no such table.

    """
    import pandas as pd

    try:
        table = pd.read_csv(path, comment="#", skipinitialspace=True)
    except (ValueError, OSError) as error:
        raise FormatError(f"{path.name}: it is not a CSV table with a line of names ({error})") from error
    columns = {}
    for name in table.columns:
        column = table[name].to_numpy()
        filled = np.flatnonzero(pd.notna(column))
        columns[str(name).strip()] = column[: filled[-1] + 1 if filled.size else 0]
    return columns


def _header(path: Path) -> tuple[str, list[str], int]:
    """(separator, column names, lines up to and including them) from the first line that is not blank.

    A leading ``#``, which numpy.savetxt writes, is not part of a name.
    """
    try:
        with path.open("rb") as file:
            head = file.read(MAX_HEADER_BYTES)
        lines = head.decode("utf-8-sig", "strict" if len(head) < MAX_HEADER_BYTES else "ignore").splitlines()
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{path.name}: it is not text in UTF-8 ({error.reason}); save it as UTF-8"
        ) from error
    except OSError as error:
        raise FormatError(f"{path.name}: reading it failed ({error.strerror})") from error
    if len(head) == MAX_HEADER_BYTES and len(lines) < 2:
        raise FormatError(f"{path.name}: there is no end of line in its first megabyte; is it a table?")
    number = next((i for i, line in enumerate(lines) if line.strip()), None)
    if number is None:
        raise FormatError(
            f"{path.name}: the file is blank, expected a line of column names and numbers below"
        )
    line = (
        lines[number].strip().lstrip("#").strip() if lines[number].lstrip().startswith("#") else lines[number]
    )
    separator = max(",;\t", key=line.count)
    blanks = line.count(separator) == 0
    names = _split(line, None if blanks else separator)
    # Later lines that are too long are refused by pandas, but a first one is cut without a word.
    below = next((line for line in lines[number + 1 :] if line.strip()), "")
    if (found := len(_split(below, None if blanks else separator))) > len(names):
        raise FormatError(
            f"{path.name}: the first line names {len(names)} columns but {found} values stand below; "
            "name every column"
        )
    return r"\s+" if blanks else separator, names, number + 1


def _split(line: str, separator: str | None) -> list[str]:
    """Cells of a line; None separates at blanks."""
    if separator is None:
        return line.split()
    return [cell.strip() for cell in next(csv.reader([line], delimiter=separator), [])]


def _check_names(path: Path, names: list[str]) -> None:
    """Refuse names that cannot tell columns apart.

    Raises
    ------
    FormatError: numbers where names should be, a name that is missing or occurs twice.

    """
    if all(_is_float(name) for name in names):
        raise FormatError(
            f"{path.name}: the first line holds numbers ({', '.join(names[:3])}), expected column names; "
            "add a line of names"
        )
    for i, name in enumerate(names):
        if not name:
            raise FormatError(
                f"{path.name}: column {i + 1} of {len(names)} has no name; name it in the first line"
            )
        if name in names[:i]:
            raise FormatError(f"{path.name}: column name {name} occurs twice; rename one of the two")


def _is_float(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _numbers(path: Path, column: pd.Series[Any]) -> NDArray[Any] | None:
    """Give a column's numbers, or None if it holds not a single one.

    Raises
    ------
    FormatError: some cells are numbers and some are text.

    """
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy()
    parsed = pd.to_numeric(column, errors="coerce")
    bad = parsed.isna() & column.notna()
    if not bad.any():
        return parsed.to_numpy(dtype=np.float64)
    if parsed.isna().all():
        return None
    first = int(np.flatnonzero(bad)[0])
    raise FormatError(
        f"{path.name}: column {column.name} has {str(column.iloc[first])[:40]!r} at event "
        f"{column.index[first]}, expected a number; correct or remove that line"
    )


def _explained(error: Exception) -> str:
    """What a parser's message means."""
    detail = said_by(error)
    if match := re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", detail):
        expected, line, saw = match.groups()
        return f"line {line} has {saw} values, expected {expected}; correct or remove that line"
    if isinstance(error, UnicodeDecodeError):
        return f"it is not text in UTF-8 ({error.reason}); save it as UTF-8"
    return f"reading it as a table failed ({detail}); is it CSV?"
