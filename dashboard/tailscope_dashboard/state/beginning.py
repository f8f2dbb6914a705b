"""The selections that a page begins with, and their colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tailscope.selection import Selection
from tailscope.study.study import Study
from tailscope.weights.tails import tail_cut
from tailscope_dashboard.look.palette import PALETTE


def default_selections(study: Study) -> tuple[Selection, Selection]:
    """Both tails, in the paper's orange and blue."""
    return (
        Selection(low=tail_cut(study, "high"), name="high tail", colour="#E69F00"),
        Selection(high=tail_cut(study, "low"), name="low tail", colour="#0072B2"),
    )


def coloured(selections: Sequence[Selection]) -> tuple[Selection, ...]:
    """The same, each with a colour: its own, or one by its place."""
    return tuple(
        selection if selection.colour else replace(selection, colour=PALETTE[number % len(PALETTE)])
        for number, selection in enumerate(selections)
    )


def drawn_of(selections: Sequence[Selection], visible: Sequence[bool]) -> list[Selection]:
    """Those that are not hidden, each with a colour."""
    return [selection for selection, seen in zip(coloured(selections), visible, strict=False) if seen]
