"""What a study file says of a study beside its columns, as a record."""

from __future__ import annotations

from typing import Annotated

import msgspec
import numpy as np

from tailscope.config import FitConfig
from tailscope.counting.binning import Binning, Scale
from tailscope.errors import TailscopeError
from tailscope.record import BothSamples, Provenance, Record, TrainingRecord
from tailscope.sample.observable import Observable
from tailscope.sample.source import Source
from tailscope.weights.pair import WeightedPair


class ObservableRecord(Record, frozen=True, kw_only=True):
    """An observable of a study; the attributes are those of `Observable`, edges those of its binning.

    Raises
    ------
    ValueError: edges that make no binning.

    """

    name: str
    label: str
    unit: str
    edges: tuple[float, ...]
    scale: Scale
    expression: str = ""
    seen: bool | None = None

    def __post_init__(self) -> None:
        try:
            Binning(np.array(self.edges), self.scale)
        except TailscopeError as error:
            raise ValueError(str(error)) from error

    @classmethod
    def of(cls, observable: Observable) -> ObservableRecord:
        """What is written of an observable."""
        binning = observable.binning
        assert isinstance(binning, Binning)  # a study's edges are fixed when it is assembled
        return cls(
            name=observable.name,
            label=observable.label,
            unit=observable.unit,
            edges=tuple(binning.edges.tolist()),
            scale=binning.scale,
            expression=observable.expression,
            seen=observable.seen,
        )

    @property
    def observable(self) -> Observable:
        """The observable again."""
        binning = Binning(np.array(self.edges), self.scale)
        return Observable(
            self.name, self.label, self.unit, binning, expression=self.expression, seen=self.seen
        )


class StudyRecord(Record, frozen=True, kw_only=True):
    """A study without its columns.

    Attributes
    ----------
    name, domain, config, provenance, history: those of `WeightedPair`.
    observables: in the order of the study.
    source: where the samples came from.

    """

    name: str
    domain: str
    observables: Annotated[tuple[ObservableRecord, ...], msgspec.Meta(min_length=1)]
    config: FitConfig | None = None
    provenance: Provenance = Provenance()
    history: tuple[TrainingRecord, ...] = ()
    source: BothSamples[Source]

    @classmethod
    def of(cls, study: WeightedPair) -> StudyRecord:
        """What is written of a study."""
        return cls(
            name=study.name,
            domain=study.domain,
            observables=tuple(ObservableRecord.of(o) for o in study.observables),
            config=study.config,
            provenance=study.provenance,
            history=study.history,
            source=BothSamples(reference=study.reference.source, generated=study.generated.source),
        )
