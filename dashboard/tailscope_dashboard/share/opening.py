"""What a static page shows first: the state of a page, as plain data that its script puts in place."""

from __future__ import annotations

import math
from typing import Any

from tailscope_dashboard.state.state import State


def opening_of(state: State) -> dict[str, Any]:
    """Study, selections, active one and view of a state.

    JSON has no infinity: an end at w = inf is the text "inf". The theme stays out, it is the reader's.
    """
    selections = [
        _written(selection.to_dict()) | {"visible": visible}
        for selection, visible in zip(state.selections, state.visible, strict=True)
    ]
    return {
        "study": state.studies.index(state.study),
        "selections": selections,
        "active": state.active,
        "view": _written(dict(state.view)),
    }


def _written(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _written(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_written(part) for part in value]
    return "inf" if value == math.inf else "-inf" if value == -math.inf else value
