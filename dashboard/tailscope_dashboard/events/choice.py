"""Which events are looked at, from the state of the page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tailscope.looking.picking import Order, ordered
from tailscope.selection import SampleName, Selection
from tailscope.study.study import Study
from tailscope_dashboard.state.beginning import coloured
from tailscope_dashboard.state.state import State
from tailscope_dashboard.state.view import EventView, understood

ALL = -1
"""In the place of a selection's number: all events."""


@dataclass(frozen=True, eq=False)
class Choice:
    """What the tab Events shows.

    Attributes
    ----------
    number: of the selection; `ALL` for none.
    selection: with the page's slice among its cuts.
    sample: the events are of this one.
    order, seed: as in `tailscope.looking.picking.ordered`.
    asked: the event somebody asked for, a number in the sample; None for the first in order.
    mode: "event" or "average".
    against: the sample whose average the selection's is compared with.

    """

    study: Study
    number: int
    selection: Selection
    sample: SampleName
    order: Order
    seed: int
    asked: int | None
    mode: Literal["event", "average"]
    against: SampleName

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """The events of the selection, in order."""
        return ordered(self.study, self.sample, self.selection, self.order, self.seed)


def settings_of(state: State) -> EventView:
    """`State.event`, typed."""
    return understood(state.event, EventView)


def choice_of(state: State) -> Choice:
    """What is chosen on this page."""
    settings, study = settings_of(state), state.study
    number = settings.selection
    if not 0 <= number < len(state.selections):
        number = ALL
    selection = Selection(name="all events") if number == ALL else coloured(state.selections)[number]
    selection = replace(selection, cuts=(*selection.cuts, *state.slice))
    sample = settings.sample or selection.right_sample
    asked = settings.row if 0 <= settings.row < len(study.sample(sample)) else None
    return Choice(
        study,
        number,
        selection,
        sample,
        settings.order,
        settings.seed,
        asked,
        settings.mode,
        settings.against or "reference",
    )
