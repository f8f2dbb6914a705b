"""What a static page shows first: the state of a page, as plain data that its script puts in place."""

from __future__ import annotations

from typing import Any

from tailscope_dashboard.state.state import State
from tailscope_dashboard.state.view import json_safe, states_of


def opening_of(state: State) -> dict[str, Any]:
    """Study, selections, active one and view of a state, as `json_safe` writes them.

    The theme stays out, it is the reader's.
    """
    return {
        "study": state.studies.index(state.study),
        "selections": json_safe(states_of(state.selections, state.visible)),
        "active": state.active,
        "view": json_safe(state.view),
    }
