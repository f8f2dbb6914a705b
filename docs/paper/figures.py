"""Figures of docs/paper.md: weights, ROC curve, and an observable in ranges of the weight, from a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import mplhep
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

import tailscope as ts
from tailscope.counting.fill import fill
from tailscope.counting.histogram import Histogram

REFERENCE, GENERATED = "#8a8a8a", "black"


@dataclass(frozen=True)
class Range:
    """Events of one sample in a range of the weight, as the paper's figures show them."""

    sample: str
    selection: ts.Selection
    label: str
    colour: str

    @classmethod
    def low(cls, high: float, colour: str = "#3f6fd1", cuts: Sequence[ts.Cut] = ()) -> Range:
        """The low tail, read off the generated sample."""
        selection = ts.Selection(high=high, cuts=tuple(cuts))
        return cls("generated", selection, f"generated, $w < {high:.3g}$", colour)

    @classmethod
    def high(cls, low: float, colour: str = "#e07b28", cuts: Sequence[ts.Cut] = ()) -> Range:
        """The high tail, read off the reference sample."""
        selection = ts.Selection(low=low, cuts=tuple(cuts))
        return cls("reference", selection, f"reference, $w > {low:.3g}$", colour)


def new_figure(rows: int, columns: int, size: tuple[float, float] = (3.6, 2.9)) -> tuple[Figure, np.ndarray]:
    """A figure without pyplot, and its axes, [rows, columns]."""
    mpl.rcParams.update({**mplhep.style.ROOT, "font.size": 9, "axes.labelsize": 10, "legend.fontsize": 7.5})
    small = {"xtick.labelsize": 8, "ytick.labelsize": 8, "figure.dpi": 100, "axes.linewidth": 0.9}
    ticks = {f"{x}tick.{kind}.size": size for x in "xy" for kind, size in (("major", 5), ("minor", 2.5))}
    mpl.rcParams.update({**small, **ticks, "lines.linewidth": 1.3})
    figure = Figure(figsize=(size[0] * columns, size[1] * rows), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)


def save(figure: Figure, path: Path) -> None:
    """Write a small PNG: 64 colours are enough for lines."""
    from io import BytesIO

    from PIL import Image

    raw = BytesIO()
    figure.savefig(raw, dpi=130, format="png")
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.open(raw).convert("RGB").quantize(64).save(path, optimize=True)


def observable(
    axes: Axes,
    study: ts.Study,
    name: str,
    edges: np.ndarray,
    ranges: Sequence[Range] = (),
    cuts: Sequence[ts.Cut] = (),
    log: bool = False,
) -> None:
    """Densities of an observable: both samples behind, ranges of the weight in front with their errors."""
    everything = ts.Selection(cuts=tuple(cuts))
    for sample, colour in (("reference", REFERENCE), ("generated", GENERATED)):
        label = study.sample(sample).name + (", all" if ranges else "")
        shown = _histogram(study, name, sample, everything, edges)
        _draw(axes, shown, label, colour, filled=sample == "reference")
    for part in ranges:
        shown = _histogram(study, name, part.sample, part.selection, edges)
        _draw(axes, shown, part.label, part.colour, errors=True)
    quantity = study.observable(name)
    axes.set_xlabel(f"${quantity.label}$" + (f" [{quantity.unit}]" if quantity.unit else ""))
    axes.set_ylabel(f"density [1/{quantity.unit}]" if quantity.unit else "density")
    axes.set_xlim(edges[0], edges[-1])
    if log:
        axes.set_yscale("log")
    axes.set_ylim(None if log else 0, axes.get_ylim()[1] * (6 if log else 1.3))
    axes.legend()


def ratios(axes: Axes, study: ts.Study, name: str, edges: np.ndarray) -> None:
    """Generated over reference in bins of an observable, as it is and reweighted, with errors."""
    reference = _histogram(study, name, "reference", ts.Selection(), edges).density()
    error = reference.errors / np.maximum(reference.values, 1e-12)
    axes.stairs(1 + error, edges, baseline=1 - error, fill=True, color=REFERENCE, alpha=0.4)
    w = study.weights("generated")
    centres = (edges[1:] + edges[:-1]) / 2
    for weight, colour, mark, label in (
        (None, GENERATED, "o", "generated / reference"),
        (w, "#7b2fa8", "s", r"generated $\times\,w$ / reference"),
    ):
        shown = _histogram(study, name, "generated", ts.Selection(), edges, weight).density()
        there = (reference.values > 0) & (shown.values > 0)
        ratio = shown.values[there] / reference.values[there]
        error = shown.errors[there] / reference.values[there]
        fill = colour if mark == "o" else "white"
        style = {"fmt": mark, "ms": 3, "lw": 0.9, "mfc": fill, "color": colour}
        axes.errorbar(centres[there], ratio, error, label=label, **style)
    axes.axhline(1, color="0.3", lw=0.8, ls=":")
    quantity = study.observable(name)
    axes.set_xlabel(f"${quantity.label}$" + (f" [{quantity.unit}]" if quantity.unit else ""))
    axes.set_ylabel("ratio of densities")
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, axes.get_ylim()[1] * 1.2)
    axes.legend()


def weights(
    axes: Axes, study: ts.Study, log_w: tuple[float, float], bins: int = 40, cuts: Sequence[ts.Cut] = ()
) -> None:
    """Both samples' weights on a logarithmic axis; what lies beyond is counted in the outermost bins."""
    edges, smallest = np.linspace(*log_w, bins + 1), np.inf
    for sample, colour in (("reference", REFERENCE), ("generated", GENERATED)):
        rows = study.select(sample, ts.Selection(cuts=tuple(cuts)))
        found = fill(study.log_weights(sample)[rows], edges).folded().density()
        smallest = min(smallest, found.values[found.values > 0].min())
        shown = Histogram(np.exp(edges), found.values, found.variances, 0.0, 0.0, 0.0)
        _draw(axes, shown, study.sample(sample).name, colour, filled=sample == "reference", errors=True)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_ylim(smallest / 3)  # the error bar of a single event reaches down to 0
    axes.set_xlim(*np.exp(log_w))
    few = np.ptp(log_w) < 2
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 1.2, 1.5, 2, 3, 4, 5, 6, 8) if few else (1, 2, 5)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.axvline(1, color="0.3", lw=0.8, ls=":")
    axes.set_xlabel("$w$")
    axes.set_ylabel(r"density in $\ln w$")
    axes.legend()


def roc(axes: Axes, study: ts.Study) -> None:
    """ROC curve with its area."""
    curve = study.roc()
    axes.plot(curve.generated, curve.reference, color=GENERATED)
    axes.plot([0, 1], [0, 1], color="0.5", lw=0.8, ls=":")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel("generated events kept")
    axes.set_ylabel("reference events kept")
    text = f"AUC = {study.auc():.3f} $\\pm$ {study.auc_error():.3f}"
    axes.text(0.95, 0.08, text, ha="right", transform=axes.transAxes)


def _histogram(
    study: ts.Study,
    name: str,
    sample: str,
    selection: ts.Selection,
    edges: np.ndarray,
    weights: np.ndarray | None = None,
) -> Histogram:
    """Of some events, counted or summed with a weight of every event of the sample."""
    rows = study.select(sample, selection)
    values = study.sample(sample).observables[name][rows]
    finite = np.isfinite(values)
    return fill(values[finite], edges, None if weights is None else weights[rows][finite])


def _draw(
    axes: Axes, histogram: Histogram, label: str, colour: str, *, filled: bool = False, errors: bool = False
) -> None:
    shown = histogram.density()
    style = {"histtype": "fill", "alpha": 0.45} if filled else {"histtype": "step"}
    mplhep.histplot(shown.values, shown.edges, color=colour, label=label, ax=axes, **style)
    if errors:
        centres = (shown.edges[1:] + shown.edges[:-1]) / 2
        there = shown.values > 0
        axes.errorbar(
            centres[there], shown.values[there], shown.errors[there], fmt="none", ecolor=colour, lw=0.8
        )
