"""What the wall's browser asks and what Python answers, typed."""

from __future__ import annotations

from typing import Any

import msgspec

from tailscope.errors import InputError
from tailscope.record import typed
from tailscope.selection import Cut, SampleName, Selection
from tailscope_dashboard.parts.message import Message


class State(Message, frozen=True, kw_only=True):
    """What counts depend on.

    Attributes
    ----------
    selections: in the order of the page.
    slice: the cut that everything has to pass.

    """

    selections: tuple[Selection, ...]
    slice: Cut | None

    @property
    def within(self) -> tuple[Cut, ...]:
        """The slice as further cuts: one, or none."""
        return () if self.slice is None else (self.slice,)


class HelloQuestion(Message, frozen=True, kw_only=True, tag_field="ask", tag="hello"):
    """A view has drawn itself, and listens."""


class ExactQuestion(Message, frozen=True, kw_only=True, tag_field="ask", tag="exact"):
    """Counts that are exact to the event.

    Attributes
    ----------
    seq: number of the question, which the answer repeats.
    reweighted: whether sums of w are wanted, too.
    state: what is to be counted; None for what the browser wrote down last, when its drag came to rest.

    """

    seq: int
    reweighted: bool
    state: State | None


class CubeQuestion(Message, frozen=True, kw_only=True, tag_field="ask", tag="cube"):
    """The coarse cube over the weights of a selection's further cuts; see `cube.cut_cube`.

    Attributes
    ----------
    key: what the browser files the answer under.
    sample: that the selection is read off.
    low, high, cuts: of the selection.
    slice: the cut that everything has to pass.

    """

    key: str
    sample: SampleName
    low: float | None
    high: float | None
    cuts: tuple[Cut, ...]
    slice: Cut | None

    @property
    def selection(self) -> Selection:
        """The selection that is meant."""
        return Selection(self.low, self.high, self.cuts, sample=self.sample)

    @property
    def within(self) -> tuple[Cut, ...]:
        """The slice as further cuts: one, or none."""
        return () if self.slice is None else (self.slice,)


class BrushQuestion(CubeQuestion, frozen=True, kw_only=True, tag_field="ask", tag="brush"):
    """A selection's histograms for each slot of one observable; see `cube.brush_cube`."""

    observable: str


Question = HelloQuestion | ExactQuestion | CubeQuestion | BrushQuestion


class HelloAnswer(Message, frozen=True, kw_only=True, tag_field="answer", tag="hello"):
    """Python listens, too."""


class Totals(Message, frozen=True, kw_only=True):
    """Events of one sample in a selection.

    Attributes
    ----------
    n: their number.
    n_eff: (sum w)^2 / sum w^2, of 1/w for the reference; None where that is no number.
    left: those with w = 0 or inf, which it leaves out.

    """

    n: int
    n_eff: float | None = msgspec.field(name="nEff")
    left: int


class Counted(Message, frozen=True, kw_only=True):
    """One selection's numbers."""

    totals: dict[SampleName, Totals]


class WeightCounts(Message, frozen=True, kw_only=True):
    """Events in the bins of the weight histogram, and with w = 0 and w = inf."""

    counts: tuple[int, ...]
    zero: int
    infinite: int


class Backdrop(Message, frozen=True, kw_only=True):
    """What the selections are drawn in front of, within a slice.

    ``auc``: of the events in it; None where a sample has none.
    """

    n: dict[SampleName, int]
    auc: float | None
    weights: dict[SampleName, WeightCounts]


class ExactAnswer(Message, frozen=True, kw_only=True, tag_field="answer", tag="exact"):
    """Counts that are exact to the event.

    Attributes
    ----------
    seq: of the question.
    state: what was counted.
    selections: numbers of each; None where one cannot be counted, as its cut names no observable.
    counts: int32[n_selections (+ 2 with a slice), n_slots], each selection read off its right sample; then
        both samples.
    backdrop: with a slice.
    reweighted: if asked for, float64[2, n_slots]: sums of w and w^2 of the generated sample.

    """

    seq: int
    state: State
    selections: tuple[Counted | None, ...]
    counts: bytes
    backdrop: Backdrop | None
    reweighted: bytes | None


class CubeAnswer(Message, frozen=True, kw_only=True, tag_field="answer", tag="cube"):
    """A coarse cube over the weights: uint32[m, n_slots] of the right sample, uint32[m] of the other."""

    key: str
    sample: SampleName
    right: bytes
    other: bytes


class BrushAnswer(Message, frozen=True, kw_only=True, tag_field="answer", tag="brush"):
    """Histograms by slots of an observable: uint32[slots, n_slots] of the right sample, uint32[slots]."""

    key: str
    sample: SampleName
    right: bytes
    other: bytes


class Refusal(Message, frozen=True, kw_only=True, tag_field="answer", tag="refused"):
    """A sentence that says why there is no answer."""

    sentence: str


Answer = HelloAnswer | ExactAnswer | CubeAnswer | BrushAnswer | Refusal


def question_of(data: Any) -> Question:
    """What a message of the browser asks.

    Raises
    ------
    InputError: a message that is none of the questions.
    SelectionError: an inverted range, a negative weight.

    """
    try:
        return typed(data, Question)  # type: ignore[arg-type]
    except ValueError as error:
        raise InputError(
            f"the page asked for what tailscope does not understand: {error}; reload it"
        ) from error
