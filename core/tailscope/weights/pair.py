"""WeightedPair: a reference and a generated sample whose events have weights, and what these tell."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from tailscope.config import METHODS, FitConfig, Method
from tailscope.counting.binning import Binning
from tailscope.counting.histogram import Histogram
from tailscope.counting.index import Index
from tailscope.errors import InputError
from tailscope.memo import Memo
from tailscope.record import Provenance, TrainingRecord
from tailscope.sample.observable import Observable
from tailscope.selection import SampleName, Selection

from .auc import Roc, Ties, auc, null_auc_error, roc
from .calibration import Calibration, calibration
from .closure import Closure, closure
from .epochs import EpochWeights
from .events import SAMPLES, SPREAD, EventWeights, Floats, WeightedEvents
from .information import information
from .null_band import NullBand
from .recalibration import crossfitted

P = ParamSpec("P")
T = TypeVar("T")
Pair = TypeVar("Pair", bound="WeightedPair")
"""A pair, or a study, for what gives back the same."""


@dataclass(frozen=True, eq=False)
class WeightedPair:
    """One reference and one generated sample, their weights, and how these came about.

    Plain data below all analyses: what looks at weights takes a pair, and keeps what it finds in it by
    `once`.

    Attributes
    ----------
    name: for the page's title.
    domain: kind of event.
    observables: name, label, unit and edges of each; the same edges for both samples.
    reference, generated: the events.
    config: the fit's settings; None for imported weights.
    history: every training of the fit; () for imported weights.
    provenance: how the weights came about: versions, device, times.
    null: weights of refits with permuted labels (`null_runs.null_band`), or None.
    epochs: weights after the epochs that were watched (`FitConfig.watch_epochs`), ascending; see `at_epoch`.

    """

    name: str
    domain: str
    observables: tuple[Observable, ...]
    reference: WeightedEvents
    generated: WeightedEvents
    config: FitConfig | None = None
    history: tuple[TrainingRecord, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)
    null: NullBand | None = None
    epochs: tuple[EpochWeights, ...] = ()
    _memo: Memo = field(default_factory=Memo, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.reference) + len(self.generated)

    def once(self, function: Callable[Concatenate[Self, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What ``function(self, ...)`` gives, computed once however many threads ask; see `Memo`.

        ``function`` is one of a module, not made anew for each call, and its arguments can be hashed.
        """
        key = (function, args, tuple(sorted(kwargs.items())))
        return self._memo.get(key, partial(function, self, *args, **kwargs))

    def knows(self, function: Callable[[Self], object]) -> bool:
        """Whether ``once(function)`` would cost nothing."""
        return self._memo.knows((function, (), ()))

    def sample(self, sample: SampleName) -> WeightedEvents:
        """The reference or the generated events.

        Raises
        ------
        InputError: any other name.

        """
        if sample not in SAMPLES:
            raise InputError(f"a study holds 'reference' and 'generated', not {sample!r}")
        return self.reference if sample == "reference" else self.generated

    def observable(self, name: str) -> Observable:
        """Description of one observable.

        Raises
        ------
        InputError: no observable of that name.

        """
        for observable in self.observables:
            if observable.name == name:
                return observable
        known = ", ".join(o.name for o in self.observables)
        raise InputError(f"this study has no observable {name!r}; it has {known}")

    def log_weights(self, sample: SampleName, *, members: bool = False) -> NDArray[np.floating[Any]]:
        """Log w of every event in file order: float64[n], or float32[n, n_members] of single trainings."""
        events = self.sample(sample)
        return events.members if members else events.log_w

    def weights(self, sample: SampleName, *, members: bool = False) -> NDArray[np.floating[Any]]:
        """Return w = p_reference/p_generated in file order: exp of `log_weights`, 0 and inf included."""
        with np.errstate(over="ignore"):
            return np.exp(np.asarray(self.log_weights(sample, members=members), dtype=np.float64))

    def at_epoch(self, epoch: int) -> Self:
        """The same events with the weights that they had after one of the watched epochs.

        It has every method of a study: `auc`, `calibration`, `closure`. What belongs to the final weights
        alone is gone: the members, their spread, the null band and the second look.

        Raises
        ------
        InputError: an epoch that was not watched.

        """
        for weights in self.epochs:
            if weights.epoch == epoch:
                break
        else:
            kept = ", ".join(str(weights.epoch) for weights in self.epochs)
            raise InputError(
                f"the weights after epoch {epoch} were not kept; "
                + (f"there are those of {kept}" if kept else "fit with watch_epochs to keep some")
            )
        sides = (
            replace(
                events,
                log_w=weights.log_w[name].astype(np.float64),
                members=events.members[:, :0],
                observables={k: column for k, column in events.observables.items() if k != SPREAD},
            )
            for name, events in zip(SAMPLES, (self.reference, self.generated), strict=True)
        )
        return replace(
            self,
            name=f"{self.name}, epoch {epoch}",
            observables=tuple(o for o in self.observables if o.name != SPREAD),
            reference=next(sides),
            generated=next(sides),
            provenance=msgspec.structs.replace(self.provenance, second=None),
            null=None,
            epochs=(),
        )

    def recalibrated(self, method: Method) -> Self:
        """The same events with recalibrated weights: isotonic, or Platt's straight line in log w.

        The map for a fold's events is learned on the weights of all other folds (`recalibration`). The copy
        says what was done in its name, settings and provenance. Members, the weights at watched epochs and
        the spread ``sigma_log_w`` stay as they were trained; a null band and a second look, which are of
        other weights, are left out.

        Isotonic weights can be exactly 0 and inf: 13 of 6,000 events on a toy. A good calibration is what was
        asked for and proves nothing else: weights in a wrong order stay so. Closure tells.

        Raises
        ------
        InputError: a method that does not exist, weights that were recalibrated before, too few events.

        """
        if method not in METHODS:
            raise InputError(f"there is no recalibration {method!r}; choose {' or '.join(METHODS)}")
        if before := self.provenance.recalibration:
            raise InputError(f"these weights were recalibrated before ({before}); start from the original")
        sides = self.reference, self.generated
        log_w = crossfitted(self.log_w, (sides[0].fold, sides[1].fold), self.event_weights, method)
        return replace(
            self,
            name=f"{self.name}, recalibrated ({method})",
            reference=replace(self.reference, log_w=log_w[0]),
            generated=replace(self.generated, log_w=log_w[1]),
            config=self.config and self.config.with_(recalibrate=method),
            provenance=msgspec.structs.replace(self.provenance, recalibration=method, second=None),
            null=None,
        )

    def auc(self, *, ties: Ties = "half") -> float:
        """Area under the ROC curve (Eq. 6); see `auc.auc`."""
        return auc(*self.log_w, ties=ties, event_weights=self.event_weights)

    def auc_error(self) -> float:
        """Standard deviation of the AUC of a null pair as large.

        That of the null runs where there are enough (`NullBand.auc_spread`); else `null_auc_error` of the
        effective events, which is an upper bound for out-of-fold weights (`auc_error_is_bound`).
        """
        if self.null is not None and (measured := self.null.auc_spread) is not None:
            return measured
        return null_auc_error(self.reference.effective, self.generated.effective, crossfit=self._crossfit)

    @property
    def auc_error_is_bound(self) -> bool:
        """Whether the AUC of a null pair may well vary less than `auc_error` says."""
        return self._crossfit and (self.null is None or self.null.auc_spread is None)

    @property
    def _crossfit(self) -> bool:
        return bool(self.history) and (self.config is None or self.config.protocol == "crossfit")

    def information(self) -> float:
        """What the weights hold, in nats: ln 2 minus their balanced cross-entropy; see `weights.information`.

        Of out-of-fold weights an estimate from below of what the data hold, their Jensen-Shannon divergence.
        """
        return information(*self.log_w, event_weights=self.event_weights)[0]

    def information_error(self) -> float:
        """Standard deviation of `information` of other such events; NaN where it is infinite."""
        return information(*self.log_w, event_weights=self.event_weights)[1]

    def roc(self) -> Roc:
        """Fraction of reference against fraction of generated events above each weight."""
        return roc(*self.log_w, event_weights=self.event_weights)

    def calibration(self, bins: int = 30) -> Calibration:
        """N_reference against the sum of C(x) in equal-count bins of w (Eq. 11)."""
        return calibration(*self.log_w, bins=bins, event_weights=self.event_weights)

    def closure(self, observable: str) -> Closure:
        """Reference against reweighted generated events in one observable."""
        name = self.observable(observable).name
        everything = Selection()
        return closure(
            self.histogram(name, "reference", everything),
            self.index("generated").histograms(everything).reweighted(name),
        )

    def select(self, sample: SampleName, selection: Selection) -> NDArray[np.int64]:
        """Row numbers in the sample's file of the selected events, ascending."""
        return self.index(sample).rows(selection)

    def histogram(self, observable: str, sample: SampleName, selection: Selection | None = None) -> Histogram:
        """Histogram of the selected events of one sample; of all of them without a selection.

        Sums of event weights and of their squares where the sample has event weights, else events;
        ``index(sample).histograms(selection).of(observable)`` counts events in any case.
        """
        name = self.observable(observable).name
        return self.index(sample).histograms(selection or Selection()).event_weighted(name)

    def take(self, rows_reference: ArrayLike, rows_generated: ArrayLike) -> Self:
        """The pair of some events of each sample, with the weights, folds and members they have.

        Edges stay those of the whole pair, so that parts can be compared with it and with each other. A null
        band, which is one of other sizes, and the second look, one at other events, are left out.

        Parameters
        ----------
        rows_reference, rows_generated: int[m], numbers of events in each sample, in the order wanted.

        Raises
        ------
        InputError: numbers of events that are not there.

        """
        reference, generated = map(_numbers, (rows_reference, rows_generated))
        return replace(
            self,
            reference=self.reference.take(reference),
            generated=self.generated.take(generated),
            provenance=msgspec.structs.replace(self.provenance, second=None),
            epochs=tuple(epoch.take(reference, generated) for epoch in self.epochs),
            null=None,
        )

    def index(self, sample: SampleName) -> Index:
        """The cumulative histograms of one sample; built when first asked for."""
        self.sample(sample)
        return self.once(_index, sample)

    @property
    def digest(self) -> str:
        """SHA-256 over weights and observables: what a permalink or a note refers to.

        Of one's own observables, which mean what somebody wrote, the values count and not the name alone.
        """
        return self.once(_digest)

    @property
    def log_w(self) -> tuple[Floats, Floats]:
        """Log weights of both samples, in file order."""
        return self.reference.log_w, self.generated.log_w

    @property
    def event_weights(self) -> EventWeights:
        """Event weights of both samples; None where all are 1."""
        return self.reference.event_weight, self.generated.event_weight


def _numbers(rows: ArrayLike) -> NDArray[np.int64]:
    """Numbers of events as an array of one's own.

    Raises
    ------
    InputError: masks, fractions, anything else.

    """
    numbers = np.array(rows)
    if numbers.ndim != 1 or (numbers.size and not np.issubdtype(numbers.dtype, np.integer)):
        raise InputError(
            f"events are taken by their numbers, not by {numbers.dtype} of shape {numbers.shape}; "
            "numpy.flatnonzero makes numbers of a mask"
        )
    return numbers.astype(np.int64)


def _index(pair: WeightedPair, sample: SampleName) -> Index:
    """Index one sample; the generated one with sums of w, by which it can be reweighted."""
    events = pair.sample(sample)
    binnings = {o.name: o.binning for o in pair.observables if isinstance(o.binning, Binning)}
    return Index.build(
        events.log_w,
        {name: events.observables[name] for name in binnings},
        binnings,
        event_weight=events.event_weight,
        reweight=sample == "generated",
    )


def _digest(pair: WeightedPair) -> str:
    digest = hashlib.sha256()
    for events in (pair.reference, pair.generated):
        digest.update(events.source.sha256.encode())
        digest.update(np.ascontiguousarray(events.log_w).data)
        if events.event_weight is not None:  # which the digest of a file knows nothing of
            digest.update(np.ascontiguousarray(events.event_weight).data)
    for observable in pair.observables:
        digest.update(observable.name.encode())
        if observable.expression:
            for events in (pair.reference, pair.generated):
                digest.update(np.ascontiguousarray(events.observables[observable.name]).data)
    return digest.hexdigest()
