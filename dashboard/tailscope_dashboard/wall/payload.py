"""What the wall is told once about a study: panels, weight histogram, and the events as sorted uint8 rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.counting.binning import OVERFLOW, UNDEFINED
from tailscope.selection import SampleName
from tailscope.study.study import Study
from tailscope.weights.events import SAMPLES
from tailscope.weights.tails import tail_cut
from tailscope_dashboard.state.beginning import default_selections
from tailscope_dashboard.state.overlays import counts_of, overlays_of, strangers_of

from .cube import cube_of
from .null_counts import null_of

MOST_ROWS = 60_000
"""Events of both samples together that are sent as rows; above that a coarse cube is sent."""

WEIGHT_BINS = 120
DISCRETE = 12
LN10 = math.log(10)


def data_of(
    study: Study,
    ranks: Mapping[str, int] | None = None,
    most_rows: int = MOST_ROWS,
    studies: Sequence[Study] = (),
) -> dict[str, Any]:
    """Parameters of the wall for a study: "meta", and "rows" or "cube".

    ``ranks``: observable -> position when ordered by rank. ``most_rows``: up to how many events are sent.
    ``studies``: all that are open; the generated samples of the others are laid over this one's.
    """
    data = dict(_data_of(study, most_rows))
    if len(studies) > 1:
        overlays = [
            {"key": o.key, "label": o.label, "colour": o.colour, "n": len(o.study.generated)}
            | {"counts": counts_of(study, o.study)}
            for o in overlays_of(study, studies)
        ]
        data["meta"] = {**data["meta"], "overlays": overlays, "strangers": strangers_of(study, studies)}
    if ranks:
        panels = [{**panel, "rank": ranks.get(panel["name"])} for panel in data["meta"]["panels"]]
        data["meta"] = {**data["meta"], "panels": panels}
    return data


@lru_cache(maxsize=8)
def _data_of(study: Study, most_rows: int) -> dict[str, Any]:
    """Made once a study, whatever the number of visitors."""
    meta = meta_of(study)
    meta["mode"] = "rows" if len(study) <= most_rows else "cube"
    rows, cube = b"", b""
    if meta["mode"] == "rows":
        rows = rows_of(study)
    else:
        meta["cube"], cube = cube_of(study)
    meta["bytes"] = len(rows) + len(cube)
    return {"meta": meta, "rows": rows, "cube": cube}


def meta_of(study: Study) -> dict[str, Any]:
    """Everything about a study that the wall prints or scales its axes with; plain JSON data."""
    index = study.index("reference")
    edges = weight_edges(study)
    panels = []
    for observable in study.observables:
        if observable.name not in index.names:
            continue
        binning = index.binnings[index.number_of(observable.name)]
        panel: dict[str, Any] = {
            "name": observable.name,
            "label": observable.label,
            "unit": observable.unit,
            "edges": binning.edges.tolist(),
            "scale": binning.scale,
            "expression": observable.expression,
            "seen": observable.seen,
        }
        values = _discrete_values(study, observable.name)
        if values:
            panel["values"] = values
        panels.append(panel)
    return {
        "study": study.name,
        "domain": study.domain,
        "panels": panels,
        "samples": {
            name: {"label": study.sample(name).name, "n": len(study.sample(name))} for name in SAMPLES
        },
        "weights": {"edges": edges.tolist()} | {name: weight_counts(study, name, edges) for name in SAMPLES},
        "presets": {"low": tail_cut(study, "low"), "high": tail_cut(study, "high")},
        "null": null_of(study, edges),
        "auc": finite(study.auc()),
        "auc_error": finite(study.auc_error()),
    }


def rows_of(study: Study) -> bytes:
    """Pack reference, then generated: float64 log_w[n] ascending, uint8 codes[n_obs, n] in that order."""
    parts = []
    for name in SAMPLES:
        index = study.index(name)
        parts += [
            np.ascontiguousarray(index.log_w, "<f8").tobytes(),
            np.ascontiguousarray(index.codes).tobytes(),
        ]
    return b"".join(parts)


def weight_edges(study: Study) -> NDArray[np.float64]:
    """Edges of the weight histogram in log10 w: float64[WEIGHT_BINS + 1] over all finite weights."""
    ends = []
    for name in SAMPLES:
        log_w = study.index(name).log_w
        first, last = (
            np.searchsorted(log_w, [-np.inf, np.inf], side="right")[0],
            np.searchsorted(log_w, np.inf),
        )
        if last > first:
            ends += [log_w[first], log_w[last - 1]]
    low, high = (min(ends) / LN10, max(ends) / LN10) if ends else (0.0, 0.0)
    # Half a decade at least, so that equal weights still have an axis; 30 decades at most.
    low, high = max(low, -15.0), min(high, 15.0)
    if high - low < 0.5:
        low, high = (low + high) / 2 - 0.25, (low + high) / 2 + 0.25
    margin = 0.01 * (high - low)
    return np.linspace(
        math.floor((low - margin) * 20) / 20, math.ceil((high + margin) * 20) / 20, WEIGHT_BINS + 1
    )


def weight_counts(
    study: Study, sample: SampleName, edges: NDArray[np.float64], rows: NDArray[np.int64] | None = None
) -> dict[str, Any]:
    """Events per bin of log10 w, with those of w = 0 and w = inf apart; of some rows of the file, or of all.

    Finite weights beyond the edges count in the outermost bins.
    """
    log_w = study.index(sample).log_w if rows is None else np.sort(study.log_weights(sample)[rows])
    first, last = int(np.searchsorted(log_w, -np.inf, side="right")), int(np.searchsorted(log_w, np.inf))
    at = np.searchsorted(log_w, edges * LN10)
    at[0], at[-1] = first, last
    return {"counts": np.diff(at).tolist(), "zero": first, "infinite": log_w.size - last}


def plain_selections(study: Study) -> list[dict[str, Any]]:
    """The selections that a page begins with, as the wall takes them."""
    return [tail.to_dict() | {"visible": True} for tail in default_selections(study)]


def finite(value: float) -> float | None:
    """JSON knows no NaN."""
    return float(value) if math.isfinite(value) else None


def _discrete_values(study: Study, name: str) -> list[list[float]]:
    """(code, value) of an observable whose bins each hold one single value, and few do; else nothing."""
    codes = set()
    for sample in SAMPLES:
        index = study.index(sample)
        counts = index.everything.counts[index.offsets[index.number_of(name)] :]
        n_bins = len(index.binnings[index.number_of(name)])
        codes |= set((np.flatnonzero(counts[1 : n_bins + 1]) + 1).tolist())
    if not 1 < len(codes) <= DISCRETE:
        return []
    index = study.index("reference")
    binning = index.binnings[index.number_of(name)]
    values = np.unique(study.reference.observables[name])
    coded = binning.digitise(values)
    inside = (coded != UNDEFINED) & (coded != OVERFLOW) & (coded != 0)
    if np.unique(coded[inside]).size != inside.sum():
        return []
    return [[int(code), float(value)] for code, value in zip(coded[inside], values[inside], strict=True)]
