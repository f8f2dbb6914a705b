"""Domains: one file a kind of event, arrays -> features and observables. No I/O."""

from __future__ import annotations

from collections.abc import Sequence

from tailscope.errors import InputError

from .base import Domain
from .calorimeter import CALORIMETER
from .table import table

__all__ = ["CALORIMETER", "DOMAINS", "Domain", "check_name", "domain_of", "table"]

DOMAINS = (CALORIMETER.name, "table")
"""Names of the known domains."""


def check_name(name: str) -> None:
    """Refuse a domain that does not exist.

    Raises
    ------
    InputError: with the names that do.

    """
    if name not in DOMAINS:
        raise InputError(f"there is no domain {name!r}; choose one of {', '.join(DOMAINS)}")


def domain_of(name: str, columns: Sequence[str] = ()) -> Domain:
    """Give the domain of that name; ``columns`` are those of a table, no other domain looks at them.

    Raises
    ------
    InputError: no domain of that name.

    """
    check_name(name)
    return table(columns) if name == "table" else CALORIMETER
