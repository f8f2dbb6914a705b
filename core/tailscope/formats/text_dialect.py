"""How a text holds its table: what separates cells, the decimal point, where numbers begin, names, units."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase

from tailscope.errors import FormatError

from . import text_packed
from .text_names import (
    COMMENT,
    export_in,
    names_in_comment,
    split_line,
    units_in_comment,
    units_in_line,
)
from .text_numbers import decimal_of, holds_numbers, is_missing, kind_of
from .units import split_units

MAX_HEADER_BYTES = 1 << 20
SAMPLE_LINES = 200
SAMPLE_CELLS = 20_000
"""Lines of numbers by which the decimal point is told, and about how many cells of them at most."""
MAX_EXAMPLE = 12
"""Names that a sentence makes up one by one."""
SEPARATORS = ("\t", ";", "|", ",", None)
"""What may separate cells, None for blanks; the first that fits best is taken, as commas may be decimals."""
ROW_NUMBERS = "(row)"
"""The column without a name that DataFrame.to_csv writes first."""

_TWO_DOTS = re.compile(r"\.\d+\.")


@dataclass(frozen=True)
class Dialect:
    """How a text holds its table.

    Attributes
    ----------
    separator: of cells; None for blanks.
    decimal: "." or ",".
    names, units: of all columns, in the order of the file.
    ours: names of columns that an export of tailscope has beside observables.
    lines_before, bytes_before: of all that stands above the numbers.

    """

    separator: str | None
    decimal: str
    names: tuple[str, ...]
    units: tuple[str, ...]
    ours: frozenset[str]
    lines_before: int
    bytes_before: int


def dialect_of(path: Path, given: Sequence[str] = ()) -> Dialect:
    """Tell from the first megabyte how a text holds its table; ``given`` are the names that are asked for.

    Raises
    ------
    FormatError: no text, no line of names and none given, names that cannot tell columns apart, decimals that
        cannot be told from thousands.

    """
    lines, mark = _lines_of(path)
    at = _next(lines, 0)
    if at == len(lines):
        raise FormatError(
            f"{path.name}: the file is blank, expected a line of column names and numbers below"
        )
    start = _next(lines, at + 1)
    separator = _separator([lines[at], *lines[start : start + 1]])
    first, comments = split_line(lines[at], separator), _comments(lines[:at])
    names = next((n for c in reversed(comments) if (n := names_in_comment(c, len(first), separator))), [])
    units: list[str] = []
    if holds_numbers(first) or (names and any(map(kind_of, first))):
        start = at
        if not names and not given:
            raise FormatError(f"{path.name}: {_without_names(first, comments)}")
    else:
        names = [cell.rstrip(",;") for cell in first] if separator is None else first
        cells = split_line(lines[start], separator) if start < len(lines) else []
        below = _next(lines, start + 1)
        units = units_in_line(cells, split_line(lines[below], separator)) if below < len(lines) else []
        if units:
            start = below
        # Later lines that are too long are refused by pandas, but a first one is cut without a word.
        elif len(cells) > len(names):
            raise FormatError(
                f"{path.name}: the first line names {len(names)} columns but {len(cells)} values stand "
                "below; name every column"
            )
    comments = _comments(lines[:start])
    if not units:
        units = next((u for c in reversed(comments) if (u := units_in_comment(c, len(first), separator))), [])
    names = _named(path, names, len(first), given)
    ours: frozenset[str] = frozenset()
    if export := export_in(comments, names):
        names, units, ours = export
    names, said = split_units(names)
    _refuse_names(path, names)
    return Dialect(
        separator,
        _decimal(path, names, lines[start:], separator),
        tuple(names),
        tuple(unit or other for unit, other in zip(said, units or said, strict=False)),
        ours,
        start,
        mark + len("".join(lines[:start]).encode()),
    )


def _lines_of(path: Path) -> tuple[list[str], int]:
    """(the lines of the first megabyte, with their ends; bytes of the mark before them)."""
    try:
        with text_packed.opened(path) as stream:
            head = stream.read(MAX_HEADER_BYTES)
        text = head.decode("utf-8-sig", "strict" if len(head) < MAX_HEADER_BYTES else "ignore")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{path.name}: it is not text in UTF-8 ({error.reason}); save it as UTF-8"
        ) from error
    except OSError as error:
        raise FormatError(f"{path.name}: reading it failed ({error.strerror})") from error
    lines = split_lines(text)
    if len(head) == MAX_HEADER_BYTES and len(lines) < 2:
        raise FormatError(f"{path.name}: there is no end of line in its first megabyte; is it a table?")
    return lines, len(BOM_UTF8) if head.startswith(BOM_UTF8) else 0


def split_lines(text: str) -> list[str]:
    """Lines with their ends, as the reader of numbers tells them, which knows no other ends than these."""
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)


def _next(lines: Sequence[str], at: int) -> int:
    """Where the first line from there on is that is neither blank nor a comment."""
    return next(
        (i for i in range(at, len(lines)) if lines[i].strip() and not COMMENT.match(lines[i])), len(lines)
    )


def _comments(lines: Sequence[str]) -> list[str]:
    return [COMMENT.sub("", line, count=1).strip() for line in lines if COMMENT.match(line)]


def _separator(lines: Sequence[str]) -> str | None:
    """What cuts these lines into equally many cells, most of the last line into numbers."""
    cells = {by: [split_line(line, by) for line in lines] for by in SEPARATORS}
    fits = [by for by, rows in cells.items() if len(rows[0]) > 1 and len({len(row) for row in rows}) == 1]
    if fits:
        return max(fits, key=lambda by: _share_of_numbers(cells[by][-1]))
    most = max(SEPARATORS[:-1], key=lines[0].count)
    if most in lines[0]:
        return most
    # A single column whose name has blanks: nothing is separated, by tabs as little as by anything.
    return "\t" if len(cells[None][-1]) == 1 < len(cells[None][0]) else None


def _share_of_numbers(cells: Sequence[str]) -> float:
    return sum(bool(kind_of(cell)) or is_missing(cell) for cell in cells) / len(cells)


def _named(path: Path, names: list[str], n: int, given: Sequence[str]) -> list[str]:
    """Names of ``n`` columns: those of the file, or those that are given for it."""
    rows = [ROW_NUMBERS] if names[:1] == [""] else []
    if not given:
        return rows + names[len(rows) :]
    if len(given) not in {n, n - len(rows)}:
        raise FormatError(
            f"{path.name}: --names gives {len(given)} names, but there are {n - len(rows)} columns; give as "
            "many"
        )
    return (rows if len(given) < n else []) + list(given)


def _refuse_names(path: Path, names: Sequence[str]) -> None:
    """Refuse names that cannot tell columns apart.

    Raises
    ------
    FormatError: a name that is missing or occurs twice.

    """
    for i, name in enumerate(names):
        if not name:
            raise FormatError(
                f"{path.name}: column {i + 1} of {len(names)} has no name; name it in the first line"
            )
        if name in names[:i]:
            raise FormatError(f"{path.name}: column name {name} occurs twice; rename one of the two")


def _without_names(first: Sequence[str], comments: Sequence[str]) -> str:
    """What is missing, and how to say it."""
    n = len(first)
    example = ",".join(ascii_lowercase[:n]) if n <= MAX_EXAMPLE else f"c1,c2,...,c{n} ({n} names)"
    prose = f", and the comment {comments[-1][:60]!r} above is no list of them" if comments else ""
    return (
        f"the first line holds numbers ({', '.join(first[:3])}), expected column names{prose}; name the "
        f"{n} columns with --names {example}, or in a line above the numbers (names are the first line)"
    )


def _decimal(path: Path, names: Sequence[str], lines: Sequence[str], separator: str | None) -> str:
    """The decimal point, from the first lines of numbers."""
    some = lines[: max(2, min(SAMPLE_LINES, SAMPLE_CELLS // len(names)))]
    # Cells between commas have none of their own but in quotes.
    comma = '"' if separator == "," else ","
    if not any(comma in line or _TWO_DOTS.search(line) for line in some):
        return "."
    rows = [split_line(line, separator) for line in some if line.strip()]
    return decimal_of(path, {name: [row[i] for row in rows if i < len(row)] for i, name in enumerate(names)})
