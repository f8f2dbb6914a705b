"""Coarse cumulative cubes of a large study: what the browser draws with until the server has counted."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.selection import Cut, SampleName, Selection
from tailscope.study.study import Study
from tailscope.weights.events import SAMPLES
from tailscope.weights.spectrum import beyond

CUBE_BYTES = 1_000_000
"""Of one sample; two of them are sent when a page opens."""


def boundaries_of(study: Study, sample: SampleName) -> NDArray[np.int64]:
    """Positions in the sorted sample where the cube holds histograms: ascending, 0 and n among them.

    Half of them lie evenly in log w, half evenly in the logit of the rank, so that both tails are resolved.
    """
    index = study.index(sample)
    log_w = index.log_w
    wanted = int(np.clip(CUBE_BYTES / (4 * len(index.slots)), 24, 400)) // 2
    first, infinite = beyond(log_w)
    last = index.n - infinite
    positions = [0, first, last, index.n]
    if last > first:
        even = np.linspace(log_w[first], log_w[last - 1], wanted)
        positions += np.searchsorted(log_w, even).tolist()
        reach = np.log(max(2.0, last - first))
        share = 1 / (1 + np.exp(-np.linspace(-reach, reach, wanted)))
        positions += (first + np.round(share * (last - first))).astype(int).tolist()
    return np.unique(np.clip(positions, 0, index.n)).astype(np.int64)


def cube_of(study: Study) -> tuple[dict[SampleName, int], bytes]:
    """Boundaries of each sample, and the bytes.

    Those are, for reference then generated: float64 log_w[m], the log weight at each boundary (+inf past the
    last event), and uint32 cumulative[m, n_slots].
    """
    counts: dict[SampleName, int] = {}
    parts = []
    for sample in SAMPLES:
        index = study.index(sample)
        boundaries = boundaries_of(study, sample)
        log_w = np.append(index.log_w, np.inf)[boundaries]
        counts[sample] = boundaries.size
        parts += [log_w.astype("<f8").tobytes(), index.cumulative(boundaries).astype("<u4").tobytes()]
    return counts, b"".join(parts)


def cut_cube(study: Study, selection: Selection, slice_cut: tuple[Cut, ...]) -> dict[str, Any]:
    """Cubes of the events that pass a selection's further cuts and the slice, whatever their weight.

    Returns
    -------
    right: uint32[m, n_slots] of the right sample; cuts on an observable do not apply to its own slots.
    other: uint32[m], events of the other sample.

    """
    sample, against = selection.right_sample, other(selection.right_sample)
    right = study.index(sample).cumulative(
        boundaries_of(study, sample), selection.cuts, within=slice_cut, crossfilter=True
    )
    index = study.index(against)
    cumulative = index.cumulative(boundaries_of(study, against), selection.cuts, within=slice_cut)
    events = cumulative[:, index.slots.own(index.names[0])].sum(axis=1)
    return {"right": right.astype("<u4").tobytes(), "other": events.astype("<u4").tobytes()}


def brush_cube(
    study: Study, selection: Selection, slice_cut: tuple[Cut, ...], observable: str
) -> dict[str, Any]:
    """Histograms of a selection for each slot of one observable.

    Returns
    -------
    right: uint32[n_bins + 3, n_slots] of the right sample.
    other: uint32[n_bins + 3], events of the other sample.

    """
    right = study.index(selection.right_sample).brush_cube(selection, observable, within=slice_cut)
    index = study.index(other(selection.right_sample))
    found = index.histograms(selection, within=slice_cut, crossfilter=True)
    events = found.counts[index.slots.own(observable)]
    return {"right": right.astype("<u4").tobytes(), "other": events.astype("<u4").tobytes()}


def other(sample: SampleName) -> SampleName:
    """The one that a selection is not read off."""
    return "generated" if sample == "reference" else "reference"
