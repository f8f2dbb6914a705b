"""What the wall is told once about a study, typed."""

from __future__ import annotations

from typing import Literal

from tailscope.counting.binning import Scale
from tailscope.selection import SampleName
from tailscope_dashboard.parts.message import Message
from tailscope_dashboard.state.view import View

from .messages import WeightCounts


class Panel(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One observable's histogram.

    Attributes
    ----------
    name, label, unit: of the observable; the label in LaTeX.
    edges, scale: of its bins.
    expression: of somebody's own observable; "" for all others.
    seen: whether the classifier saw it; None where nobody knows.
    values: [code, value] of each bin that holds one single value, where few bins hold any.
    below, above: the single value that underflow (overflow) consists of, drawn in a box; None for others.

    """

    name: str
    label: str
    unit: str
    edges: list[float]
    scale: Scale
    expression: str = ""
    seen: bool | None = None
    values: tuple[list[float], ...] = ()
    below: float | None = None
    above: float | None = None


class Events(Message, frozen=True, kw_only=True):
    """A sample: its name and how many events it has."""

    label: str
    n: int


class WeightHistograms(Message, frozen=True, kw_only=True):
    """Events by log10 w; finite weights beyond the edges count in the outermost bins.

    ``body``: up to which abs(log10 w) most events are.
    """

    edges: list[float]
    body: float
    reference: WeightCounts
    generated: WeightCounts


class Presets(Message, frozen=True, kw_only=True):
    """Where the tails begin, in w."""

    low: float
    high: float


class NullRuns(Message, frozen=True, kw_only=True):
    """The null band of one sample.

    Attributes
    ----------
    low, high: 16% and 84% of each bin of the weight histogram.
    below: events below each point of the grid, run by run. Beyond the points they stay what they are at the
        last one, but for w = 0 and w = inf.
    total: events of each run.

    """

    low: list[float]
    high: list[float]
    below: list[list[int]]
    total: list[int]


class Null(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A study's null band.

    Attributes
    ----------
    runs: their number.
    weighted: whether events have weights; then nothing else is there, since the wall counts events.
    first, step: natural log of w of the first point of the grid, and from one to the next.

    """

    runs: int
    weighted: bool
    first: float | None = None
    step: float | None = None
    reference: NullRuns | None = None
    generated: NullRuns | None = None


class Overlaid(Message, frozen=True, kw_only=True):
    """Another study's generated sample, which can be laid over; see `state.overlays.Overlay`.

    Attributes
    ----------
    n: its events.
    counts: those in each slot of each observable.

    """

    key: str
    label: str
    colour: str
    n: int
    counts: tuple[int, ...]


class Meta(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Everything about a study that the wall prints or scales its axes with.

    Attributes
    ----------
    study, domain: the study's name, and the kind of its events.
    panels: one an observable, in the order of the study.
    samples, weights, presets, null: of the study.
    auc, auc_error: None where there is no number.
    mode: whether events are sent as rows, or counted in coarse cubes.
    bytes: of rows and cubes together, by which the page knows that both have come.
    cube: boundaries of each sample's cube.
    view: how things are shown where nobody chose anything; every setting of it is told.
    overlays, strangers: other studies that are open, and a sentence about those that cannot be laid over.

    """

    study: str
    domain: str
    panels: tuple[Panel, ...]
    samples: dict[SampleName, Events]
    weights: WeightHistograms
    presets: Presets
    null: Null | None
    auc: float | None
    auc_error: float | None
    mode: Literal["rows", "cube"]
    bytes: int
    cube: dict[SampleName, int] | None = None
    overlays: tuple[Overlaid, ...] = ()
    strangers: str = ""
    view: View = View()
