"""The checks of a study as they are told, on pages, terminals and in notebooks: what is wrong first."""

from __future__ import annotations

from collections.abc import Sequence

from .light import LIGHTS, Check

FINE = "nothing speaks against these weights"


def in_order(checks: Sequence[Check]) -> tuple[Check, ...]:
    """What is red, what is amber, and the rest; within a light in the order of the checks."""
    return tuple(sorted(checks, key=lambda check: -LIGHTS.index(check.light)))


def doubts(checks: Sequence[Check]) -> tuple[Check, ...]:
    """Those that are not green, the worst first."""
    return tuple(check for check in in_order(checks) if check.light != "green")


def headline(checks: Sequence[Check]) -> str:
    """How many checks speak against the weights, in a line."""
    against = len(doubts(checks))
    if not against:
        return FINE
    return f"{against} of {len(checks)} checks {'speaks' if against == 1 else 'speak'} against these weights"


def fine(checks: Sequence[Check]) -> str:
    """The line that stands for all that are green; "" where none is."""
    n = len(checks) - len(doubts(checks))
    return "" if not n else "1 check is fine" if n == 1 else f"{n} checks are fine"
