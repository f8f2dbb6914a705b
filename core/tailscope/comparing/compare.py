"""Several studies of one reference, side by side; and checkpoints of one generator as a series."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tailscope.errors import StudyError
from tailscope.trust import LIGHTS, Light, trust, worst
from tailscope.trust.closure_tests import P_VALUE, closure_tests
from tailscope.weights.estimates import Estimate, auc_estimate, tail_fraction
from tailscope.weights.events import WeightedEvents
from tailscope.weights.pair import WeightedPair
from tailscope.weights.tails import PAPER_CUTS, TAILS, Tail, tail_cut

Order = Literal["given", "auc", "low", "high", "trust", "calibration", "closure", "seconds"]


@dataclass(frozen=True, eq=False)
class Row:
    """One study of a comparison.

    Attributes
    ----------
    study: which one.
    label: what tells it from the others: its file's name, else its own.
    same_reference: whether it was made with the first study's reference events.
    auc: with the error of `tails.auc_estimate`.
    tails: fractions at the comparison's cuts; "low" of the generated, "high" of the reference sample.
    light: worst of `trust.trust`.
    chi2, ndf: calibration in weight space.
    open_observables: observables that still differ from the reference once the generated are reweighted.
    n_observables: of how many.
    seconds: what the fit took; None where that is not known.
    step: epoch or iteration when the studies are a series, else None.

    """

    study: WeightedPair
    label: str
    same_reference: bool
    auc: Estimate
    tails: Mapping[Tail, Estimate]
    light: Light
    chi2: float
    ndf: int
    open_observables: int
    n_observables: int
    seconds: float | None
    step: int | None = None


@dataclass(frozen=True, eq=False)
class Comparison:
    """Rows in the order the studies were given.

    Attributes
    ----------
    cuts: weights at which the tails begin in all rows.
    remarks: what must be known before the rows are set against each other, one sentence each.

    """

    rows: tuple[Row, ...]
    cuts: Mapping[Tail, float]
    remarks: tuple[str, ...]

    def ordered(self, order: Order) -> tuple[Row, ...]:
        """The rows with the best first; what is not known comes last."""
        if order == "given":
            return self.rows
        return tuple(sorted(self.rows, key=lambda row: _place(row, order)))


def compare(
    studies: Sequence[WeightedPair], labels: Sequence[str] = (), *, cuts: Mapping[Tail, float] | None = None
) -> Comparison:
    """Put studies of one reference side by side.

    Parameters
    ----------
    labels: what tells them apart, such as file names; their own names when not given. Labels, or else the
        names of the generated samples, that differ in one number only make the studies a series.
    cuts: where tails begin, the same for all rows; by default the paper's cuts where these suit one of the
        studies, else those of the first.

    Raises
    ------
    StudyError: no study.

    """
    if not studies:
        raise StudyError("there is no study to compare; name at least two")
    first = studies[0]
    labels = list(labels) or [study.name for study in studies]
    cuts = {tail: common_cut(studies, tail) for tail in TAILS} if cuts is None else dict(cuts)
    names = [study.generated.name for study in studies]
    steps = steps_of(labels) or steps_of(names) or (None,) * len(studies)
    rows = tuple(
        _row(study, label, cuts, step, same_reference=same_reference(first, study))
        for study, label, step in zip(studies, labels, steps, strict=True)
    )
    strangers = [row for row in rows if not row.same_reference]
    remarks = [difference(first, row.study, row.label) for row in strangers]
    unknown = [row.label for row in rows if not row.auc.has_training]
    if unknown:
        remarks.append(
            f"The errors of {', '.join(unknown)} are those of counting alone: without folds it is not known "
            "how much weights differ from training to training."
        )
    return Comparison(rows, cuts, tuple(remarks))


def common_cut(studies: Sequence[WeightedPair], tail: Tail) -> float:
    """Where a tail begins in all of several studies: see `compare`."""
    found = [tail_cut(study, tail) for study in studies]
    return PAPER_CUTS[tail] if PAPER_CUTS[tail] in found else found[0]


def same_reference(one: WeightedPair, other: WeightedPair) -> bool:
    """Whether both studies were made with the same reference events, with the same event weights."""
    return _same_events(one.reference, other.reference) and _same_weights(one.reference, other.reference)


def _same_events(a: WeightedEvents, b: WeightedEvents) -> bool:
    return a.source.sha256 == b.source.sha256 and len(a) == len(b)


def _same_weights(a: WeightedEvents, b: WeightedEvents) -> bool:
    """Whether event weights differ in their unit at most; a file's digest says nothing of the column used."""
    return np.allclose(a.v / a.v.mean(), b.v / b.v.mean(), rtol=1e-9, atol=0)


def difference(one: WeightedPair, other: WeightedPair, label: str) -> str:
    """What keeps another study from being set against this one, in a sentence."""
    a, b = one.reference, other.reference
    if _same_events(a, b):
        was, of = (_event_weight(events) for events in (b, a))
        return (
            f"{label} was made with other weights of the reference events ({was}) than {one.name} ({of}): "
            "its AUC and tails cannot be set against the others'."
        )
    return (
        f"{label} was made with other reference events ({b.name}, {len(b):,} events, SHA-256 "
        f"{b.source.sha256[:12]}) than {one.name} ({a.name}, {len(a):,} events, SHA-256 "
        f"{a.source.sha256[:12]}): its AUC and tails cannot be set against the others'."
    )


def _event_weight(events: WeightedEvents) -> str:
    """Which column the event weights are, in words."""
    if events.event_weight is None:
        return "all 1"
    return events.source.reading.event_weight or "some of its own"


def steps_of(labels: Sequence[str]) -> tuple[int, ...] | None:
    """Epochs of a series: the number in which labels differ that are otherwise the same.

    ``flow_epoch_010, flow_epoch_020`` gives 10 and 20; labels that differ in more than one number, or
    otherwise, give None.
    """
    if len(labels) < 2:
        return None
    numbers = [re.findall(r"\d+", label) for label in labels]
    texts = {re.sub(r"\d+", "#", label) for label in labels}
    if len(texts) > 1 or not numbers[0]:
        return None
    columns = [column for column in zip(*numbers, strict=True) if len(set(column)) > 1]
    if len(columns) != 1:
        return None
    steps = tuple(int(number) for number in columns[0])
    return steps if len(set(steps)) == len(steps) else None


def as_series(comparison: Comparison) -> tuple[Row, ...]:
    """The rows of a series by epoch.

    Raises
    ------
    StudyError: labels that do not differ in one number only.

    """
    steps = [row.step for row in comparison.rows]
    if any(step is None for step in steps):
        raise StudyError(
            f"{', '.join(row.label for row in comparison.rows[:4])} are no series: the names of checkpoints "
            "must differ in one number only, such as flow-010.study.h5, flow-020.study.h5"
        )
    return tuple(sorted(comparison.rows, key=lambda row: row.step or 0))


def _row(
    study: WeightedPair, label: str, cuts: Mapping[Tail, float], step: int | None, *, same_reference: bool
) -> Row:
    calibration = study.calibration()
    tests = closure_tests(study)
    return Row(
        study,
        label,
        same_reference,
        auc_estimate(study),
        {tail: tail_fraction(study, tail, cut) for tail, cut in cuts.items()},
        worst(study.once(trust)),
        calibration.chi2,
        calibration.ndf,
        sum(test.p * len(tests) < P_VALUE for test in tests),
        len(tests),
        study.provenance.seconds,
        step,
    )


def _place(row: Row, order: Order) -> tuple[bool, float]:
    """Sorting key: rows that cannot be set against the others come last."""
    values: dict[str, float] = {
        "auc": row.auc.value,
        "trust": LIGHTS.index(row.light),
        "calibration": row.chi2 / row.ndf,
        "closure": row.open_observables,
        "seconds": float("inf") if row.seconds is None else row.seconds,
    }
    value = row.tails[order].value if order in ("low", "high") else values[order]
    return not row.same_reference, float(value)
