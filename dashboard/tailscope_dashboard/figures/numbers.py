"""The numbers of figures as JSON in the schema of scikit-hep's uhi, which hist and boost-histogram read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tailscope.record import plain
from tailscope.study.study import Study
from tailscope.version import __version__
from tailscope_dashboard.state.view import json_safe

from .choice import Choice
from .content import Line, Panel

SCHEMA = 1


def json_of(study: Study, panels: Sequence[Panel], choice: Choice) -> bytes:
    """All curves of all panels: a JSON object of histograms, named "E_1/reference", "E_1/selection_1", ...

    Storage is "weighted": values and variances of underflow, bins and overflow, never normalised. What uhi
    has no place for is in ``metadata``: undefined entries, selections, the study's digest.

    ``json.load(file, object_hook=uhi.io.json.object_hook)`` and ``hist.Hist(data["E_1/reference"])`` read it.
    """
    found = {f"{p.name}/{line.key}": _histogram(study, p, line, choice) for p in panels for line in p.lines}
    return json.dumps(found, indent=1, allow_nan=False).encode()


def _histogram(study: Study, panel: Panel, line: Line, choice: Choice) -> dict[str, Any]:
    h = line.histogram
    under, over, undefined = h.outside_variances
    labels = {o.name: o.label for o in study.observables}
    about: dict[str, Any] = {
        "study": study.name,
        "digest": study.digest,
        "curve": line.kind,
        "undefined": h.undefined,
        "undefined_variance": undefined,
        # uhi's metadata are plain values: what has parts is JSON in a text.
        "within": json.dumps([json_safe(plain(cut)) for cut in choice.within]),
    }
    if line.kind == "selection":
        number = int(line.key.rpartition("_")[2])
        about["selection"] = json.dumps(json_safe(plain(choice.of(study)[number - 1])))
    return {
        "uhi_schema": SCHEMA,
        "writer_info": {"tailscope": {"version": __version__}},
        "axes": [
            {
                "type": "variable",
                "edges": h.edges.tolist(),
                "underflow": True,
                "overflow": True,
                "circular": False,
                "metadata": {"name": panel.name, "label": labels.get(panel.name, "w"), "unit": panel.unit},
            }
        ],
        "storage": {
            "type": "weighted",
            "values": [h.underflow, *h.values.tolist(), h.overflow],
            "variances": [under, *h.variances.tolist(), over],
        },
        "metadata": about,
    }
