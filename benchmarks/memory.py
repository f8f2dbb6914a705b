"""Memory of a fit beyond its input, and private memory of a served study.

A fit should need at most its input (uncompressed) and 1 GB; a served study at most 2 bytes an event and
observable, and 200 MB: its columns are memory-mapped. Every figure is that of a process of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

import tailscope as ts

MB = 1e6


def showers(path: Path, n: int, seed: int) -> int:
    """Write n random showers in CaloGAN layout; return their uncompressed size in bytes."""
    rng = np.random.default_rng(seed)
    size = 0
    with h5py.File(path, "w") as file:
        energy = rng.uniform(1, 20, (n, 1)).astype(np.float32)
        file["energy"] = energy
        for name, shape, share in (
            ("layer_0", (3, 96), 0.25),
            ("layer_1", (12, 12), 0.74),
            ("layer_2", (12, 6), 0.01),
        ):
            voxels = rng.standard_exponential((n, *shape), dtype=np.float32)
            voxels *= rng.random(voxels.shape, dtype=np.float32) < 0.5
            voxels *= (share * 1000 * energy / voxels.reshape(n, -1).sum(1, keepdims=True))[..., None]
            file.create_dataset(name, data=voxels, compression=1, chunks=(256, *shape))
            size += voxels.nbytes
    return size


def private(pid: int) -> int:
    """Anonymous memory of a process in bytes: what no file on disk stands behind (Linux)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Anonymous:"):
            return int(line.split()[1]) * 1024
    raise SystemExit("this system does not tell how much of a process's memory is anonymous")


def peak_memory(command: list[str]) -> int:
    """Run a command, sampling its resident memory; return the largest value in bytes."""
    largest = 0
    with psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            try:
                largest = max(largest, int(process.memory_info().rss))
            except psutil.NoSuchProcess:
                break
            time.sleep(0.02)
        said = process.stderr.read()
        if process.wait():
            sys.exit(f"the fit failed: {said}")
    return largest


def of_fit(folder: Path, n: int) -> dict[str, float]:
    """Peak memory of `tailscope fit` on n + n showers, without what an import of torch takes."""
    size = showers(folder / "ref.hdf5", n, 1) + showers(folder / "gen.hdf5", n, 2)
    command = [
        sys.executable,
        "-m",
        "tailscope_dashboard",
        "fit",
        str(folder / "ref.hdf5"),
        str(folder / "gen.hdf5"),
    ]
    command += ["-o", str(folder / "fit.study.h5"), "--cache", str(folder), "--epochs", "1", "--folds", "2"]
    peak = peak_memory(command)
    return {
        "input MB": size / MB,
        "peak MB": peak / MB,
        "beyond input MB": (peak - size) / MB,
        "limit MB": 1000,
    }


def of_serving(folder: Path, n: int, n_observables: int) -> dict[str, float]:
    """Private memory of `tailscope serve` with its index built and one page asked for."""
    rng = np.random.default_rng(3)
    sides = []
    for name in ("reference", "generated"):
        columns = {f"x{i}": rng.standard_normal(n // 2, dtype=np.float32) for i in range(n_observables)}
        sides.append(ts.Sample(name, columns["x0"], columns))
    log_w = rng.normal(0, 0.5, (2, n // 2))
    path = ts.Study.from_weights(sides[0], sides[1], log_w[0], log_w[1]).save(folder / "big.study.h5")
    command = [
        sys.executable,
        "-m",
        "tailscope_dashboard",
        "serve",
        str(path),
        "--no-open",
        "--port",
        "5306",
    ]
    with psutil.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        url = next(line.split()[-1] for line in process.stdout if "bokeh-session-id" in line)
        subprocess.run(
            [sys.executable, "-c", f"import urllib.request as u; u.urlopen({url!r}).read()"], check=True
        )
        time.sleep(5)
        used = private(process.pid)
        process.terminate()
    return {
        "events": n,
        "observables": n_observables,
        "private MB": used / MB,
        "limit MB": 2 * n * n_observables / MB + 200,
    }


def main() -> None:
    """Measure both and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--showers", type=int, default=100_000, help="of each sample, for the fit")
    parser.add_argument("--events", type=int, default=2_000_000, help="of both samples together, for serving")
    parser.add_argument("--observables", type=int, default=40)
    parser.add_argument("--json", action="store_true", help="numbers only")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = {
            "fit": of_fit(Path(folder), options.showers),
            "serve": of_serving(Path(folder), options.events, options.observables),
        }
    if options.json:
        sys.stdout.write(json.dumps(results, indent=2) + "\n")
        return
    for name, numbers in results.items():
        table = Table(*numbers, title=name)
        table.add_row(*(f"{value:,.0f}" for value in numbers.values()))
        Console().print(table)


if __name__ == "__main__":
    main()
