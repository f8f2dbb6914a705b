"""Tables of values: of the events of a selection, and of one event beside its nearest reference event."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tailscope.study.study import Study
from tailscope_dashboard.look.palette import shown_colour
from tailscope_dashboard.parts.base import table

from .shown import ShownAverage, ShownEvent, quantile

PAGE = 300
"""Events that the table lists at a time."""
COLUMNS = 10
ODD = 0.025
"""Values below this quantile of the reference, or above 1 minus it, are marked."""


def number(value: float) -> str:
    """Four digits, or all before the point; a dash for what is undefined."""
    if math.isnan(value):
        return "–"
    return f"{value:.0f}" if 1e4 <= abs(value) < 1e7 else f"{value:.4g}".replace("-", "−").replace("inf", "∞")


def weight(log_w: float) -> str:
    """The weight exp(log_w), 0 and ∞ included, as large as log_w says."""
    if abs(log_w) > 700 and math.isfinite(log_w):
        return f"10^{log_w / math.log(10):.0f}".replace("-", "−")
    return number(math.exp(log_w))


def columns_of(study: Study) -> list[dict[str, str]]:
    """Titles of the list of events: names that permalinks and cuts use too."""
    return [
        {"title": "event", "hint": "number of the event in its sample"},
        {"title": "w", "hint": "weight p_reference/p_generated"},
        *({"title": o.name, "hint": f"{o.name} [{o.unit or '1'}]"} for o in study.observables[:COLUMNS]),
    ]


def rows_of(
    shown: ShownEvent | ShownAverage, place: int | None, dark: bool
) -> tuple[list[dict[str, Any]], int]:
    """The page of the list that holds ``place``, as plain data, and the place of its first row."""
    start = (place or 0) // PAGE * PAGE
    choice = shown.choice
    rows = shown.rows[start : start + PAGE]
    events = choice.study.sample(choice.sample)
    log_w = np.asarray(events.log_w)[rows]
    values = [np.asarray(events.observables[o.name])[rows] for o in choice.study.observables[:COLUMNS]]
    colour = shown_colour(choice.selection.colour or "#888888", dark)
    return [
        {
            "number": int(row),
            "cells": [
                (float(row), f"{row:,}"),
                (float(log_w[i]), weight(float(log_w[i]))),
                *((None if np.isnan(v[i]) else float(v[i]), number(float(v[i]))) for v in values),
            ],
            "colour": colour,
            "apart": False,
            "hint": "show this event",
        }
        for i, row in enumerate(rows.tolist())
    ], start


def comparison(shown: ShownEvent) -> str:
    """HTML table of every observable of the event, of its nearest reference event, and how usual it is."""
    choice = shown.choice
    study, nearest = choice.study, shown.nearest
    assert shown.event is not None
    own = study.sample(choice.sample)
    head: tuple[str, ...] = ("observable", "event", "nearest", "ref. below")
    lines: list[tuple[object, ...]] = []
    for o in study.observables:
        value = float(own.observables[o.name][shown.event])
        part = quantile(study, o.name, value)
        mark = " ◂" if part < ODD else " ▸" if part > 1 - ODD else ""
        lines.append(
            (
                f"{o.name} [{o.unit}]" if o.unit else o.name,
                number(value),
                "" if nearest is None else number(float(study.reference.observables[o.name][nearest.event])),
                "" if math.isnan(part) else f"{100 * part:.1f}%{mark}",
            )
        )
    return table(head, lines, "ts-numbers ts-lines")
