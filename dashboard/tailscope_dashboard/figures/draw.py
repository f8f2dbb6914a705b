"""Draw panels with matplotlib and mplhep, as the field prints them. Nothing is computed here.

Figures are made without pyplot and no setting of matplotlib is changed: a server draws for many at a time,
and a notebook's own figures stay as they are.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import mplhep
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import (
    AutoMinorLocator,
    FixedFormatter,
    FixedLocator,
    LogLocator,
    MaxNLocator,
    NullFormatter,
)
from numpy.typing import NDArray

from tailscope.counting.histogram import Histogram
from tailscope_dashboard.look.palette import LIGHT, shown_colour
from tailscope_dashboard.look.ticks import MANY_DECADES, ROOM_ACROSS, ROOM_ALONG, weight_ticks

from .content import Line, Panel
from .frame import Frame, mean_range, ratio_range, unmatched

Floats = NDArray[np.float64]

Lower = Literal["ratio", "mean"]

SMALL, NORMAL = 8.0, 11.0
SHARE = 0.36
"""Height of a panel below a histogram, of the histogram's."""
FOOT = 0.17
"""Inches for the words in the corner."""
LONG = 44
"""Letters of a legend's line that leave no room for a second column."""
ACROSS = 4
"""Histograms in a row of a grid."""


class Drawn(Figure):
    """A figure that a notebook shows without pyplot."""

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        self.savefig(file, format="png", dpi=100)
        return file.getvalue()


@dataclass(frozen=True)
class Box:
    """A rectangle of a figure, in inches from its lower left corner."""

    x: float
    y: float
    width: float
    height: float

    def of(self, figure: Figure) -> tuple[float, float, float, float]:
        """The same in fractions of the figure."""
        width, height = figure.get_size_inches().tolist()
        return self.x / width, self.y / height, self.width / width, self.height / height


@dataclass(frozen=True)
class Look:
    """Line width, and what stands out."""

    width: float
    colour: str
    dashes: str = "-"


def single(panel: Panel, foot: str, *, with_ratio: bool) -> Figure:
    """One histogram on a page, with its legend above and what it was made from in the corner."""
    below = _below(panel, with_ratio)
    handles, labels = _legend(panel)
    long = max(map(len, labels)) > LONG or any("\n" in label for label in labels)
    columns = 1 if long else 2
    top = _legend_height(labels, columns, panel.within)
    width, height = 6.4, top + 4.1 + 1.1 * len(below)
    figure = Drawn(figsize=(width, height))
    _into(figure, panel, below, NORMAL, Box(0.0, FOOT, width, height - FOOT - top))
    figure.legend(
        handles, labels, loc="upper left", bbox_to_anchor=(0.08, 1.0), ncols=columns, fontsize=NORMAL - 1.5,
        frameon=False, handlelength=1.8, borderaxespad=0.3,
        title=panel.within or None, title_fontsize=NORMAL - 1.5, alignment="left",
    )  # fmt: skip
    _foot(figure, [panel.undefined, foot])
    return figure


def grid(panels: Sequence[Panel], foot: str, *, with_ratio: bool) -> Figure:
    """Several histograms side by side, with one legend for all."""
    across = min(ACROSS, len(panels))
    # The weights' legend says less than that of the others.
    handles, labels = _legend(max(panels, key=lambda panel: len(panel.lines)))
    columns = min(len(labels), across, 3 if max(map(len, labels)) <= LONG else 1)
    top = _legend_height(labels, columns, panels[0].within)
    cell_width, cell_height = 3.6, 3.1
    width, height = cell_width * across, top + FOOT + cell_height * math.ceil(len(panels) / across)
    figure = Drawn(figsize=(width, height))
    for number, panel in enumerate(panels):
        row, column = divmod(number, across)
        y = height - top - (row + 1) * cell_height
        cell = Box(column * cell_width, y, cell_width, cell_height)
        _into(figure, panel, _below(panel, with_ratio)[:1], SMALL, cell)
    figure.legend(
        handles, labels, loc="upper left", bbox_to_anchor=(0.02, 1.0), ncols=columns, fontsize=SMALL + 1.5,
        frameon=False, handlelength=1.8, borderaxespad=0.3,
        title=panels[0].within or None, title_fontsize=SMALL + 1.5, alignment="left",
    )  # fmt: skip
    outside = any("flow" in panel.frame.beyond for panel in panels)
    _foot(figure, ["beyond dotted lines: underflow, overflow" if outside else "", foot])
    return figure


def _legend_height(labels: list[str], columns: int, title: str) -> float:
    """Inches."""
    first = labels[: math.ceil(len(labels) / columns)]
    return 0.2 * (sum(1 + label.count("\n") for label in first) + bool(title)) + 0.15


def _below(panel: Panel, with_ratio: bool) -> list[Lower]:
    """Which panels stand below a histogram."""
    if panel.spans:
        return []
    found: list[Lower] = ["ratio"] if with_ratio else []
    return found if panel.mean_weight is None else [*found, "mean"]


def _into(figure: Figure, panel: Panel, below: list[Lower], size: float, box: Box) -> None:
    """Place a histogram and what stands below it.

    The margins are fixed: to find them by measuring all texts costs as much as the drawing.
    """
    left, bottom, right, top = (margin * size / NORMAL for margin in (0.78, 0.52, 0.12, 0.06))
    gap = 0.09 * size / NORMAL
    shares = np.array([1.0, *(SHARE for _ in below)])
    heights = shares / shares.sum() * (box.height - bottom - top - gap * len(below))
    axes: list[Axes] = []
    y = box.y + box.height - top
    for height in heights.tolist():
        y -= height
        place = Box(box.x + left, y, box.width - left - right, height).of(figure)
        axes.append(figure.add_axes(place, sharex=axes[0] if axes else None))
        y -= gap
    _main(axes[0], panel, size)
    for axis, what in zip(axes[1:], below, strict=True):
        if what == "ratio":
            _ratio(axis, panel)
        else:
            _mean(axis, panel)
    for axis in axes:
        _dress(axis, panel, size)
        _boxes(axis, panel)
        axis.yaxis.set_label_coords(-0.7 * left / (box.width - left - right), 0.5 if axis in axes[1:] else 1)
        axis.tick_params(labelbottom=axis is axes[-1])
    axes[-1].set_xlabel(panel.x_words, fontsize=size, loc="right")


def _main(axis: Axes, panel: Panel, size: float) -> None:
    edges = panel.frame.edges
    heights = {line.key: panel.height(line.histogram) for line in panel.lines}
    for line in panel.lines:
        _curve(axis, panel, line, heights[line.key])
    for span in panel.spans:
        low, high = max(span.low, edges[0]), min(span.high, edges[-1])
        if low < high:
            axis.axvspan(low, high, color=span.colour, alpha=0.22, lw=0)
        for end in (span.low, span.high):
            if edges[0] < end < edges[-1]:
                axis.axvline(end, color=span.colour, lw=1.4)
    axis.set_ylim(*_range(panel.frame, list(heights.values()), panel.log_y))
    for line in panel.lines:
        above = heights[line.key].values > axis.get_ylim()[1]
        _arrows(axis, panel.frame.centres[above], _look(line).colour)
    if panel.log_y:
        axis.set_yscale("log")
        axis.yaxis.set_minor_formatter(NullFormatter())
    axis.set_ylabel(panel.y_words, loc="top")
    outside = zip(panel.frame.beyond, panel.outside_words, panel.frame.centres[[0, -1]], strict=True)
    for what, words, x in outside:
        if what == "flow" and size >= NORMAL:
            axis.text(
                x, 0.98, words, transform=axis.get_xaxis_transform(), rotation=90, ha="center", va="top",
                fontsize=size - 3, color=LIGHT.muted,
            )  # fmt: skip


def _look(line: Line) -> Look:
    return {
        "reference": Look(0.8, LIGHT.reference_line),
        "generated": Look(1.3, LIGHT.generated),
        "reweighted": Look(1.3, LIGHT.reweighted, "--"),
        "overlay": Look(1.0, shown_colour(line.colour, dark=False)),
        "selection": Look(1.8, shown_colour(line.colour, dark=False)),
    }[line.kind]


def _curve(axis: Axes, panel: Panel, line: Line, h: Histogram) -> None:
    look = _look(line)
    if line.kind == "reference":
        mplhep.histplot(h.values, h.edges, histtype="fill", color=LIGHT.reference, ax=axis, flow=None)
    mplhep.histplot(
        h.values, h.edges, histtype="step", yerr=False, color=look.colour, linewidth=look.width,
        linestyle=look.dashes, ax=axis, flow=None,
    )  # fmt: skip
    filled = h.values > 0
    axis.errorbar(
        panel.frame.centres[filled], h.values[filled], h.errors[filled], fmt="none",
        ecolor=look.colour, elinewidth=0.6 * look.width,
    )  # fmt: skip


def _arrows(axis: Axes, x: Floats, colour: str, *, up: bool = True, filled: bool = True) -> None:
    """Triangles at the frame's edge where something lies beyond it."""
    axis.plot(
        x, np.full(x.size, 0.97 if up else 0.03), "^" if up else "v", ms=4.5, color=colour, mew=0.8,
        mfc=colour if filled else "none", transform=axis.get_xaxis_transform(), clip_on=False, zorder=5,
    )  # fmt: skip


def _ratio(axis: Axes, panel: Panel) -> None:
    x, reference = panel.frame.centres, panel.frame.histogram(panel.lines[0].histogram)
    width = np.nan_to_num(panel.ratio_of(panel.lines[0])[1])
    axis.stairs(1 + width, panel.frame.edges, baseline=1 - width, fill=True, color=LIGHT.reference)
    axis.axhline(1, color=LIGHT.axis, lw=0.8)
    compared = [line for line in panel.lines if line.kind not in {"reference", "selection"}]
    low, high = ratio_range(*(panel.ratio_of(line)[0] for line in compared))
    axis.set_ylim(low, high)
    for line in compared:
        value, error = panel.ratio_of(line)
        look = _look(line)
        _arrows(axis, x[value > high], look.colour)
        _arrows(
            axis, x[unmatched(panel.frame.histogram(line.histogram), reference)], look.colour, filled=False
        )
        axis.errorbar(
            x, value, error, fmt="s" if line.kind == "reweighted" else "o", color=look.colour, ms=2.4,
            elinewidth=0.9, lw=0, mfc="white" if line.kind == "reweighted" else look.colour,
        )  # fmt: skip
    axis.yaxis.set_major_locator(MaxNLocator(4, prune="upper"))
    axis.set_ylabel("ratio to ref.")


def _mean(axis: Axes, panel: Panel) -> None:
    assert panel.mean_weight is not None  # else this panel is not asked for
    value, error = (
        panel.frame.whole(slots[1:-1], slots[0], slots[-1], gap=np.nan) for slots in panel.mean_weight
    )
    positive, x = value > 0, panel.frame.centres
    low, high = mean_range(value)
    axis.axhline(1, color=LIGHT.axis, lw=0.8)
    axis.errorbar(
        x[positive], value[positive],
        np.array([np.minimum(error, 0.99 * value)[positive], error[positive]]),
        fmt="o", color=LIGHT.generated, ms=2.4, elinewidth=0.9, lw=0,
    )  # fmt: skip
    _arrows(axis, x[value > high], LIGHT.generated)
    _arrows(axis, x[value < low], LIGHT.generated, up=False)
    axis.set_ylim(low, high)
    axis.set_yscale("log")
    if high / low < MANY_DECADES:
        axis.yaxis.set_major_locator(FixedLocator(weight_ticks(low, high, ROOM_ACROSS)))
        axis.yaxis.set_major_formatter("{x:g}")
    axis.yaxis.set_minor_formatter(NullFormatter())
    axis.set_ylabel(r"$\langle w\rangle$ (gen.)")


def _dress(axis: Axes, panel: Panel, size: float) -> None:
    """Ticks on all sides, inside; limits; what lies outside set apart by a dotted line."""
    edges = panel.frame.edges
    axis.set_xlim(edges[0], edges[-1])
    if panel.log_x:
        axis.set_xscale("log")
        axis.xaxis.set_minor_locator(LogLocator(base=10, subs=list(range(2, 10))))
        axis.xaxis.set_minor_formatter(NullFormatter())
        if edges[-1] / edges[0] < 300 and edges[0] > 1e-3 and edges[-1] < 1e4:
            axis.xaxis.set_major_locator(FixedLocator(weight_ticks(edges[0], edges[-1], ROOM_ALONG)))
            axis.xaxis.set_major_formatter("{x:g}")
    else:
        axis.xaxis.set_minor_locator(AutoMinorLocator())
    if axis.get_yscale() == "linear":
        axis.yaxis.set_minor_locator(AutoMinorLocator())
        axis.ticklabel_format(axis="y", scilimits=(-2, 4), useMathText=True)
    for what, edge in zip(panel.frame.beyond, panel.edges[[0, -1]], strict=True):
        if what == "flow":
            axis.axvline(edge, color=LIGHT.axis, lw=0.7, ls=":")
    axis.yaxis.label.set_fontsize(size)
    axis.tick_params(which="both", direction="in", top=True, right=True, labelsize=size - 1)
    axis.tick_params(which="major", length=5)
    axis.tick_params(which="minor", length=2.5)
    axis.yaxis.get_offset_text().set_fontsize(size - 1)
    axis.set_axisbelow(False)


def _boxes(axis: Axes, panel: Panel) -> None:
    """Name boxes by their values, and leave out ticks of an axis that does not run below them."""
    frame = panel.frame
    if not frame.boxes:
        return
    low, high = frame.bins[[0, -1]]
    values = [end for end in panel.ends if end is not None]
    x = frame.centres[list(frame.boxes)]
    formatter = axis.xaxis.get_major_formatter()
    ticks = np.asarray(axis.xaxis.get_majorticklocs())
    ticks = ticks[(ticks >= low) & (ticks <= high) & ~np.isin(ticks, values)]
    minor = np.asarray(axis.xaxis.get_minorticklocs())
    named = FixedFormatter([*formatter.format_ticks(ticks), *(f"{value:.4g}" for value in values)])
    named.set_offset_string(formatter.get_offset())
    axis.xaxis.set_major_locator(FixedLocator([*ticks, *x]))
    axis.xaxis.set_major_formatter(named)
    axis.xaxis.set_minor_locator(FixedLocator(minor[(minor >= low) & (minor <= high)]))
    axis.xaxis.set_minor_formatter(NullFormatter())


def _range(frame: Frame, histograms: list[Histogram], log_y: bool) -> tuple[float, float]:
    """Bottom and top of the axis, error bars included; on a logarithmic one empty bins lie below it.

    A linear axis is that of the bins: boxes of single values may lie far above them, and end at its top.
    """
    if not log_y:
        return 0.0, 1.08 * max(float(frame.height(h).max(initial=0)) for h in histograms) or 1.0
    top = max(float((h.values + h.errors).max(initial=0)) for h in histograms) or 1.0
    positive = np.concatenate([h.values[h.values > 0] for h in histograms])
    bottom = max(float(positive.min()) / 2, top / 1e7) if positive.size else top / 10
    return bottom, top * (top / bottom) ** 0.08


def _legend(panel: Panel) -> tuple[list[Artist], list[str]]:
    handles: list[Artist] = []
    labels = []
    for line in panel.lines:
        look = _look(line)
        handles.append(
            Patch(facecolor=LIGHT.reference, edgecolor=look.colour)
            if line.kind == "reference"
            else Line2D([], [], color=look.colour, lw=look.width, ls=look.dashes)
        )
        labels.append(line.words)
    for span in panel.spans:
        handles.append(Patch(facecolor=span.colour, alpha=0.4, edgecolor=span.colour))
        labels.append(span.words)
    return handles, labels


def _foot(figure: Figure, said: list[str]) -> None:
    """Small, in the corner: what the figure was made from, and what it cannot show."""
    words = "   ".join(part for part in said if part)
    figure.text(0.995, 0.005, words, ha="right", va="bottom", fontsize=6, color=LIGHT.muted)
