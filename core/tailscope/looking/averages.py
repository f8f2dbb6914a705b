"""The average shower of some events, and of the sample they are a part of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import InputError
from tailscope.sample.drawing import Drawing
from tailscope.weights.events import Floats, effective_size

from .originals import Originals
from .profiles import Profile, Profiler

VOXELS = 2_000_000
"""Voxels that are averaged: 2,000 events where they are small, fewer where they are large."""
MOST, FEWEST = 2000, 200
BLOCK = 250

Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Average:
    """Mean of some events' images.

    Attributes
    ----------
    drawing: one event with the mean of every cell, zeros included.
    n_events: how many were averaged.
    of: how many there are.
    effective: what they are worth, (sum w)^2 / sum w^2 of their weights.
    profiles: mean energy along and away from the beam; none of particles.

    """

    drawing: Drawing
    n_events: int
    of: int
    effective: float
    profiles: tuple[Profile, ...]


def picked(found: Originals, events: NDArray[np.int64], *, seed: int = 0) -> NDArray[np.int64]:
    """The events that an average of some reads: all that are there, or a random part of many; ascending.

    Parameters
    ----------
    events: int64[n], numbers of the events in the sample.
    seed: of the choice, where there are more than are read (2,000, down to 200 where events are large).

    Raises
    ------
    InputError: none of the events can be read.

    """
    readable = np.sort(events) if found.available is None else np.intersect1d(events, found.available)
    if readable.size == 0:
        raise InputError(f"none of the {events.size:,} events can be read")
    most = room(found, int(readable[0]))
    if readable.size <= most:
        return readable
    return np.sort(np.random.default_rng(seed).choice(readable, most, replace=False))


def room(found: Originals, event: int) -> int:
    """How many events like one are read for an average."""
    cells = sum(image.values[0].size for image in found.draw(event).pictured().images)
    return int(np.clip(VOXELS // cells, FEWEST, MOST))


def average(
    found: Originals,
    events: NDArray[np.int64],
    *,
    of: int | None = None,
    weights: Floats | None = None,
    progress: Tell | None = None,
) -> Average:
    """Average events, read in the order of the file.

    Parameters
    ----------
    events: int64[n], ascending; all of them can be read (`picked`).
    of: how many there are to choose from; None for as many.
    weights: float64[n], how much each counts; None for alike.
    progress: called with (events read, events to be read); may raise to stop.

    Raises
    ------
    FormatError: the file is damaged.

    """
    w = np.ones(events.size) if weights is None else weights
    first = found.draw(int(events[0]))
    profiler = Profiler(first)
    pictured = first.pictured()
    totals = [np.zeros(image.values.shape[1:]) for image in pictured.images]
    done = 0
    for drawing in found.drawings(events, BLOCK):
        share = w[done : done + len(drawing)]
        totals = [total + part for total, part in zip(totals, drawing.sums(share), strict=True)]
        profiler.add(drawing, share)
        done += len(drawing)
        if progress is not None:
            progress(done, events.size)
    size = effective_size(float(w.sum()), float((w**2).sum()))
    return Average(
        pictured.with_values(tuple(total / w.sum() for total in totals)),
        done,
        events.size if of is None else of,
        size,
        profiler.profiles(),
    )
