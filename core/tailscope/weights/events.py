"""One sample of which every event has a weight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import InputError
from tailscope.sample.source import Source
from tailscope.selection import SampleName

from .bundle import Bundle

SAMPLES: tuple[SampleName, SampleName] = ("reference", "generated")

SPREAD = "sigma_log_w"
"""The observable that says how far the members differ: their standard deviation of log w."""


@dataclass(frozen=True, eq=False)
class WeightedEvents:
    """One sample of a study: what is left of a `Sample` once every event has a weight.

    Attributes
    ----------
    name: for legends.
    log_w: float64[n_events], natural logarithm of w = p_reference/p_generated; -inf and inf are legal.
    observables: name -> float32[n_events], memory-mapped when the study comes from a file.
    members: float32[n_events, n_members] log weights of single trainings; (n, 0) when there is one only.
    fold: int16[n_events], the fold that left the event out; -1 where weights were imported.
    event_weight: float64[n_events] or None.
    source: the file the events come from.
    rows: int64[n_events], row of each event in that file; None where these are 0, 1, 2, ...
    bundle: arrays of some of the events, where the study carries them.
    beside: folder of the study file that these events were read from, where their own file may be too.

    """

    name: str
    log_w: NDArray[np.float64]
    observables: Mapping[str, NDArray[np.float32]]
    members: NDArray[np.float32]
    fold: NDArray[np.int16]
    event_weight: NDArray[np.float64] | None
    source: Source
    rows: NDArray[np.int64] | None = None
    bundle: Bundle | None = None
    beside: Path | None = None

    def __len__(self) -> int:
        return self.log_w.size

    @property
    def v(self) -> NDArray[np.float64]:
        """Event weights: float64[n_events], all 1 where there are none."""
        return each_weight(self.event_weight, len(self))

    @property
    def effective(self) -> float:
        """Effective number of events, (sum v)^2 / sum v^2 of the event weights v."""
        if self.event_weight is None:
            return float(len(self))
        return effective_size(float(self.v.sum()), float((self.v**2).sum()))

    def rows_in_file(self, events: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows of the sample's own file that these events are: int64[m]."""
        return events if self.rows is None else self.rows[events]

    def take(self, rows: NDArray[np.int64]) -> WeightedEvents:
        """Some of the events (int64[m]), in that order; no longer a view of a file.

        Raises
        ------
        InputError: numbers of events that are not there.

        """
        if rows.size and (rows.min() < 0 or rows.max() >= len(self)):
            raise InputError(f"{self.name} has the events 0 to {len(self) - 1}, not all of those asked for")
        return replace(
            self,
            log_w=self.log_w[rows],
            observables={name: np.asarray(column[rows]) for name, column in self.observables.items()},
            members=self.members[rows],
            fold=self.fold[rows],
            event_weight=None if self.event_weight is None else self.event_weight[rows],
            source=self.source.of_rows(rows),
            rows=self.rows_in_file(rows),
            bundle=None if self.bundle is None else self.bundle.take(rows),
        )


def each_weight(event_weight: NDArray[np.float64] | None, n: int) -> NDArray[np.float64]:
    """Event weights of n events, 1 each where there are none: the one place that says so."""
    return np.ones(n) if event_weight is None else event_weight


def effective_size(sum_w: float, sum_w2: float) -> float:
    """Kish's effective sample size (sum w)^2 / sum w^2; 0 for nothing."""
    return sum_w**2 / sum_w2 if sum_w2 > 0 else 0.0


Floats = NDArray[np.float64]

EventWeights = tuple[Floats | None, Floats | None]

NONE: EventWeights = (None, None)
