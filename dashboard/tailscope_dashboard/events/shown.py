"""What there is to see of a choice: read and computed here, drawn elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import InputError
from tailscope.looking.averages import Average, average, picked, room
from tailscope.looking.matching import GIVEN, NEAR, Matched, is_given, matched
from tailscope.looking.nearest import Neighbour, nearest_reference
from tailscope.looking.originals import Originals, originals
from tailscope.memo import Memo
from tailscope.sample.drawing import Axis, Drawing
from tailscope.selection import SampleName
from tailscope.study.study import Study
from tailscope.weights.pair import WeightedPair

from .choice import Choice
from .pictures import energy_text

Say = Callable[[str], None]
RATIO = Axis("ratio")


@dataclass(frozen=True, eq=False)
class ShownEvent:
    """One event and its nearest reference event.

    Attributes
    ----------
    rows: the events that can be looked at, in order.
    event, place: which one is shown, and where it stands among them; None where there is none.
    drawing: how it looks; None where that is not known.
    nearest, nearest_drawing: the same of the nearest reference event.
    origin: what the event is drawn from.
    problems: sentences about what cannot be shown.

    """

    choice: Choice
    rows: NDArray[np.int64]
    event: int | None
    place: int | None
    drawing: Drawing | None = None
    nearest: Neighbour | None = None
    nearest_drawing: Drawing | None = None
    origin: str = ""
    problems: tuple[str, ...] = ()

    def step(self, by: int) -> int | None:
        """The event so many places further on; the first and the last one stay where they are."""
        if self.rows.size == 0:
            return None
        place = 0 if self.place is None else self.place + by
        return int(self.rows[min(max(place, 0), self.rows.size - 1)])


@dataclass(frozen=True, eq=False)
class ShownAverage:
    """Averages of the selection and of what it is compared with, and their ratio cell by cell.

    Attributes
    ----------
    ratio: selection over backdrop where both are above 0, else 0 (not drawn).
    matched: the backdrop's events at the energies of the selection's, and which these are; None where they
        are all its events.
    remark: a sentence about what was matched, and what could not be.

    """

    choice: Choice
    rows: NDArray[np.int64]
    selection: Average | None = None
    backdrop: Average | None = None
    ratio: Drawing | None = None
    matched: Matched | None = None
    remark: str = ""
    problems: tuple[str, ...] = ()


def look_at(choice: Choice, places: Sequence[Path], say: Say) -> ShownEvent:
    """One event: order the selection, find the files, read two events."""
    found, problems = _found(choice.study, choice.sample, places, say)
    rows = _readable(choice.rows, found)
    event = choice.asked
    if event is None and rows.size:
        event = int(rows[0])
    if event is None:
        problems = [*problems, _empty(choice, found)]
        return ShownEvent(choice, rows, None, None, problems=tuple(problems))
    at = np.flatnonzero(rows == event)
    place = int(at[0]) if at.size else None
    drawing = None
    if found is not None and found.has(event):
        drawing = found.draw(event)
    elif found is not None:
        problems.append(f"event {event:,} is not among the {found.origin}")
    reference = found
    if choice.sample != "reference":
        reference, more = _found(choice.study, "reference", places, say)
        problems += [sentence for sentence in more if sentence not in problems]
    among = None if reference is None else reference.available
    try:
        nearest = nearest_reference(choice.study, choice.sample, event, among)
    except InputError as error:
        return ShownEvent(
            choice, rows, event, place, drawing, origin=found.origin if found else "",
            problems=(*problems, str(error)),
        )  # fmt: skip
    return ShownEvent(
        choice,
        rows,
        event,
        place,
        drawing,
        nearest,
        None if reference is None else reference.draw(nearest.event),
        "" if found is None else found.origin,
        tuple(problems),
    )


def average_of(choice: Choice, places: Sequence[Path], say: Say) -> ShownAverage:
    """Averages: some thousand events of the selection and of the backdrop are read."""
    found, problems = _found(choice.study, choice.sample, places, say)
    backdrop, more = _found(choice.study, choice.against, places, say)
    problems += [sentence for sentence in more if sentence not in problems]
    rows = _readable(choice.rows, found)
    if found is None or backdrop is None or rows.size == 0:
        if rows.size == 0:
            problems.append(_empty(choice, found))
        return ShownAverage(choice, rows, problems=tuple(problems))
    own = picked(found, choice.rows)
    pairs, remark = _partners(choice, own, found, backdrop)
    own = own if pairs is None else pairs.own
    mean = average(
        found,
        own,
        of=choice.rows.size,
        progress=lambda done, of: say(f"averaging the selection: {done:,} of {of:,} events"),
    )
    if pairs is None:
        whole = _whole(choice.study, choice.against, backdrop, say)
    else:
        whole = average(
            backdrop,
            pairs.partners,
            of=len(choice.study.sample(choice.against)),
            weights=pairs.weights,
            progress=lambda done, of: say(f"averaging the backdrop: {done:,} of {of:,} events"),
        )
    ratio = ratio_of(mean.drawing, whole.drawing)
    return ShownAverage(choice, rows, mean, whole, ratio, pairs, remark, tuple(problems))


def _partners(
    choice: Choice, own: NDArray[np.int64], found: Originals, backdrop: Originals
) -> tuple[Matched | None, str]:
    """The events of the backdrop at the energies of the selection's; None where there are none, and why."""
    study, against = choice.study, choice.against
    if not is_given(study):
        return None, f"Generators of these events are given nothing: compared with all {against} events"
    pairs = matched(
        study, choice.sample, own, against, among=backdrop.available, room=room(found, int(own[0]))
    )
    if pairs.own.size == 0:
        return None, (
            f"No {against} event has an incident energy within {NEAR:.0%} of one of these: compared with all "
            f"{against} events, of other energies"
        )
    values = np.asarray(study.sample(choice.sample).observables[GIVEN], dtype=np.float64)
    unit = study.observable(GIVEN).unit
    said = [energy_text(energy, unit) for energy in pairs.energies]
    remark = (
        f"Compared at equal incident energies: {pairs.own.size:,} events of mean {said[0]} with "
        f"{pairs.partners.size:,} {against} events of mean {said[1]}, worth {pairs.effective:,.0f}"
    )
    if pairs.alone.size:
        ends = [energy_text(float(end(values[pairs.alone])), unit) for end in (np.min, np.max)]
        where = f"at {ends[0]}" if ends[0] == ends[1] else f"between {ends[0]} and {ends[1]}"
        remark += (
            f"; {pairs.alone.size:,} {where} are left out, within {NEAR:.0%} of whose energies there is no "
            f"{against} event"
        )
    return pairs, remark


def ratio_of(part: Drawing, whole: Drawing) -> Drawing:
    """One drawing over the other, cell by cell where both are above 0; titles tell the ratio of the sums."""
    images = []
    for image, other in zip(part.images, whole.images, strict=True):
        above, below = image.values.astype(np.float64), other.values.astype(np.float64)
        values = np.divide(above, below, out=np.zeros(above.shape), where=below > 0)
        total = f": {above.sum() / below.sum():.3g}" if below.sum() > 0 else ""
        images.append(replace(image, values=values, title=f"{image.title}{total}" if image.title else ""))
    return Drawing(tuple(images), quantity=RATIO)


def _wholes(study: WeightedPair) -> Memo:
    """The averages of its whole samples, by sample and origin."""
    del study
    return Memo()


def _whole(study: Study, sample: SampleName, found: Originals, say: Say) -> Average:
    """The average of a whole sample, made once for all pages."""
    mine = False

    def made() -> Average:
        nonlocal mine
        mine = True
        return average(
            found,
            picked(found, np.arange(len(study.sample(sample)))),
            of=len(study.sample(sample)),
            progress=lambda done, of: say(f"averaging the {sample} events: {done:,} of {of:,}"),
        )

    while True:
        try:
            return study.once(_wholes).get((sample, found.origin), made)
        except Exception:
            # The page that began may have gone on to something else: then it is made here.
            if mine:
                raise


def _found(
    study: Study, sample: SampleName, places: Sequence[Path], say: Say
) -> tuple[Originals | None, list[str]]:
    say(f"looking for the {sample} events")
    try:
        return originals(study, sample, places), []
    except InputError as error:
        return None, [str(error)]


def _readable(rows: NDArray[np.int64], found: Originals | None) -> NDArray[np.int64]:
    """Those of the events that can be drawn; all of them where none can, for the table of values."""
    if found is None or found.available is None:
        return rows
    return rows[np.isin(rows, found.available)]


def _empty(choice: Choice, found: Originals | None) -> str:
    if choice.rows.size and found is not None:
        return f"none of its {choice.rows.size:,} events is among the {found.origin}"
    return f"the selection holds no {choice.sample} event"


def _cumulative(study: Study, name: str) -> NDArray[np.float64]:
    """Reference events in the slots below each slot, and half of those in it: underflow, bins, overflow."""
    counts = study.histogram(name, "reference").slots[:-1]
    below = np.cumsum(counts) - counts / 2
    return below / max(1.0, float(counts.sum()))


def quantile(study: Study, name: str, value: float) -> float:
    """Part of the reference events whose value is smaller, to the width of a bin; NaN if undefined."""
    if np.isnan(value):
        return float("nan")
    edges = np.asarray(study.observable(name).binning.edges)  # type: ignore[attr-defined]  # a study's are fixed
    return float(study.once(_cumulative, name)[np.searchsorted(edges, value, side="right")])
