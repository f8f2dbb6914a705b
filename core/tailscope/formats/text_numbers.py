"""Cells of a table as numbers: what is one, what is missing, and columns of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

if TYPE_CHECKING:
    import pandas as pd

MISSING_WORDS = ("-",)
"""What says that a number is missing, beside pandas's own words (NaN, NA, N/A, null, None, ...)."""

_MISSING = frozenset({"", "nan", "na", "n/a", "null", "none", "-", "<na>", "#n/a"})
_EXPONENT = r"(?:[eE][+-]?\d+)?"
_KINDS = {
    "whole": re.compile(rf"[+-]?(?:\d+{_EXPONENT}|inf(?:inity)?)", re.I | re.A),
    "dot": re.compile(rf"[+-]?(?:\d+\.\d*|\.\d+){_EXPONENT}", re.A),
    "comma": re.compile(rf"[+-]?\d*,\d+{_EXPONENT}", re.A),
    "grouped": re.compile(
        r"[+-]?\d{1,3}(?:(?:,\d{3}){2,}|(?:,\d{3})+\.\d+|(?:\.\d{3}){2,}|(?:\.\d{3})+,\d+|(?:\.\d{3}){2,},\d+)",
        re.A,
    ),
}
_LIKE_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.A)


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no number."""
    return cell.strip().lower() in _MISSING


def kind_of(cell: str) -> str:
    """How a number is written: "whole", with a "dot" or "comma", "grouped" by thousands; "" for text."""
    return next((kind for kind, form in _KINDS.items() if form.fullmatch(cell.strip())), "")


def decimal_of(path: Path, columns: Mapping[str, Sequence[str]]) -> str:
    """The decimal point of a table, "." or ",", from the first cells of its columns.

    Columns with text among their cells are passed over.

    Raises
    ------
    FormatError: both are used, or thousands are separated, so that numbers cannot be told for sure.

    """
    found: dict[str, tuple[str, str]] = {}
    commas: list[str] = []
    for name, cells in columns.items():
        kinds = {cell: kind_of(cell) for cell in cells if not is_missing(cell)}
        if "" in kinds.values():
            continue
        for cell, kind in kinds.items():
            found.setdefault(kind, (name, cell))
        commas += [cell for cell, kind in kinds.items() if kind == "comma"]
    remedy = "write all numbers like 1234.5, with nothing between thousands"
    if "grouped" in found:
        name, cell = found["grouped"]
        raise FormatError(f"{path.name}: column {name} has {cell!r}, with separators of thousands; {remedy}")
    if "comma" not in found:
        return "."
    name, cell = found["comma"]
    if "dot" in found:
        other, dotted = found["dot"]
        raise FormatError(
            f"{path.name}: column {name} has {cell!r} and column {other} has {dotted!r}, so that a comma may "
            f"separate decimals or thousands; {remedy}"
        )
    if all(_LIKE_THOUSANDS.fullmatch(cell) for cell in commas):
        raise FormatError(
            f"{path.name}: column {name} has {cell!r}, whose comma may separate decimals or thousands; "
            f"{remedy}"
        )
    return ","


def numbers_of(path: Path, column: pd.Series[Any], decimal: str) -> NDArray[Any] | None:
    """Give a column's numbers, NaN where they are missing, or None if it holds not a single one.

    Raises
    ------
    FormatError: some cells are numbers and some are text.

    """
    import pandas as pd

    kind = column.dtype.kind
    if kind in "iuf":
        return column.to_numpy()
    if kind == "b":
        return column.to_numpy(dtype=np.int64)
    cells = column
    if decimal == ",":
        text = column.astype("string")
        cells = text.mask(text.str.contains(".", regex=False)).str.replace(",", ".", regex=False)
    parsed = pd.to_numeric(cells, errors="coerce")
    bad = parsed.isna() & column.notna()
    if not bad.any():
        return parsed.to_numpy(dtype=np.float64, na_value=np.nan)
    if parsed.isna().all():
        return None
    first = int(np.flatnonzero(bad)[0])
    raise FormatError(
        f"{path.name}: column {column.name} has {str(column.iloc[first])[:40]!r} at event "
        f"{column.index[first]}, expected a number; correct or remove that line"
    )


def holds_numbers(cells: Iterable[str]) -> bool:
    """Whether a line is one of numbers and not of names (which may be 0,1,2, of DataFrame.to_csv).

    Beside missing ones all cells are numbers, or half of them are and some have decimals.
    """
    cells = list(cells)
    kinds = [kind_of(cell) for cell in cells]
    named = cells[1:] if cells[:1] == [""] else cells
    if named == [str(i) for i in range(len(named))] and (len(named) > 2 or named != cells):
        return False
    numbers = [kind for kind in kinds if kind]
    text = any(not kind and not is_missing(cell) for cell, kind in zip(cells, kinds, strict=True))
    if not text:
        return bool(numbers)
    return 2 * len(numbers) >= len(cells) and any(kind != "whole" for kind in numbers)
