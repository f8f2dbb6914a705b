"""The lights of trust as plain data, for whatever shows them."""

from __future__ import annotations

import math
from typing import Any

from tailscope.trust import WORDS, Check, fine, headline, in_order, worst
from tailscope.trust.light import factor, measured
from tailscope.trust.second_look import missed_part, nats


def plain_verdict(checks: tuple[Check, ...]) -> dict[str, Any]:
    """Lights as the browser takes them, what is wrong first; {} while there are none."""
    if not checks:
        return {}
    light = worst(checks)
    return {
        "light": light,
        "word": WORDS[light],
        "headline": headline(checks),
        "fine": fine(checks),
        "checks": [
            {
                "name": check.name,
                "title": check.title,
                "light": check.light,
                "word": WORDS[check.light],
                "found": found(check),
                "brief": check.brief,
                "why": f"{check.why}.",
                "advice": f"{check.advice}." if check.advice else "",
                "view": check.view,
            }
            for check in in_order(checks)
        ],
    }


def found(check: Check) -> str:
    """The value of a check with its error, in its own unit."""
    value, error = check.value, check.error
    if math.isnan(value):
        return ""
    if math.isinf(value):
        return "∞"
    if check.name == "second_look" and value >= 1:
        return factor(value)
    if check.name == "second_look":  # log w, told as the sentence tells it
        return missed_part(value, error)
    if check.name in {"overfit", "closure", "joint_closure"}:
        return f"{round(100 * value) + 0:,}%" + (f" ± {error:.0%}" if math.isfinite(error) else "")
    if check.name == "tails":
        return f"p ≤ {value:.2g}"
    if check.name in {"columns", "effective_size", "shared_events", "units"}:
        return f"{value:,.0f}"
    if check.name == "repeated_events":
        return f"{value:.1%}"
    if check.name == "condition":
        return f"{value:.3f}"
    if check.name == "interpolation":
        return f"R² {value:.3f}"
    if check.name == "information":
        return f"{nats(value, error)} nats more"
    if check.name == "calibration":
        return f"χ²/ndf {value:.2f}" if value < 1000 else f"χ²/ndf {value:.1e}"
    if math.isinf(error):
        return ""
    if abs(value) > 100:
        return f"{value:.1e} ± {error:.1e}"
    if check.name == "auc":
        return f"{value:.4f} ± {error:.4f}"
    return measured(value, error)
