"""Domains of other packages, held to what tailscope's own promise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.plugins import Plugin
from tailscope.sample.drawing import Drawing
from tailscope.sample.observable import Arrays, Observable

from .base import Domain

Compute = Callable[[Arrays], NDArray[np.float32]]


def foreign(plugin: Plugin, shapes: Mapping[str, tuple[int, ...]]) -> Domain:
    """Make a domain of another package, whose every result is checked: shape, float32, finite features.

    Raises
    ------
    PluginError: it cannot be loaded or made, or does not fit together.

    """
    make = plugin.load()
    with plugin.blamed("making it of these arrays"):
        domain = make(shapes) if callable(make) else make
    if not isinstance(domain, Domain):
        raise plugin.wrong(f"gives a {type(domain).__name__}, expected a tailscope.domains.Domain")
    if problem := _problem(domain, plugin.name):
        raise plugin.wrong(problem)
    return replace(
        domain,
        observables=tuple(_checked_observable(plugin, spec) for spec in domain.observables),
        features=_checked(plugin, "features", domain.features, (domain.n_features,), finite=True),
        condition=None
        if domain.condition is None
        else _checked(plugin, "condition", domain.condition, (domain.n_conditions,), finite=True),
        prepare=_checked_preparation(plugin, domain.prepare),
        draw=None if domain.draw is None else _checked_drawing(plugin, domain.draw),
    )


def _problem(domain: Domain, name: str) -> str:
    """What does not fit together; "" when all does."""
    names = [spec.name for spec in domain.observables]
    if domain.name != name:
        return f"calls itself {domain.name!r}, expected the name of its entry point"
    if len(set(names)) < len(names) or not names:
        return f"has the observables {', '.join(names) or '(none)'}, expected some, each once"
    if bad := [spec.name for spec in domain.observables if spec.compute is None]:
        return f"has no function for its observable {bad[0]}"
    if bad := sorted({*domain.first_row, *domain.unseen} - set(names)):
        return f"names {bad[0]} in first_row or unseen, which is none of its observables"
    layouts = [layout for layout in (domain.particles, domain.voxels) if layout is not None]
    if domain.n_features < 1 or any(layout.width > domain.n_features for layout in layouts):
        return f"says that it has {domain.n_features} features, which are too few"
    if (domain.condition is None) != (domain.n_conditions == 0):
        return f"says that it has {domain.n_conditions} conditions but its function condition differs"
    return ""


def _checked_preparation(plugin: Plugin, prepare: Callable[[Arrays], Arrays]) -> Callable[[Arrays], Arrays]:
    def prepared(arrays: Arrays) -> Arrays:
        with plugin.blamed("prepare"):
            result = prepare(arrays)
        if not isinstance(result, Mapping):
            raise plugin.wrong(f"prepares a {type(result).__name__}, expected arrays by name")
        return result

    return prepared


def _checked_drawing(plugin: Plugin, draw: Callable[[Arrays], Drawing]) -> Callable[[Arrays], Drawing]:
    def drawn(arrays: Arrays) -> Drawing:
        n = len(next(iter(arrays.values())))
        with plugin.blamed("drawing"):
            drawing = draw(arrays)
            fits = isinstance(drawing, Drawing) and len(drawing) == n
        if not fits:
            raise plugin.wrong(f"draws a {type(drawing).__name__}, expected a Drawing of {n} events")
        return drawing

    return drawn


def _checked_observable(plugin: Plugin, spec: Observable) -> Observable:
    assert spec.compute is not None  # _problem says so
    return replace(spec, compute=_checked(plugin, f"observable {spec.name}", spec.compute, ()))


def _checked(
    plugin: Plugin, what: str, compute: Compute, shape: tuple[int, ...], *, finite: bool = False
) -> Compute:
    """Hold a function to float32[n, *shape]; infinite observables become undefined, like one's own."""

    def checked(arrays: Arrays) -> NDArray[np.float32]:
        n = len(next(iter(arrays.values())))
        with plugin.blamed(what):
            made: NDArray[Any] = np.asarray(compute(arrays))
            if made.shape == (n, *shape):
                with np.errstate(over="ignore"):
                    made = made.astype(np.float32)
        if made.shape != (n, *shape):
            raise plugin.wrong(f"gives {what} of shape {made.shape} for {n} events, expected {(n, *shape)}")
        if np.isfinite(made).all():
            return made
        if finite:
            event = int((~np.isfinite(made).all(axis=1)).argmax())
            raise plugin.wrong(f"gives {what} that are NaN or infinite, first for event {event} of a chunk")
        return np.where(np.isinf(made), np.float32(np.nan), made)

    return checked
