"""Trust: whether the weights may be believed. A light a check, and the plots that show them."""

from __future__ import annotations

from typing import ClassVar

import panel as pn

from tailscope.study.study import Study
from tailscope.weights.null_band import rank_p, said_p
from tailscope_dashboard.parts.base import WRAP, View, half, text_pane
from tailscope_dashboard.parts.lights import CheckList, anchored
from tailscope_dashboard.state.state import State

from .calibration import calibration_figure
from .closure import closure_table
from .roc import roc_figure

FIT_WITH_BAND = (
    "<p>This study has no null band. <code>tailscope fit REF GEN -o STUDY --null-runs 20</code> adds it (20 "
    "refits with permuted labels): the weights that noise alone makes are then drawn behind the weight "
    "histogram, and each cut says how many events noise puts beyond it.</p>"
)


class Trust(View):
    """The checks that every weight plot should be seen with."""

    title: ClassVar[str] = "Trust"
    watches: ClassVar[tuple[str, ...]] = ("study", "dark")

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._checks = CheckList(state, sizing_mode="stretch_width", margin=(4, 4))
        self._plots = pn.Row(**WRAP, margin=(8, 0))
        self._closure = anchored(text_pane(sizing_mode="stretch_width"), "closure")
        self._null = text_pane(sizing_mode="stretch_width")

    def content(self) -> pn.viewable.Viewable:
        """Lights, two figures, a table."""
        return pn.Column(
            self._checks, self._plots, self._null, self._closure, sizing_mode="stretch_width", margin=0
        )

    def refresh(self) -> None:
        """Draw everything for the study that is shown; its lights come by themselves."""
        study, dark = self.state.study, self.state.dark
        self._plots[:] = [
            anchored(half(roc_figure(study, dark)), "roc"),
            anchored(half(calibration_figure(study, dark)), "calibration"),
        ]
        self._null.object = "<h3>Null band</h3>" + _null_words(study)
        self._closure.object = (
            "<h3>Closure: reweighted generated against reference</h3>"
            "<p>How far the bins of each histogram are off on average with the weights, and were before; "
            "noise is taken off. Worst first.</p>" + study.once(closure_table)
        )


def _null_words(study: Study) -> str:
    band = study.null
    if band is None:
        return FIT_WITH_BAND
    return (
        f"<p>{len(band)} refits with permuted labels have AUCs of {band.auc.mean():.4f} ± "
        f"{band.auc.std(ddof=1):.4f}; this study has {study.auc():.4f} "
        f"({said_p(rank_p(study.auc(), band.auc), len(band))}). Their weights are drawn behind the "
        "weight histogram of the wall, and the selections there say what noise puts beyond a cut.</p>"
    )
