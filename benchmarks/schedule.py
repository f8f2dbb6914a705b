"""One training after the other against several at once, on the bundled photon showers.

    python benchmarks/schedule.py [--rounds 3] [--events 12000] [--null-runs 0]

Prints the wall time of `ts.fit` with ``at_once=1`` (as it was before there was a schedule) and with the
default, in turns within one process, the ratio of their medians, and whether the weights are the same to the
last bit. With ``--null-runs`` the same for a null band.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time

import numpy as np
from pairs import PAIRS

import tailscope as ts
from tailscope.classifier import processors
from tailscope.fitting.null_runs import null_band

WAYS: dict[str, int | None] = {"one after the other": 1, "at once": None}


def timed(pair: tuple[ts.Sample, ts.Sample], at_once: int | None, null_runs: int) -> tuple[float, np.ndarray]:
    """Wall seconds of a fit (of a null band), and its weights (its counts)."""
    with tempfile.TemporaryDirectory() as cache:
        started = time.perf_counter()
        if null_runs:
            band = null_band(*pair, runs=null_runs, cache=cache, progress=False, at_once=at_once)
            return time.perf_counter() - started, band.reference
        study = ts.fit(*pair, cache=cache, progress=False, at_once=at_once)
        return time.perf_counter() - started, study.log_weights("reference")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--events", type=int, default=None, help="of each sample; all when not given")
    parser.add_argument("--null-runs", type=int, default=0)
    arguments = parser.parse_args()
    pair = tuple(ts.load(path, max_events=arguments.events) for path in PAIRS["photons"])
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    found = []
    for _ in range(arguments.rounds):
        for way, at_once in WAYS.items():
            wall, weights = timed((pair[0], pair[1]), at_once, arguments.null_runs)
            seconds[way].append(wall)
            found.append(weights)
    medians = {way: statistics.median(walls) for way, walls in seconds.items()}
    what = f"null band of {arguments.null_runs} runs" if arguments.null_runs else "fit"
    print(f"{what}, {len(pair[0]):,} + {len(pair[1]):,} photon showers, {processors()} processors")
    for way, median in medians.items():
        print(f"  {way:20s} {median:6.1f} s   ({', '.join(f'{wall:.1f}' for wall in seconds[way])})")
    old, new = medians.values()
    print(f"  ratio {new / old:.2f}; the same to the last bit: {all((f == found[0]).all() for f in found)}")


if __name__ == "__main__":
    main()
