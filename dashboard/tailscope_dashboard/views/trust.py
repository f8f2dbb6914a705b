"""Trust: whether the weights may be believed. A light a check, and the plots that show them."""

from __future__ import annotations

from typing import ClassVar

import panel as pn

from tailscope_dashboard.parts.base import WRAP, View, half, text_pane
from tailscope_dashboard.parts.lights import CheckList, anchored
from tailscope_dashboard.state.state import State

from .calibration import calibration_figure
from .closure import closure_table
from .null_runs import NullRunsPanel
from .roc import roc_figure


class Trust(View):
    """The checks that every weight plot should be seen with."""

    title: ClassVar[str] = "Trust"
    watches: ClassVar[tuple[str, ...]] = ("study", "dark")

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._checks = CheckList(state, sizing_mode="stretch_width", margin=(4, 4))
        self._plots = pn.Row(**WRAP, margin=(8, 0))
        self._closure = anchored(text_pane(sizing_mode="stretch_width"), "closure")
        self._null = NullRunsPanel(state)

    def content(self) -> pn.viewable.Viewable:
        """Lights, two figures, a table."""
        return pn.Column(
            self._checks,
            self._plots,
            self._null.content(),
            self._closure,
            sizing_mode="stretch_width",
            margin=0,
        )

    def refresh(self) -> None:
        """Draw everything for the study that is shown; its lights come by themselves."""
        study, dark = self.state.study, self.state.dark
        self._plots[:] = [
            anchored(half(roc_figure(study, dark)), "roc"),
            anchored(half(calibration_figure(study, dark)), "calibration"),
        ]
        self._null.refresh()
        self._closure.object = (
            "<h3>Closure: reweighted generated against reference</h3>"
            "<p>How far the bins of each histogram are off on average with the weights, and were before; "
            "noise is taken off. Worst first.</p>" + study.once(closure_table)
        )
