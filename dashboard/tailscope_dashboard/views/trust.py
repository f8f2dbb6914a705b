"""Trust: whether the weights may be believed. ROC, calibration, closure, and the doubts in words."""

from __future__ import annotations

from typing import ClassVar

import panel as pn

from tailscope_dashboard.state import State
from tailscope_dashboard.summary import Summary, summarise

from .base import View, markup, table, text_pane
from .calibration import calibration_figure
from .closure import closure_table
from .roc import roc_figure


class Trust(View):
    """The checks that every weight plot should be seen with."""

    title: ClassVar[str] = "Trust"
    watches: ClassVar[tuple[str, ...]] = ("study", "dark")

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._words = text_pane(sizing_mode="stretch_width")
        self._plots = pn.Row(sizing_mode="stretch_width")
        self._closure = text_pane(sizing_mode="stretch_width")

    def content(self) -> pn.viewable.Viewable:
        """Words, two figures, a table."""
        return pn.Column(self._words, self._plots, self._closure, sizing_mode="stretch_width")

    def refresh(self) -> None:
        """Compute everything for the study that is shown."""
        study, dark = self.state.study, self.state.dark
        self._words.object = _words(summarise(study), len(study.generated))
        self._plots[:] = [
            pn.pane.Bokeh(plot, sizing_mode="stretch_width")
            for plot in (roc_figure(study, dark), calibration_figure(study, dark))
        ]
        self._closure.object = (
            "<h3>Closure: reweighted generated against reference</h3>"
            "<p>About 1 per degree of freedom where the weights repair the generated sample; worst first.</p>"
            + closure_table(study)
        )


def _words(found: Summary, n_generated: int) -> str:
    doubts = "".join(f"<li>{markup(doubt)}</li>" for doubt in found.doubts)
    verdict = (
        f'<p class="ts-doubt"><b>Look twice:</b></p><ul class="ts-doubt">{doubts}</ul>'
        if doubts
        else '<p class="ts-good-words">Nothing speaks against these weights.</p>'
    )
    return verdict + table(
        (),
        [
            (
                "mean w over generated",
                f"{found.mean_w:.3f} ± {found.mean_w_error:.3f}",
                "the reference's mass where something is generated: 1 on common support",
            ),
            (
                "mean 1/w over reference",
                f"{found.mean_inverse:.3f} ± {found.mean_inverse_error:.3f}",
                "the generated mass where there is reference: 1 on common support",
            ),
            (
                "effective size, reweighted",
                f"{found.effective:,.0f}",
                f"of {n_generated:,} generated events: (sum w)²/(sum w²)",
            ),
            (
                "w = 0, w = ∞",
                f"{found.zero:,}, {found.infinite:,}",
                "generated and reference events off the scale",
            ),
        ],
    )
