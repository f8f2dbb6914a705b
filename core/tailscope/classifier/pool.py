"""Both samples of a fit as one pool of rows on one device."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tailscope.sample import Sample

CHUNK = 8192
"""Rows looked at at a time where no gradients are kept."""


class Pool:
    """Reference and generated events as one pool of rows, reference first, on one device.

    On the CPU samples are used where they lie, and a batch has its reference events first. On other devices
    (or with ``resident``) there is one tensor of all inputs, and batches keep their order: how many of a
    batch are reference events only the device knows, and to ask would make host and device wait for each
    other in every batch.

    Event weights are scaled to a mean of 1 in each sample, because only the normalised densities count:
    cross sections of 10^-6 pb an event would vanish beside the epsilon of Adam, and of two samples with
    different units one would vanish beside the other.
    """

    def __init__(
        self, reference: Sample, generated: Sample, device: torch.device, *, resident: bool = False
    ) -> None:
        self.device = device
        self.n_reference = len(reference)
        self.n_inputs = reference.n_inputs
        self.particles = reference.particles
        weights = [_of_mean_one(sample) for sample in (reference, generated)]
        self.weights = torch.from_numpy(np.concatenate(weights).astype(np.float32)).to(device)
        self.weighted = reference.event_weight is not None or generated.event_weight is not None
        self._parts: list[list[Tensor]] = []
        self._resident: Tensor | None = None
        if resident or device.type != "cpu":
            self._resident = _on_device((reference, generated), device)
        else:
            self._parts = [_columns(sample) for sample in (reference, generated)]

    def inputs(self, rows: Tensor) -> Tensor:
        """Inputs (n, n_inputs) of pool rows; on the CPU those of reference events come first."""
        if self._resident is not None:
            return self._resident.index_select(0, rows)
        return self._gathered(*self._split(rows))

    def batch(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        """Inputs, labels (1 for reference) and event weights (None: all are 1) of pool rows."""
        if self._resident is not None:
            x = self._resident.index_select(0, rows)
        else:
            parts = self._split(rows)
            x, rows = self._gathered(*parts), torch.cat(parts)
        labels = (rows < self.n_reference).to(torch.float32)
        return x, labels, self.weights.index_select(0, rows) if self.weighted else None

    def _gathered(self, reference: Tensor, generated: Tensor) -> Tensor:
        """Inputs of rows of each sample, from where they lie."""
        generated = generated - self.n_reference
        columns = [
            torch.cat([a.index_select(0, reference), b.index_select(0, generated)])
            for a, b in zip(*self._parts, strict=True)
        ]
        return columns[0] if len(columns) == 1 else torch.cat(columns, dim=1)

    def _split(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Rows of reference events, and of generated ones."""
        is_reference = rows < self.n_reference
        return rows[is_reference], rows[~is_reference]

    def scaling(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and inverse standard deviation of each input over pool rows; 1 for constant inputs."""
        total = torch.zeros(self.n_inputs, dtype=torch.float64)
        square = torch.zeros(self.n_inputs, dtype=torch.float64)
        reference = self.inputs(rows[:1]).cpu().double()[0]
        for part in torch.split(rows, CHUNK):
            x = self.inputs(part).cpu().double() - reference
            total += x.sum(0)
            square += (x * x).sum(0)
        mean = total / len(rows)
        sigma = (square / len(rows) - mean**2).clamp(min=0).sqrt()
        constant = sigma <= 1e-7 * (reference + mean).abs() + 1e-30
        return (reference + mean).float(), torch.where(constant, 1.0, 1 / sigma).float()

    def class_sums(self, rows: Tensor) -> tuple[float, float]:
        """Sums of event weights over pool rows: (S_reference, S_generated)."""
        reference, generated = (self.weights[part].cpu().double() for part in self._split(rows))
        return float(reference.sum()), float(generated.sum())


def _of_mean_one(sample: Sample) -> NDArray[np.float64]:
    """Event weights over their mean, float64[n_events]."""
    if sample.event_weight is None:
        return np.ones(len(sample))
    weights: NDArray[np.float64] = sample.event_weight / sample.event_weight.mean()
    return weights


def _columns(sample: Sample) -> list[Tensor]:
    """Features, and conditions where there are any, without a copy."""
    columns = [sample.features[:]] + ([] if sample.condition is None else [sample.condition])
    return [torch.from_numpy(column) for column in columns]


def _on_device(samples: tuple[Sample, Sample], device: torch.device) -> Tensor:
    """All inputs (n, n_inputs) in one tensor, copied piece by piece: the host needs no second copy."""
    whole = torch.empty((sum(len(s) for s in samples), samples[0].n_inputs), device=device)
    offset = 0
    for sample in samples:
        for start, rows in sample.chunks():
            whole[offset + start : offset + start + len(rows)] = torch.from_numpy(rows).to(device)
        offset += len(sample)
    return whole
