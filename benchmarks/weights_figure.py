"""Learned against exact log w of the toys with a known ratio: the figure of docs/weights.md.

Each toy is cross-fitted with the preset "fast". In bins of the exact log w: median and central 68% of the
learned one, for reference and generated events; the median of those beyond the axes is written out.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import matplotlib as mpl
import numpy as np
import torch
from numpy.typing import NDArray

import tailscope as ts

mpl.use("agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from helpers.toys import TOYS, Toy

COLOURS = {"reference": "#222222", "generated": "#d95f02"}
RANGE = 1.5
"""Of the axes, in log w."""
FEWEST = 20
"""Events of a bin that is drawn."""


def profile(
    exact: NDArray[np.float64], learned: NDArray[np.float64], edges: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Percentiles 16, 50 and 84 of the learned log w in bins of the exact one: float64[3, bins] or NaN."""
    found = np.full((3, edges.size - 1), np.nan)
    for i in range(edges.size - 1):
        inside = learned[(exact >= edges[i]) & (exact < edges[i + 1])]
        if inside.size >= FEWEST:
            found[:, i] = np.quantile(inside, [0.16, 0.5, 0.84])
    return found


def draw(axes: Axes, name: str, toy: Toy, events: int) -> None:
    """Fit one toy and draw its panel."""
    with tempfile.TemporaryDirectory() as cache:
        config = ts.FitConfig(device="cpu")
        study = ts.fit(*toy.pair(events), config=config, cache=cache, progress=False)
    sides = {"reference": study.reference, "generated": study.generated}
    x = {
        side: np.stack([s.observables[f"x{i}"] for i in range(5)], axis=1).astype(np.float32)
        for side, s in sides.items()
    }
    exact = {side: toy.log_ratio(rows) for side, rows in x.items()}
    edges = np.concatenate([[-np.inf], np.linspace(-RANGE, RANGE, 29), [np.inf]])
    centres = (edges[1:-2] + edges[2:-1]) / 2
    axes.plot([-RANGE, RANGE], [-RANGE, RANGE], color="0.6", linewidth=1)
    notes = []
    for side, colour in COLOURS.items():
        lower, middle, upper = profile(exact[side], np.asarray(sides[side].log_w), edges)
        axes.fill_between(centres, lower[1:-1], upper[1:-1], color=colour, alpha=0.2, linewidth=0)
        axes.plot(centres, middle[1:-1], ".-", color=colour, label=side, markersize=5, linewidth=1)
        for i, beyond in ((0, f"below {-RANGE:g}"), (-1, f"above {RANGE:g}")):
            if np.isfinite(middle[i]):
                part = np.mean(exact[side] < -RANGE if i == 0 else exact[side] >= RANGE)
                notes.append(f"{part:.1%} of {side} {beyond}:\nmedian learned {middle[i]:.1f}")
    axes.text(0.97, 0.03, "\n".join(notes), transform=axes.transAxes, ha="right", va="bottom", fontsize=8)
    axes.set(xlim=(-RANGE, RANGE), ylim=(-RANGE, RANGE), title=name, aspect="equal")


def main() -> None:
    """Fit and draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=20_000, help="of each sample (default: %(default)s)")
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/weights.png"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    figure, panels = plt.subplots(2, 2, figsize=(8, 7), sharex=True, sharey=True, layout="constrained")
    for axes, (name, toy) in zip(panels.flat, TOYS.items(), strict=True):
        draw(axes, name, toy, options.events)
    panels[0, 0].legend(frameon=False)
    figure.supxlabel("exact log w")
    figure.supylabel("learned log w, median and central 68%")
    figure.savefig(options.output, dpi=80)


if __name__ == "__main__":
    main()
