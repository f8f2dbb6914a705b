"""What the server answers while people look: counts that are exact to the event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tailscope.errors import SelectionError
from tailscope.record import finite
from tailscope.selection import Cut, SampleName, Selection
from tailscope.study.study import Study
from tailscope.weights.events import SAMPLES
from tailscope.weights.spectrum import weight_counts, weight_edges
from tailscope_dashboard.state.view import State, selection_of, slice_cut


def exact_answer(
    study: Study, states: Sequence[State], slice_: State | None, *, reweighted: bool = False
) -> dict[str, Any]:
    """Exact numbers of every selection, and of both samples where there is a slice.

    Returns
    -------
    selections: a list of {"totals": {sample: {n, fraction, nEff, left}}}, None where a selection cannot be
        counted (its cut names no observable).
    counts: int32[n_selections (+ 2 with a slice), n_slots] as bytes, each selection read off its right
        sample; then both samples.
    backdrop: with a slice, {"n": events, "weights": histogram of weights} of each sample; else None.
    reweighted: if asked for, float64[2, n_slots] as bytes: sums of w and w^2 of the generated sample.

    """
    cut = slice_cut(slice_)
    slots = len(study.index("reference").slots)
    counts = np.zeros((len(states) + 2 * bool(cut), slots), dtype="<i4")
    found: list[dict[str, Any] | None] = []
    for row, state in zip(counts, states, strict=False):
        try:
            selection = selection_of(state)
            index = study.index(selection.right_sample)
            row[:] = index.histograms(selection, within=cut, crossfilter=True).counts
            found.append({"totals": {s: totals(study, s, _with(selection, cut)) for s in SAMPLES}})
        except SelectionError:
            # Drawn from what the browser knows; its cut is marked there as one on an unknown observable.
            found.append(None)
    backdrop = None
    if cut:
        whole = [study.index(s).histograms(Selection(cuts=cut)) for s in SAMPLES]
        for row, histograms in zip(counts[len(states) :], whole, strict=True):
            row[:] = histograms.counts
        edges = weight_edges(study)
        weights = {
            s: weight_counts(study, s, edges, study.index(s).rows(Selection(cuts=cut))) for s in SAMPLES
        }
        backdrop = {"n": {s: h.events for s, h in zip(SAMPLES, whole, strict=True)}, "weights": weights}
    answer = {"selections": found, "backdrop": backdrop, "counts": counts.tobytes()}
    if reweighted:
        sums = study.index("generated").histograms(Selection(cuts=cut))
        answer["reweighted"] = np.array([sums.sum_w, sums.sum_w2], dtype="<f8").tobytes()
    return answer


def _with(selection: Selection, cut: tuple[Cut, ...]) -> Selection:
    return replace(selection, cuts=selection.cuts + cut)


def totals(study: Study, sample: SampleName, selection: Selection) -> dict[str, Any]:
    """Events, fraction, effective size and events that this leaves out (w = 0 or inf), of one sample.

    The effective size is (sum w)^2 / sum w^2 for the generated sample, and the same with 1/w for the
    reference: what a selection is worth once it is reweighted to the other sample.
    """
    index = study.index(sample)
    if selection.cuts:
        log_w = study.log_weights(sample)[index.rows(selection)]
    else:
        log_w = index.log_w[slice(*selection.slice_of(index.log_w))]
    good = log_w[np.isfinite(log_w)].astype(np.float64)
    power = good if sample == "generated" else -good
    terms = np.exp(power - power.max()) if power.size else power
    size = float(terms.sum() ** 2 / np.square(terms).sum()) if terms.size else 0.0
    return {
        "n": int(log_w.size),
        "fraction": log_w.size / index.n,
        "nEff": finite(size),
        "left": int(log_w.size - good.size),
    }
