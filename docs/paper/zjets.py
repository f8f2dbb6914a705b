"""Sec. 5 of arXiv:2305.16774 on Z + jets: numbers and figures of docs/paper.md.

    python docs/paper/zjets.py                      # the bundled pairs, as `tailscope demo` fits them
    python docs/paper/zjets.py --pair REF.h5 GEN.h5
    python docs/paper/zjets.py --events ZJETS.h5    # and a flow of plain momenta, trained on its events

ZJETS.h5 holds many more events than the bundled samples (data/README.md says how they were made). What was
trained before is taken from --work and from the cache.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import figures
import h5py
import numpy as np
import torch
from figures import Range
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

import tailscope as ts
from tailscope import baselines
from tailscope.reading.copy import copy_rows
from tailscope.weights.auc import auc

console = Console(highlight=False, width=100)
DATA = Path(__file__).parents[2] / "data"
BUNDLED = (DATA / "zjets_reference.h5", DATA / "zjets_generated.h5")
DIMUONS = (DATA / "dimuon_reference.h5", DATA / "dimuon_generated.h5")
WINDOWS = {"shoulder below": (80.0, 87.0), "peak": (89.0, 93.0), "shoulder above": (95.0, 102.0)}
"""Of M_mumu in GeV."""
TAILS = (("generated", 0.1), ("reference", 0.9))
"""Tails of those studies whose peak is smeared: a tenth each."""
PLAIN = baselines.Settings("flow", epochs=8, batch_size=512, hidden=64, resonance=False)
"""A small flow that is not told M_mumu."""
PLAIN_JETS, N_PLAIN, N_TRAINING = 2, 12_000, 50_000
"""Fig. 8 shows Z + 2 jets; so many events a side, and so many others to train on."""
RADIUS = 0.4
"""Of the jets: two are never nearer."""
COLLINEAR = 1.5
"""Where the collinear enhancement ends (Sec. 5.2)."""
SMALLEST = 0.06
"""Sec. 5.2: at least 95% of the events with w < 0.06 have a Delta R_jj < 0.4."""
LOW, HIGH = 0.6, 1.6
FEW = 20
PAIRS = ("dR_j1j2", "dR_j1j3", "dR_j2j3")


@dataclass(frozen=True, eq=False)
class Side:
    """Events of one sample with a number of jets: w, M_mumu in GeV, smallest Delta R of two jets."""

    w: NDArray[np.float64]
    m_mumu: NDArray[np.float32]
    nearest: NDArray[np.float32]

    def collinear(self, inside: NDArray[np.bool_] | None = None, *, weighted: bool = False) -> float:
        """Share of the events (of those inside, or weighted with w) with 0.4 <= Delta R_jj < 1.5."""
        v = self.w if weighted else np.ones(len(self.w))
        v = v if inside is None else v * inside
        return float(v[(self.nearest >= RADIUS) & (self.nearest < COLLINEAR)].sum() / v.sum())

    def width(self, inside: NDArray[np.bool_] | None = None) -> str:
        """Half the central 68% interval of M_mumu in GeV, and of how many events; "" where there are few."""
        values = self.m_mumu if inside is None else self.m_mumu[inside]
        if values.size < FEW:
            return ""
        return f"{np.diff(np.quantile(values, [0.16, 0.84]))[0] / 2:.2f} GeV"


def side(study: ts.Study, sample: str, jets: int) -> Side:
    """Take the events with so many jets."""
    events = study.sample(sample)
    chosen = events.observables["n_jets"] == jets
    pairs = np.stack([events.observables[name][chosen] for name in PAIRS])
    nearest = np.where(np.isnan(pairs), np.inf, pairs).min(axis=0)
    return Side(np.exp(events.log_w[chosen]), events.observables["M_mumu"][chosen], nearest)


def of_multiplicity(study: ts.Study, jets: int) -> dict[str, str]:
    """One column of the table."""
    reference, generated = (side(study, sample, jets) for sample in ("reference", "generated"))
    low, high = generated.w < LOW, reference.w > HIGH
    smallest = generated.w < SMALLEST
    near = generated.nearest < RADIUS
    found = {
        "events": f"{len(reference.w):,} + {len(generated.w):,}",
        "AUC": f"{auc(np.log(reference.w), np.log(generated.w)):.3f}",
        "M_mumu, half of the central 68%": "",
        "  reference": reference.width(),
        "  generated": generated.width(),
        f"  generated, w < {LOW}": generated.width(low),
        f"  reference, w > {HIGH}": reference.width(high),
    }
    if jets == 1:
        return found
    leak, collinear = f"DR_jj < {RADIUS}", f"{RADIUS} <= DR_jj < {COLLINEAR}"
    return found | {
        f"{leak}: reference": f"{(reference.nearest < RADIUS).mean():.2%}",
        f"{leak}: generated": f"{near.mean():.2%}",
        f"{leak}: generated, reweighted": f"{generated.w[near].sum() / generated.w.sum():.2%}",
        f"{leak}: generated, w < {SMALLEST}": _part(near, smallest),
        f"{leak}: of all these, w < {SMALLEST}": _part(smallest, near),
        f"DR_jj < 0.2: of these, w < {SMALLEST}": _part(smallest, generated.nearest < 0.2),
        f"0.35 <= DR_jj < 0.4: of these, w < {SMALLEST}": _part(smallest, near & (generated.nearest >= 0.35)),
        f"{collinear}: reference": f"{reference.collinear():.1%}",
        f"{collinear}: generated": f"{generated.collinear():.1%}",
        f"{collinear}: generated, reweighted": f"{generated.collinear(weighted=True):.1%}",
        f"{collinear}: generated, w < {LOW}": f"{generated.collinear(low):.1%}",
        f"{collinear}: reference, w > {HIGH}": f"{reference.collinear(high):.1%}",
    }


def _part(which: NDArray[np.bool_], of: NDArray[np.bool_]) -> str:
    return f"{(which & of).sum() / max(of.sum(), 1):.1%} of {of.sum()}"


def draw(study: ts.Study, path: Path) -> None:
    """As in Figs. 8-10: weights, M_mumu and Delta R_jj in ranges of the weight, for two and three jets."""
    figure, axes = figures.new_figure(2, 3)
    for row, jets in zip(axes, (2, 3), strict=True):
        cuts = [ts.Cut("n_jets", jets - 0.5, jets + 0.5)]
        ranges = [Range.low(LOW, cuts=cuts), Range.high(HIGH, cuts=cuts)]
        smallest = Range.low(SMALLEST, "#7b2fa8", cuts=cuts)
        figures.weights(row[0], study, (np.log(0.01), np.log(20)), cuts=cuts)
        figures.observable(row[1], study, "M_mumu", np.linspace(70, 110, 41), ranges, cuts, log=True)
        figures.observable(row[2], study, "dR_j1j2", np.linspace(0, 5, 26), [*ranges, smallest], cuts)
        row[0].set_title(f"Z + {jets} jets", loc="left", fontsize=10)
    figures.save(figure, path)


def fitted(pair: tuple[Path, Path], generator: str, device: str, cache: Path | None) -> ts.Study:
    """The study that `tailscope demo` makes of a pair."""
    reference, generated = (
        ts.load(path, name=name) for path, name in zip(pair, ("PYTHIA 8", generator), strict=True)
    )
    return ts.fit(reference, generated, config=ts.FitConfig(device=device), cache=cache)


def title_of(what: str, study: ts.Study) -> str:
    """AUC and calibration."""
    calibration = study.calibration()
    return (
        f"{what}: AUC {study.auc():.4f} +- {study.auc_error():.4f}, calibration chi2/ndf "
        f"{calibration.chi2:.0f}/{calibration.ndf}"
    )


@dataclass(frozen=True, eq=False)
class Masses:
    """M_mumu in GeV and w of some events of one sample."""

    m: NDArray[np.float32]
    w: NDArray[np.float64]

    def part(self, inside: NDArray[np.bool_]) -> Masses:
        """Some of them."""
        return Masses(self.m[inside], self.w[inside])

    def row(self, *, weighted: bool = False) -> list[str]:
        """Events; mean and standard deviation of M_mumu from 70 to 110 GeV; share of the peak among all."""
        v = self.w if weighted else np.ones(len(self.w))
        near = (self.m >= 70) & (self.m < 110)
        mean = np.average(self.m[near], weights=v[near])
        width = np.average((self.m[near] - mean) ** 2, weights=v[near]) ** 0.5
        low, high = WINDOWS["peak"]
        share = v[(self.m >= low) & (self.m < high)].sum() / v.sum()
        return [f"{len(self.m):,}", f"{mean:.2f} GeV", f"{width:.2f} GeV", f"{share:.1%}"]


def peak(study: ts.Study, what: str, path: Path | None = None, cuts: tuple[ts.Cut, ...] = ()) -> None:
    """Figs. 7 and 8: weights at the Z peak and on its shoulders, and what the tails hold."""
    reference, generated = (
        Masses(study.sample(side).observables["M_mumu"][rows], study.weights(side)[rows])
        for side in ("reference", "generated")
        for rows in [study.select(side, ts.Selection(cuts=cuts))]
    )
    console.print(title_of(what, study))
    table = Table("M_mumu", "density ratio", "mean w, generated")
    for name, (low, high) in WINDOWS.items():
        inside = [(side.m >= low) & (side.m < high) for side in (reference, generated)]
        ratio = inside[0].mean() / inside[1].mean()
        error = ratio * np.sqrt(sum(1 / part.sum() for part in inside))
        mean = generated.w[inside[1]].mean()
        table.add_row(f"{name}, {low:g}-{high:g} GeV", f"{ratio:.2f} +- {error:.2f}", f"{mean:.2f}")
    console.print(table)
    low, high = np.quantile(generated.w, TAILS[0][1]), np.quantile(reference.w, TAILS[1][1])
    table = Table(what, "events", "mean, 70-110 GeV", "sigma, 70-110 GeV", "in 89-93 GeV")
    table.add_row("reference", *reference.row())
    table.add_row("generated", *generated.row())
    table.add_row("generated, reweighted", *generated.row(weighted=True))
    table.add_row(f"high tail: reference, w >= {high:.2f}", *reference.part(reference.w >= high).row())
    table.add_row("  the others", *reference.part(reference.w < high).row())
    table.add_row(f"low tail: generated, w < {low:.2f}", *generated.part(generated.w < low).row())
    table.add_row("  the others", *generated.part(generated.w >= low).row())
    console.print(table)
    if path is None:
        return
    figure, axes = figures.new_figure(1, 3)
    edges = np.linspace(70, 110, 41)
    span = 1.1 * float(
        np.abs(np.log(np.quantile(np.concatenate([reference.w, generated.w]), [0.01, 0.99]))).max()
    )
    figures.weights(axes[0, 0], study, (-span, span))
    figures.ratios(axes[0, 1], study, "M_mumu", edges)
    figures.observable(axes[0, 2], study, "M_mumu", edges, [Range.low(low), Range.high(high)])
    figures.save(figure, path)


def plain_pair(events: Path, work: Path, seed: int = 2024) -> tuple[Path, Path]:
    """Files of events of PYTHIA and of a flow of plain momenta, trained on others of PYTHIA's."""
    pair = work / "plain_reference.h5", work / "plain_generated.h5"
    if all(path.exists() for path in pair):
        return pair
    work.mkdir(parents=True, exist_ok=True)
    with h5py.File(events) as file:
        rows = np.flatnonzero(file["njets"][:] == PLAIN_JETS)
    rows = np.random.default_rng(seed).permutation(rows)
    copy_rows(events, np.sort(rows[:N_PLAIN]), pair[0])
    training = copy_rows(events, np.sort(rows[N_PLAIN : N_PLAIN + N_TRAINING]), work / "plain_training.h5")

    def report(epoch: int, epochs: int, loss: float) -> None:
        console.print(f"plain flow, epoch {epoch}/{epochs}: {loss:.3f}")

    baselines.train(training, PLAIN, report=report).write(pair[1], N_PLAIN)
    return pair


def main() -> None:
    """Fit, print the tables, draw the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pair", nargs=2, type=Path, default=BUNDLED, metavar=("REF", "GEN"))
    parser.add_argument("--events", type=Path, help="many Z + jets events, to train a flow of plain momenta")
    parser.add_argument("--work", type=Path, default=Path("paper_zjets"), help="folder for its samples")
    parser.add_argument("--cache", type=Path, help="of the trainings; else tailscope's own")
    parser.add_argument("--figures", type=Path, default=Path(__file__).parent, help="folder for figures")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    torch.set_num_threads(1)
    study = fitted(tuple(options.pair), "flow", options.device, options.cache)
    columns = [of_multiplicity(study, jets) for jets in (1, 2, 3)]
    table = Table("", "Z + 1 jet", "Z + 2 jets", "Z + 3 jets", title=title_of("Z + jets", study))
    for row in columns[-1]:
        table.add_row(row, *(column.get(row, "") for column in columns))
    console.print(table)
    draw(study, options.figures / "zjets.png")
    for jets in (2, 3):
        peak(study, f"Z + {jets} jets, M_mumu told", cuts=(ts.Cut("n_jets", jets - 0.5, jets + 0.5),))
    if options.events is not None:
        study = fitted(plain_pair(options.events, options.work), "plain flow", options.device, options.cache)
        peak(study, f"Z + {PLAIN_JETS} jets, plain momenta", options.figures / "zjets_plain.png")
    study = fitted(DIMUONS, "plain flow", options.device, options.cache)
    peak(study, "dimuons, plain momenta", options.figures / "dimuon.png")


if __name__ == "__main__":
    main()
