"""What a figure shows, computed: curves with their words, nothing of how they are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tailscope.counting.atoms import Ends
from tailscope.counting.binning import Binning
from tailscope.counting.histogram import Histogram
from tailscope.errors import SelectionError
from tailscope.selection import Cut, SampleName, Selection
from tailscope.study.study import Study
from tailscope.weights.curves import Curves, curves, density, ratio
from tailscope.weights.ends import single_ends
from tailscope.weights.events import SAMPLES
from tailscope.weights.spectrum import weight_counts, weight_edges

from .choice import Choice
from .frame import Frame, beyond_of
from .words import cut_words, maths, plain, range_words, selection_words

Kind = Literal["reference", "generated", "reweighted", "overlay", "selection"]
Floats = NDArray[np.float64]

ENTRIES = {"reference": "reference", "generated": "generated"}


@dataclass(frozen=True, eq=False)
class Line:
    """One histogram of a figure.

    Attributes
    ----------
    key: name of the histogram in the JSON file.
    kind: what it is, which says how it is drawn.
    words: for the legend, mathtext.
    colour: "#rrggbb" of a selection or another study; "" for the house's own.
    histogram: events, or sums of weights: never a density.

    """

    key: str
    kind: Kind
    words: str
    colour: str
    histogram: Histogram


@dataclass(frozen=True, eq=False)
class Span:
    """A range of the axis that a selection takes, for the histogram of the weights."""

    words: str
    colour: str
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Panel:
    """One histogram with all its curves, ready to be drawn or written.

    Attributes
    ----------
    name: observable's, or "w".
    x_words: for the axis, mathtext.
    unit: of the axis.
    log_x, log_y, is_density: of the axes; a density on a logarithmic axis is per decade.
    lines: reference first.
    spans: ranges of w.
    outside_words: what underflow and overflow are called.
    ends: the single values that underflow and overflow consist of, each drawn in a box; None for others.
    within: cuts that all events shown have passed, in words; "" for none.
    mean_weight: mean weight of the generated events and its error, underflow before the bins and overflow
        after them; or None.

    """

    name: str
    x_words: str
    unit: str
    log_x: bool
    log_y: bool
    is_density: bool
    lines: tuple[Line, ...]
    spans: tuple[Span, ...] = ()
    outside_words: tuple[str, str] = ("underflow", "overflow")
    within: str = ""
    ends: Ends = (None, None)
    mean_weight: tuple[Floats, Floats] | None = None

    @property
    def edges(self) -> Floats:
        """float64[n_bins + 1], those of the bins alone."""
        return self.lines[0].histogram.edges

    @property
    def y_words(self) -> str:
        """For the vertical axis."""
        if not self.is_density:
            return "events per bin"
        if self.log_x:
            return "density per decade"
        return f"density [1/{plain(self.unit)}]" if self.unit else "density"

    @cached_property
    def frame(self) -> Frame:
        """The axis as it is drawn, with a bin more at either end that something fell beyond."""
        fell = (
            any(line.histogram.underflow for line in self.lines),
            any(line.histogram.overflow for line in self.lines),
        )
        below, above = (
            beyond_of(end, is_there=is_there) for end, is_there in zip(self.ends, fell, strict=True)
        )
        return Frame(self.edges, self.log_x, (below, above))

    def height(self, h: Histogram) -> Histogram:
        """What is drawn of a histogram: bins with those outside, as a density where that is asked for.

        The bins outside are as wide as drawn, so that areas are shares of all events that are defined.
        """
        h = self.frame.histogram(h)
        return density(h, self.log_x) if self.is_density else h

    def ratio_of(self, line: Line) -> tuple[Floats, Floats]:
        """Ratio of a curve to the reference as drawn and its error; of the reference, its own."""
        return ratio(self.frame.histogram(line.histogram), self.frame.histogram(self.lines[0].histogram))

    @property
    def undefined(self) -> str:
        """How many events have no value, in words; "" for none."""
        lost = [
            f"{line.histogram.undefined:,.6g} {line.kind}"
            for line in self.lines
            if line.kind in ENTRIES and line.histogram.undefined
        ]
        return f"undefined: {', '.join(lost)}" if lost else ""


def panel_of(study: Study, name: str, choice: Choice, binning: Binning | None = None) -> Panel:
    """One observable; in the study's own binning when None.

    Raises
    ------
    InputError, SelectionError: an observable that is not there, a logarithmic axis from below zero.

    """
    observable = study.observable(name)
    selections, log_y = choice.of(study), choice.is_log_y(name)
    others = [overlay.study for overlay in choice.overlays]
    found = curves(study, name, selections, binning, choice.within, others)
    shown = observable.binning if binning is None else binning
    log_x = (isinstance(shown, Binning) and shown.scale == "log") if choice.log_x is None else choice.log_x
    if choice.log_x and not can_be_log(found.reference.edges):
        raise SelectionError(
            f"the bins of {name} begin at {found.reference.edges[0]:g}, so that its axis cannot be "
            "logarithmic; leave it linear, or choose bins above 0"
        )
    return Panel(
        name,
        maths(observable.label, name, observable.unit),
        observable.unit,
        log_x and can_be_log(found.reference.edges),
        log_y,
        choice.is_density,
        _lines(study, found, selections, choice),
        within=_within(study, choice),
        ends=study.once(single_ends, name, binning),
        mean_weight=found.mean_weight_everywhere if choice.mean_weight else None,
    )


def can_be_log(edges: Floats) -> bool:
    """Whether a horizontal axis can be logarithmic."""
    return bool(edges[0] > 0)


def _within(study: Study, choice: Choice) -> str:
    return ", ".join(cut_words(study, cut) for cut in choice.within)


def _lines(
    study: Study, found: Curves, selections: tuple[Selection, ...], choice: Choice
) -> tuple[Line, ...]:
    lines = [
        Line("reference", "reference", f"{plain(study.reference.name)} (reference)", "", found.reference),
        Line("generated", "generated", f"{plain(study.generated.name)} (generated)", "", found.generated),
    ]
    if choice.reweighted:
        lines.append(Line("reweighted", "reweighted", r"generated $\times\, w$", "", found.reweighted))
    lines += [
        Line(f"overlay_{i}", "overlay", f"{plain(o.label)} (other study)", o.colour, h)
        for i, (o, h) in enumerate(zip(choice.overlays, found.overlays, strict=True), 1)
    ]
    lines += [
        Line(f"selection_{i}", "selection", selection_words(study, s, i), s.colour, h)
        for i, (s, h) in enumerate(zip(selections, found.selections, strict=True), 1)
    ]
    return tuple(lines)


def weights_panel(study: Study, choice: Choice) -> Panel:
    """Histogram of w, both samples, with the ranges that the selections take.

    Bins are those of `weight_edges`. w = 0 is underflow and w = inf is overflow; nothing else is.
    """
    log_edges = weight_edges(study)
    selections = choice.of(study)
    lines = tuple(
        Line(sample, sample, f"{plain(study.sample(sample).name)} ({sample})", "", h)
        for sample in SAMPLES
        for h in [_weights(study, sample, log_edges, choice.within)]
    )
    spans = tuple(
        Span(_span_words(s, i), s.colour, s.low or 0.0, np.inf if s.high is None else s.high)
        for i, s in enumerate(selections, 1)
    )
    return Panel(
        "w",
        r"$w = p_\mathrm{ref}/p_\mathrm{gen}$",
        "",
        True,
        choice.log_y_weights is not False,
        choice.is_density,
        lines,
        spans,
        ("$w = 0$", r"$w = \infty$"),
        within=_within(study, choice),
    )


def _span_words(selection: Selection, number: int) -> str:
    """Further cuts do not show in w and are left out of its legend."""
    name = plain(selection.name) or f"selection {number}"
    words = range_words("$w$", selection.low, selection.high)
    return f"{name}: {words}" if words else name


def _weights(study: Study, sample: SampleName, log_edges: Floats, within: tuple[Cut, ...]) -> Histogram:
    rows = study.select(sample, Selection(cuts=within)) if within else None
    found = weight_counts(study, sample, log_edges, rows)
    counts = np.asarray(found["counts"], dtype=np.float64)
    return Histogram(10**log_edges, counts, counts, float(found["zero"]), float(found["infinite"]), 0.0)
