"""The dashboard of tailscope: `Dashboard(study)` for notebooks and `panel serve`, and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .page.page import Dashboard

__all__ = ["Dashboard"]


def __getattr__(name: str) -> Any:
    """Import panel only when the dashboard itself is wanted: the command line lives here too."""
    if name == "Dashboard":
        from .page.page import Dashboard

        return Dashboard
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
