"""Words of a figure: user strings as plain text, LaTeX where mathtext can set it, cuts in words."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

from tailscope.selection import Cut, Selection
from tailscope.study.study import Study

MOST = 60
"""Letters of a name that are printed."""

LINE = 96
"""Letters of mathtext in a line of the legend; some two thirds of them are printed."""


def plain(text: str) -> str:
    """Any text, so that it is printed as it is: one line, no control characters, no mathtext."""
    text = text.encode("utf-8", "replace").decode()
    text = "".join(" " if unicodedata.category(letter)[0] == "C" else letter for letter in text).strip()
    if len(text) > MOST:
        text = text[: MOST - 1].rstrip() + "…"
    return text.replace("$", r"\$")


def maths(label: str, name: str, unit: str = "") -> str:
    """An observable's LaTeX label with its unit in brackets; its plain name where mathtext cannot set it."""
    shown = f"${label}$" if label and _settable(label) else plain(name)
    return f"{shown} [{plain(unit)}]" if unit else shown


def _settable(label: str) -> bool:
    if "$" in label or any(unicodedata.category(letter)[0] == "C" for letter in label):
        return False
    try:
        _parser().parse(f"${label}$")
    except ValueError:
        return False
    return True


@cache
def _parser() -> Any:
    from matplotlib.mathtext import MathTextParser  # late: see `files.drawn`

    return MathTextParser("path")


def range_words(what: str, low: float | None, high: float | None) -> str:
    """``0.1 ≤ x < 2``; with one end open, ``x ≥ 0.1`` or ``x < 2``; "" with both."""
    if low is not None and high is not None:
        return f"{number(low)} ≤ {what} < {number(high)}"
    if low is not None:
        return f"{what} ≥ {number(low)}"
    return f"{what} < {number(high)}" if high is not None else ""


def cut_words(study: Study, cut: Cut) -> str:
    """A cut on an observable, in its label and unit."""
    known = {o.name: o for o in study.observables}.get(cut.observable)
    label, unit = (known.label, known.unit) if known else ("", "")
    words = range_words(maths(label, cut.observable), cut.low, cut.high)
    return f"{words} {plain(unit)}".rstrip() if words else ""


def selection_words(study: Study, selection: Selection, number_of_it: int) -> str:
    """Name and cuts: ``high tail: w ≥ 1.6, E_2 < 0.1 MeV``."""
    name = plain(selection.name) or f"selection {number_of_it}"
    cuts = [range_words("$w$", selection.low, selection.high)]
    cuts += [cut_words(study, cut) for cut in selection.cuts]
    return _lines(f"{name}:", [cut for cut in cuts if cut])


def _lines(first: str, cuts: list[str]) -> str:
    """Cuts one after the other, on as many lines as they need."""
    if not cuts:
        return first.removesuffix(":")
    lines, separator = [first], " "
    for cut in cuts:
        if len(lines[-1]) + len(cut) > LINE:
            lines[-1] += separator.rstrip()
            lines.append(f"    {cut}")
        else:
            lines[-1] += separator + cut
        separator = ", "
    return "\n".join(lines)


def number(value: float | None) -> str:
    """Six digits at most, powers of ten as the field writes them."""
    text = f"{value:.6g}"
    mantissa, _, power = text.partition("e")
    if not power:
        return text.replace("inf", "∞").replace("-", "−")
    times = "" if mantissa == "1" else rf"{mantissa} \times "
    return rf"${times}10^{{{int(power)}}}$"
