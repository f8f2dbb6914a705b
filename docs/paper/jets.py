"""Sec. 3 of arXiv:2305.16774 on PYTHIA's jets: numbers and figures of docs/paper.md.

    python docs/paper/jets.py JETS.h5                                        # what docs/paper.md quotes
    python docs/paper/jets.py JETS.h5 --members 5 --epochs 20 --device cuda  # the paper's recipe

JETS.h5 holds jets in JetNet's layout. A random half of them is the reference, the other half is distorted, so
that no jet is on both sides. A run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import figures
import numpy as np
import torch
from figures import Range
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy.ndimage import gaussian_filter1d

import tailscope as ts
from tailscope.baselines.distortions import Distorted, Distortion, TailCut, distort, shift, smear
from tailscope.fitting.progress import EpochDone

MASS = "mass_rel"
"""M/pT of the constituents: the paper's M, which is computed from relative coordinates."""
CUT = 0.17
DISTORTIONS: dict[str, Distortion] = {"tail cut": TailCut(high=CUT), "smear": smear(), "shift": shift()}
TAIL = 0.05
"""Part of the test jets that the figures and the table call a tail."""
console = Console(highlight=False, width=100)


@dataclass(frozen=True)
class Options:
    """The command line."""

    jets: Path
    work: Path
    cache: Path | None
    figures: Path
    events: int
    epochs: int
    batch_size: int
    members: int
    device: str
    seed: int


def options() -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    here = Path(__file__).parent
    parser.add_argument("jets", type=Path, help="jets in JetNet's layout")
    parser.add_argument(
        "--work", type=Path, default=Path("paper_jets"), help="folder for samples and studies"
    )
    parser.add_argument("--cache", type=Path, help="of the trainings; else tailscope's own")
    parser.add_argument("--figures", type=Path, default=here, help="folder for figures")
    parser.add_argument("--events", type=int, default=9_000, help="distorted jets (default: %(default)s)")
    parser.add_argument("--epochs", type=int, default=10, help="(default: %(default)s; the preset's are 20)")
    parser.add_argument("--batch-size", type=int, default=256, help="(default: %(default)s)")
    parser.add_argument("--members", type=int, default=1, help="trainings (default: %(default)s)")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    return Options(**vars(parser.parse_args()))


def study_of(name: str, chosen: Options) -> tuple[Distorted, ts.Study]:
    """Distort the jets; learn the weights on a fixed split: 60% training, 20% validation, 20% test."""
    stem = chosen.work / name.replace(" ", "_")
    reference, distorted = chosen.work / "reference.h5", stem.with_suffix(".h5")
    done = distort(
        chosen.jets,
        distorted,
        MASS,
        DISTORTIONS[name],
        events=chosen.events,
        reference=reference,
        seed=chosen.seed,
    )
    config = ts.FitConfig(
        preset="paper-jets",
        protocol="split",
        validation=0.25,
        epochs=chosen.epochs,
        batch_size=chosen.batch_size,
        members=chosen.members,
        best_epochs=min(5, chosen.epochs),
        device=chosen.device,
    )

    def report(event: object) -> None:
        if isinstance(event, EpochDone):
            console.print(
                f"{name}: training {event.training + 1}, epoch {event.epoch}, "
                f"validation loss {event.validation_loss:.4f}"
            )

    study = ts.fit(
        ts.load(reference, name="PYTHIA"),
        ts.load(distorted, name=name),
        config=config,
        cache=chosen.cache,
        progress=report,
        name=f"PYTHIA jets, {name}",
    )
    study.save(stem.with_suffix(".study.h5"))
    return done, study


def peak(log_w: NDArray[np.float64]) -> float:
    """Most frequent w below 2: the maximum of a Gaussian kernel density in log w (Scott's width)."""
    bulk = log_w[log_w < np.log(2)]
    edges = np.linspace(bulk.min(), bulk.max(), 2001)
    width = bulk.std() * bulk.size**-0.2 / (edges[1] - edges[0])
    density = gaussian_filter1d(np.histogram(bulk, edges)[0].astype(float), width, mode="constant")
    return float(np.exp(edges[:-1] + edges[1:])[density.argmax()] ** 0.5)


def peak_and_error(study: ts.Study, draws: int = 100) -> tuple[float, float]:
    """The peak of all test jets' weights, and its standard deviation over bootstrap samples of them."""
    log_w = np.concatenate([study.log_weights("reference"), study.log_weights("generated")])
    random = np.random.default_rng(0)
    again = [peak(random.choice(log_w, log_w.size)) for _ in range(draws)]
    return peak(log_w), float(np.std(again))


@dataclass(frozen=True)
class Tails:
    """Where the tails are in mass.

    Attributes
    ----------
    low, high: the weights at which they begin.
    low_ends, high_ends: how many times more of the tail's jets than of all jets of the same sample are in the
        lightest and in the heaviest tenth of the reference.

    """

    low: float
    high: float
    low_ends: tuple[float, float]
    high_ends: tuple[float, float]


def tails(study: ts.Study) -> Tails:
    """Low tail off the generated, high tail off the reference jets."""
    masses = {side: study.sample(side).observables[MASS] for side in ("reference", "generated")}
    light, heavy = np.quantile(masses["reference"], [0.1, 0.9])
    log_w = {side: study.log_weights(side) for side in masses}
    low, high = np.quantile(log_w["generated"], TAIL), np.quantile(log_w["reference"], 1 - TAIL)

    def ends(mass: NDArray[np.float32], inside: NDArray[np.bool_]) -> tuple[float, float]:
        return tuple(
            float(part[inside].mean() / max(part.mean(), 1e-9)) for part in (mass < light, mass >= heavy)
        )

    return Tails(
        float(np.exp(low)),
        float(np.exp(high)),
        ends(masses["generated"], log_w["generated"] < low),
        ends(masses["reference"], log_w["reference"] >= high),
    )


def purity(study: ts.Study, part: float) -> tuple[float, int]:
    """Of the reference jets above the upper ``part`` of w: the share with M > 0.17, and how many they are."""
    log_w, mass = study.log_weights("reference"), study.reference.observables[MASS]
    inside = log_w >= np.quantile(log_w, 1 - part)
    return float((mass[inside] > CUT).mean()), int(inside.sum())


def draw(name: str, study: ts.Study, found: Tails, path: Path) -> None:
    """The four panels of Figs. 1-3."""
    figure, axes = figures.new_figure(2, 2)
    edges = np.linspace(0, 2 * CUT, 35)
    log_w = np.concatenate([study.log_weights("reference"), study.log_weights("generated")])
    low, high = np.quantile(log_w, [0.002, 0.998])
    figures.observable(axes[0, 0], study, MASS, edges)
    figures.roc(axes[0, 1], study)
    figures.weights(axes[1, 0], study, (min(low, -0.5), min(max(high, 0.5), 3)))
    ranges = [Range.low(found.low), Range.high(found.high)]
    figures.observable(axes[1, 1], study, MASS, edges, ranges)
    axes[0, 0].set_title(name, loc="left", fontsize=10)
    figures.save(figure, path)


def main() -> None:
    """Fit the three distortions, print the table, draw the figures."""
    chosen = options()
    torch.set_num_threads(1)
    chosen.work.mkdir(parents=True, exist_ok=True)
    mass = ts.load(chosen.jets).observable(MASS)
    kept = float((mass < CUT).mean())
    table = Table("", *DISTORTIONS, title=f"1 - epsilon = {kept:.4f}, tails of {TAIL:.0%}")
    rows: dict[str, list[str]] = {}

    def add(row: str, text: str) -> None:
        rows.setdefault(row, []).append(text)

    for name in DISTORTIONS:
        done, study = study_of(name, chosen)
        found = tails(study)
        at, error = peak_and_error(study)
        calibration = study.calibration()
        add("test jets", f"{len(study.reference):,} + {len(study.generated):,}")
        add("AUC of the exact weights", f"{done.best_auc:.3f}")
        add("AUC", f"{study.auc():.3f} +- {study.auc_error():.3f}")
        add("calibration chi2/ndf", f"{calibration.chi2:.0f}/{calibration.ndf}")
        add("peak of w", f"{at:.3f} +- {error:.3f}")
        add("peak / (1 - epsilon)", f"{at / kept:.3f}" if name == "tail cut" else "")
        add("median of w, generated", f"{np.exp(np.median(study.log_weights('generated'))):.3f}")
        for part in (0.01, 0.05, 0.1):
            share, n = purity(study, part)
            add(f"upper {part:.0%} of w, M > {CUT}", f"{share:.1%} of {n}" if name == "tail cut" else "")
        add("low tail, w below", f"{found.low:.3f}")
        add("  in the lightest, heaviest tenth", "x {:.1f}, x {:.1f}".format(*found.low_ends))
        add("high tail, w above", f"{found.high:.3f}")
        add("  in lightest, heaviest tenth", "x {:.1f}, x {:.1f}".format(*found.high_ends))
        draw(name, study, found, chosen.figures / f"jets_{name.replace(' ', '_')}.png")
    for row, texts in rows.items():
        table.add_row(row, *texts)
    console.print(table)


if __name__ == "__main__":
    main()
