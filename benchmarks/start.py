"""How long a start takes: imports, `tailscope --help`, and `tailscope serve` until its address and its page.

Medians of fresh processes with what they read in the file cache. CPU seconds are those of the process alone
and depend least on what else the machine does; those of the address are counted from the start of Python
until the line is printed, those of the page until the address has answered. `--python` takes the interpreter
of another checkout, for a before and after.

A page waits for the first compiled loop, with which numba loads the extensions of whatever is installed
beside it: awkward and vector, which the tests bring, take a second that `pip install tailscope` does not.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

import tailscope as ts

LOADED = ("tailscope", "tailscope_dashboard.figures")
IMPORT = (
    "import time; wall, cpu = time.perf_counter(), time.process_time(); import {}; "
    "print(time.perf_counter() - wall, time.process_time() - cpu)"
)
PORT = 5316


class Cost(NamedTuple):
    """Seconds on the clock and of CPU time."""

    wall: float
    cpu: float


def of_import(python: str, module: str) -> Cost:
    """Import a module in a fresh process; Python's own start does not count."""
    done = subprocess.run([python, "-c", IMPORT.format(module)], check=True, capture_output=True, text=True)
    wall, cpu = map(float, done.stdout.split())
    return Cost(wall, cpu)


def of_help(python: str) -> Cost:
    """`tailscope --help`, from the start of Python to its end."""
    began, before = time.perf_counter(), psutil.Process().cpu_times()
    subprocess.run([python, "-m", "tailscope_dashboard", "--help"], check=True, capture_output=True)
    after = psutil.Process().cpu_times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(time.perf_counter() - began, cpu)


def of_serving(python: str, study: Path) -> tuple[Cost, Cost]:
    """`tailscope serve` until it has printed its address, and until that has answered."""
    command = [python, "-m", "tailscope_dashboard", "serve", str(study), "--no-open", "--port", str(PORT)]
    began = time.perf_counter()
    with psutil.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:

        def cost() -> Cost:
            wall, used = time.perf_counter() - began, process.cpu_times()
            return Cost(wall, used.user + used.system)

        url = next(line.strip() for line in process.stdout if "bokeh-session-id" in line)
        address = cost()
        with urlopen(url) as answer:
            answer.read()
        page = cost()
        process.terminate()
    return address, page


def study_of(folder: Path, n: int, n_observables: int) -> Path:
    """Write a study of n + n events."""
    rng = np.random.default_rng(0)
    sides = []
    for name in ("reference", "generated"):
        columns = {f"x{i}": rng.standard_normal(n, dtype=np.float32) for i in range(n_observables)}
        sides.append(ts.Sample(name, columns["x0"], columns))
    log_w = rng.normal(0, 0.5, (2, n))
    return ts.Study.from_weights(sides[0], sides[1], log_w[0], log_w[1]).save(folder / "start.study.h5")


def median(call: Callable[[], Cost], runs: int) -> Cost:
    """Of either clock."""
    costs = [call() for _ in range(runs)]
    return Cost(statistics.median(c.wall for c in costs), statistics.median(c.cpu for c in costs))


def measure(python: str, study: Path, runs: int) -> dict[str, Cost]:
    """All of it; the first process of each is there to warm the file cache."""
    result = {}
    for module in LOADED:
        of_import(python, module)
        result[f"import {module}"] = median(lambda module=module: of_import(python, module), runs)
    result["tailscope --help"] = median(lambda: of_help(python), runs)
    of_serving(python, study)
    served = [of_serving(python, study) for _ in range(runs)]
    for what, costs in zip(("address", "page"), zip(*served, strict=True), strict=True):
        result[f"tailscope serve: {what}"] = Cost(*map(statistics.median, zip(*costs, strict=True)))
    return result


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", default=sys.executable, help="whose tailscope is measured")
    parser.add_argument("--study", type=Path, help="to serve; by default one of 12,000 + 12,000 events")
    parser.add_argument("--runs", type=int, default=5, help="fresh processes of each")
    parser.add_argument("--json", action="store_true", help="numbers only")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        study = options.study or study_of(Path(folder), 12_000, 20)
        results = measure(options.python, study, options.runs)
    if options.json:
        sys.stdout.write(json.dumps({k: v._asdict() for k, v in results.items()}, indent=2) + "\n")
        return
    table = Table("what", "seconds", "CPU seconds", title="start")
    for what, cost in results.items():
        table.add_row(what, f"{cost.wall:.2f}", f"{cost.cpu:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
