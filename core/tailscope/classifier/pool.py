"""Both samples of a fit as one pool of rows on one device."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from tailscope.sample import Sample

CHUNK = 8192
"""Rows looked at at a time where no gradients are kept."""


class Pool:
    """Reference and generated events as one pool of rows, reference first, on one device.

    In-memory samples are used where they lie (CPU) or copied once (other devices); nothing is concatenated.
    """

    def __init__(self, reference: Sample, generated: Sample, device: torch.device) -> None:
        self.device = device
        self.n_reference = len(reference)
        self.parts = [self._tensors(sample) for sample in (reference, generated)]
        ones = [np.ones(len(s)) if s.event_weight is None else s.event_weight for s in (reference, generated)]
        self.weights = torch.from_numpy(np.concatenate(ones).astype(np.float32)).to(device)
        self.weighted = reference.event_weight is not None or generated.event_weight is not None
        self.n_inputs = reference.n_inputs
        self.particles = reference.particles

    def _tensors(self, sample: Sample) -> list[Tensor]:
        columns = [sample.features[:]] + ([] if sample.condition is None else [sample.condition])
        return [torch.from_numpy(column).to(self.device) for column in columns]

    def inputs(self, rows: Tensor) -> tuple[Tensor, int]:
        """Inputs (n, n_inputs) of pool rows, reference events first, and how many of these there are."""
        is_reference = rows < self.n_reference
        split = (rows[is_reference], rows[~is_reference] - self.n_reference)
        columns = [
            torch.cat([a.index_select(0, split[0]), b.index_select(0, split[1])])
            for a, b in zip(*self.parts, strict=True)
        ]
        return (columns[0] if len(columns) == 1 else torch.cat(columns, dim=1)), int(split[0].numel())

    def batch(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        """Inputs, labels (1 for reference) and event weights (None: all are 1) of pool rows, reordered."""
        x, n_reference = self.inputs(rows)
        labels = torch.zeros(len(rows), device=self.device)
        labels[:n_reference] = 1
        if not self.weighted:
            return x, labels, None
        is_reference = rows < self.n_reference
        return x, labels, self.weights[torch.cat([rows[is_reference], rows[~is_reference]])]

    def scaling(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and inverse standard deviation of each input over pool rows; 1 for constant inputs."""
        total = torch.zeros(self.n_inputs, dtype=torch.float64)
        square = torch.zeros(self.n_inputs, dtype=torch.float64)
        reference = self.inputs(rows[:1])[0].double().cpu()[0]
        for part in torch.split(rows, CHUNK):
            x = self.inputs(part)[0].double().cpu() - reference
            total += x.sum(0)
            square += (x * x).sum(0)
        mean = total / len(rows)
        sigma = (square / len(rows) - mean**2).clamp(min=0).sqrt()
        constant = sigma <= 1e-7 * (reference + mean).abs() + 1e-30
        return (reference + mean).float(), torch.where(constant, 1.0, 1 / sigma).float()

    def class_sums(self, rows: Tensor) -> tuple[float, float]:
        """Sums of event weights over pool rows: (S_reference, S_generated)."""
        is_reference = rows < self.n_reference
        w = self.weights[rows].double()
        return float(w[is_reference].sum()), float(w[~is_reference].sum())
