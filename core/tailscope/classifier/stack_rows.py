"""What the members of a stack read: rows of one pool or of several whitened ones, and labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .pool import Rows, rows_together
from .standardise import standardised

Columns = tuple[NDArray[np.bool_], NDArray[np.float64] | None]
"""Labels and event weights (None: all are 1) of all rows of a pool, as `Labelled` takes them."""


class StackRows:
    """All inputs that a stack learns from, in one tensor on its device, and the labels of all its fits.

    Member k reads row r of copy c_k of the pool, (c_k n_rows + r) of the tensor, and of labels likewise. A
    stack on whitened inputs has a copy for each fold of each fit, padded with zeros where a fold has fewer
    components: 4 n_copies n_rows n_inputs bytes. One on the events as they are reads the pool itself, where
    that lies on the device.

    Parameters
    ----------
    copies: pools of the same rows, whitened or as they are. Whitened ones are made by the iterator one after
        the other, since each holds a tensor of its own.
    n_copies: how many there are.
    columns: of each fit.
    width: inputs that any of the copies has at most.
    compress: of `standardised`; whitened inputs are compressed once and for all.
    whitened: whether the copies are.

    """

    def __init__(
        self,
        copies: Iterable[Rows],
        n_copies: int,
        columns: Sequence[Columns],
        *,
        width: int,
        compress: bool,
        whitened: bool,
    ) -> None:
        self.compress, self.whitened = compress, whitened
        copies = iter(copies)
        self._pool = first = next(copies)
        self.device, self.n_rows, self.width = first.device, first.n_rows, width
        self.n_inputs: list[int] = []
        if not whitened and first.resident is not None:
            self._inputs = first.resident
            self.n_inputs.append(first.n_inputs)
        else:
            self._inputs = torch.zeros((n_copies * self.n_rows, width), device=self.device)
            for number, one in enumerate(chain([first], copies)):
                self._fill(number * self.n_rows, one)
                self.n_inputs.append(one.n_inputs)
        self._labels = self._on_device([is_reference for is_reference, _ in columns])
        self._weights = None
        if any(weight is not None for _, weight in columns):
            ones = np.ones(self.n_rows)
            self._weights = self._on_device([ones if weight is None else weight for _, weight in columns])

    def _fill(self, start: int, copy: Rows) -> None:
        """Write the rows of a copy into the tensor."""
        n = copy.n_inputs
        nothing = torch.zeros(n, device=self.device), torch.ones(n, device=self.device)
        for part in torch.split(torch.arange(self.n_rows, device=self.device), rows_together(n)):
            x, _ = copy.inputs(part)
            if self.whitened:
                x = standardised(x, *nothing, compress=self.compress)
            self._inputs[start : start + self.n_rows][part, :n] = x

    def scaling(self, copy: int, rows: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """Mean and inverse standard deviation that are left to take off the rows of a copy."""
        if self.whitened:
            return torch.zeros(self.n_inputs[copy]), torch.ones(self.n_inputs[copy])
        return self._pool.scaling(torch.from_numpy(rows).to(self.device))

    def _on_device(self, columns: Sequence[NDArray[np.generic]]) -> Tensor:
        return torch.from_numpy(np.concatenate(columns).astype(np.float32)).to(self.device)

    def inputs(self, rows: Tensor) -> Tensor:
        """Inputs (K, n, width) of int64 rows (K, n) of the tensor."""
        return self._inputs.index_select(0, rows.flatten()).view(*rows.shape, self.width)

    def labels(self, rows: Tensor) -> Tensor:
        """Labels (K, n), 1 for reference, of rows (K, n) of the labels."""
        return self._labels.take(rows)

    def weights(self, rows: Tensor) -> Tensor | None:
        """Event weights (K, n) of rows (K, n) of the labels; None where all are 1."""
        return None if self._weights is None else self._weights.take(rows)
