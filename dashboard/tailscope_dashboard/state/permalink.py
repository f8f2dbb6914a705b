"""Permalinks: what a page shows as a query that people can read, and back.

::

    v=2 & study=3fa1b2c4d5e6 & name=Photons & tab=Focus & focus=E_1 & active=0
    & s=high+tail;w:1.6..;cut:E_2:..0.1;colour:E69F00 & s=low+tail;w:..0.6;hidden
    & view.yscale=log & view.slice=E_inc:10..20 & event.order=random & event.row=4711
    & pair.x=E_1 & pair.y=E_2

Ranges are half-open, an end left out is open. Every letter of a name but A-Z a-z 0-9 _ - is written as its
UTF-8 bytes, ~C3~B7; a blank is +. A link says everything; what it does not know (an observable that is gone,
another study) is dropped with a sentence, and the rest is shown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast, get_args

from tailscope.errors import ConfigError, SelectionError
from tailscope.record import Record
from tailscope.selection import Cut, SampleName, Selection
from tailscope.study.study import Study

from .state import State
from .view import EventView, FocusView, PairView, View, chosen, makes_sense, understood

VERSION = "2"
DIGITS = 12
SETTINGS: Mapping[str, tuple[type[Record], str]] = {
    "view": (View, "the wall"),
    "focus_view": (FocusView, "the tab Focus"),
    "event": (EventView, "the tab Events"),
    "pair": (PairView, "the tab Pairs"),
}
"""Parameters of the state whose settings a link has, and what they are settings of."""
MOST = 20_000
"""Letters of a link and, far below, of what a browser takes."""


@dataclass(frozen=True)
class Linked:
    """What a link asks for, in terms of one study.

    Attributes
    ----------
    changes: parameters of `State` and their values.
    dropped: sentences about what could not be shown.

    """

    changes: Mapping[str, Any]
    dropped: tuple[str, ...]

    @property
    def remark(self) -> str:
        """The same sentences for whoever followed the link; "" when everything is shown."""
        return (
            " ".join(("The link could not be followed in everything.", *self.dropped)) if self.dropped else ""
        )


def link_of(state: State) -> str:
    """The query that brings back all that is shown, without a leading question mark."""
    pairs = [
        ("v", VERSION),
        ("study", state.study.digest[:DIGITS]),
        ("name", _escaped(state.study.name)),
        ("tab", _escaped(state.tab)),
        ("focus", _escaped(state.focus)),
        ("active", str(state.active)),
    ]
    pairs += [
        ("s", _selection(selection, visible))
        for selection, visible in zip(state.selections, state.visible, strict=True)
    ]
    for what, (kind, _) in SETTINGS.items():
        settings = chosen(understood(getattr(state, what), kind))
        pairs += [(f"{what}.{key}", _WRITE[type(value)](value)) for key, value in settings.items()]
    return "&".join(f"{key}={value}" for key, value in pairs)


def is_link(query: str) -> bool:
    """Whether a query asks for anything that a link can."""
    return any(key == "v" for key, _ in _pairs(query))


def given_link(text: str) -> str:
    """A link as somebody gave it on a command line.

    Raises
    ------
    ConfigError: it is none.

    """
    if not is_link(text):
        raise ConfigError(f"--link {text[:60]} is not a permalink; copy one with the page's copy link button")
    return text


def read(query: str, studies: Sequence[Study], tabs: Sequence[str] | None = None) -> Linked:
    """Understand a link as far as it fits these studies.

    Parameters
    ----------
    query: as from `link_of`; a whole address, a leading ? or #, and parameters of others do no harm.
    studies: those that are open; the link chooses one of them, else the first is shown.
    tabs: titles of the page's tabs; None where there are none, and which one is in front does not matter.

    """
    reader = _Reader(studies, tabs)
    reader.read(query)
    return Linked(reader.changes, tuple(reader.dropped))


def follow(state: State, query: str, tabs: Sequence[str]) -> None:
    """Show what a link asks for, and say in the note what it asked in vain."""
    linked = read(query, state.studies, tabs)
    state.param.update(**linked.changes)
    if linked.dropped:
        state.note = linked.remark


def cut_of(text: str) -> Cut:
    """A cut as people write it on a command line: ``E_2:..0.1``; the name stands as it is.

    Raises
    ------
    SelectionError: no range, an end that is not a number, an inverted range.

    """
    name, _, ends = text.rpartition(":")
    try:
        return Cut(name, *_range(ends))
    except ValueError as error:
        raise SelectionError(f"cut {text[:60]}: {error}; write NAME:LOW..HIGH") from error


_USUAL = {"1": {"view.order": "original"}}
"""What earlier versions did not write, because it was usual."""


class _Reader:
    """One link being read."""

    def __init__(self, studies: Sequence[Study], tabs: Sequence[str] | None) -> None:
        self.studies, self.tabs = studies, tabs
        self.study = studies[0]
        self.known = {o.name for o in self.study.observables}
        self.changes: dict[str, Any] = {}
        self.dropped: list[str] = []

    def read(self, query: str) -> None:
        if len(query) > MOST:
            self.dropped.append(f"It has {len(query):,} letters, more than the {MOST:,} of any link; "
                                "nothing of it is shown.")  # fmt: skip
            return
        pairs = _pairs(query)
        single = dict(reversed([pair for pair in pairs if pair[0] != "s"]))
        version = single.get("v", "")
        if version in _USUAL:
            single = _USUAL[version] | single
        elif version != VERSION:
            self.dropped.append(
                f"It was made by another version of tailscope (v={version[:8]}, this one writes "
                f"v={VERSION}); what is understood is shown."
            )
        self._choose_study(single)
        self._selections([value for key, value in pairs if key == "s"], single.get("active", "0"))
        self._places(single)
        for what, (kind, where) in SETTINGS.items():
            asked = {key: text for key, text in single.items() if key.startswith(f"{what}.")}
            self.changes[what] = self._settings(asked, kind, where)

    def _choose_study(self, single: Mapping[str, str]) -> None:
        digest = single.get("study", "")
        if not digest:
            return
        for study in self.studies:
            if len(digest) >= 6 and study.digest.startswith(digest):
                self.study = study
                self.known = {o.name for o in study.observables}
                self.changes["study"] = study
                return
        name = _plain(single.get("name", "")) or "another study"
        self.dropped.append(
            f"It was made for {name} (digest {digest[:DIGITS]}), which is not open; "
            f"{self.study.name} (digest {self.study.digest[:DIGITS]}) is shown with the same cuts, "
            "and its numbers differ."
        )

    def _selections(self, texts: Sequence[str], active: str) -> None:
        selections, visible = [], []
        for text in texts:
            found = self._selection(text)
            if found is not None:
                selections.append(found[0])
                visible.append(found[1])
        if not texts:
            return
        number = int(active) if active.isascii() and active.isdigit() and len(active) < 4 else -1
        if not 0 <= number < max(1, len(selections)):
            self.dropped.append(f"There is no selection number {active[:8]}.")
            number = 0
        self.changes |= {"selections": selections, "visible": visible, "active": number}

    def _selection(self, text: str) -> tuple[Selection, bool] | None:
        first, *pieces = text.split(";")
        name, visible = _plain(first), True
        ends: tuple[float | None, float | None] = (None, None)
        cuts: list[Cut] = []
        colour, sample = "", None
        try:
            for piece in pieces:
                key, _, value = piece.partition(":")
                if key == "w":
                    ends = _range(value)
                elif key == "cut":
                    cuts += self._cut(value, f"selection {name}")
                elif key == "colour" and re.fullmatch("[0-9a-fA-F]{6}", value):
                    colour = f"#{value}"
                elif key == "on" and value in get_args(SampleName):
                    sample = cast("SampleName", value)
                elif piece == "hidden":
                    visible = False
                else:
                    self.dropped.append(f"In selection {name}, {piece[:40]} is not understood.")
            return Selection(*ends, tuple(cuts), name, colour, sample), visible
        except (ValueError, SelectionError) as error:
            self.dropped.append(f"Selection {name} is left out: {error}.")
            return None

    def _cut(self, text: str, where: str) -> list[Cut]:
        observable, _, ends = text.rpartition(":")
        observable = _plain(observable)
        if observable not in self.known:
            self.dropped.append(
                f"The cut on {observable[:60]} of {where} is dropped: the study has no such observable."
            )
            return []
        return [Cut(observable, *_range(ends))]

    def _places(self, single: Mapping[str, str]) -> None:
        for key, known, what in (
            ("tab", self.tabs, "tab"),
            ("focus", self.known, "observable"),
        ):
            if key not in single or known is None:
                continue
            value = _plain(single[key])
            if value in known:
                self.changes[key] = value
            else:
                self.dropped.append(f"There is no {what} {value[:60]}.")
        if self.changes.get("focus") is None and "study" in self.changes:
            self.changes["focus"] = self.study.observables[0].name

    def _settings(self, asked: Mapping[str, str], kind: type[Record], where: str) -> dict[str, Any]:
        """Those that are understood, as plain data."""
        found: dict[str, Any] = {}
        for full, text in asked.items():
            key = full.partition(".")[2]
            try:
                value = self._setting(kind, key, text)
            except (ValueError, SelectionError):
                self.dropped.append(f"The setting {key[:30]}={text[:40]} of {where} is not understood.")
            else:
                found |= value
        return found

    def _setting(self, kind: type[Record], key: str, text: str) -> dict[str, Any]:
        """One of them by its name; nothing for a slice of what the study does not have."""
        if kind is View and key == "weight_zoom":
            return {key: asdict(Cut("w", *_range(text.rpartition(":")[2])))}
        if (kind, key) in {(View, "slice"), (FocusView, "axis")}:
            cuts = self._cut(text, "the slice" if key == "slice" else "the tab Focus")
            return {key: asdict(cuts[0])} if cuts else {}
        usual = getattr(kind(), key) if key in kind.__struct_fields__ else None
        if usual is None or not makes_sense(key, value := _READ[type(usual)](text), kind):
            raise ValueError(key)
        if kind is PairView and key != "colour" and value not in self.known:
            self.dropped.append(f"There is no observable {value[:60]} for the tab Pairs.")
            return {}
        return {key: value}


def query_part(address: str) -> str:
    """What is behind the question mark of an address; a query alone as it is."""
    return re.sub(r"^[^?#&=]*[?#]", "", address.strip())


def _pairs(query: str) -> list[tuple[str, str]]:
    """(key, value) of a query, in order; + is left as it is and %xx is read."""
    parts = (part.partition("=") for part in query_part(query).split("&"))
    return [(key, _percent_free(value)) for key, _, value in parts if key]


def _percent_free(text: str) -> str:
    """Read %xx, which mail programs put in place of what we wrote."""
    return re.sub(
        r"(?:%[0-9a-fA-F]{2})+",
        lambda found: bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace"),
        text,
    )


def _escaped(text: str) -> str:
    """Any text in letters that survive every mail program, and that none of our separators is among."""
    return re.sub(
        r"[^A-Za-z0-9_-]",
        lambda found: (
            "+" if found[0] == " " else "".join(f"~{b:02X}" for b in found[0].encode("utf-8", "replace"))
        ),
        text,
    )


def _plain(text: str) -> str:
    """Inverse of `_escaped`; bytes that are no UTF-8 become replacement characters."""
    return re.sub(
        r"(?:~[0-9A-Fa-f]{2})+",
        lambda found: bytes.fromhex(found[0].replace("~", "")).decode("utf-8", "replace"),
        text.replace("+", " "),
    )


def _number(value: float | None) -> str:
    """Shortest text that gives the same float64; nothing for an open end."""
    return "" if value is None else repr(float(value)).replace("+", "").removesuffix(".0")


def _ends(low: float | None, high: float | None) -> str:
    return f"{_number(low)}..{_number(high)}"


def _range(text: str) -> tuple[float | None, float | None]:
    low, dots, high = text.partition("..")
    if not dots:
        raise ValueError(f"{text[:40]} is not a range such as 0.1..2")
    return _end(low), _end(high)


def _end(text: str) -> float | None:
    try:
        value = float(text) if text else None
    except ValueError:
        raise ValueError(f"{text[:40]} is not a number") from None
    if value is not None and math.isnan(value):
        raise ValueError("nan is not an end of a range")
    return value


def _selection(selection: Selection, visible: bool) -> str:
    pieces = [_escaped(selection.name), f"w:{_ends(selection.low, selection.high)}"]
    pieces += [f"cut:{_WRITE[Cut](cut)}" for cut in selection.cuts]
    if selection.sample:
        pieces.append(f"on:{selection.sample}")
    if selection.colour:
        pieces.append(f"colour:{selection.colour.removeprefix('#')}")
    if not visible:
        pieces.append("hidden")
    return ";".join(pieces)


def _read_flag(text: str) -> bool:
    if text not in {"0", "1"}:
        raise ValueError(text)
    return text == "1"


def _read_integer(text: str) -> int:
    if len(text) > 18:
        raise ValueError(text)
    return int(text)


def _read_scales(text: str) -> dict[str, str]:
    return {_plain(name): scale for name, scale in (part.rsplit(":", 1) for part in text.split(","))}


_WRITE: Mapping[type, Callable[[Any], str]] = {
    str: _escaped,
    int: str,
    bool: lambda value: str(int(value)),
    tuple: lambda names: ",".join(map(_escaped, names)),
    dict: lambda scales: ",".join(f"{_escaped(name)}:{scale}" for name, scale in scales.items()),
    Cut: lambda cut: f"{_escaped(cut.observable)}:{_ends(cut.low, cut.high)}",
}
_READ: Mapping[type, Callable[[str], Any]] = {
    str: _plain,
    int: _read_integer,
    bool: _read_flag,
    tuple: lambda text: [_plain(name) for name in text.split(",")],
    dict: _read_scales,
}
