"""Names and units above the numbers of a text: in its first line, in comments, in a line of units."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from .text_numbers import is_missing, kind_of

COMMENT = re.compile(r"\s*(?:#|%|//)+\s?")
EXPORTED = "tailscope "
"""How the first comment of an export of tailscope begins; JSON follows."""

_WORDS = re.compile(
    r'"(?:[^"]|"")*"'  # in quotes
    r"|\[[^\[\]]*\]"  # a unit alone
    r"|[^\s\[]\S*(?:[ \t]+\[[^\[\]]*\])?"  # a word, with its unit
    r"|\S+"
)
_NAME = re.compile(r"[^\W\d][^\s,;]*[^\s,;:.!?]|[^\W\d]|[$|\\<]\S*[^\s,;:.!?]")
_PROSE = re.compile(
    r"a|an|and|are|as|at|by|created|data|dataset|date|epochs?|files?|for|from|generated|in|is|made|my|of|on|our|"
    r"output|produced|samples?|simulated|the|these|this|to|units|using|values|version|was|were|with|written",
    re.I,
)
"""Words that no column is called. "run" and "event" are not among them: ntuples have such columns."""
_NUMBERED = re.compile(r"(epoch|version|run|seed|job|iteration|checkpoint)_?\d+", re.I)
_PREFIX, _BASE = r"[yzafpnuµμmcdkMGTP]?", r"eV|m|s|b|g|T|K|V|A|Hz|rad|sr|barn|bn"
_ONE_UNIT = rf"(?:{_PREFIX}(?:{_BASE})|deg|degrees?|radians?|min|h|c|%|°)(?:\^?-?\d+)?"
_UNIT = re.compile(rf"{_ONE_UNIT}(?:\s*[*/·]\s*{_ONE_UNIT})*|1/{_ONE_UNIT}|[\[(][^\[\]()]*[\])]")


class Export(NamedTuple):
    """The columns of an export: names, units, and those that are no observables."""

    names: list[str]
    units: list[str]
    ours: frozenset[str]


OURS = ("row", "log_w", "w", "event_weight")
"""Columns that older exports have beside the observables."""


def split_line(line: str, separator: str | None) -> list[str]:
    """Cells of a line; None separates at blanks, but for a unit: ``p_T [GeV]`` is one."""
    if separator is None:
        return [_bare(word) for word in _WORDS.findall(line)]
    try:
        return [
            cell.strip() for cell in next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
        ]
    except csv.Error:
        return [cell.strip() for cell in line.split(separator)]


def names_in_comment(comment: str, n: int, separator: str | None) -> list[str]:
    """Names of ``n`` columns, where a comment is a list of them and not prose; [] where it is none.

    numpy.savetxt writes its header as a comment. It is a list of names if it has one word a column, each
    looks like the name of a variable (with a unit or without), and none is a word of prose, like "sample",
    or one with a number, like "epoch300".
    """
    for by in dict.fromkeys((separator, ",", ";", "\t", "|", None)):
        cells = [cell.rstrip(",;") for cell in split_line(comment, by)]
        if len(cells) == n and all(map(_may_be_name, cells)):
            return cells
    return []


def _may_be_name(cell: str) -> bool:
    name = re.sub(r"\s*\[[^\[\]]*\]$", "", cell)
    return bool(_NAME.fullmatch(name)) and not _PROSE.fullmatch(name) and not _NUMBERED.fullmatch(name)


def units_in_comment(comment: str, n: int, separator: str | None) -> list[str]:
    """Units of ``n`` columns from a comment like ``units: GeV,,rad``; [] where it says none for each."""
    match = re.fullmatch(r"units?\s*[:=]\s*(.*)", comment, re.I)
    for by in dict.fromkeys((separator, ",", ";", "\t", "|", None)) if match else ():
        cells = split_line(match[1], by) if match else []
        if len(cells) == n:
            return [_bare_unit(cell) for cell in cells]
    return []


def units_in_line(cells: Sequence[str], below: Sequence[str]) -> list[str]:
    """Units in a line between names and numbers; [] where it is none.

    Every cell is a unit (GeV, mm, [anything in brackets]) or empty, one at least is a unit, and below
    units stand numbers.
    """
    named = [i for i, cell in enumerate(cells) if not is_missing(cell) and cell != "1"]
    if not named or len(cells) != len(below) or not all(_UNIT.fullmatch(cells[i]) for i in named):
        return []
    return [_bare_unit(cell) for cell in cells] if all(kind_of(below[i]) for i in named) else []


def _bare_unit(cell: str) -> str:
    unit = cell.strip()
    if unit[:1] + unit[-1:] in {"[]", "()"}:
        unit = unit[1:-1].strip()
    return "" if unit in {"-", "1"} else unit


def _bare(word: str) -> str:
    return word[1:-1].replace('""', '"') if len(word) > 1 and word[0] == word[-1] == '"' else word


def export_in(comments: Iterable[str], names: Sequence[str]) -> Export | None:
    """What the first comment says of these columns, if it is that of an export of tailscope."""
    first = next(iter(comments), "")
    if not first.startswith(EXPORTED):
        return None
    try:
        about: Any = json.loads(first.removeprefix(EXPORTED))
        units = {str(name): str(unit) for name, unit in about["units"].items()}
        columns = {str(key).strip(): str(name) for key, name in about.get("columns", _older(names)).items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not columns:  # original rows, whose columns are those of their own file
        return None
    observables = set(columns.values())
    ours = {
        name: f"{name} (exported)" if name in observables else name for name in names if name not in columns
    }
    return Export(
        [columns.get(name) or ours[name] for name in names],
        [units.get(columns.get(name, ""), "") for name in names],
        frozenset(ours.values()),
    )


def _older(names: Sequence[str]) -> dict[str, str]:
    """Column -> observable, in exports that do not say it: ``'=x`` is called =x, ``observable_w`` w."""
    renamed = {f"observable_{name}": name for name in OURS if name in names}
    return {n: renamed.get(n) or re.sub(r"^'(?=[-=+@\t\r])", "", n) for n in names if n not in OURS}
