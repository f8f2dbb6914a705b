"""Typed messages as Panel sends them."""

from __future__ import annotations

from typing import Any

import msgspec

from tailscope.record import Record


class Message(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of what a browser and Python tell each other: both are of one version and know all fields."""


def message_of(answer: Message) -> dict[str, Any]:
    """Plain data of an answer; arrays stay bytes, which reach the browser as they are."""
    message: dict[str, Any] = msgspec.to_builtins(answer, builtin_types=(bytes,))
    return message
