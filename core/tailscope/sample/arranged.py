"""Features in another order, with what is undefined filled and flagged; read when asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .sample import Features

Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Arranged:
    """Some columns of other features, and a flag (1 or 0) behind them for each that may be undefined.

    Attributes
    ----------
    base: features float32[n, m].
    order: the columns of ``base`` that are taken, in this order.
    undefined: position among these -> where the number is undefined, bool[n]; flags follow in this order.
    fill: position -> what stands for it there.

    """

    base: Features
    order: NDArray[np.int64]
    undefined: Mapping[int, Bools]
    fill: Mapping[int, float]

    @property
    def shape(self) -> tuple[int, ...]:
        """(n_events, columns and flags)."""
        return self.base.shape[0], self.order.size + len(self.undefined)

    def __getitem__(self, rows: Any, /) -> NDArray[np.float32]:
        """Rows as float32[k, columns and flags], in memory."""
        values = np.asarray(self.base[rows], dtype=np.float32)[:, self.order]
        flags = []
        for position, missing in self.undefined.items():
            values[missing[rows], position] = self.fill[position]
            flags.append(missing[rows])
        return np.concatenate([values, np.stack(flags, axis=1).astype(np.float32)], 1) if flags else values


def arranged(
    base: Features, order: Sequence[int], undefined: Mapping[int, Bools], fill: Mapping[int, float]
) -> Features:
    """`Arranged` features: in memory where ``base`` is, unchanged where nothing is to be done."""
    if not undefined and list(order) == list(range(base.shape[1])):
        return base
    lazy = Arranged(base, np.asarray(order, dtype=np.int64), undefined, fill)
    return lazy[:] if isinstance(base, np.ndarray) else lazy
