"""Study: two samples with their weights, in memory or in one file that is memory-mapped when opened."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tailscope.counting.binning import Binning
from tailscope.counting.histogram import Histogram
from tailscope.counting.index import Index
from tailscope.errors import InputError
from tailscope.sample.observable import Observable
from tailscope.sample.sample import Sample
from tailscope.selection import SampleName, Selection
from tailscope.weights import calibration as _weights
from tailscope.weights.epochs import EpochWeights
from tailscope.weights.recalibration import METHODS, Method, crossfitted

if TYPE_CHECKING:
    from tailscope.trust import Check
    from tailscope.weights.null_band import NullBand
from tailscope.weights.events import SAMPLES, SPREAD, WeightedEvents


@dataclass(frozen=True, eq=False)
class Study:
    """One reference and one generated sample, their weights, and how these came about.

    Attributes
    ----------
    name: for the page's title.
    domain: kind of event.
    observables: name, label, unit and edges of each; the same edges for both samples.
    reference, generated: the events.
    config: the fit's settings as plain data; {} for imported weights.
    history: per fold and member, what happened in each epoch (see `fit`); [] for imported weights.
    provenance: versions, device, times; plain JSON data.
    null: weights of refits with permuted labels (`null_fit.null_band`), or None.
    epochs: weights after the epochs that were watched (`FitConfig.watch_epochs`), ascending; see `at_epoch`.
    path: the file that it was opened from, or None.

    """

    name: str
    domain: str
    observables: tuple[Observable, ...]
    reference: WeightedEvents
    generated: WeightedEvents
    config: Mapping[str, Any] = field(default_factory=dict)
    history: tuple[Mapping[str, Any], ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)
    null: NullBand | None = None
    epochs: tuple[EpochWeights, ...] = ()
    path: Path | None = None

    @classmethod
    def from_weights(
        cls,
        reference: Sample,
        generated: Sample,
        log_w_reference: ArrayLike,
        log_w_generated: ArrayLike,
        *,
        name: str = "",
    ) -> Study:
        """A study of weights somebody already has.

        Parameters
        ----------
        log_w_reference, log_w_generated: float[n_events], natural logarithm of w = p_reference/p_generated,
            in the order of the samples' events. -inf (w = 0) and inf are kept.

        Raises
        ------
        PairError: samples of different domains or without a common observable.
        InputError: numbers of weights and events that differ, NaN.

        """
        from .assembly import Scores, assemble

        scores = Scores.imported(log_w_reference), Scores.imported(log_w_generated)
        study = assemble(reference, generated, scores, name=name, provenance={"weights": "imported"})
        # What their classifier saw, nobody knows.
        return replace(study, observables=tuple(replace(o, seen=None) for o in study.observables))

    def __len__(self) -> int:
        return len(self.reference) + len(self.generated)

    def __repr__(self) -> str:
        from .summary import line_of

        return line_of(self)

    def _repr_html_(self) -> str:
        """Give a notebook something to show that needs no script: numbers, and a picture of the weights."""
        from .summary import html_of

        return html_of(self)

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

    def at_epoch(self, epoch: int) -> Study:
        """The same events with the weights that they had after one of the watched epochs.

        It has every method of a study: `auc`, `calibration`, `closure`. What belongs to the final weights
        alone is gone: the members, their spread and the null band.

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
            null=None,
            epochs=(),
        )

    def recalibrated(self, method: Method) -> Study:
        """The same events with recalibrated weights: isotonic, or Platt's straight line in log w.

        The map for a fold's events is learned on the weights of all other folds (`recalibration`). The copy
        says what was done in its name, settings and provenance. Members, the weights at watched epochs and
        the spread ``sigma_log_w`` stay as they were trained; a null band, which is one of other weights, is
        left out.

        Isotonic weights can be exactly 0 and inf: 13 of 6,000 events on a toy. A good calibration is what was
        asked for and proves nothing else: weights in a wrong order stay so. Closure tells.

        Raises
        ------
        InputError: a method that does not exist, weights that were recalibrated before, too few events.

        """
        if method not in METHODS:
            raise InputError(f"there is no recalibration {method!r}; choose {' or '.join(METHODS)}")
        if before := self.provenance.get("recalibration"):
            raise InputError(f"these weights were recalibrated before ({before}); start from the original")
        sides = self.reference, self.generated
        log_w = crossfitted(self._log_w, (sides[0].fold, sides[1].fold), self._event_weights, method)
        return replace(
            self,
            name=f"{self.name}, recalibrated ({method})",
            reference=replace(self.reference, log_w=log_w[0]),
            generated=replace(self.generated, log_w=log_w[1]),
            config={**self.config, "recalibrate": method} if self.config else self.config,
            provenance={**self.provenance, "recalibration": method},
            null=None,
        )

    def auc(self, *, ties: _weights.Ties = "half") -> float:
        """Area under the ROC curve (Eq. 6); see `_weights.auc`."""
        return _weights.auc(*self._log_w, ties=ties, event_weights=self._event_weights)

    def auc_error(self) -> float:
        """Standard deviation of the AUC of a null pair as large, in effective events (`null_auc_error`)."""
        crossfit = bool(self.history) and self.config.get("protocol", "crossfit") == "crossfit"
        sizes = (
            float(len(events)) if v is None else _weights.effective_size(float(v.sum()), float((v**2).sum()))
            for events, v in zip((self.reference, self.generated), self._event_weights, strict=True)
        )
        return _weights.null_auc_error(*sizes, crossfit=crossfit)

    def roc(self) -> _weights.Roc:
        """Fraction of reference against fraction of generated events above each weight."""
        return _weights.roc(*self._log_w, event_weights=self._event_weights)

    def calibration(self, bins: int = 30) -> _weights.Calibration:
        """N_reference against the sum of C(x) in equal-count bins of w (Eq. 11)."""
        return _weights.calibration(*self._log_w, bins=bins, event_weights=self._event_weights)

    def closure(self, observable: str) -> _weights.Closure:
        """Reference against reweighted generated events in one observable."""
        name = self.observable(observable).name
        everything = Selection()
        return _weights.closure(
            self.histogram(name, "reference", everything),
            self.index("generated").histograms(everything).reweighted(name),
        )

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """Whether the weights may be believed: a light and a sentence each; see `trust.trust`."""
        from tailscope.trust import trust

        return trust(self)

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

    def index(self, sample: SampleName) -> Index:
        """The cumulative histograms of one sample; built when first asked for."""
        self.sample(sample)
        return self._reference_index if sample == "reference" else self._generated_index

    @cached_property
    def digest(self) -> str:
        """SHA-256 over weights and observable definitions: what a permalink or a note refers to."""
        digest = hashlib.sha256()
        for events in (self.reference, self.generated):
            digest.update(events.source.sha256.encode())
            digest.update(np.ascontiguousarray(events.log_w).tobytes())
        for o in self.observables:
            digest.update(o.name.encode())
        return digest.hexdigest()

    def save(self, path: str | Path) -> Path:
        """Write the study to one HDF5 file, whole or not at all.

        Raises
        ------
        StudyError: the folder does not exist or cannot be written, or the disk is full.

        """
        from . import file as study_file

        return study_file.write(self, Path(path))

    @property
    def _log_w(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return self.reference.log_w, self.generated.log_w

    @property
    def _event_weights(self) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
        return self.reference.event_weight, self.generated.event_weight

    @cached_property
    def _reference_index(self) -> Index:
        return self._build_index(self.reference, reweight=False)

    @cached_property
    def _generated_index(self) -> Index:
        return self._build_index(self.generated, reweight=True)

    def _build_index(self, events: WeightedEvents, *, reweight: bool) -> Index:
        binnings = {o.name: o.binning for o in self.observables if isinstance(o.binning, Binning)}
        columns = {name: events.observables[name] for name in binnings}
        return Index.build(
            events.log_w, columns, binnings, event_weight=events.event_weight, reweight=reweight
        )
