"""How often the lights of trust are right, on pairs of samples with a known ratio (docs/weights.md).

Four kinds of study, each repeated with other events and another seed of the fit:

- exact: the exact weights, nothing learned. Whatever is not green is a false alarm, but for mass that one
  sample lacks;
- fast: learned by the default preset;
- null: both samples of one density, learned by the default preset;
- overfitted: the last epoch of a network that nothing holds back, which knows its training events by heart.

Fits have two folds, to be quick. Their studies are kept in a folder, so that a run that was stopped goes on
where it was, and a change of the checks needs no new fits to be judged.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

import tailscope as ts
from tailscope.trust import LIGHTS, Light, worst

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from helpers.toys import TOYS, sample

HEART: dict[str, Any] = {
    "preset": "paper-calo", "hidden": 256, "dropout": 0.0, "batch_size": 128, "learning_rate": 2e-3,
    "schedule": "one-cycle", "epochs": 60, "watch_epochs": (60,),
}  # fmt: skip
"""No dropout, weight decay, average or early stop; the weights after the last epoch count."""
Pair = tuple[ts.Sample, ts.Sample]


def exact(toy: str, events: int, seed: int) -> ts.Study:
    """A study of the exact weights."""
    pair = TOYS[toy].pair(events, seed)
    return ts.Study.from_weights(*pair, *(TOYS[toy].log_ratio(s.features[:]) for s in pair))


def learned(pair: Pair, seed: int, **settings: Any) -> ts.Study:
    """A study of the weights that a fit gives."""
    with tempfile.TemporaryDirectory() as cache:
        config = ts.FitConfig(device="cpu", folds=2, seed=seed, **settings)
        return ts.fit(*pair, config=config, cache=cache, progress=False)


def null(toy: str, events: int, seed: int) -> ts.Study:
    """A fit to two samples of the reference's density."""
    both = TOYS[toy].draw(2 * events, seed)[0]
    return learned((sample("reference", both[:events]), sample("generated", both[events:])), seed)


KINDS: dict[str, Callable[[str, int, int], ts.Study]] = {
    "exact": exact,
    "fast": lambda toy, events, seed: learned(TOYS[toy].pair(events, seed), seed),
    "null": null,
    "overfitted": lambda toy, events, seed: learned(TOYS[toy].pair(events, seed), seed, **HEART),
}


def found(path: Path, kind: str, toy: str, events: int, seed: int) -> dict[str, Light]:
    """The light of every check of one study, and the worst of all."""
    study = ts.open(path) if path.exists() else KINDS[kind](toy, events, seed)
    if not path.exists():
        study.save(path)
    if study.epochs:
        study = study.at_epoch(study.epochs[-1].epoch)
    return {check.name: check.light for check in study.checks} | {"all": worst(study.checks)}


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
    for seed in range(options.fits):
        for kind in options.kind or list(KINDS):
            for toy in options.toy or list(TOYS):
                path = options.folder / f"{kind}-{toy.replace(' ', '_')}-{options.events}-{seed}.study.h5"
                lights = found(path, kind, toy, options.events, seed)
                rows.setdefault(f"{kind} | {toy}", []).append(lights)
    print(table(rows))


if __name__ == "__main__":
    main()
