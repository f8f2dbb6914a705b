"""The table of studies: sorted by any column; a click on a row shows that study."""

from __future__ import annotations

from typing import Any

from tailscope.comparing.compare import Comparison, Row
from tailscope.trust import LIGHTS
from tailscope.weights.estimates import Estimate
from tailscope_dashboard.look.palette import colour_of
from tailscope_dashboard.parts.table import SortedTable


class StudyTable(SortedTable):
    """One row a study."""


def columns_of(found: Comparison) -> list[dict[str, str]]:
    """What the cells of `rows_of` are."""
    low, high = (f"{found.cuts[tail]:g}" for tail in ("low", "high"))
    said = "error: from fold to fold, that is from counting and from training to training"
    return [
        {"title": "study", "hint": "click a row to show that study in all tabs"},
        {"title": "AUC", "hint": f"0.5: cannot be told apart from the reference; {said}"},
        {"title": f"w < {low} [%]", "hint": f"low tail: part of the generated events; {said}"},
        {"title": f"w ≥ {high} [%]", "hint": f"high tail: part of the reference events; {said}"},
        {"title": "trust", "hint": "the worst of the lights in the tab Trust"},
        {"title": "calibration", "hint": "χ²/ndf of counted against promised events in bins of w"},
        {"title": "not closed", "hint": "observables that still differ from the reference once reweighted"},
        {"title": "fit [s]", "hint": "time of the fit, on the machine and device of the tab About"},
    ]


def rows_of(found: Comparison, dark: bool) -> list[dict[str, Any]]:
    """One row a study, as plain data."""
    return [
        {
            "number": number,
            "cells": _cells(row),
            "colour": colour_of(number, dark),
            "apart": not row.same_reference,
            "hint": f"digest {row.study.digest[:12]}"
            + ("" if row.same_reference else "; another reference: not to be set against the others"),
        }
        for number, row in enumerate(found.rows)
    ]


def _cells(row: Row) -> list[tuple[float | str | None, str]]:
    return [
        (row.label if row.step is None else float(row.step), row.label),
        (row.auc.value, _plus_minus(row.auc, 1, 4)),
        *((row.tails[tail].value, _plus_minus(row.tails[tail], 100, 2)) for tail in ("low", "high")),
        (float(LIGHTS.index(row.light)), row.light),
        (row.chi2 / row.ndf, f"{row.chi2:.0f}/{row.ndf}"),
        (float(row.open_observables), f"{row.open_observables} of {row.n_observables}"),
        (row.seconds, "not known" if row.seconds is None else f"{row.seconds:,.0f}"),
    ]


def _plus_minus(found: Estimate, scale: float, digits: int) -> str:
    return f"{scale * found.value:.{digits}f} ± {scale * found.error:.{digits}f}"
