"""What a GPU makes of a fit: many networks as one stack, and beside it one after the other.

    python benchmarks/gpu.py [--device cuda] [--seconds 280] [--json numbers.json] [--quick]

Each line is a part, in the order of their worth; parts for which no time is left are named as left out.

- steps: milliseconds of a step of 1 to 105 networks at once, of one network by itself, and the part of the
  time in which the device works (the kernels' time in torch's profiler over the wall time of such an epoch);
- photons: `ts.fit` of the bundled showers, from samples in memory to weights, with 5 folds of 5 networks,
  without and with trees beside them, and the first of these one network after the other;
- null band: `null_band` of 20 runs, and two runs one network after the other, times ten;
- accuracy: root mean square of log w - exact log w on pairs of known density ratio, with products in TF32 and
  in float32;
- Z + jets: `ts.fit` of the bundled events both ways;
- paper: one epoch of the preset paper-events for a tenth of a million events of 30 inputs, and what it comes
  to for a million events and all epochs.

Nothing is quoted from here unless a GPU has run it; with ``--quick --device cpu`` it shows that it runs.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from pairs import PAIRS
from torch.profiler import ProfilerActivity, profile

import tailscope as ts
from tailscope.classifier import Labelled, Member, Pool, Stack, StackRows, precision
from tailscope.classifier.randomness import RandomStream
from tailscope.classifier.training import Run
from tailscope.config import TrainingSettings
from tailscope.fitting.null_runs import null_band

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from helpers.toys import TOYS

BULK = np.log(10)
"""Events with |log(exact w)| up to this are compared."""


@dataclass
class Numbers:
    """What was measured, by part, printed as it comes.

    Attributes
    ----------
    device: where.
    quick: whether it is only to be seen that all of it runs.
    seconds: after which no part begins.

    """

    device: torch.device
    quick: bool
    seconds: float
    found: dict[str, dict[str, float]] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)

    def add(self, part: str, **numbers: float) -> None:
        """Keep and print numbers of a part."""
        self.found.setdefault(part, {}).update(numbers)
        print(f"{part}: " + ", ".join(f"{k} {v:.4g}" for k, v in numbers.items()), flush=True)

    @property
    def has_time(self) -> bool:
        """Whether another part may begin."""
        return time.perf_counter() - self.started < self.seconds

    def wall(self, work: Callable[[], object]) -> float:
        """Seconds of some work, the device's included."""
        self.wait()
        began = time.perf_counter()
        work()
        self.wait()
        return time.perf_counter() - began

    def wait(self) -> None:
        """Until the device has done what it was asked."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)


def bundled(name: str, most: int | None) -> tuple[ts.Sample, ts.Sample]:
    """Both samples of a pair, read before the clock starts."""
    a, b = (ts.load(path, max_events=most) for path in PAIRS[name])
    return a, b


def drawn(n: int, n_inputs: int) -> tuple[ts.Sample, ts.Sample]:
    """Two samples of n Gaussian events each that differ in their means."""
    rng = np.random.default_rng(0)
    a, b = (
        ts.Sample(name, x, {"x": x[:, 0]})
        for name, x in (
            ("a", rng.standard_normal((n, n_inputs), dtype=np.float32)),
            ("b", rng.standard_normal((n, n_inputs), dtype=np.float32) + np.float32(0.05)),
        )
    )
    return a, b


def stack_of(
    pair: tuple[ts.Sample, ts.Sample], k: int, settings: TrainingSettings, device: torch.device
) -> tuple[StackRows, list[Member]]:
    """K members that each learn from four fifths of a pair, as it is."""
    pool = Pool(*pair, device)
    columns = [(np.arange(pool.n_rows) < pool.n_reference, None)]
    rows = StackRows(
        [pool], 1, columns, width=pool.n_inputs, compress=settings.compress, whitened=settings.whiten
    )
    order = np.random.default_rng(0).permutation(pool.n_rows)
    cut = pool.n_rows * 4 // 5
    return rows, [Member(0, 0, np.sort(order[:cut]), np.sort(order[cut:]), seed) for seed in range(k)]


def busy(numbers: Numbers, epoch: Callable[[], object], wall: float) -> float:
    """Part of the wall time of an epoch in which the device works; NaN where it has no clock of its own."""
    if numbers.device.type != "cuda":
        return float("nan")
    with profile(activities=[ProfilerActivity.CUDA]) as seen:
        numbers.wall(epoch)
    return sum(event.self_device_time_total for event in seen.key_averages()) * 1e-6 / wall


def steps(numbers: Numbers) -> None:
    """Time of a step against the number of networks."""
    n, inputs = (1_000, 20) if numbers.quick else (12_000, 508)
    settings = replace(
        ts.FitConfig(network="mlp", layers=3, hidden=128, epochs=50, fewest_batches=0).settings,
        batch_size=256,
        whiten=False,
        compress=False,
    )
    pair = drawn(n, inputs)
    for k in (1, 3) if numbers.quick else (1, 5, 25, 105):
        rows, members = stack_of(pair, k, settings, numbers.device)
        taken = -(-len(members[0].train) // 256)
        with Stack.at_work(rows, members, settings) as stack:
            stack.one_epoch()
            wall = min(numbers.wall(stack.one_epoch) for _ in range(3))
            works = busy(numbers, stack.one_epoch, wall)
        numbers.add(f"steps, {k} networks", ms_a_step=1e3 * wall / taken, device_works=works)
    pool = Pool(*pair, numbers.device)
    data = Labelled(pool, np.arange(pool.n_rows) < pool.n_reference)
    with (
        RandomStream.of(numbers.device, 0) as stream,
        precision.products(numbers.device, tf32=precision.TF32),
    ):
        train = torch.from_numpy(members[0].train).to(numbers.device)
        run = Run(data, train, train[:256], settings, stream)
        run.all_batches(0)
        wall = min(numbers.wall(lambda: run.all_batches(1)) for _ in range(3))
        works = busy(numbers, lambda: run.all_batches(1), wall)
    numbers.add("steps, alone", ms_a_step=1e3 * wall / taken, device_works=works)


def fitted(
    numbers: Numbers,
    pair: tuple[ts.Sample, ts.Sample],
    config: ts.FitConfig,
    *,
    stacked: bool,
    null_runs: int = 0,
) -> tuple[float, float]:
    """Seconds of a fit, or of a null band, and the AUC of the former."""
    auc = [float("nan")]

    def work() -> None:
        with tempfile.TemporaryDirectory() as cache:
            if null_runs:
                null_band(*pair, config, runs=null_runs, cache=cache, progress=False, stacked=stacked)
            else:
                study = ts.fit(*pair, config=config, cache=cache, progress=False, stacked=stacked)
                auc[0] = study.auc()

    return numbers.wall(work), auc[0]


def photons(numbers: Numbers) -> None:
    """The default fit of the bundled photons with five networks a fold."""
    pair = bundled("photons", 400 if numbers.quick else None)
    members = 2 if numbers.quick else 5
    config = ts.FitConfig(members=members, device=str(numbers.device), candidates=("shallow",))
    fitted(
        numbers, (pair[0].take(np.arange(300), "a"), pair[1].take(np.arange(300), "b")), config, stacked=True
    )
    for what, stacked in (("stacked", True), ("one by one", False)):
        seconds, auc = fitted(numbers, pair, config, stacked=stacked)
        numbers.add(f"photons, {what}", networks=config.trainings, seconds=seconds, auc=auc)
    seconds, auc = fitted(numbers, pair, config.with_(candidates=("auto",)), stacked=True)
    numbers.add("photons, stacked, with trees", networks=config.trainings, seconds=seconds, auc=auc)


def null(numbers: Numbers) -> None:
    """A null band, of networks alone and with the trees of the default."""
    pair = bundled("photons", 400 if numbers.quick else None)
    runs = 2 if numbers.quick else 20
    config = ts.FitConfig(device=str(numbers.device), candidates=("shallow",))
    seconds, _ = fitted(numbers, pair, config, stacked=True, null_runs=runs)
    numbers.add("null band, stacked", runs=runs, seconds=seconds)
    seconds, _ = fitted(numbers, pair, config, stacked=False, null_runs=2)
    numbers.add("null band, one by one, from 2 runs", runs=runs, seconds=seconds * runs / 2)
    if numbers.has_time:
        seconds, _ = fitted(numbers, pair, config.with_(candidates=("auto",)), stacked=True, null_runs=runs)
        numbers.add("null band, stacked, with trees", runs=runs, seconds=seconds)


def accuracy(numbers: Numbers) -> None:
    """TF32 against float32, on the same seeds."""
    n = 800 if numbers.quick else 20_000
    chosen = precision.TF32
    try:
        for name, toy in list(TOYS.items())[: 1 if numbers.quick else None]:
            pair = toy.pair(n)
            exact = np.concatenate([toy.log_ratio(sample.features[:]) for sample in pair])
            bulk = np.abs(exact) <= BULK
            config = ts.FitConfig(members=3, device=str(numbers.device), candidates=("small", "deep"))
            found = {}
            for what, tf32 in (("tf32", True), ("float32", False)):
                precision.TF32 = tf32
                with tempfile.TemporaryDirectory() as cache:
                    study = ts.fit(*pair, config=config, cache=cache, progress=False, stacked=True)
                log_w = np.concatenate([study.log_weights("reference"), study.log_weights("generated")])
                found[f"rms_{what}"] = float(np.sqrt(np.mean((log_w - exact)[bulk] ** 2)))
            numbers.add(f"accuracy, {name}", **found)
    finally:
        precision.TF32 = chosen


def zjets(numbers: Numbers) -> None:
    """The default networks on the bundled Z + jets events."""
    pair = bundled("zjets", 400 if numbers.quick else None)
    config = ts.FitConfig(device=str(numbers.device), candidates=("small", "deep"))
    for what, stacked in (("stacked", True), ("one by one", False)):
        seconds, auc = fitted(numbers, pair, config, stacked=stacked)
        numbers.add(f"Z + jets, {what}", networks=config.trainings, seconds=seconds, auc=auc)


def paper(numbers: Numbers) -> None:
    """An epoch of the paper's settings for events, and what all of them would take."""
    n, whole = (1_000 if numbers.quick else 50_000), 500_000
    settings = replace(
        ts.FitConfig(preset="paper-events", network="mlp").settings, whiten=False, compress=False
    )
    rows, members = stack_of(drawn(n, 30), 5, settings, numbers.device)
    taken = -(-len(members[0].train) // settings.batch_size)
    with Stack.at_work(rows, members, settings) as stack:
        stack.one_epoch()
        wall = numbers.wall(stack.one_epoch)
        works = busy(numbers, stack.one_epoch, wall)
    numbers.add(
        "paper, 5 networks of preset paper-events",
        ms_a_step=1e3 * wall / taken,
        device_works=works,
        seconds_for_a_million_events=wall * whole / n * settings.epochs,
    )


PARTS: dict[str, Callable[[Numbers], None]] = {
    "steps": steps,
    "photons": photons,
    "null": null,
    "accuracy": accuracy,
    "zjets": zjets,
    "paper": paper,
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--seconds", type=float, default=280, help="after which no part begins")
    parser.add_argument("--quick", action="store_true", help="sizes with which nothing is measured")
    parser.add_argument("--parts", nargs="*", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--json", type=Path, default=None, help="file for the numbers")
    arguments = parser.parse_args()
    if arguments.device.startswith("cuda") and not torch.cuda.is_available():
        print("there is no CUDA device here: nothing to measure")
        return
    device = torch.device(arguments.device)
    where = torch.cuda.get_device_name(device) if device.type == "cuda" else "the CPU"
    print(f"torch {torch.__version__} on {where}" + (", sizes too small to tell anything" * arguments.quick))
    numbers = Numbers(device, arguments.quick, arguments.seconds)
    for name in arguments.parts:
        if numbers.has_time:
            PARTS[name](numbers)
        else:
            print(f"{name}: left out, {numbers.seconds:g} s are over")
        if arguments.json:
            known = {
                part: {k: v for k, v in some.items() if np.isfinite(v)}
                for part, some in numbers.found.items()
            }
            arguments.json.write_text(json.dumps(known, indent=1))


if __name__ == "__main__":
    main()
