"""What `tailscope show --json` prints, of a study and of a file of events, as records."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import msgspec

from tailscope.comparing.report import CalibrationReport
from tailscope.config import FitConfig
from tailscope.domains import Level
from tailscope.formats import Dataset
from tailscope.reading.description import Description, Range, Undefined
from tailscope.record import BothSamples, BothTails, Count, Provenance, Record, finite
from tailscope.sample.source import SourceFile
from tailscope.trust import Check, Light, doubts, trust, worst
from tailscope.weights.estimates import tail_fraction
from tailscope.weights.events import WeightedEvents
from tailscope.weights.pair import WeightedPair
from tailscope.weights.tails import Tail, tail_cut, tail_selection

Ends = Annotated[tuple[float | None, ...], msgspec.Meta(min_length=2, max_length=2)]
"""Smallest and largest value; None for infinite ones."""


class SampleReport(Record, frozen=True, kw_only=True):
    """One sample of a study; what follows ``events``, their number, is of its `Source`."""

    name: str
    events: Count
    path: str | None
    sha256: str
    format: str
    file_sha256: str
    size: Count
    binning: str
    files: tuple[SourceFile, ...] = ()


class Doubt(Record, frozen=True, kw_only=True):
    """A check that is not green; see `trust.Check`."""

    title: str
    light: Light
    why: str
    advice: str

    @classmethod
    def of(cls, check: Check) -> Doubt:
        """What is printed of a check."""
        return cls(title=check.title, light=check.light, why=check.why, advice=check.advice)


class TailReport(Record, frozen=True, kw_only=True):
    """A tail at the study's usual cut.

    Attributes
    ----------
    cut: weight at which it begins.
    reference, generated: events of each sample in it.
    fraction, fraction_error: its part of the sample that it is read off, in sums of event weights.

    """

    cut: float
    reference: Count
    generated: Count
    fraction: float
    fraction_error: float


class ShownObservable(Record, frozen=True, kw_only=True):
    """An observable of a study; see `Observable`."""

    name: str
    label: str
    unit: str
    expression: str
    seen: bool | None


class StudyReport(Record, frozen=True, kw_only=True):
    """A study as `tailscope show STUDY --json` prints it.

    Attributes
    ----------
    digest: of weights and observables.
    auc, auc_error: Eq. 6, and the standard deviation of that of a null pair as large.
    mean_w_generated, mean_inverse_w_reference: 1 for weights of common support; None where infinite.
    trust: the worst light of all checks; doubts: all that are not green, the worst first.
    config: settings of the fit; None for imported weights.

    """

    name: str
    domain: str
    digest: str
    samples: BothSamples[SampleReport]
    auc: float
    auc_error: float
    calibration: CalibrationReport
    mean_w_generated: float | None
    mean_inverse_w_reference: float | None
    trust: Light
    doubts: tuple[Doubt, ...]
    tails: BothTails[TailReport]
    observables: tuple[ShownObservable, ...]
    config: FitConfig | None
    provenance: Provenance

    @classmethod
    def of(cls, study: WeightedPair) -> StudyReport:
        """What there is to say of a study."""
        calibration = study.calibration()
        checks = study.once(trust)
        found = {check.name: check for check in checks}
        return cls(
            name=study.name,
            domain=study.domain,
            digest=study.digest,
            samples=BothSamples(reference=_sample(study.reference), generated=_sample(study.generated)),
            auc=found["auc"].value,
            auc_error=found["auc"].error,
            calibration=CalibrationReport(chi2=finite(calibration.chi2), ndf=calibration.ndf),
            mean_w_generated=finite(found["mean_w"].value),
            mean_inverse_w_reference=finite(found["mean_inverse_w"].value),
            trust=worst(checks),
            doubts=tuple(map(Doubt.of, doubts(checks))),
            tails=BothTails(low=_tail(study, "low"), high=_tail(study, "high")),
            observables=tuple(
                ShownObservable(name=o.name, label=o.label, unit=o.unit, expression=o.expression, seen=o.seen)
                for o in study.observables
            ),
            config=study.config,
            provenance=study.provenance,
        )


def _sample(events: WeightedEvents) -> SampleReport:
    source = asdict(events.source)
    del source["reading"]  # printed names stay what they were
    return SampleReport(name=events.name, events=len(events), **source)


def _tail(study: WeightedPair, tail: Tail) -> TailReport:
    cut = tail_cut(study, tail)
    selection, fraction = tail_selection(tail, cut), tail_fraction(study, tail, cut)
    return TailReport(
        cut=cut,
        reference=int(selection.mask(study.reference.log_w).sum()),
        generated=int(selection.mask(study.generated.log_w).sum()),
        fraction=fraction.value,
        fraction_error=fraction.error,
    )


class PartReport(Record, frozen=True, kw_only=True):
    """One of the quantities that share an array; ``range`` is that of its values."""

    name: str
    unit: str
    range: Ends


class FileObservable(Record, frozen=True, kw_only=True):
    """An observable that would be computed; see `Observable`."""

    name: str
    label: str
    unit: str


class RangeReport(Record, frozen=True, kw_only=True):
    """Smallest and largest value; None for infinite ones."""

    low: float | None
    high: float | None

    @classmethod
    def of(cls, span: Range) -> RangeReport:
        """What is printed of a range."""
        return cls(low=finite(span.low), high=finite(span.high))


class OwnReport(Record, frozen=True, kw_only=True):
    """One's own observable; see `description.Own`."""

    expression: str
    range: RangeReport | None
    undefined: Count


class DefaultReport(Record, frozen=True, kw_only=True):
    """What the classifier would see by default, why, and the low-level inputs in words."""

    level: Level
    reason: str
    low_level: str


class FileReport(Record, frozen=True, kw_only=True):
    """A file of events as `tailscope show FILE --json` prints it; see `Description`.

    Attributes
    ----------
    events, bytes, passing: how many it has; ``passing`` of them meet the condition ``where``.
    ranges: array that is read -> smallest and largest value, None for infinite ones.
    inputs: numbers that the classifier would see of each event by default; ``levels``: by level.
    undefined: column of a table -> how many of its numbers are undefined, and how that is written.
    remarks: sentences about what is left out and what is undefined.

    """

    path: str
    format: str
    title: str
    domain: str
    events: Count
    bytes: Count
    sha256: str
    datasets: tuple[Dataset, ...]
    ranges: dict[str, Ends]
    parts: dict[str, tuple[PartReport, ...]]
    layers: str
    observables: tuple[FileObservable, ...]
    left_out: tuple[str, ...]
    where: str
    passing: Count
    own: dict[str, OwnReport]
    inputs: Count
    levels: dict[Level, Count]
    default: DefaultReport
    unseen: tuple[str, ...]
    undefined: dict[str, Undefined]
    remarks: tuple[str, ...]

    @classmethod
    def of(cls, found: Description) -> FileReport:
        """What there is to say of a file of events."""
        return cls(
            path=found.path,
            format=found.format,
            title=found.title,
            domain=found.domain,
            events=found.n_events,
            bytes=found.size,
            sha256=found.sha256,
            datasets=found.datasets,
            ranges={name: _ends(span) for name, span in found.ranges.items()},
            parts={
                name: tuple(PartReport(name=p.name, unit=p.unit, range=_ends(p.range)) for p in parts)
                for name, parts in found.parts.items()
            },
            layers=found.layers,
            observables=tuple(
                FileObservable(name=o.name, label=o.label, unit=o.unit) for o in found.observables
            ),
            left_out=found.left_out,
            where=found.where,
            passing=found.n_passing,
            own={
                name: OwnReport(
                    expression=own.expression,
                    range=None if own.range is None else RangeReport.of(own.range),
                    undefined=own.undefined,
                )
                for name, own in found.own.items()
            },
            inputs=found.n_inputs,
            levels=dict(found.inputs),
            default=DefaultReport(level=found.level, reason=found.reason, low_level=found.low_level),
            unseen=found.unseen,
            undefined=dict(found.undefined),
            remarks=found.remarks,
        )


def _ends(span: Range) -> Ends:
    return finite(span.low), finite(span.high)
