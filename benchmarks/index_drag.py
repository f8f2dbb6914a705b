"""What a drag costs: the index against boolean masks and numpy.histogram, in one run on one machine.

A drag step shows both tails: all histograms of the high tail on the reference sample (events), and of the low
tail on the generated sample (events, sum of w, sum of w^2), for cuts that leave 1% to 20% of the events. The
backdrop, all events of either sample, does not change while one drags; both sides keep it.

numpy takes its fast path, ``range=`` with equal bins, wherever the bins are equal. Times are medians of CPU
time, so that the ratio does not depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import toy_events
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from tailscope.counting.binning import Binning
from tailscope.counting.index import Index
from tailscope.selection import Cut, Selection


def cpu_median(calls: list[Callable[[], object]]) -> float:
    """Median CPU time of some calls, in seconds."""
    times = []
    for call in calls:
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return float(np.median(times))


def quietest(calls: list[Callable[[], object]]) -> float:
    """Shortest time on the clock of some calls, in seconds: threads help here, other programs disturb."""
    times = []
    for call in calls:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def naive(
    toy: toy_events.Toy, columns: dict[str, NDArray[np.float32]], high: float, low: float
) -> list[NDArray[np.floating]]:
    """Boolean masks and numpy.histogram, as one writes it in a notebook."""
    in_high = toy.log_w_reference >= high
    in_low = toy.log_w_generated < low
    w = np.exp(toy.log_w_generated[in_low])
    w2 = w * w
    result = []
    for name, column in columns.items():
        how = _bins(toy.binnings[name])
        result.append(np.histogram(column[in_high], **how)[0])
        selected = column[in_low]
        result.append(np.histogram(selected, **how)[0])
        result.append(np.histogram(selected, **how, weights=w)[0])
        result.append(np.histogram(selected, **how, weights=w2)[0])
    return result


def _bins(binning: Binning) -> dict[str, object]:
    if binning.scale == "log":
        return {"bins": binning.edges}
    return {"bins": len(binning), "range": (binning.edges[0], binning.edges[-1])}


def check(toy: toy_events.Toy, reference: Index, generated: Index, high: float, low: float) -> float:
    """Compare a drag with boolean masks.

    Counts must be equal; returns the worst difference of a sum of w or w^2, relative to the sample's total.
    """
    of_high = reference.histograms(Selection(low=np.exp(high)))
    of_low = generated.histograms(Selection(high=np.exp(low)))
    in_high, in_low = toy.log_w_reference >= np.log(np.exp(high)), toy.log_w_generated < np.log(np.exp(low))
    w = np.exp(toy.log_w_generated)
    worst = 0.0
    for name, binning in toy.binnings.items():
        codes = binning.digitise(toy.columns[name])
        bins = slice(first := generated.slots.own(name).start, first + len(binning) + 1)
        for mask, counts in ((in_high, of_high.counts), (in_low, of_low.counts)):
            expected = np.bincount(codes[mask], minlength=256)[: len(binning) + 1]
            if not np.array_equal(counts[bins], expected):
                raise SystemExit(f"wrong counts of {name}")
        for weight, sums in ((w, of_low.sum_w), (w * w, of_low.sum_w2)):
            expected = np.bincount(codes[in_low], weight[in_low], minlength=256)[: len(binning) + 1]
            worst = max(worst, float(np.abs(sums[bins] - expected).max() / weight.sum()))
    return worst


def measure(n: int, n_obs: int, drags: int, naive_drags: int) -> dict[str, float]:
    """Build both indexes of ``n`` events and time drags, brushes and numpy."""
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        toy = toy_events.make(n, n_obs, Path(folder))
        reference = Index.build(toy.log_w_reference, toy.columns, toy.binnings)
        generated = Index.build(toy.log_w_generated, toy.columns, toy.binnings, reweight=True)

        def cuts(fraction: float) -> tuple[float, float]:
            position = int(fraction * n)
            return float(reference.log_w[n - 1 - position]), float(generated.log_w[position])

        worst = check(toy, reference, generated, *cuts(0.1))
        ends = [cuts(fraction) for fraction in rng.uniform(0.01, 0.2, drags)]
        tails = [(Selection(low=np.exp(high)), Selection(high=np.exp(low))) for high, low in ends]
        drag = cpu_median(
            [lambda t=t: (reference.histograms(t[0]), generated.histograms(t[1])) for t in tails]
        )
        in_memory = {name: np.array(column) for name, column in toy.columns.items()}
        slow = cpu_median([lambda e=e: naive(toy, in_memory, *e) for e in ends[:naive_drags]])
        low = rng.uniform(-1, 0, 10)
        brushed = [Selection(cuts=(Cut("x_2", at, at + 1.111),)) for at in low]
        return {
            "events": n,
            "observables": n_obs,
            "drag_ms": drag * 1e3,
            "numpy_ms": slow * 1e3,
            "ratio": slow / drag,
            "worst_sum": worst,
            "brush_reference_ms": quietest([lambda s=s: reference.histograms(s) for s in brushed]) * 1e3,
            "brush_generated_ms": quietest([lambda s=s: generated.histograms(s) for s in brushed]) * 1e3,
            "brush_cube_ms": quietest([lambda s=s: reference.brush_cube(s, "x_2") for s in brushed]) * 1e3,
        }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=float, nargs="+", default=[1e5, 1e6, 1e7], help="sample sizes")
    parser.add_argument("--observables", type=int, default=40)
    parser.add_argument("--drags", type=int, default=400, help="cuts to take the median of")
    parser.add_argument(
        "--numpy-drags", type=int, default=5, help="the same with numpy, which takes its time"
    )
    parser.add_argument("--json", action="store_true", help="print numbers for programs")
    arguments = parser.parse_args()
    rows = [
        measure(int(n), arguments.observables, arguments.drags, arguments.numpy_drags)
        for n in arguments.events
    ]
    growth = rows[-1]["drag_ms"] / rows[0]["drag_ms"]
    if arguments.json:
        print(json.dumps({"rows": rows, "growth": growth}, indent=1))
        return
    table = Table(
        title=f"Both tails of {arguments.observables} observables (CPU time; brushes: on the clock)"
    )
    heads = ("events", "index", "numpy", "ratio", "worst sum", "brush ref.", "brush gen.", "brush cube")
    for head in heads:
        table.add_column(head, justify="right")
    for row in rows:
        table.add_row(
            f"{row['events']:,}",
            f"{row['drag_ms']:.3f} ms",
            f"{row['numpy_ms']:.0f} ms",
            f"{row['ratio']:,.0f}",
            f"{row['worst_sum']:.0e}",
            *(f"{row[f'brush_{what}_ms']:.0f} ms" for what in ("reference", "generated", "cube")),
        )
    console = Console()
    console.print(table)
    if len(rows) > 1:
        console.print(
            f"a drag of {rows[-1]['events']:,} events takes {growth:.2f} times that of {rows[0]['events']:,}"
        )


if __name__ == "__main__":
    main()
