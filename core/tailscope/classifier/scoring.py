"""Logits of a trained network, and the device to work on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from tailscope.errors import TrainingError
from tailscope.sample.sample import Sample

from .bayesian import BayesianClassifier
from .choice import Network
from .network import Classifier
from .pool import Rows
from .standardise import standardised_rows

Logits = Callable[[NDArray[np.int64]], NDArray[np.float32]]

CHUNK_BYTES = 8 << 20
"""Inputs that a perceptron scores together: what each call costs is small beside its products."""
PARTICLE_BYTES = 512 << 10
"""Inputs that other networks score together: the edges between particles need a thousand times as much."""


def score(
    network: Network, sample: Sample, device: torch.device, rows: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Logits float32[n_rows] of rows of one sample, in their order; of a Bayesian network's mean weights."""
    return score_all([network], sample, device, rows)[:, 0]


def score_all(
    networks: Sequence[Network], sample: Sample, device: torch.device, rows: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Logits float32[n_rows, n_networks] of rows of one sample, which is read once."""
    logits = np.empty((rows.size, len(networks)), np.float32)
    plain = [network for network in networks if type(network) is Classifier]
    all_plain = len(plain) == len(networks)
    size = rows_at_a_time(sample.n_inputs, CHUNK_BYTES if all_plain else PARTICLE_BYTES)
    of = _from_anywhere(networks, sample, device)
    if all_plain and isinstance(sample.features, np.ndarray) and device.type == "cpu":
        of = _from_memory(plain, sample, size)
    with torch.inference_mode():
        for start in range(0, rows.size, size):
            part = rows[start : start + size]
            logits[start : start + part.size] = of(part)
    return logits


def score_rows(networks: Sequence[Network], pool: Rows, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Logits float32[n_rows, n_networks] of ascending rows of a pool; the host waits for them once."""
    logits = torch.empty((rows.size, len(networks)), device=pool.device)
    all_plain = all(type(network) is Classifier for network in networks)
    size = rows_at_a_time(pool.n_inputs, CHUNK_BYTES if all_plain else PARTICLE_BYTES)
    with torch.inference_mode():
        for start in range(0, rows.size, size):
            x, _ = pool.inputs(torch.from_numpy(rows[start : start + size]).to(pool.device))
            logits[start : start + size] = torch.stack([network(x) for network in networks], dim=1)
    return np.asarray(logits.cpu().numpy())


def _from_anywhere(networks: Sequence[Network], sample: Sample, device: torch.device) -> Logits:
    def logits(part: NDArray[np.int64]) -> NDArray[np.float32]:
        x = torch.from_numpy(np.ascontiguousarray(sample.inputs(part))).to(device)
        found = torch.stack([network(x) for network in networks], dim=1).float().cpu()
        return np.asarray(found.numpy())

    return logits


def _from_memory(networks: Sequence[Classifier], sample: Sample, size: int) -> Logits:
    """Standardise rows from where they lie into one place, again and again: copies took half of the time."""
    columns = (sample.features[:],) if sample.condition is None else (sample.features[:], sample.condition)
    z = np.empty((size, sample.n_inputs), np.float32)

    def logits(part: NDArray[np.int64]) -> NDArray[np.float32]:
        found, before = [], None
        for network in networks:
            # Draws from one posterior share their standardisation.
            if before is None or not network.sees_like(before):
                standardised_rows(columns, part, network.mean, network.scale, z, compress=network.compress)
            found.append(network.of_standardised(torch.from_numpy(z[: part.size])))
            before = network
        return np.asarray(torch.stack(found, dim=1).numpy())

    return logits


def outputs_of(network: Network, samples: int, seed: int) -> list[Network]:
    """The networks whose logits are members of a weight: itself, or draws from a Bayesian one's posterior."""
    if not isinstance(network, BayesianClassifier):
        return [network]
    generator = torch.Generator().manual_seed(seed)
    return [network.drawn(generator) for _ in range(samples)]


def rows_at_a_time(n_inputs: int, chunk_bytes: int = CHUNK_BYTES) -> int:
    """Events that are scored together: 64 to 4096."""
    return min(max(64, chunk_bytes // (4 * n_inputs)), 4096)


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
