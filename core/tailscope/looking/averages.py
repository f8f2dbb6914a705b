"""The average shower of some events, and of the sample they are a part of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import InputError
from tailscope.sample.drawing import Drawing

from .originals import Originals

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

    """

    drawing: Drawing
    n_events: int
    of: int


def average(
    found: Originals, events: NDArray[np.int64], *, seed: int = 0, progress: Tell | None = None
) -> Average:
    """Average some events; of many a random part, read in the order of the file.

    Parameters
    ----------
    events: int64[n], numbers of the events in the sample.
    seed: of the choice, where there are more than are read (2,000, down to 200 where events are large).
    progress: called with (events read, events to be read); may raise to stop.

    Raises
    ------
    InputError: none of the events can be read.
    FormatError: the file is damaged.

    """
    readable = np.sort(events) if found.available is None else np.intersect1d(events, found.available)
    if readable.size == 0:
        raise InputError(f"none of the {events.size:,} events can be read")
    first = found.draw(int(readable[0])).pictured()
    most = int(np.clip(VOXELS // sum(image.values[0].size for image in first.images), FEWEST, MOST))
    chosen = readable
    if readable.size > most:
        chosen = np.sort(np.random.default_rng(seed).choice(readable, most, replace=False))
    totals = [np.zeros(image.values.shape[1:]) for image in first.images]
    done = 0
    for drawing in found.drawings(chosen, BLOCK):
        totals = [total + part for total, part in zip(totals, drawing.sums(), strict=True)]
        done += len(drawing)
        if progress is not None:
            progress(done, chosen.size)
    return Average(first.with_values(tuple(total / done for total in totals)), done, events.size)
