"""Slots: how the bins of an observable lie in a row of numbers, and the rows of several observables in one.

Filling gives such rows, the index counts in them, and the wall is told them: underflow, the bins, overflow,
undefined (NaN).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import SelectionError

from .binning import OUTSIDE, Binning
from .histogram import Histogram


@dataclass(frozen=True, eq=False)
class Slots:
    """The rows of several observables, one after the other.

    Attributes
    ----------
    names, binnings: observables, in order.
    offsets: int64[n_obs + 1]: observable ``o`` owns slots ``offsets[o]:offsets[o + 1]``.

    """

    names: tuple[str, ...]
    binnings: tuple[Binning, ...]
    offsets: NDArray[np.int64]

    @classmethod
    def of(cls, binnings: Mapping[str, Binning]) -> Slots:
        """Lay out the observables in the order in which their binnings are given."""
        sizes = [len(binning) + OUTSIDE for binning in binnings.values()]
        offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        offsets.setflags(write=False)
        return cls(tuple(binnings), tuple(binnings.values()), offsets)

    def __len__(self) -> int:
        return int(self.offsets[-1])

    def number_of(self, name: str) -> int:
        """Position of an observable in `names`.

        Raises
        ------
        SelectionError: no observable of that name; says which are close.

        """
        try:
            return self.names.index(name)
        except ValueError:
            close = get_close_matches(name, self.names, n=3) or self.names[:10]
            raise SelectionError(
                f"there is no observable {name!r} among {len(self.names)}; did you mean {', '.join(close)}?"
            ) from None

    def own(self, name: str) -> slice:
        """Where the slots of one observable lie.

        Raises
        ------
        SelectionError: no observable of that name.

        """
        number = self.number_of(name)
        return slice(int(self.offsets[number]), int(self.offsets[number + 1]))

    def histogram(self, name: str, values: NDArray[Any], variances: NDArray[Any]) -> Histogram:
        """One observable out of rows of all of them, [n_slots] each.

        Raises
        ------
        SelectionError: no observable of that name.

        """
        own = self.own(name)
        return Histogram.of_slots(self.binnings[self.number_of(name)].edges, values[own], variances[own])
