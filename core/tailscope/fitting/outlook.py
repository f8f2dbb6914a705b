"""What a fit would do and how long it may take, before anybody waits for it."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tailscope.config import FitConfig
from tailscope.sample.pairing import matched
from tailscope.sample.sample import Sample
from tailscope.storage.cache import Cache

from .fit import fit, fit_key

PROBES = (600, 1200)
"""Events of each sample in the two small fits that are timed."""
FOLDS = 2
"""Folds of these."""
MARGIN = 2.0
"""By what factor a fit may take longer or shorter than these tell: trainings stop when nothing improves."""


@dataclass(frozen=True)
class Outlook:
    """A fit that was not made.

    Attributes
    ----------
    reference, generated: events of each sample.
    n_inputs: numbers that the classifier sees of each event.
    kinds: of classifiers that are stacked; () for one network alone.
    trainings: how many there would be.
    cached: whether the cache holds this very fit.
    seconds: from how many to how many it may take; (0, 0) from the cache.

    """

    reference: int
    generated: int
    n_inputs: int
    kinds: tuple[str, ...]
    trainings: int
    cached: bool
    seconds: tuple[float, float]


def outlook(
    reference: Sample,
    generated: Sample,
    *,
    config: FitConfig | None = None,
    cache: Cache | Path | str | None = None,
    at_once: int | None = None,
    common: bool = False,
) -> Outlook:
    """Say what `fit` would do with the same arguments.

    Two fits of a few hundred events are timed, and each training is taken to last a + b times its events.
    What this machine does beside is in it; a fit that was stopped needs less.

    Raises
    ------
    PairError, InputError, TrainingError: as `fit`.

    """
    config = config or FitConfig()
    store = cache if isinstance(cache, Cache) else Cache(cache)
    reference, generated = matched(reference, generated, common=common)
    whole = config.for_sample(reference, generated)
    trainings = whole.folds * whole.members_each * max(1, len(whole.kinds))
    cached = store.get("fit", fit_key(reference, generated, config)) is not None
    return Outlook(
        len(reference),
        len(generated),
        reference.n_inputs,
        tuple(whole.kinds),
        trainings,
        cached,
        (0.0, 0.0) if cached else _seconds(reference, generated, whole, at_once),
    )


def _seconds(
    reference: Sample, generated: Sample, config: FitConfig, at_once: int | None
) -> tuple[float, float]:
    n = len(reference) + len(generated)
    small = config.with_(folds=min(FOLDS, config.folds), watch_epochs=())
    points = []
    with tempfile.TemporaryDirectory() as folder:
        for most in PROBES:
            samples = [_some(sample, most) for sample in (reference, generated)]
            start = time.perf_counter()
            fit(*samples, config=small, cache=folder, progress=False, at_once=at_once)
            learned = sum(map(len, samples)) * (1 - 1 / small.folds)
            points.append((learned, (time.perf_counter() - start) / small.folds))
    (few, first), (many, second) = points
    slope = max(0.0, (second - first) / (many - few)) if many > few else first / few
    one_fold = first + slope * max(0.0, n * (1 - 1 / config.folds) - few)
    total = config.folds * one_fold
    return total / MARGIN, total * MARGIN


def _some(sample: Sample, most: int) -> Sample:
    """At most so many events of a sample, from all of it."""
    if len(sample) <= most:
        return sample
    return sample.take(np.linspace(0, len(sample) - 1, most).astype(np.int64), sample.name)
