"""What files of older versions do not say, since it was always so: read as if they did, and not written."""

from __future__ import annotations

from typing import Any

CONFIG: dict[str, Any] = {
    "candidates": [], "input_dropout": 0.0, "fewest_batches": 0, "whiten": False, "inputs": "all",
}  # fmt: skip
"""Settings of a fit that came later, and what fits did before."""
TRAINING: dict[str, Any] = {"kind": ""}
"""The same of a training's record."""


def completed(data: Any, later: dict[str, Any]) -> Any:
    """JSON data with what they leave out; nothing is added to what is no object, or an empty one."""
    return later | data if isinstance(data, dict) and data else data


def reduced(data: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """JSON data without what older versions did not say."""
    return {key: value for key, value in data.items() if key not in later or value != later[key]}
