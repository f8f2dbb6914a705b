"""How much of what the data tell the weights hold: all methods on bundled pairs, and on pairs of known ratio.

    python benchmarks/optimality.py                       # both tables, in Markdown
    python benchmarks/optimality.py --pairs photons jets --methods before fast
    python benchmarks/optimality.py --toys correlated --methods fast

For each bundled pair and method one fit of all events, out of fold:

- I: `Study.information`, ln 2 minus the out-of-fold cross-entropy in nats with its error, an estimate from
  below of what the data hold;
- AUC, and chi2/ndf of the calibration in 30 bins;
- CPU: seconds of all threads from `ts.fit` to weights, and wall clock, without reading the files.

For each pair of known ratio (tests/helpers/toys.py) what part of the exact weights' AUC beyond 1/2 is reached
on the same events, and the RMS of log(w) - log(exact w) in units of the spread of the exact log w.

"before" are the settings that were the default before candidates were stacked: one perceptron on standardised
low-level inputs. Cells are kept in a JSON file, so that a run that was stopped goes on where it was.
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
from pairs import PAIRS, ROOT

import tailscope as ts
from tailscope.weights.auc import auc

sys.path.insert(0, str(ROOT / "tests"))
from helpers.toys import BLINDING, WIDE, Toy

BEFORE: dict[str, Any] = {
    "network": "mlp", "layers": 3, "hidden": 128, "dropout": 0.1, "batch_size": 256, "learning_rate": 2e-3,
    "weight_decay": 2.5, "whiten": False, "fewest_batches": 0,
}  # fmt: skip
METHODS: dict[str, tuple[str | None, dict[str, Any]]] = {
    "before": ("low", BEFORE),
    "before, both": ("both", BEFORE),
    "fast, low": ("low", {}),
    "fast, high": ("high", {}),
    "fast": (None, {}),
    "trees": (None, {"network": "trees"}),
    "best": (None, {"preset": "best"}),
}
"""Features (None: the default) and settings."""
TOYS = {**BLINDING, "50 columns": WIDE}
EVENTS = {"50 columns": 20_000}
"""Of each sample of a pair of known ratio; 5,000 where it is not named."""


def bundled(pair: str, method: str) -> dict[str, Any]:
    """Fit one bundled pair."""
    features, settings = METHODS[method]
    samples = [ts.load(path, features=features) for path in PAIRS[pair]]
    study, used = fitted(samples, settings)
    calibration = study.calibration()
    return used | {
        "information": [study.information(), study.information_error()],
        "auc": study.auc(),
        "chi2": calibration.chi2 / calibration.ndf,
        "shares": study.provenance.shares,
    }


def known(toy: Toy, events: int, method: str, seed: int) -> dict[str, Any]:
    """Fit one pair of known ratio."""
    study, used = fitted(toy.pair(events, seed), METHODS[method][1])
    exact = [toy.log_ratio(rows) for rows in toy.draw(events, seed)]
    log_w = [np.asarray(study.log_weights(s), np.float64) for s in ("reference", "generated")]
    truth = np.concatenate(exact)
    return used | {
        "part": (study.auc() - 0.5) / (auc(exact[0], exact[1]) - 0.5),
        "exact": auc(exact[0], exact[1]),
        "rms": float(np.sqrt(np.mean((np.concatenate(log_w) - truth) ** 2)) / truth.std()),
    }


def fitted(samples: Any, settings: dict[str, Any]) -> tuple[ts.Study, dict[str, Any]]:
    """A study, and what it took."""
    with tempfile.TemporaryDirectory() as cache:
        wall, cpu = time.perf_counter(), time.process_time()
        config = ts.FitConfig(**settings, device="cpu")
        study = ts.fit(*samples, config=config, cache=cache, progress=False)
        return study, {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}


def table(heads: list[str], rows: list[list[str]]) -> str:
    """Markdown."""
    lines = [heads, ["---", "---", *["--:"] * (len(heads) - 2)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", nargs="*", default=list(PAIRS), choices=PAIRS)
    parser.add_argument("--toys", nargs="*", default=list(TOYS), choices=TOYS)
    parser.add_argument("--methods", nargs="*", default=list(METHODS), choices=METHODS)
    parser.add_argument("--seeds", type=int, default=1, help="repeats of each pair of known ratio")
    parser.add_argument("--cells", type=Path, default=Path("optimality.json"))
    wanted = parser.parse_args()
    cells: dict[str, Any] = json.loads(wanted.cells.read_text()) if wanted.cells.exists() else {}

    def cell(key: str, make: Any) -> Any:
        if key not in cells:
            cells[key] = make()
            wanted.cells.write_text(json.dumps(cells, indent=1))
        return cells[key]

    rows = []
    for pair in wanted.pairs:
        for method in wanted.methods:
            found = cell(f"{pair}/{method}", lambda pair=pair, method=method: bundled(pair, method))
            value, error = found["information"]
            shares = ", ".join(f"{kind} {share:.2f}" for kind, share in found["shares"].items())
            numbers = [f"{value:.4f} ± {error:.4f}", f"{found['auc']:.4f}", f"{found['chi2']:.1f}"]
            rows.append([pair, method, *numbers, f"{found['cpu']:.0f} s", f"{found['wall']:.0f} s", shares])
    print(table(["pair", "method", "I", "AUC", "chi2/ndf", "CPU", "wall", "shares"], rows), end="\n\n")
    rows = []
    for name in wanted.toys:
        for method in (m for m in wanted.methods if METHODS[m][0] is None or m == "before"):
            n = EVENTS.get(name, 5_000)
            found = [
                cell(
                    f"{name}/{method}/{seed}",
                    lambda name=name, method=method, seed=seed, n=n: known(TOYS[name], n, method, seed),
                )
                for seed in range(wanted.seeds)
            ]
            part, rms, exact = (np.array([one[k] for one in found]) for k in ("part", "rms", "exact"))
            cpu = np.mean([one["cpu"] for one in found])
            numbers = [f"{exact.mean():.3f}", f"{part.mean():.0%}", f"{rms.mean():.2f}", f"{cpu:.0f} s"]
            rows.append([name, method, *numbers])
    print(table(["toy", "method", "exact AUC", "part of it", "RMS/sd of log w", "CPU"], rows))


if __name__ == "__main__":
    main()
