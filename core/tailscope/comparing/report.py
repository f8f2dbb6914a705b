"""What `tailscope compare --json` and `tailscope check --json` print, as records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from tailscope.record import Count, Record, finite
from tailscope.trust import Light
from tailscope.weights.estimates import Estimate
from tailscope.weights.tails import Tail

from .check import POWER, Growth, Verdict
from .compare import Comparison, Row

MOST_SIGMAS = 99.0
"""JSON knows no infinity."""


class EstimateReport(Record, frozen=True, kw_only=True):
    """A number with its error, and whether that holds what differs from training to training."""

    value: float
    error: float
    includes_training: bool

    @classmethod
    def of(cls, found: Estimate) -> EstimateReport:
        """What is printed of an estimate."""
        return cls(value=found.value, error=found.error, includes_training=found.has_training)


class CalibrationReport(Record, frozen=True, kw_only=True):
    """The calibration's chi2 (Eq. 11); None where it is infinite."""

    chi2: float | None
    ndf: Count


class ClosureReport(Record, frozen=True, kw_only=True):
    """How many observables differ from the reference once reweighted, and of how many."""

    open: Count
    of: Count


class RowReport(Record, frozen=True, kw_only=True):
    """One study of a comparison; see `compare.Row`."""

    label: str
    name: str
    digest: str
    step: int | None
    same_reference: bool
    auc: EstimateReport
    tails: dict[Tail, EstimateReport]
    trust: Light
    calibration: CalibrationReport
    closure: ClosureReport
    seconds: float | None

    @classmethod
    def of(cls, row: Row) -> RowReport:
        """What is printed of a row."""
        return cls(
            label=row.label,
            name=row.study.name,
            digest=row.study.digest,
            step=row.step,
            same_reference=row.same_reference,
            auc=EstimateReport.of(row.auc),
            tails={tail: EstimateReport.of(estimate) for tail, estimate in row.tails.items()},
            trust=row.light,
            calibration=CalibrationReport(chi2=finite(row.chi2), ndf=row.ndf),
            closure=ClosureReport(open=int(row.open_observables), of=row.n_observables),
            seconds=row.seconds,
        )


class ComparisonReport(Record, frozen=True, kw_only=True):
    """Several studies side by side as `tailscope compare --json` prints them; see `compare.Comparison`."""

    cuts: dict[Tail, float]
    remarks: tuple[str, ...]
    studies: tuple[RowReport, ...]

    @classmethod
    def of(cls, found: Comparison, rows: Sequence[Row]) -> ComparisonReport:
        """What is printed of a comparison whose rows are in the order wanted."""
        return cls(
            cuts=dict(found.cuts), remarks=found.remarks, studies=tuple(RowReport.of(row) for row in rows)
        )


class GrowthReport(Record, frozen=True, kw_only=True):
    """One number of a check; see `check.Growth`. ``detectable`` is None where no growth would be found."""

    name: str
    cut: float | None
    old: EstimateReport
    new: EstimateReport
    significance: Annotated[float, msgspec.Meta(ge=-MOST_SIGMAS, le=MOST_SIGMAS)]
    grew: bool
    detectable: float | None

    @classmethod
    def of(cls, growth: Growth) -> GrowthReport:
        """What is printed of a number."""
        return cls(
            name=growth.name,
            cut=growth.cut,
            old=EstimateReport.of(growth.old),
            new=EstimateReport.of(growth.new),
            significance=max(-MOST_SIGMAS, min(growth.sigma, MOST_SIGMAS)),
            grew=growth.grew,
            detectable=finite(growth.detectable),
        )


class CheckReport(Record, frozen=True, kw_only=True):
    """Whether a tail grew, as `tailscope check --json` prints it.

    Attributes
    ----------
    grew: whether any of the numbers did.
    sigma: growth beyond so many standard deviations counts.
    power: part of trials in which a growth by each number's ``detectable`` would be found.
    numbers: low tail, high tail and AUC; remarks: what weakens the comparison.

    """

    grew: bool
    sigma: float
    power: float
    numbers: tuple[GrowthReport, ...]
    remarks: tuple[str, ...]

    @classmethod
    def of(cls, verdict: Verdict, sigma: float) -> CheckReport:
        """What is printed of a verdict."""
        return cls(
            grew=bool(verdict.grew),
            sigma=sigma,
            power=POWER,
            numbers=tuple(GrowthReport.of(growth) for growth in verdict.growths),
            remarks=verdict.remarks,
        )
