"""Time to quality on the bundled photons: the preset "fast" against the paper's "paper-calo".

Both see logarithms of energies: of energies as they are "paper-calo" learns nothing (docs/paper.md).
Both are cross-fitted on the same folds, on one thread. For each: the cross-entropy of the events of each
fold under the network that never saw them, its mean with the fold-to-fold error s/sqrt(K), and the CPU time
of all trainings and of scoring. Since the folds are the same, the difference has a smaller error than either
has: the fold-to-fold error of the paired difference. Target: "fast" reaches the cross-entropy of "paper-calo"
within the fold-to-fold error of the latter, in at most a quarter of its CPU time.

With ``--cache`` a run that was stopped goes on there, CPU time included, after the last epoch that was done.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pairs import PAIRS
from rich.console import Console
from rich.table import Table

import tailscope as ts
from tailscope.fitting.progress import EpochDone

FOLDS = 5


class SomeFolds(ts.FitConfig):
    """The first folds of a cross-fit alone; protocol "split" leaves the other events out of the study."""

    wanted = FOLDS

    @property
    def scored_folds(self) -> int:
        """How many of the folds are trained for and scored."""
        return self.wanted


def cross_entropies(study: ts.Study) -> NDArray[np.float64]:
    """Mean binary cross-entropy of the events of each fold, float64[folds]; guessing gives ln 2."""
    sides = ((study.reference, -1), (study.generated, 1))
    logits = np.concatenate([sign * np.asarray(events.log_w, np.float64) for events, sign in sides])
    fold = np.concatenate([events.fold for events, _ in sides])
    losses = np.logaddexp(0, logits)
    return np.array([losses[fold == number].mean() for number in np.unique(fold)])


class CpuClock:
    """CPU seconds of this process since it was made, on top of those that a file of another run holds."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seconds = json.loads(path.read_text()) if path.exists() else 0.0
        self.last = time.process_time()

    def stop(self) -> float:
        """Add what passed since the last time, keep the sum in the file, and return it."""
        now = time.process_time()
        self.seconds, self.last = self.seconds + now - self.last, now
        self.path.write_text(json.dumps(self.seconds))
        return self.seconds

    def epoch(self, done: EpochDone) -> None:
        """Take the time of an epoch, and say how far the trainings are."""
        self.stop()
        if done.epoch % 10 == 0:
            where = f"training {done.training + 1} of {done.trainings}, epoch {done.epoch} of {done.epochs}"
            print(f"{self.path.stem}: {where}, {self.seconds:.0f} s", file=sys.stderr, flush=True)


def measured(preset: str, pair: tuple[ts.Sample, ts.Sample], cache: Path) -> dict[str, Any]:
    """Cross-entropy of each fold, CPU seconds, and calibration of one preset."""
    clock = CpuClock(cache / f"{preset}.cpu.json")
    config = SomeFolds(preset=preset, inputs="all", protocol="split", folds=FOLDS, device="cpu")
    study = ts.fit(*pair, config=config, cache=cache, progress=clock.epoch)
    seconds = clock.stop()
    calibration = study.calibration()
    return {
        "cross_entropy": cross_entropies(study).tolist(),
        "seconds": seconds,
        "auc": study.auc(),
        "chi2/ndf": calibration.chi2 / calibration.ndf,
    }


def mean_and_error(values: NDArray[np.float64]) -> tuple[float, float]:
    """Mean over the folds, and its fold-to-fold error."""
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(values.size))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--folds",
        type=int,
        default=FOLDS,
        choices=range(2, FOLDS + 1),
        help="train the first so many of five",
    )
    parser.add_argument("--cache", type=Path, help="a folder; by default a temporary one")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    torch.set_num_threads(1)
    SomeFolds.wanted = options.folds
    pair = tuple(ts.load(path) for path in PAIRS["photons"])
    with tempfile.TemporaryDirectory() as temporary:
        cache = options.cache or Path(temporary)
        cache.mkdir(parents=True, exist_ok=True)
        found = {preset: measured(preset, pair, cache) for preset in ("fast", "paper-calo")}
    losses = {preset: np.array(one["cross_entropy"]) for preset, one in found.items()}
    ratio = found["fast"]["seconds"] / found["paper-calo"]["seconds"]
    paper, error = mean_and_error(losses["paper-calo"])
    reached = losses["fast"].mean() <= paper + error
    if options.json:
        print(json.dumps(found | {"cpu_ratio": ratio, "reached": bool(reached)}))
        return
    table = Table(
        "preset",
        "cross-entropy",
        "AUC",
        "calibration chi2/ndf",
        "CPU",
        title=f"{options.folds} of {FOLDS} folds",
    )
    for preset, one in found.items():
        mean, own = mean_and_error(losses[preset])
        table.add_row(
            preset,
            f"{mean:.4f} ± {own:.4f}",
            f"{one['auc']:.4f}",
            f"{one['chi2/ndf']:.1f}",
            f"{one['seconds']:.0f} s",
        )
    console = Console()
    console.print(table)
    difference, own = mean_and_error(losses["fast"] - losses["paper-calo"])
    console.print(f"difference, fold by fold: {difference:+.4f} ± {own:.4f}")
    console.print(f"fast reaches paper-calo within its error: {'yes' if reached else 'no'} (target: yes)")
    console.print(f"CPU time of fast over that of paper-calo: {ratio:.3f} (target: at most 0.25)")


if __name__ == "__main__":
    main()
