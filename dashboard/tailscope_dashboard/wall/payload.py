"""What the wall is told once about a study: panels, weight histogram, and the events as sorted uint8 rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tailscope.record import finite, plain, typed
from tailscope.selection import SampleName
from tailscope.study.study import Study
from tailscope.weights.ends import single_ends
from tailscope.weights.events import SAMPLES
from tailscope.weights.spectrum import body_of, discrete_values, weight_counts, weight_edges
from tailscope.weights.tails import tail_cut
from tailscope_dashboard.state.beginning import default_selections
from tailscope_dashboard.state.overlays import counts_of, overlays_of, strangers_of
from tailscope_dashboard.state.view import View, states_of, usual

from .cube import cube_of
from .messages import WeightCounts
from .meta import Events, Meta, Overlaid, Panel, Presets, WeightHistograms
from .null_counts import null_of

MOST_ROWS = 60_000
"""Events of both samples together that are sent as rows; above that a coarse cube is sent."""


def data_of(
    study: Study,
    most_rows: int = MOST_ROWS,
    studies: Sequence[Study] = (),
) -> dict[str, Any]:
    """Parameters of the wall for a study: "meta", and "rows" or "cube".

    ``most_rows``: up to how many events are sent. ``studies``: all that are open; generated samples of the
    others are laid over this one's.
    """
    data = dict(study.once(_data_of, most_rows))
    if len(studies) > 1:
        overlays = [
            plain(
                Overlaid(
                    key=o.key,
                    label=o.label,
                    colour=o.colour,
                    n=len(o.study.generated),
                    counts=counts_of(study, o.study),
                )
            )
            for o in overlays_of(study, studies)
        ]
        data["meta"] = {**data["meta"], "overlays": overlays, "strangers": strangers_of(study, studies)}
    return data


def _data_of(study: Study, most_rows: int) -> dict[str, Any]:
    """Made once a study, whatever the number of visitors."""
    rows, cube, boundaries = b"", b"", None
    if len(study) <= most_rows:
        rows = rows_of(study)
    else:
        boundaries, cube = cube_of(study)
    meta = meta_of(study, len(rows) + len(cube), boundaries)
    return {"meta": plain(meta) | {"view": usual(View)}, "rows": rows, "cube": cube}


def meta_of(study: Study, size: int, cube: dict[SampleName, int] | None) -> Meta:
    """Everything about a study that the wall prints or scales its axes with.

    ``size``: bytes of its rows or of its cube. ``cube``: boundaries of each sample's cube; None with rows.
    """
    index = study.index("reference")
    edges = weight_edges(study)
    panels = []
    for observable in study.observables:
        if observable.name not in index.names:
            continue
        binning = index.slots.binnings[index.slots.number_of(observable.name)]
        below, above = study.once(single_ends, observable.name)
        panels.append(
            Panel(
                name=observable.name,
                label=observable.label,
                unit=observable.unit,
                edges=binning.edges.tolist(),
                scale=binning.scale,
                expression=observable.expression,
                seen=observable.seen,
                values=tuple(discrete_values(study, observable.name)),
                below=below,
                above=above,
            )
        )
    counts = {name: typed(weight_counts(study, name, edges), WeightCounts) for name in SAMPLES}
    return Meta(
        study=study.name,
        domain=study.domain,
        panels=tuple(panels),
        samples={name: Events(label=study.sample(name).name, n=len(study.sample(name))) for name in SAMPLES},
        weights=WeightHistograms(edges=edges.tolist(), body=body_of(study), **counts),
        presets=Presets(low=tail_cut(study, "low"), high=tail_cut(study, "high")),
        null=null_of(study, edges),
        auc=finite(study.auc()),
        auc_error=finite(study.auc_error()),
        mode="rows" if cube is None else "cube",
        bytes=size,
        cube=cube,
    )


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


def plain_selections(study: Study) -> list[dict[str, Any]]:
    """The selections that a page begins with, as the wall takes them."""
    return states_of(default_selections(study), (True, True))
