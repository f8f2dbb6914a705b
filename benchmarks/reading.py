"""How fast a file of showers becomes a sample: reading, checks, observables and features.

Each line is the best of some runs in this process. The floor is h5py reading the same datasets and nothing
else: mostly gzip. `load` reads one chunk while it computes with the one before, so that on two idle cores it
takes hardly longer than reading alone. Rates by CPU time do not depend on what else the machine does; they
are what one core would reach alone.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
from rich.console import Console
from rich.table import Table

import tailscope as ts
from tailscope.formats import open_events

LAYERS = {"layer_0": (3, 96), "layer_1": (12, 12), "layer_2": (12, 6)}
NAMES = ("energy", *LAYERS)


class Cost(NamedTuple):
    """Seconds on the clock and of CPU time, of all threads together."""

    wall: float
    cpu: float


def best(call: Callable[[], object], runs: int) -> Cost:
    """The cheapest of some runs, by either clock."""
    costs = []
    for _ in range(runs):
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        costs.append(Cost(time.perf_counter() - wall, time.process_time() - cpu))
    return Cost(min(c.wall for c in costs), min(c.cpu for c in costs))


def write_showers(path: Path, n: int) -> None:
    """Write showers with as many zeros as Geant4's photons have, compressed with h5py's defaults."""
    rng = np.random.default_rng(0)
    energy = rng.uniform(1, 20, (n, 1)).astype(np.float32)
    with h5py.File(path, "w") as file:
        file.create_dataset("energy", data=energy, compression="gzip")
        for (name, cells), share, active in zip(
            LAYERS.items(), (0.25, 0.749, 0.001), (0.22, 0.53, 0.08), strict=True
        ):
            voxels = rng.gamma(0.2, 1, (n, *cells)) * (rng.random((n, *cells)) < active)
            total = voxels.sum(axis=(1, 2), keepdims=True)
            voxels *= 1000 * share * energy[..., None] / np.where(total > 0, total, 1)
            file.create_dataset(name, data=voxels.astype(np.float32), compression="gzip")


def read_whole(path: Path) -> None:
    """What h5py needs for the datasets alone."""
    with h5py.File(path) as file:
        for name in NAMES:
            file[name][:]


def read_chunks(path: Path) -> None:
    """The same by chunks, every value checked."""
    with open_events(path) as events:
        for _ in events.chunks():
            pass


def measured(path: Path, runs: int) -> tuple[int, dict[str, Cost]]:
    """Events in the file, and the cost of each step."""
    n = len(ts.load(path))
    return n, {
        "h5py alone": best(lambda: read_whole(path), runs),
        "checked chunks": best(lambda: read_chunks(path), runs),
        "load": best(lambda: ts.load(path), runs),
        "describe": best(lambda: ts.describe(path), runs),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", nargs="?", type=Path, help="a CaloGAN file; made-up showers when left out")
    parser.add_argument("--events", type=int, default=20_000, help="made-up showers (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=3, help="take the best of so many (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.file
        if path is None:
            path = Path(folder) / "showers.hdf5"
            write_showers(path, options.events)
        n, costs = measured(path, options.runs)
    floor = costs["h5py alone"].cpu
    if options.json:
        print(json.dumps({"events": n, "costs": {k: c._asdict() for k, c in costs.items()}}))
        return
    table = Table(
        "step", "s", "showers/s", "CPU s", "showers/CPU s", "CPU, times h5py", title=f"{n:,} showers"
    )
    for step, cost in costs.items():
        rates = f"{n / cost.wall:,.0f}", f"{cost.cpu:.2f}", f"{n / cost.cpu:,.0f}", f"{cost.cpu / floor:.2f}"
        table.add_row(step, f"{cost.wall:.2f}", *rates)
    Console().print(table)


if __name__ == "__main__":
    main()
