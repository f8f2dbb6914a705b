"""Tally: counts and sums of any events of a sorted sample, in all slots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import kernels
from .checkpoints import Counts, Sums
from .slots import Slots
from .threads import in_threads


class Tallied(NamedTuple):
    """Some events in all slots.

    Attributes
    ----------
    counts: int64[n_slots].
    w, event: float64[n_slots, 2], sums of w (times event weights) and of event weights, each with those of
        squares; None where the tally has none.

    """

    counts: NDArray[np.int64]
    w: NDArray[np.float64] | None
    event: NDArray[np.float64] | None

    @property
    def rows(self) -> tuple[NDArray[np.int64] | NDArray[np.float64], ...]:
        """What there is of the three."""
        return tuple(row for row in self if row is not None)


@dataclass(frozen=True, eq=False)
class Tally:
    """What counts: codes in order of weight with cumulative counts, and cumulative sums where there are some.

    Attributes
    ----------
    counts: of all observables.
    w, event: sums of w (times event weights), and of event weights.

    """

    counts: Counts
    w: Sums | None
    event: Sums | None

    @classmethod
    def build(
        cls,
        codes: NDArray[np.uint8],
        slots: Slots,
        log_w: NDArray[np.float64],
        event_weight: NDArray[np.float64],
        reweight: bool,
    ) -> Tally:
        """Count and sum uint8[n, n_obs] codes; ``event_weight`` is empty where all are 1."""
        weighted = event_weight.size > 0
        counts = Counts.build(codes, slots.offsets, bytes_a_slot=4 + 16 * (reweight + weighted))
        return cls(
            counts,
            Sums.build(counts, log_w, event_weight, True) if reweight else None,
            Sums.build(counts, log_w, event_weight, False) if weighted else None,
        )

    @property
    def n_obs(self) -> int:
        """Observables."""
        return len(self.counts.slots)

    def span(self, start: int, stop: int) -> Tallied:
        """The events of a range of the sorted sample."""
        if self.w is None and self.event is None:
            return Tallied(self.counts.span(start, stop), None, None)
        counts = np.empty(self.counts.cumulative.shape[1], dtype=np.int64)
        w = None if self.w is None else self.w.span(start, stop, counts)
        return Tallied(counts, w, None if self.event is None else self.event.span(start, stop, counts))

    def where(self, passed: NDArray[np.bool_], start: int) -> Tallied:
        """Those of a range from ``start`` on that passed; the others are taken away where they are fewer."""
        if 2 * np.count_nonzero(passed) <= passed.size:
            return self.of(positions(passed, start))
        whole = self.span(start, start + passed.size)
        for into, failed in zip(whole.rows, self.of(positions(~passed, start)).rows, strict=True):
            np.subtract(into, failed, out=into)
        for sums in (whole.w, whole.event):
            if sums is not None:
                kernels.tidy(whole.counts, sums)
        return whole

    def of(self, rows: NDArray[np.uint32], observable: int | None = None) -> Tallied:
        """Some events, by their positions, shared among threads; one observable's slots alone, or all."""
        first, last = (0, self.n_obs) if observable is None else (observable, observable + 1)
        codes, slots = self.counts.codes, self.counts.slots
        n_slots = self.counts.cumulative.shape[1]

        def part(begin: int, end: int) -> Tallied:
            some = rows[begin:end]
            counts = np.zeros(n_slots, dtype=np.int64)
            found: list[NDArray[np.float64] | None] = [None, None]
            for kind, sums in enumerate((self.w, self.event)):
                if sums is not None:
                    counts[:] = 0
                    found[kind] = summed = np.zeros((n_slots, 2))
                    kernels.count_and_sum_rows(codes, slots, *sums.weights, first, last, some, counts, summed)
            if self.w is None and self.event is None:
                kernels.count_rows(codes, slots, first, last, some, counts)
            return Tallied(counts, *found)

        found, *others = in_threads(part, rows.size)
        for other in others:
            for into, more in zip(found.rows, other.rows, strict=True):
                np.add(into, more, out=into)
        return found


def positions(passed: NDArray[np.bool_], start: int) -> NDArray[np.uint32]:
    """Positions in the sorted sample of the events that passed, out of a range from ``start`` on."""
    return (np.flatnonzero(passed) + start).astype(np.uint32)
