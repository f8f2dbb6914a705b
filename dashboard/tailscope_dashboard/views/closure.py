"""Closure: how far reweighted generated events look like the reference, observable by observable."""

from __future__ import annotations

from tailscope.study.study import Study
from tailscope.trust.closure_tests import P_VALUE, closure_tests
from tailscope_dashboard.parts.base import table


def closure_table(study: Study) -> str:
    """HTML: how far generated events are off the reference with and without weights, worst first."""
    found = sorted(closure_tests(study), key=lambda one: (-one.after, -one.ratio))
    return table(
        ("observable", "off", "before", "χ²/ndf", "beyond noise"),
        [
            (
                one.name,
                f"{one.after:.1%}",
                f"{one.before:.1%}",
                f"{one.ratio:.2f}",
                "yes" if one.p * len(found) < P_VALUE else "",
            )
            for one in found
        ],
        "ts-numbers",
    )
