"""Histograms: all histograms of one selection, as the index counts them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import SelectionError

from .histogram import Histogram
from .slots import Slots


@dataclass(frozen=True, eq=False)
class Histograms:
    """All histograms of one selection, observable after observable in `Slots`.

    Attributes
    ----------
    slots: which of the numbers are whose.
    counts: int64[n_slots], events.
    events: events in the selection.
    n_infinite: those of them with w = inf (or beyond exp(300)); counted, but in no sum of w.
    sum_w, sum_w2: float64[n_slots], sums of w = exp(log w), times the event weight where there is one, and of
        squares; None unless the index was built with ``reweight=True``. Exact to 1e-12 of the sample's total.
    total_w, total_w2: the same of the whole selection.
    sum_event, sum_event2: float64[n_slots], sums of event weights and of their squares; None without any.

    """

    slots: Slots = field(repr=False)
    counts: NDArray[np.int64]
    events: int
    n_infinite: int
    sum_w: NDArray[np.float64] | None = None
    sum_w2: NDArray[np.float64] | None = None
    total_w: float = 0.0
    total_w2: float = 0.0
    sum_event: NDArray[np.float64] | None = None
    sum_event2: NDArray[np.float64] | None = None

    @property
    def effective(self) -> float:
        """Effective sample size (sum w)^2 / sum w^2 (Kish); 0 for an empty selection."""
        return self.total_w**2 / self.total_w2 if self.total_w2 > 0 else 0.0

    def of(self, name: str) -> Histogram:
        """Events of one observable.

        Raises
        ------
        SelectionError: no observable of that name.

        """
        return self.slots.histogram(name, self.counts, self.counts)

    def reweighted(self, name: str) -> Histogram:
        """Sums of w (times event weights) of one observable.

        Raises
        ------
        SelectionError: no observable of that name, or an index without weight sums.

        """
        if self.sum_w is None or self.sum_w2 is None:
            raise SelectionError("this index holds no sums of w; build it with reweight=True")
        return self.slots.histogram(name, self.sum_w, self.sum_w2)

    def event_weighted(self, name: str) -> Histogram:
        """Sums of event weights of one observable; events where the sample has no event weights.

        Raises
        ------
        SelectionError: no observable of that name.

        """
        if self.sum_event is None or self.sum_event2 is None:
            return self.of(name)
        return self.slots.histogram(name, self.sum_event, self.sum_event2)
