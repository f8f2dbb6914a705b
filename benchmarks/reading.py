"""How fast a file of events becomes a sample: reading, checks, observables and features.

Each line is the best of some runs in this process. The floor is h5py reading the same datasets and nothing
else: mostly gzip. `load` reads one chunk while it computes with the one before, so that on two idle cores it
takes hardly longer than reading alone. Rates by CPU time do not depend on what else the machine does; they
are what one core would reach alone. Targets on two cores, by the clock: 50,000 CaloGAN showers, 500,000
Z+jets events and 5,000 showers of CaloChallenge dataset 2 a second.
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


def write_zjets(path: Path, n: int) -> None:
    """Write events with one, two and three jets as often as PYTHIA makes them, compressed by columns."""
    rng = np.random.default_rng(0)
    pt = 20 + rng.exponential(30, (n, 5))
    eta, phi = rng.normal(0, 1.3, (n, 5)), rng.uniform(-np.pi, np.pi, (n, 5))
    mass = np.concatenate([np.full((n, 2), 0.1057), 0.1 * pt[:, 2:]], axis=1)
    p = np.stack([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)], axis=2)
    momenta = np.concatenate([np.sqrt((p**2).sum(axis=2) + mass**2)[:, :, None], p], axis=2)
    n_jets = rng.choice(3, n, p=(0.789, 0.173, 0.038)) + 1
    momenta *= (np.arange(5) < 2 + n_jets[:, None])[:, :, None]
    with h5py.File(path, "w") as file:
        options = {"compression": "gzip", "shuffle": True, "chunks": (min(n, 15_625), 1, 1)}
        file.create_dataset("momenta", data=momenta.astype(np.float32), **options)


def write_challenge(path: Path, n: int) -> None:
    """Write showers of CaloChallenge dataset 2 with a quarter of the voxels active, compressed."""
    rng = np.random.default_rng(0)
    energy = 10 ** rng.uniform(3, 6, (n, 1))
    voxels = rng.exponential(
        1,
        (n, 6480),
    ) * (rng.random((n, 6480)) < 0.25)
    voxels *= 0.9 * energy / voxels.sum(axis=1, keepdims=True)
    with h5py.File(path, "w") as file:
        file["incident_energies"] = energy
        file.create_dataset("showers", data=voxels.astype(np.float32), compression="gzip", chunks=(100, 6480))


KINDS: dict[str, tuple[Callable[[Path, int], None], int]] = {
    "CaloGAN": (write_showers, 20_000),
    "Z+jets": (write_zjets, 500_000),
    "CaloChallenge 2": (write_challenge, 5_000),
}


def read_whole(path: Path) -> None:
    """What h5py needs for the datasets alone."""
    with h5py.File(path) as file:
        for dataset in file.values():
            dataset[:]


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
    parser.add_argument("file", nargs="?", type=Path, help="any HDF5 file; made-up ones when left out")
    parser.add_argument("--kind", choices=KINDS, help="made-up events of one kind only")
    parser.add_argument("--events", type=int, help="how many to make up")
    parser.add_argument("--runs", type=int, default=3, help="take the best of so many (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    results: dict[str, tuple[int, dict[str, Cost]]] = {}
    if options.file is not None:
        results[options.file.name] = measured(options.file, options.runs)
    else:
        for kind in [options.kind] if options.kind else KINDS:
            write, n = KINDS[kind]
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "events.hdf5"
                write(path, options.events or n)
                results[kind] = measured(path, options.runs)
    if options.json:
        data = {
            kind: {"events": n, "costs": {step: c._asdict() for step, c in costs.items()}}
            for kind, (n, costs) in results.items()
        }
        print(json.dumps(data))
        return
    for kind, (n, costs) in results.items():
        table = Table(
            *("step", "s", "events/s", "CPU s", "events/CPU s", "CPU, times h5py"),
            title=f"{n:,} {kind} events",
        )
        floor = costs["h5py alone"].cpu
        for step, cost in costs.items():
            rates = f"{n / cost.wall:,.0f}", f"{cost.cpu:.2f}", f"{n / cost.cpu:,.0f}"
            table.add_row(step, f"{cost.wall:.2f}", *rates, f"{cost.cpu / floor:.2f}")
        Console().print(table)


if __name__ == "__main__":
    main()
