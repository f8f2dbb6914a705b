"""Events without physics for the benchmarks: 40 observables of the usual shapes, on disk, with weights."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tailscope.counting.binning import Binning

BINS = 50
CHUNK = 1_000_000
SPREAD = 0.8
"""Width of log w: that of a network with an AUC of about 0.71."""


@dataclass(frozen=True)
class Toy:
    """Memory-mapped columns float32[n], their binnings, log w of a reference and of a generated sample."""

    columns: dict[str, NDArray[np.float32]]
    binnings: dict[str, Binning]
    log_w_reference: NDArray[np.float64]
    log_w_generated: NDArray[np.float64]


def make(n: int, n_obs: int, folder: Path) -> Toy:
    """Write ``n_obs`` columns of ``n`` events and their log weights; the same numbers each time."""
    rng = np.random.default_rng(0)
    for i in range(n_obs):
        with (folder / f"x_{i}").open("wb") as file:
            for start in range(0, n, CHUNK):
                _values(rng, i % 4, min(CHUNK, n - start)).tofile(file)
    rng.normal(0, SPREAD, n).tofile(folder / "log_w")
    return read(n_obs, folder)


def read(n_obs: int, folder: Path) -> Toy:
    """Open what `make` wrote.

    Three of four are binned linearly: energies (exponential), fractions (with undefined ones) and positions
    (Gaussian); each fourth is a logarithmic energy spectrum.
    """
    rules = (
        Binning(np.linspace(0, 6, BINS + 1)),
        Binning(np.linspace(0, 1, BINS + 1)),
        Binning(np.linspace(-4, 4, BINS + 1)),
        Binning(np.geomspace(1e-2, 1e2, BINS + 1), "log"),
    )
    binnings = {f"x_{i}": rules[i % 4] for i in range(n_obs)}
    columns = {name: np.memmap(folder / name, dtype=np.float32, mode="r") for name in binnings}
    log_w = np.fromfile(folder / "log_w")
    return Toy(columns, binnings, log_w + SPREAD**2 / 2, log_w - SPREAD**2 / 2)


def _values(rng: np.random.Generator, kind: int, n: int) -> NDArray[np.float32]:
    if kind == 0:
        return rng.standard_exponential(n, dtype=np.float32)
    if kind == 1:
        values = rng.random(n, dtype=np.float32)
        values[values < 0.03] = np.nan
        return values
    values = rng.standard_normal(n, dtype=np.float32)
    return values if kind == 2 else np.exp(values)
