"""What of a view a figure shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tailscope.selection import Cut, Selection
from tailscope.study.study import Study
from tailscope_dashboard.state.overlays import overlays_of

if TYPE_CHECKING:
    from . import Choice


def choice_of_view(
    study: Study,
    studies: Sequence[Study],
    selections: Sequence[Selection],
    within: tuple[Cut, ...],
    view: Mapping[str, Any],
) -> Choice:
    """How figures of the wall look: as the wall shows them."""
    from tailscope_dashboard.figures import Choice

    off = view.get("overlays_off", [])
    overlays = () if within else tuple(o for o in overlays_of(study, studies) if o.key not in off)
    return Choice(
        tuple(selections),
        within,
        overlays,
        log_y=view.get("yscale") == "log",
        log_y_weights=view.get("weight_yscale", "log") == "log",
        log_y_of={name: scale == "log" for name, scale in view.get("panel_yscale", {}).items()},
        is_density=view.get("density", True),
        reweighted=view.get("reweighted", False),
        ratio=view.get("ratio", False),
    )
