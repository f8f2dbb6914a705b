"""How right the weights are, on pairs of samples whose density ratio is known (docs/weights.md).

For each toy and preset one study: the protocol "split" with 60:20:20 events for training, validation and
test (Table 1 of the paper) for all presets alike, so that each cell is one training, or the five of the
ensemble. All numbers are of the test events, n/5 of each sample:

- RMS: root of the mean squared log(w) - log(exact w) over the events of both samples in the bulk, that is,
  with an exact w between 1/10 and 10;
- chi2/ndf: of the calibration (paper Eq. 11) in 30 bins;
- AUC, and that of the exact weights on the same events;
- E_gen[w], E_ref[1/w]: what `tailscope` reports as missing and leaked mass;
- CPU: seconds of one thread for the whole fit, checks and scoring included.

The last table compares the ensemble with its members: the mean and the standard deviation of the RMS of its
five networks, and how much smaller the RMS of the five together is.

Cells are kept in a JSON file, so that a run that was stopped goes on where it was.
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

import tailscope as ts
from tailscope.trust.reweighting import mean_weight
from tailscope.weights.auc import auc

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from helpers.toys import TOYS

SPLIT: dict[str, Any] = {"protocol": "split", "folds": 5, "validation": 0.25, "device": "cpu"}
PRESETS: dict[str, dict[str, Any]] = {
    "fast": {"preset": "fast"},
    "fast, 5 members": {"preset": "fast", "members": 5},
    "paper-events": {"preset": "paper-events"},
    "paper-calo": {"preset": "paper-calo"},
}
BULK = np.log(10)
"""Events with |log(exact w)| up to this are the bulk."""
Pair = tuple[NDArray[np.float64], NDArray[np.float64]]


def both(study: ts.Study) -> Pair:
    """Log weights of both samples."""
    return tuple(np.asarray(study.log_weights(s), np.float64) for s in ("reference", "generated"))  # type: ignore[return-value]


def rms(log_w: NDArray[np.float64], exact: NDArray[np.float64]) -> float:
    """Root mean square of log(w) - log(exact w) in the bulk."""
    bulk = np.abs(exact) <= BULK
    return float(np.sqrt(np.mean((log_w - exact)[bulk] ** 2)))


def cell(toy_name: str, preset: str, events: int, seed: int) -> dict[str, Any]:
    """Fit one study and compare it with the truth."""
    toy = TOYS[toy_name]
    with tempfile.TemporaryDirectory() as cache:
        started = time.process_time()
        config = ts.FitConfig(**SPLIT, **PRESETS[preset], seed=seed)
        study = ts.fit(*toy.pair(events, seed), config=config, cache=cache, progress=False)
        seconds = time.process_time() - started
    x = [
        np.stack([s.observables[f"x{i}"] for i in range(5)], axis=1)
        for s in (study.reference, study.generated)
    ]
    exact = [toy.log_ratio(rows) for rows in x]
    pooled = np.concatenate(exact)
    log_w = both(study)
    calibration = study.calibration(bins=30)
    members = np.concatenate([study.reference.members, study.generated.members]).astype(np.float64)
    return {
        "rms": rms(np.concatenate(log_w), pooled),
        "members": [rms(one, pooled) for one in members.T],
        "bulk": float(np.mean(np.abs(pooled) <= BULK)),
        "chi2": calibration.chi2,
        "ndf": calibration.ndf,
        "auc": study.auc(),
        "exact_auc": auc(exact[0], exact[1]),
        "mean_w": mean_weight(log_w[1], None)[:2],
        "mean_inverse_w": mean_weight(-log_w[0], None)[:2],
        "seconds": seconds,
    }


def value(found: list[float]) -> str:
    """A mean with its error."""
    return f"{found[0]:.3f} ± {found[1]:.3f}"


def tables(cells: dict[str, dict[str, Any]], toys: list[str], presets: list[str], key: str) -> str:
    """Both tables in Markdown."""
    heads = ["toy", "preset", "RMS of log w", "chi2/ndf", "AUC", "exact AUC", "E_gen[w]", "E_ref[1/w]", "CPU"]
    lines = ["| " + " | ".join(heads) + " |", "|---|---|" + "--:|" * 7]
    gains = ["| toy | one member | five together | smaller by |", "|---|--:|--:|--:|"]
    for toy in toys:
        for preset in presets:
            one = cells.get(f"{toy}/{preset}/{key}")
            if one is None:
                continue
            found = [
                toy,
                preset,
                f"{one['rms']:.3f}",
                f"{one['chi2']:.0f}/{one['ndf']}",
                f"{one['auc']:.4f}",
                f"{one['exact_auc']:.4f}",
                value(one["mean_w"]),
                value(one["mean_inverse_w"]),
                f"{one['seconds']:.0f} s",
            ]
            lines.append("| " + " | ".join(found) + " |")
            if one["members"]:
                mean, spread = np.mean(one["members"]), np.std(one["members"], ddof=1)
                gains.append(
                    f"| {toy} | {mean:.3f} ± {spread:.3f} | {one['rms']:.3f} | {1 - one['rms'] / mean:.0%} |"
                )
    return "\n".join([*lines, "", *gains])


def main() -> None:
    """Fit what is not in the file yet, and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--toy", action="append", choices=list(TOYS), help="only this one; may be repeated")
    parser.add_argument("--preset", action="append", choices=list(PRESETS), help="only this one; likewise")
    parser.add_argument("--events", type=int, default=100_000, help="of each sample (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of events and fits")
    parser.add_argument(
        "--results", type=Path, default=Path(tempfile.gettempdir()) / "tailscope_weights_quality.json"
    )
    options = parser.parse_args()
    torch.set_num_threads(1)
    toys, presets = options.toy or list(TOYS), options.preset or list(PRESETS)
    cells = json.loads(options.results.read_text()) if options.results.exists() else {}
    key = f"{options.events}/{options.seed}"
    for preset in presets:
        for toy in toys:
            name = f"{toy}/{preset}/{key}"
            if name not in cells:
                cells[name] = cell(toy, preset, options.events, options.seed)
                print(f"{name}: {json.dumps(cells[name])}", file=sys.stderr, flush=True)
                options.results.write_text(json.dumps(cells, indent=1))
    print(tables(cells, toys, presets, key))


if __name__ == "__main__":
    main()
