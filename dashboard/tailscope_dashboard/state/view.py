"""How things are shown: the settings of a page, typed; the only source of their defaults.

A page keeps them as plain data, which its browser, its link and its notes hold too; Python reads them here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from tailscope.counting.binning import MAX_BINS, Scale
from tailscope.errors import SelectionError
from tailscope.looking.picking import Order
from tailscope.record import Record, typed
from tailscope.selection import Cut, SampleName, Selection

State = Mapping[str, Any]
"""A selection as the page holds it: `Selection.to_dict` and "visible"."""

LARGEST_SEED = 2**31 - 1

R = TypeVar("R", bound=Record)


class View(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How the wall draws, and with it every figure of it. The theme stays out of it: it is the reader's.

    Attributes
    ----------
    weight_axis: of w, wide where most events are, logarithmic or linear.
    weight_zoom: the part of it that is shown, as a range of "w".
    yscale, weight_yscale: vertical axes of the observables and of the weights.
    panel_yscale: of single observables, where it differs.
    density: unit area, else events.
    errors, ratio, reweighted: whether error bars, ratios, and generated events weighted by w are drawn.
    order: of the histograms; rank: by how far the active selection is from its backdrop.
    pinned, hidden: observables in front, and those that are not shown.
    search: what their names are searched for.
    slice: the cut that everything shown has to pass.
    overlays_off: keys of the other studies that are not laid over.

    """

    yscale: Scale = "linear"
    density: bool = True
    errors: bool = False
    ratio: bool = False
    reweighted: bool = False
    order: Literal["original", "name", "rank"] = "rank"
    pinned: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    search: str = ""
    slice: Cut | None = None
    panel_yscale: dict[str, Scale] = msgspec.field(default_factory=dict)
    weight_yscale: Scale = "log"
    weight_axis: Literal["body", "log", "linear"] = "body"
    weight_zoom: Cut | None = None
    overlays_off: tuple[str, ...] = ()

    @property
    def within(self) -> tuple[Cut, ...]:
        """The slice as further cuts: one, or none."""
        return () if self.slice is None else (self.slice,)


class EventView(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What the tab Events looks at.

    Attributes
    ----------
    selection: number of it; one that there is not stands for all events.
    sample, against: "" for the selection's own, and for the reference.
    order, seed: as in `tailscope.looking.picking.ordered`.
    row: number of the event in its sample; -1 for the first in order.
    mode: one event, or the average of all.

    """

    selection: int = 0
    sample: SampleName | Literal[""] = ""
    order: Order = "outermost"
    seed: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_SEED)] = 0
    row: int = -1
    mode: Literal["event", "average"] = "event"
    against: SampleName | Literal[""] = ""


Colour = Literal["log_w", "ratio", "closure", "reference", "generated"]


class PairView(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What the tab Pairs looks at.

    Attributes
    ----------
    x, y: names of the two observables; "" for the first that is not taken.
    colour: what the heat map shows: mean log w, generated or reweighted generated events over reference
        ones, or events of one sample.

    """

    x: str = ""
    y: str = ""
    colour: Colour = "log_w"

    def names(self, known: Sequence[str]) -> tuple[str, str]:
        """The two observables among those of a study, which has at least two; never twice the same."""
        x = self.x if self.x in known else next(name for name in known if name != self.y)
        y = self.y if self.y in known and self.y != x else next(name for name in known if name != x)
        return x, y


class FocusView(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How the tab Focus draws.

    Attributes
    ----------
    axis: range of one observable that its bins are made in; None for bins of the study.
    bins, scale: number and kind of those.
    yscale, density: vertical axis; unit area, else events.

    """

    axis: Cut | None = None
    bins: Annotated[int, msgspec.Meta(ge=1, le=MAX_BINS)] = 50
    scale: Scale = "linear"
    yscale: Scale = "linear"
    density: bool = True


def understood(data: Mapping[str, Any], kind: type[R]) -> R:
    """The settings that plain data stand for; what makes no sense is as if it were not there."""
    try:
        return typed(data, kind)
    except (ValueError, SelectionError):
        return typed({key: value for key, value in data.items() if makes_sense(key, value, kind)}, kind)


def makes_sense(key: str, value: Any, kind: type[Record]) -> bool:
    """Whether there is such a setting, which can have such a value."""
    try:
        typed({key: value}, kind)
    except (ValueError, SelectionError):
        return False
    return key in kind.__struct_fields__


def usual(kind: type[Record]) -> dict[str, Any]:
    """All settings as they are where nobody chose anything: plain data for a browser."""
    settings = kind()
    return {name: msgspec.to_builtins(getattr(settings, name)) for name in kind.__struct_fields__}


def chosen(settings: Record) -> dict[str, Any]:
    """Those settings that are not as usual, in order."""
    both = ((name, getattr(settings, name)) for name in settings.__struct_fields__)
    plain = type(settings)()
    return {name: value for name, value in both if value != getattr(plain, name)}


def selection_of(state: State) -> Selection:
    """A selection without what only the page knows.

    Raises
    ------
    SelectionError: what was sent is not a selection.

    """
    return Selection.from_dict({key: value for key, value in state.items() if key != "visible"})


def states_of(selections: Sequence[Selection], visible: Sequence[bool]) -> list[dict[str, Any]]:
    """Selections as the page holds them: the inverse of `selection_of`."""
    both = zip(selections, visible, strict=True)
    return [selection.to_dict() | {"visible": is_visible} for selection, is_visible in both]


def json_safe(value: Any) -> Any:
    """Plain data without infinities, which JSON does not have: an end at w = inf is the text "inf"."""
    if isinstance(value, dict):
        return {key: json_safe(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [json_safe(part) for part in value]
    return {math.inf: "inf", -math.inf: "-inf"}.get(value, value) if isinstance(value, float) else value
