"""Both samples of a fit as one pool of rows on one device, and labels of these rows."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tailscope.sample.particles import Particles
from tailscope.sample.sample import Features, Sample

CHUNK = 8192
"""Rows looked at at a time where no gradients are kept,"""
CHUNK_BYTES = 256 << 20
"""if they are not more than so many bytes."""


class Rows(Protocol):
    """Rows of both samples, reference first, as networks see them.

    Attributes
    ----------
    resident: all inputs (n_rows, n_inputs) in one tensor on the device; None where they lie elsewhere.

    """

    device: torch.device
    n_reference: int
    n_rows: int
    n_inputs: int
    resident: Tensor | None
    particles: Particles | None

    def inputs(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs (n, n_inputs) of rows, and the rows in the order in which they come."""
        ...

    def scaling(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and inverse standard deviation of each input over rows, with which a network begins."""
        ...


class Pool:
    """Inputs of reference and generated events as one pool of rows, reference first, on one device.

    What all trainings of a fit read and none changes. On the CPU samples are used where they lie, in memory
    or on disk, and rows that are asked for come with those of the reference sample first; so it is on other
    devices with features on disk that these have no room for. On other devices (or with ``resident``) there
    is one tensor of all inputs, and rows keep their order: how many of them lie in the reference sample only
    the device knows, and to ask would make host and device wait for each other in every batch.

    Attributes
    ----------
    standardised: whether networks standardise the inputs, or see them as they are.

    """

    def __init__(
        self,
        reference: Sample,
        generated: Sample,
        device: torch.device,
        *,
        resident: bool = False,
        standardised: bool = True,
    ) -> None:
        self.device, self.standardised = device, standardised
        self.n_reference = len(reference)
        self.n_rows = len(reference) + len(generated)
        self.n_inputs = reference.n_inputs
        self.particles = reference.particles
        self._parts: list[list[Tensor | Features]] = []
        self.resident: Tensor | None = None
        if resident or (device.type != "cpu" and _fits((reference, generated), device)):
            self.resident = _on_device((reference, generated), device)
        else:
            self._parts = [_columns(sample) for sample in (reference, generated)]

    def inputs(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs (n, n_inputs) of rows, and the rows in the order in which they come."""
        if self.resident is not None:
            return self.resident.index_select(0, rows), rows
        inside = rows < self.n_reference
        reference, generated = rows[inside], rows[~inside]
        return self._gathered(reference, generated), torch.cat([reference, generated])

    def _gathered(self, reference: Tensor, generated: Tensor) -> Tensor:
        """Inputs of rows of each sample, from where they lie."""
        rows = reference.cpu(), (generated - self.n_reference).cpu()
        columns = [
            torch.cat([_taken(a, rows[0]), _taken(b, rows[1])]) for a, b in zip(*self._parts, strict=True)
        ]
        return (columns[0] if len(columns) == 1 else torch.cat(columns, dim=1)).to(self.device)

    def scaling(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and inverse standard deviation of each input over rows; 1 for constant inputs.

        0 and 1 where networks see the inputs as they are.
        """
        if not self.standardised:
            return torch.zeros(self.n_inputs), torch.ones(self.n_inputs)
        # MPS has no float64.
        where = torch.device("cpu") if self.device.type == "mps" else self.device
        total = torch.zeros(self.n_inputs, dtype=torch.float64, device=where)
        square = torch.zeros_like(total)
        reference = self.inputs(rows[:1])[0].to(where).double()[0]
        for part in torch.split(rows, rows_together(self.n_inputs)):
            x = self.inputs(part)[0].to(where).double().sub_(reference)
            total += x.sum(0)
            square += x.mul_(x).sum(0)
        total, square, reference = total.cpu(), square.cpu(), reference.cpu()
        mean = total / len(rows)
        sigma = (square / len(rows) - mean**2).clamp(min=0).sqrt()
        constant = sigma <= 1e-7 * (reference + mean).abs() + 1e-30
        return (reference + mean).float(), torch.where(constant, 1.0, 1 / sigma).float()


class Labelled:
    """The rows of a pool with labels and event weights: the samples' own, or those of a null run.

    Parameters
    ----------
    is_reference: bool[n_rows], the label of each row.
    weights: float[n_rows], event weights with a mean of 1 over the rows of each label, or None where all are
        1. Only the normalised densities count: cross sections of 10^-6 pb an event would vanish beside the
        epsilon of Adam, and of two samples with different units one would vanish beside the other.

    """

    def __init__(
        self, pool: Rows, is_reference: NDArray[np.bool_], weights: NDArray[np.float64] | None = None
    ) -> None:
        self.pool, self.device = pool, pool.device
        self._labels = torch.from_numpy(is_reference.astype(np.float32)).to(pool.device)
        self._weights = None
        if weights is not None:
            self._weights = torch.from_numpy(weights.astype(np.float32)).to(pool.device)

    def batch(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        """Inputs, labels (1 for reference) and event weights (None: all are 1) of rows."""
        x, rows = self.pool.inputs(rows)
        weights = None if self._weights is None else self._weights.index_select(0, rows)
        return x, self._labels.index_select(0, rows), weights

    def class_sums(self, rows: Tensor) -> tuple[float, float]:
        """Sums of event weights over rows: (S_reference, S_generated)."""
        labels = self._labels[rows].cpu().double()
        weights = torch.ones_like(labels) if self._weights is None else self._weights[rows].cpu().double()
        reference = labels == 1
        return float(weights[reference].sum()), float(weights[~reference].sum())


def rows_together(n_inputs: int) -> int:
    """Rows that are looked at together where no gradients are kept."""
    return min(CHUNK, max(1, CHUNK_BYTES // (4 * n_inputs)))


def _columns(sample: Sample) -> list[Tensor | Features]:
    """Features, and conditions where there are any, without a copy; what is on disk stays there."""
    columns = [sample.features] + ([] if sample.condition is None else [sample.condition])
    return [torch.from_numpy(column) if isinstance(column, np.ndarray) else column for column in columns]


def _taken(column: Tensor | Features, rows: Tensor) -> Tensor:
    """Rows of a tensor, or of features on disk, where they are read in ascending order."""
    if isinstance(column, Tensor):
        return column.index_select(0, rows)
    ascending, inverse = np.unique(rows.numpy(), return_inverse=True)
    return torch.from_numpy(np.asarray(column[ascending], dtype=np.float32)[inverse])


def _fits(samples: tuple[Sample, Sample], device: torch.device) -> bool:
    """Whether the inputs have room on the device; what is in the host's memory is tried in any case."""
    if device.type != "cuda" or all(isinstance(s.features, np.ndarray) for s in samples):
        return True
    needed = 4 * sum(len(s) * s.n_inputs for s in samples)
    return needed < 0.8 * torch.cuda.mem_get_info(device)[0]


def _on_device(samples: tuple[Sample, Sample], device: torch.device) -> Tensor:
    """All inputs (n, n_inputs) in one tensor, copied piece by piece: the host needs no second copy."""
    whole = torch.empty((sum(len(s) for s in samples), samples[0].n_inputs), device=device)
    offset = 0
    for sample in samples:
        for start, rows in sample.chunks():
            whole[offset + start : offset + start + len(rows)] = torch.from_numpy(rows).to(device)
        offset += len(sample)
    return whole
