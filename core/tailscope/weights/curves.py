"""What the focus shows, computed: all curves of one observable in any binning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.counting.binning import MAX_BINS, Binning, Scale, place
from tailscope.counting.fill import fill, fill_placed
from tailscope.counting.histogram import Histogram
from tailscope.counting.selected import Histograms
from tailscope.errors import SelectionError
from tailscope.selection import Cut, SampleName, Selection

from .events import Floats
from .pair import WeightedPair


@dataclass(frozen=True, eq=False)
class Curves:
    """All curves of one observable.

    Attributes
    ----------
    reference, generated: events, or sums of event weights where there are some.
    reweighted: sums of v w over the generated events, v their event weights (1 where there are none).
    crossed: sums of v^2 w over the generated events.
    selections: one histogram each, in the order of the selections.
    overlays: generated events of other studies, one histogram each.

    """

    reference: Histogram
    generated: Histogram
    reweighted: Histogram
    crossed: Histogram
    selections: tuple[Histogram, ...]
    overlays: tuple[Histogram, ...] = ()

    @cached_property
    def mean_weight(self) -> tuple[Floats, Floats]:
        """Mean weight of the generated events in each bin and its standard error; NaN for an empty bin.

        In a bin, with event weights v, mean = sum v w / sum v and

            error^2 = sum v^2 (w - mean)^2 / (sum v)^2,

        which the unit of v leaves alone; (<w^2> - mean^2)/n for n events of v = 1.
        """
        mean, error = self.mean_weight_everywhere
        return mean[1:-1], error[1:-1]

    @cached_property
    def mean_weight_everywhere(self) -> tuple[Floats, Floats]:
        """The same with underflow before the bins and overflow after them: float64[n_bins + 2] each."""
        total, sum_w, crossed = (h.slots[:-1] for h in (self.generated, self.reweighted, self.crossed))
        sum_w2, sum_v2 = (_slot_variances(h) for h in (self.reweighted, self.generated))
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = np.where(total > 0, sum_w / total, np.nan)
            squares = sum_w2 - 2 * mean * crossed + mean**2 * sum_v2
            return mean, np.sqrt(np.clip(squares, 0, None)) / total


def _slot_variances(h: Histogram) -> Floats:
    under, over, _ = h.outside_variances
    return np.concatenate([[under], h.variances, [over]])


def shares(h: Histogram) -> Histogram:
    """Divided by everything that is defined: bins, underflow and overflow add up to 1; 0 stays 0."""
    total = h.total - h.undefined
    return h.over(total) if total else h


def density(h: Histogram, log_x: bool) -> Histogram:
    """Shares per unit of the axis; on a logarithmic one per decade, as the wall has it."""
    h, scale = shares(h), 1 / np.diff(np.log10(h.edges) if log_x else h.edges)
    return replace(h, values=h.values * scale, variances=h.variances * scale**2)


def ratio(part: Histogram, whole: Histogram) -> tuple[Floats, Floats]:
    """(ratio of the shares of part and whole, error of the part alone) a bin; NaN where the whole is empty.

    The whole's own error is drawn apart, as a band around 1.
    """
    part, whole = shares(part), shares(whole)
    with np.errstate(divide="ignore", invalid="ignore"):
        bottom = np.where(whole.values > 0, whole.values, np.nan)
        return part.values / bottom, part.errors / bottom


def binning_of(low: float, high: float, bins: int, scale: Scale) -> Binning:
    """Equal bins from low to high, on a linear or a logarithmic scale.

    Raises
    ------
    SelectionError: an inverted or empty range, a range below zero on a logarithmic scale, too many bins.

    """
    if not 1 <= bins <= MAX_BINS:
        raise SelectionError(f"{bins} bins cannot be drawn; choose 1 to {MAX_BINS}")
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise SelectionError(
            f"the range from {low:g} to {high:g} is empty; its upper end must be the larger one"
        )
    if scale == "log" and low <= 0:
        raise SelectionError(f"logarithmic bins cannot start at {low:g}; choose a lower end above 0")
    edges = np.geomspace(low, high, bins + 1) if scale == "log" else np.linspace(low, high, bins + 1)
    if np.any(np.diff(edges) <= 0):
        raise SelectionError(f"the range from {low:g} to {high:g} is too narrow for {bins} bins")
    return Binning(edges, scale)


def curves(
    study: WeightedPair,
    name: str,
    selections: Sequence[Selection],
    binning: Binning | None = None,
    within: tuple[Cut, ...] = (),
    overlays: Sequence[WeightedPair] = (),
) -> Curves:
    """Histograms of one observable in a binning; the study's own, answered by the index, when None.

    Any other binning is digitised from the float32 columns, this observable alone. ``within``: cuts that all
    curves have to pass. ``overlays``: other studies, of which the generated events are shown; one that does
    not have the observable, or one that is cut on, has an empty histogram.

    Raises
    ------
    InputError, SelectionError: an observable that is not there.

    """
    backdrop = Selection(cuts=within)
    selections = [replace(s, cuts=s.cuts + within, sample=s.right_sample) for s in selections]
    if binning is None:
        found = _from_index(study, name, selections, backdrop)
    else:
        found = _Placed(study, name, binning).curves(selections, backdrop)
    edges = found.reference.edges
    return replace(found, overlays=tuple(_overlay(o, name, Binning(edges), backdrop) for o in overlays))


def _overlay(study: WeightedPair, name: str, binning: Binning, backdrop: Selection) -> Histogram:
    """All generated events of another study in the binning of the one that is shown."""
    known = study.generated.observables
    if name not in known or any(cut.observable not in known for cut in backdrop.cuts):
        return fill(np.empty(0), binning.edges)
    return _Placed(study, name, binning).of("generated", backdrop)


def _from_index(
    study: WeightedPair, name: str, selections: Sequence[Selection], backdrop: Selection
) -> Curves:
    reference, generated = (study.index(s).histograms(backdrop) for s in ("reference", "generated"))

    def selected(selection: Selection) -> Histograms:
        return study.index(selection.right_sample).histograms(selection)

    reweighted = generated.reweighted(name)
    crossed = reweighted
    if study.generated.event_weight is not None:  # the index has no such sums
        binning = study.observable(name).binning
        assert isinstance(binning, Binning)  # a study's edges are fixed when it is assembled
        crossed = _Placed(study, name, binning).crossed(backdrop)
    return Curves(
        reference.event_weighted(name),
        generated.event_weighted(name),
        reweighted,
        crossed,
        tuple(selected(s).event_weighted(name) for s in selections),
    )


@dataclass(frozen=True, eq=False)
class _Placed:
    """One observable of both samples in a binning that the index does not have."""

    study: WeightedPair
    name: str
    binning: Binning

    @cached_property
    def slots(self) -> dict[SampleName, NDArray[np.unsignedinteger[Any]]]:
        return {
            sample: place(self.study.sample(sample).observables[self.name], self.binning.edges)
            for sample in ("reference", "generated")
        }

    def curves(self, selections: Sequence[Selection], backdrop: Selection) -> Curves:
        return Curves(
            self.of("reference", backdrop),
            self.of("generated", backdrop),
            self._histogram("generated", backdrop, self.study.generated.v * self._finite),
            self.crossed(backdrop),
            tuple(self.of(s.right_sample, s) for s in selections),
        )

    def crossed(self, backdrop: Selection) -> Histogram:
        """Sums of v^2 w over the generated events."""
        return self._histogram("generated", backdrop, self.study.generated.v**2 * self._finite)

    @cached_property
    def _finite(self) -> Floats:
        """W of the generated events, 0 where it is infinite."""
        w = self.study.weights("generated")
        return np.where(np.isfinite(w), w, 0.0)

    def of(self, sample: SampleName, selection: Selection) -> Histogram:
        """The selected events of a sample, or the sums of their event weights."""
        return self._histogram(sample, selection, self.study.sample(sample).event_weight)

    def _histogram(self, sample: SampleName, selection: Selection, weight: Floats | None) -> Histogram:
        rows = self.study.select(sample, selection)
        slots = self.slots[sample][rows]
        return fill_placed(slots, self.binning.edges, None if weight is None else weight[rows])
