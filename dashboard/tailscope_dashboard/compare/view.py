"""Compare: the studies that are open, side by side."""

from __future__ import annotations

from typing import ClassVar

import panel as pn
import param

from tailscope.comparing.compare import Comparison, as_series, compare
from tailscope.weights.events import SAMPLES
from tailscope_dashboard.parts.base import WRAP, View, half, markup, text_pane
from tailscope_dashboard.state.state import State
from tailscope_dashboard.views.weights_figure import series_figures, weights_figure

from .table import StudyTable, columns_of, rows_of

BY_AUC = 1
MOST_DRAWN = 8
"""Studies whose weights are drawn over each other; beyond, colours would come again."""


class Compare(View):
    """Table, weights of all studies on shared axes, and tails by epoch where the studies are a series."""

    title: ClassVar[str] = "Compare"
    watches: ClassVar[tuple[str, ...]] = ("study", "studies", "dark")

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.words = text_pane(sizing_mode="stretch_width")
        self.table = StudyTable(label="studies", order=BY_AUC, sizing_mode="stretch_width", margin=(4, 8))
        self._found: Comparison | None = None
        self._weights, self._series = pn.Row(**WRAP), pn.Row(**WRAP)
        self.table.param.watch(self._on_row, "active")

    def content(self) -> pn.viewable.Viewable:
        """Words, table, figures."""
        return pn.Column(
            self.words, self.table, self._weights, self._series, sizing_mode="stretch_width", margin=0
        )

    def refresh(self) -> None:
        """Mark the study that is shown, and draw in the colours of the page."""
        state = self.state
        found = self._comparison()
        self.words.object = _words(found)
        self.table.param.update(
            columns=columns_of(found),
            rows=rows_of(found, state.dark),
            active=state.studies.index(state.study),
            dark=state.dark,
        )
        drawn = state.studies[:MOST_DRAWN]
        self._weights[:] = [
            half(weights_figure(drawn, sample, state.study, state.dark)) for sample in SAMPLES[::-1]
        ]
        if found.rows[0].step is not None:
            plots = series_figures(as_series(found), (found.cuts["low"], found.cuts["high"]), state.dark)
            self._series[:] = [half(plot) for plot in plots]

    def _comparison(self) -> Comparison:
        """Of the studies that are open; it is made again, with lights that take long, for others alone."""
        studies = self.state.studies
        if self._found is None or any(
            row.study is not study for row, study in zip(self._found.rows, studies, strict=True)
        ):
            self._found = compare(studies)
        return self._found

    def _on_row(self, event: param.parameterized.Event) -> None:
        self.state.show(self.state.studies[event.new])


def _words(found: Comparison) -> str:
    more = len(found.rows) - MOST_DRAWN
    remarks = [
        *found.remarks,
        *(
            [f"The weights of the first {MOST_DRAWN} studies are drawn, {more} are in the table only."]
            * (more > 0)
        ),
    ]
    reference = found.rows[0].study.reference
    return (
        f"<h3>{len(found.rows)} studies against {markup(reference.name)}, {len(reference):,} events</h3>"
        + "".join(f'<p class="ts-doubt">{markup(sentence)}</p>' for sentence in remarks)
    )
