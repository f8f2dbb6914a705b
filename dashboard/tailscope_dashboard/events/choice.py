"""Which events are looked at, from the state of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from tailscope.looking.picking import ORDERS, ordered
from tailscope.selection import SampleName, Selection
from tailscope.study.study import Study
from tailscope_dashboard.look.palette import PALETTE
from tailscope_dashboard.state.permalink import DEFAULT_EVENT
from tailscope_dashboard.state.state import State

ALL = -1
"""In the place of a selection's number: all events."""
MODES = ("event", "average")
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True, eq=False)
class Choice:
    """What the tab Events shows.

    Attributes
    ----------
    number: of the selection; `ALL` for none.
    selection: with the page's slice among its cuts.
    sample: the events are of this one.
    order, seed: as in `tailscope.picking.ordered`.
    asked: the event somebody asked for, a number in the sample; None for the first in order.
    mode: "event" or "average".
    against: the sample whose average the selection's is compared with.

    """

    study: Study
    number: int
    selection: Selection
    sample: SampleName
    order: str
    seed: int
    asked: int | None
    mode: str
    against: SampleName

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """The events of the selection, in order."""
        return ordered(self.study, self.sample, self.selection, self.order, self.seed)


def settings_of(state: State) -> dict[str, Any]:
    """`State.event` with its defaults; what makes no sense is as if it were not there."""
    kept = {key: value for key, value in state.event.items() if _makes_sense(key, value)}
    return {**DEFAULT_EVENT, **kept}


def _makes_sense(key: str, value: Any) -> bool:
    known: Mapping[str, tuple[str, ...]] = {
        "sample": get_args(SampleName),
        "against": get_args(SampleName),
        "order": tuple(ORDERS),
        "mode": MODES,
    }
    if key in known:
        return value in known[key]
    return key in DEFAULT_EVENT and isinstance(value, int) and (key != "seed" or 0 <= value <= LARGEST_SEED)


def choice_of(state: State) -> Choice:
    """What is chosen on this page."""
    settings, study = settings_of(state), state.study
    number = settings["selection"]
    if not 0 <= number < len(state.selections):
        number = ALL
    selection = state.selections[number] if number != ALL else Selection(name="all events")
    if not selection.colour and number != ALL:
        selection = replace(selection, colour=PALETTE[number % len(PALETTE)])
    selection = replace(selection, cuts=(*selection.cuts, *state.slice))
    sample = settings["sample"] or selection.right_sample
    asked = settings["row"] if 0 <= settings["row"] < len(study.sample(sample)) else None
    return Choice(
        study,
        number,
        selection,
        sample,
        settings["order"],
        settings["seed"],
        asked,
        settings["mode"],
        settings["against"] or "reference",
    )
