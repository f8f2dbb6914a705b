"""Logits of a trained network, and the device to work on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from tailscope.errors import TrainingError
from tailscope.sample import Sample

from .bayesian import BayesianClassifier
from .choice import Network

CHUNK_BYTES = 1 << 19
"""Inputs scored together: they and what the layers make of them stay in the processor's caches."""


def score(
    network: Network, sample: Sample, device: torch.device, rows: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Logits float32[n_rows] of rows of one sample, in their order; of a Bayesian network's mean weights."""
    return score_all([network], sample, device, rows)[:, 0]


def score_all(
    networks: Sequence[Network], sample: Sample, device: torch.device, rows: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Logits float32[n_rows, n_networks] of rows of one sample, which is read once."""
    parts: list[NDArray[np.float32]] = []
    with torch.inference_mode():
        for part in _batches(rows, rows_at_a_time(sample.n_inputs)):
            x = torch.from_numpy(np.ascontiguousarray(sample.inputs(part))).to(device)
            parts.append(torch.stack([network(x) for network in networks], dim=1).float().cpu().numpy())
    return np.concatenate(parts) if parts else np.empty((0, len(networks)), np.float32)


def outputs_of(network: Network, samples: int, seed: int) -> list[Network]:
    """The networks whose logits are members of a weight: itself, or draws from a Bayesian one's posterior."""
    if not isinstance(network, BayesianClassifier):
        return [network]
    generator = torch.Generator().manual_seed(seed)
    return [network.drawn(generator) for _ in range(samples)]


def rows_at_a_time(n_inputs: int) -> int:
    """Events that are scored together."""
    return max(64, CHUNK_BYTES // (4 * n_inputs))


def _batches(rows: NDArray[np.int64], size: int) -> Iterator[NDArray[np.int64]]:
    for start in range(0, rows.size, size):
        yield rows[start : start + size]


def choose_device(name: str) -> torch.device:
    """The device of that name; "auto" is CUDA, else MPS, else the CPU.

    Raises
    ------
    TrainingError: a device that is not there.

    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise TrainingError(f"device {name!r} is not available here; use --device auto or cpu") from error
    return device
