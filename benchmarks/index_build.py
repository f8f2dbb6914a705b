"""What an index costs to build: time, and memory beyond the memory-mapped columns.

The build runs in a fresh process. Memory is the anonymous resident memory, sampled every 2 ms, above what the
process had before (log weights loaded, code compiled): pages of the mapped files are the system's to drop.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Self

import toy_events
from rich.console import Console
from rich.table import Table

from tailscope.counting.index import Index


def anonymous_bytes() -> int:
    """Resident memory of this process that belongs to no file (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))


class Peak:
    """Watches the memory of this process until told to stop."""

    def __init__(self) -> None:
        self.bytes = anonymous_bytes()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        while not self._stop.wait(0.002):
            self.bytes = max(self.bytes, anonymous_bytes())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def build_here(folder: Path, n_obs: int, reweight: bool) -> dict[str, float]:
    """Build one index of what lies in ``folder`` and watch."""
    toy = toy_events.read(n_obs, folder)
    few = {name: column[:2000] for name, column in toy.columns.items()}
    Index.build(toy.log_w_generated[:2000], few, toy.binnings, reweight=reweight)
    n = toy.log_w_generated.size
    before, clock, processor = anonymous_bytes(), time.perf_counter(), time.process_time()
    with Peak() as peak:
        index = Index.build(toy.log_w_generated, toy.columns, toy.binnings, reweight=reweight)
    return {
        "events": index.n,
        "reweight": reweight,
        "seconds": time.perf_counter() - clock,
        "cpu_seconds": time.process_time() - processor,
        "peak_bytes_an_event": (peak.bytes - before) / n,
        "kept_bytes_an_event": (anonymous_bytes() - before) / n,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=float, default=1e7)
    parser.add_argument("--observables", type=int, default=40)
    parser.add_argument("--json", action="store_true", help="print numbers for programs")
    parser.add_argument("--in-this-process", type=Path, metavar="FOLDER", help=argparse.SUPPRESS)
    parser.add_argument("--reweight", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.in_this_process:
        found = build_here(arguments.in_this_process, arguments.observables, arguments.reweight)
        print(json.dumps(found))
        return
    with tempfile.TemporaryDirectory() as folder:
        toy_events.make(int(arguments.events), arguments.observables, Path(folder))
        command = [sys.executable, __file__, "--in-this-process", folder]
        command += ["--observables", str(arguments.observables)]
        rows = [
            json.loads(subprocess.run([*command, *more], check=True, capture_output=True, text=True).stdout)
            for more in ([], ["--reweight"])
        ]
    if arguments.json:
        print(json.dumps({"rows": rows}, indent=1))
        return
    table = Table(title=f"Building the index of {rows[0]['events']:,} events x {arguments.observables}")
    for head in ("", "on the clock", "CPU time", "peak memory", "kept"):
        table.add_column(head, justify="right")
    for row in rows:
        table.add_row(
            "with sums of w, w²" if row["reweight"] else "counts",
            f"{row['seconds']:.1f} s",
            f"{row['cpu_seconds']:.1f} s",
            f"{row['peak_bytes_an_event']:.0f} B/event",
            f"{row['kept_bytes_an_event']:.0f} B/event",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
