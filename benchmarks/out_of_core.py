"""Memory of a fit on showers of 40,500 voxels that stay on disk, in the layout of CaloChallenge's dataset 3.

Two files of gzipped float32 are made up, mostly of empty voxels as real ones are; `tailscope fit
--features low --on-disk` then trains one epoch for each of two folds and scores every shower. The peak is
what the operating system says of the process of the fit, and nothing of it is left out: Python, torch and the
shared libraries count too. Target: 4 GB for 100,000 showers in all (--full), which are 16 GB as numbers.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np
from rich.console import Console
from rich.table import Table

VOXELS = 40_500


def made_up(path: Path, n: int, share: float, shift: float, seed: int) -> None:
    """Write n showers with energy in about ``share`` of their voxels; ``shift`` changes its spectrum."""
    rng = np.random.default_rng(seed)
    with h5py.File(path, "w") as file:
        energies = file.create_dataset("incident_energies", (n, 1), np.float32)
        # No chunks are given: h5py chooses them, as it did for the files of the challenge.
        showers = file.create_dataset("showers", (n, VOXELS), np.float32, compression=1)
        rows = showers.chunks[0]
        for start in range(0, n, rows):
            stop = min(start + rows, n)
            incident = 1e3 * 10 ** rng.uniform(0, 3, (stop - start, 1)).astype(np.float32)
            # The more energy, the more voxels it reaches; twice the mean at the upper end.
            reach = share * (0.2 + 1.6 * np.log10(incident / 1e3) / 3)
            voxels = np.zeros((stop - start, VOXELS), np.float32)
            hit = rng.random(voxels.shape, dtype=np.float32) < reach
            voxels[hit] = rng.lognormal(0, 1 + shift, int(hit.sum()))
            voxels *= 0.8 * incident / np.maximum(voxels.sum(axis=1, keepdims=True), 1e-3)
            energies[start:stop] = incident
            showers[start:stop] = voxels


def measured(command: list[str]) -> tuple[float, float, float]:
    """Peak memory in bytes, processor seconds and seconds of a command."""
    started = time.perf_counter()
    process = subprocess.Popen(command, env=os.environ | {"OMP_NUM_THREADS": "1"})
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit("the fit failed")
    unit = 1 if sys.platform == "darwin" else 1024
    return usage.ru_maxrss * unit, usage.ru_utime + usage.ru_stime, time.perf_counter() - started


def main() -> None:
    """Make the files, fit, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=2_000, help="showers of each sample")
    parser.add_argument("--full", action="store_true", help="50,000 of each: 16 GB as numbers")
    parser.add_argument("--share", type=float, default=0.06, help="of voxels with energy (mean)")
    parser.add_argument("--preset", default="fast")
    parser.add_argument("--in-memory", action="store_true", help="hold the features in memory, to compare")
    parser.add_argument("--folder", type=Path, help="for the files; they are removed afterwards")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    n = 50_000 if options.full else options.events
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        files = [folder / "reference.hdf5", folder / "generated.hdf5"]
        for seed, path in enumerate(files):
            made_up(path, n, options.share, 0.1 * seed, seed)
        command = [sys.executable, "-m", "tailscope_dashboard", "fit", *map(str, files)]
        command += ["-o", str(folder / "out.study.h5"), "--cache", str(folder / "cache"), "--features", "low"]
        command += ["--in-memory" if options.in_memory else "--on-disk", "--device", "cpu"]
        command += ["--folds", "2", "--epochs", "1", "--preset", options.preset]
        peak, cpu, seconds = measured(command)
        packed = sum(path.stat().st_size for path in files)
    result = {
        "showers": 2 * n,
        "as numbers, GB": 2 * n * VOXELS * 4 / 1e9,
        "gzipped, GB": packed / 1e9,
        "peak memory, GB": peak / 1e9,
        "processor, s": cpu,
        "time, s": seconds,
    }
    if options.json:
        print(json.dumps(result))
        return
    table = Table("quantity", "value", title=f"one epoch of {options.preset}, two folds (target: 4 GB)")
    for quantity, value in result.items():
        table.add_row(quantity, f"{value:,.2f}" if isinstance(value, float) else f"{value:,}")
    Console().print(table)


if __name__ == "__main__":
    main()
