"""How often the lights of trust are right, on pairs of samples with a known ratio (docs/weights.md).

Kinds of study, each repeated with other events and another seed of the fit:

- exact: the exact weights, nothing learned. Whatever is not green is a false alarm, but for mass that one
  sample lacks;
- half: half of the exact log w, as of a classifier that saw half of what there is;
- fast: learned by the default preset;
- before: learned by what was the default once, blind to some toys (benchmarks/optimality.py);
- null: both samples of one density, learned by the default preset;
- overfitted: the last epoch of a network that nothing holds back, which knows its training events by heart.

Studies are kept in a folder, so that a run that was stopped goes on where it was, and a change of the checks
needs no new fits to be judged. A second table sorts all studies but null ones by how wrong they are, by the
RMS of log(w) - log(exact w) in units of the spread of the exact log w: how many of them are all green, and
how many have an amber or a red light.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from optimality import BEFORE

import tailscope as ts
from tailscope.fitting.second_look import with_second_look
from tailscope.trust import LIGHTS, Light, worst

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from helpers.toys import BLINDING, sample
from helpers.toys import TOYS as PLAIN

TOYS = PLAIN | BLINDING
FOLDS = 5
WRONG = (0.0, 0.1, 0.2, 0.3, np.inf)
"""Ends of the classes of the second table."""

HEART: dict[str, Any] = {
    "preset": "paper-calo", "hidden": 256, "dropout": 0.0, "batch_size": 128, "learning_rate": 2e-3,
    "schedule": "one-cycle", "epochs": 60, "watch_epochs": (60,),
}  # fmt: skip
"""No dropout, weight decay, average or early stop; the weights after the last epoch count."""
Pair = tuple[ts.Sample, ts.Sample]


def exact(toy: str, events: int, seed: int, part: float = 1.0) -> ts.Study:
    """A study of the exact weights, or of a part of log w."""
    pair = TOYS[toy].pair(events, seed)
    study = ts.Study.from_weights(*pair, *(part * TOYS[toy].log_ratio(s.features[:]) for s in pair))
    return with_second_look(study, *pair)


def learned(pair: Pair, seed: int, **settings: Any) -> ts.Study:
    """A study of the weights that a fit gives."""
    with tempfile.TemporaryDirectory() as cache:
        config = ts.FitConfig(device="cpu", folds=FOLDS, seed=seed, **settings)
        return ts.fit(*pair, config=config, cache=cache, progress=False)


def null(toy: str, events: int, seed: int) -> ts.Study:
    """A fit to two samples of the reference's density."""
    both = TOYS[toy].draw(2 * events, seed)[0]
    return learned((sample("reference", both[:events]), sample("generated", both[events:])), seed)


KINDS: dict[str, Callable[[str, int, int], ts.Study]] = {
    "exact": exact,
    "half": lambda toy, events, seed: exact(toy, events, seed, 0.5),
    "fast": lambda toy, events, seed: learned(TOYS[toy].pair(events, seed), seed),
    "before": lambda toy, events, seed: learned(TOYS[toy].pair(events, seed), seed, **BEFORE),
    "null": null,
    "overfitted": lambda toy, events, seed: learned(TOYS[toy].pair(events, seed), seed, **HEART),
}


def found(path: Path, kind: str, toy: str, events: int, seed: int) -> tuple[dict[str, Light], float]:
    """The light of every check of one study, and the worst of all; how wrong its weights are."""
    study = ts.open(path) if path.exists() else KINDS[kind](toy, events, seed)
    if not path.exists():
        study.save(path)
    if study.epochs:
        study = study.at_epoch(study.epochs[-1].epoch)
    lights = {check.name: check.light for check in study.checks} | {"all": worst(study.checks)}
    return lights, off(study, TOYS[toy].pair(events, seed), toy)


def off(study: ts.Study, pair: Pair, toy: str) -> float:
    """RMS of log(w) - log(exact w) in units of the spread of the exact log w, where that is finite."""
    exact = np.concatenate([TOYS[toy].log_ratio(s.features[:]) for s in pair])
    log_w = np.concatenate([study.log_weights(s) for s in ("reference", "generated")]).astype(np.float64)
    finite = np.isfinite(exact) & np.isfinite(log_w)
    exact, log_w = exact[finite], log_w[finite]
    return float(np.sqrt(np.mean((log_w - exact) ** 2)) / exact.std())


def summary(judged: list[tuple[float, Light]]) -> str:
    """All studies by how wrong they are, in Markdown."""
    lines = ["| RMS/sd of log w | studies | all green | amber | red |", "|---|--:|--:|--:|--:|"]
    for low, high in pairwise(WRONG):
        lights = Counter(light for wrong, light in judged if low <= wrong < high)
        counts = [f"{lights[light]} ({lights[light] / max(lights.total(), 1):.0%})" for light in LIGHTS]
        lines.append("| " + " | ".join([f"{low} to {high}", str(lights.total()), *counts]) + " |")
    return "\n".join(lines)


def table(rows: dict[str, list[dict[str, Light]]]) -> str:
    """Counts of green/amber/red of each check, in Markdown."""
    names = list(dict.fromkeys(name for lights in rows.values() for each in lights for name in each))
    heads = ["weights", "toy", "fits", *names]
    lines = ["| " + " | ".join(heads) + " |", "|---|---|--:|" + "--:|" * len(names)]
    for row, lights in rows.items():
        counts = [Counter(each[name] for each in lights if name in each) for name in names]
        cells = ["/".join(str(count[light]) for light in LIGHTS) if count else "" for count in counts]
        lines.append("| " + " | ".join([row, str(len(lights)), *cells]) + " |")
    return "\n".join(lines)


def main() -> None:
    """Fit what is not in the file yet, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kind", action="append", choices=list(KINDS), help="only this one; may be repeated")
    parser.add_argument("--toy", action="append", choices=list(TOYS), help="only this one; likewise")
    parser.add_argument("--events", type=int, default=5_000, help="of each sample (default: %(default)s)")
    parser.add_argument("--fits", type=int, default=40, help="of each kind and toy (default: %(default)s)")
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "tailscope_lights", help="of studies"
    )
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.folder.mkdir(exist_ok=True)
    rows: dict[str, list[dict[str, Light]]] = {}
    judged: list[tuple[float, Light]] = []
    for seed in range(options.fits):
        for kind in options.kind or list(KINDS):
            for toy in options.toy or list(TOYS):
                path = options.folder / f"{kind}-{toy.replace(' ', '_')}-{options.events}-{seed}.study.h5"
                lights, wrong = found(path, kind, toy, options.events, seed)
                if kind != "null":
                    judged.append((wrong, lights["all"]))
                rows.setdefault(f"{kind} | {toy}", []).append(lights)
    print(table(rows), summary(judged), sep="\n\n")


if __name__ == "__main__":
    main()
