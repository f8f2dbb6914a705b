"""Sec. 5.2 of arXiv:2305.16774 on the bundled Z + jets: numbers and figure of docs/paper.md.

python docs/paper/zjets.py                      # the bundled pair, as `tailscope demo zjets` fits it
python docs/paper/zjets.py --pair REF.h5 GEN.h5
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

import tailscope as ts
from tailscope.weights import auc

console = Console(highlight=False, width=100)
DATA = Path(__file__).parents[2] / "data"
BUNDLED = (DATA / "zjets_reference.h5", DATA / "zjets_generated.h5")
DIMUONS = (DATA / "dimuon_reference.h5", DATA / "dimuon_generated.h5")
WINDOWS = {"shoulder below": (80.0, 87.0), "peak": (89.0, 93.0), "shoulder above": (95.0, 102.0)}
"""Of M_mumu in GeV."""
RADIUS = 0.4
"""Of the jets: two are never nearer."""
COLLINEAR = 1.5
"""Where the collinear enhancement ends (Sec. 5.2)."""
SMALLEST = 0.06
"""Sec. 5.2: at least 95% of the events with w < 0.06 have a Delta R_jj < 0.4."""
LOW, HIGH = 0.6, 1.6
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
        """Half the central 68% interval of M_mumu in GeV; "" where no event is."""
        values = self.m_mumu if inside is None else self.m_mumu[inside]
        if not values.size:
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


def smeared_peak(study: ts.Study, path: Path) -> None:
    """Figs. 7 and 8: weights at the Z peak and on its shoulders."""
    masses, w = (
        {side: found(side) for side in ("reference", "generated")}
        for found in (lambda side: study.sample(side).observables["M_mumu"], study.weights)
    )
    table = Table("M_mumu", "density ratio", "mean w, generated", title=title_of("dimuons", study))
    for name, (low, high) in WINDOWS.items():
        inside = {side: (m >= low) & (m < high) for side, m in masses.items()}
        ratio = inside["reference"].mean() / inside["generated"].mean()
        error = ratio * np.sqrt(sum(1 / part.sum() for part in inside.values()))
        mean = w["generated"][inside["generated"]].mean()
        table.add_row(f"{name}, {low:g}-{high:g} GeV", f"{ratio:.2f} +- {error:.2f}", f"{mean:.2f}")
    console.print(table)
    figure, axes = figures.new_figure(1, 3)
    low, high = (float(np.exp(np.quantile(study.log_weights(s), q))) for s, q in TAILS)
    edges = np.linspace(70, 110, 41)
    figures.weights(axes[0, 0], study, (np.log(0.4), np.log(2.5)))
    figures.observable(axes[0, 1], study, "M_mumu", edges)
    figures.observable(axes[0, 2], study, "M_mumu", edges, [Range.low(low), Range.high(high)])
    figures.save(figure, path)


TAILS = (("generated", 0.1), ("reference", 0.9))
"""Tails of the dimuons: a tenth each."""


def main() -> None:
    """Fit, print the tables, draw the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pair", nargs=2, type=Path, default=BUNDLED, metavar=("REF", "GEN"))
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
    smeared_peak(fitted(DIMUONS, "plain flow", options.device, options.cache), options.figures / "dimuon.png")


if __name__ == "__main__":
    main()
