"""Whether the classifier saw what it should: columns of a table that are bookkeeping, and those left out."""

from __future__ import annotations

import numpy as np

from tailscope.formats.roles import WORDS, role_of
from tailscope.sample.pairing import LEFT_OUT
from tailscope.weights.events import SPREAD
from tailscope.weights.pair import WeightedPair

from .light import Check, Light

VALUES = 10_000
"""Events by which the roles of columns are guessed."""


def check_columns(study: WeightedPair) -> Check | None:
    """Whether inputs of a table are counters, labels or the like, and whether both samples had the same ones.

    ``value`` is the number of such columns; None for events that are no tables.
    """
    if study.domain != "table":
        return None
    found = {
        o.name: WORDS[role]
        for o in study.observables
        if o.name != SPREAD and not o.expression and o.seen is not False
        for role in {
            role_of(o.name, np.asarray(events.observables[o.name][:VALUES]))
            for events in (study.reference, study.generated)
        }
        if role in WORDS
    }
    left = [remark for remark in study.provenance.remarks if remark.endswith(LEFT_OUT)]
    light: Light = "green"
    why, advice = "No column that is compared seems to be a counter, a label, an identifier or a weight", ""
    if found:
        light = "red"
        why = (
            f"The classifier saw {', '.join(f'{name} ({word})' for name, word in found.items())}, which "
            "tells samples apart without any physics"
        )
        advice = f"Leave it out (--drop {next(iter(found))}) and fit again"
    elif left:
        light = "amber"
        why = f"Only what both samples have was compared ({'; '.join(left)})"
        advice = "Write the same columns to both files: what is left out may differ without being seen"
    return Check("columns", "Columns", light, float(len(found)), 0.0, float("nan"), why, "provenance", advice)
