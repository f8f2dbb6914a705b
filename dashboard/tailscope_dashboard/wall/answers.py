"""What the server answers while people look: counts that are exact to the event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import SelectionError
from tailscope.record import finite, typed
from tailscope.selection import Cut, SampleName, Selection
from tailscope.study.study import Study
from tailscope.weights.auc import auc
from tailscope.weights.events import SAMPLES
from tailscope.weights.spectrum import weight_counts, weight_edges

from .messages import Backdrop, Counted, ExactAnswer, State, Totals, WeightCounts


def exact_answer(study: Study, state: State, seq: int, *, reweighted: bool = False) -> ExactAnswer:
    """Exact numbers of every selection, and of both samples where there is a slice."""
    cut = state.within
    slots = len(study.index("reference").slots)
    counts = np.zeros((len(state.selections) + 2 * bool(cut), slots), dtype="<i4")
    found: list[Counted | None] = []
    for row, selection in zip(counts, state.selections, strict=False):
        try:
            index = study.index(selection.right_sample)
            row[:] = index.histograms(selection, within=cut, crossfilter=True).counts
            found.append(Counted(totals={s: totals(study, s, _with(selection, cut)) for s in SAMPLES}))
        except SelectionError:
            # Drawn from what the browser knows; its cut is marked there as one on an unknown observable.
            found.append(None)
    backdrop = None
    if cut:
        whole = [study.index(s).histograms(Selection(cuts=cut)) for s in SAMPLES]
        for row, histograms in zip(counts[len(state.selections) :], whole, strict=True):
            row[:] = histograms.counts
        rows = {s: study.index(s).rows(Selection(cuts=cut)) for s in SAMPLES}
        edges = weight_edges(study)
        backdrop = Backdrop(
            n={s: h.events for s, h in zip(SAMPLES, whole, strict=True)},
            weights={s: typed(weight_counts(study, s, edges, rows[s]), WeightCounts) for s in SAMPLES},
            auc=_auc(study, rows),
        )
    sums = None
    if reweighted:
        weighted = study.index("generated").histograms(Selection(cuts=cut))
        sums = np.array([weighted.sum_w, weighted.sum_w2], dtype="<f8").tobytes()
    return ExactAnswer(
        seq=seq,
        state=state,
        selections=tuple(found),
        counts=counts.tobytes(),
        backdrop=backdrop,
        reweighted=sums,
    )


def _auc(study: Study, rows: Mapping[SampleName, NDArray[np.int64]]) -> float | None:
    """AUC of the events in some rows of both samples; None where one has none."""
    if not all(part.size for part in rows.values()):
        return None
    ref, gen = (log_w[rows[s]] for s, log_w in zip(SAMPLES, study.log_w, strict=True))
    v_ref, v_gen = (
        None if v is None else v[rows[s]] for s, v in zip(SAMPLES, study.event_weights, strict=True)
    )
    return auc(ref, gen, event_weights=(v_ref, v_gen))


def _with(selection: Selection, cut: tuple[Cut, ...]) -> Selection:
    return replace(selection, cuts=selection.cuts + cut)


def totals(study: Study, sample: SampleName, selection: Selection) -> Totals:
    """Events, effective size and events that this leaves out (w = 0 or inf), of one sample.

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
    return Totals(
        n=int(log_w.size),
        n_eff=finite(size),
        left=int(log_w.size - good.size),
    )
