"""Domains: one file a kind of event, arrays -> features and observables. No I/O.

Other packages bring further ones by entry points (`tailscope.plugins`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from numpy.typing import NDArray

from tailscope.errors import InputError
from tailscope.plugins import DOMAINS as GROUP
from tailscope.plugins import plugins
from tailscope.sample.drawing import Drawing
from tailscope.sample.geometry import Geometry

from .base import Domain, Level
from .calorimeter import CALORIMETER
from .collisions import draw_observables as _draw_event
from .collisions import zjets
from .cylinder import cylinder
from .dimuon import dimuon
from .dimuon import draw_observables as _draw_dimuon
from .foreign import foreign
from .inputs import LEVELS, Inputs
from .jets import jets
from .table import table

__all__ = [
    "CALORIMETER",
    "DOMAINS",
    "LEVELS",
    "NUMBERS_ONLY",
    "Domain",
    "Inputs",
    "Level",
    "check_name",
    "cylinder",
    "dimuon",
    "domain_of",
    "drawer_of",
    "jets",
    "table",
    "zjets",
]

Shapes = Mapping[str, tuple[int, ...]]

_MAKERS: Mapping[str, Callable[[Shapes], Domain]] = {
    "calorimeter": lambda shapes: CALORIMETER,
    "events": zjets,
    "jets": jets,
    "dimuon": dimuon,
    "table": lambda shapes: table(tuple(shapes)),
}

_DRAWERS: Mapping[str, Callable[[Mapping[str, NDArray[Any]]], Drawing]] = {
    "events": _draw_event,
    "dimuon": _draw_dimuon,
}

NUMBERS_ONLY = frozenset({"table"})
"""Domains whose events have no picture."""

DOMAINS = tuple(_MAKERS)
"""Names of the domains that come with tailscope; these always mean tailscope's own."""


def check_name(name: str) -> None:
    """Refuse a domain that does not exist.

    Raises
    ------
    InputError: with the names that do.

    """
    if name in DOMAINS:
        return
    brought = [plugin.name for plugin in plugins(GROUP) if plugin.name not in DOMAINS]
    if name not in brought:
        raise InputError(f"there is no domain {name!r}; choose one of {', '.join((*DOMAINS, *brought))}")


def domain_of(name: str, shapes: Shapes, geometry: Geometry | None = None) -> Domain:
    """Give the domain of that name; ``shapes`` are those of one event in each array (`EventFile.shapes`).

    ``geometry`` says where the voxels of showers lie; without it they are CaloGAN's.

    Raises
    ------
    InputError: no domain of that name.
    PluginError: one of another package, which does not work.

    """
    check_name(name)
    if name in DOMAINS:
        return _MAKERS[name](shapes) if geometry is None else cylinder(geometry)
    return foreign(next(plugin for plugin in plugins(GROUP) if plugin.name == name), shapes)


def drawer_of(name: str) -> Callable[[Mapping[str, NDArray[Any]]], Drawing] | None:
    """How events of that domain are drawn from their observables (name -> float[n]) alone.

    None where the arrays of the file are needed (`Domain.draw`), or where nothing is drawn.
    """
    return _DRAWERS.get(name)
