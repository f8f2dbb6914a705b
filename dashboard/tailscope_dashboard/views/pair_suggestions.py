"""Pairs that are worth a look: found in a thread while the page is open, shown as buttons."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import panel as pn

from tailscope.study.study import Study
from tailscope.weights.pair_ranking import PairRanking, Ranked, pair_ranking
from tailscope_dashboard.look.style import CSS
from tailscope_dashboard.parts.base import markup, text_pane
from tailscope_dashboard.state.judge import when_done
from tailscope_dashboard.state.view import Colour

MOST = 5

_worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pairs")


class Suggestions:
    """The pairs of the study that is shown whose joint closure is worst, and where w sees most.

    Parameters
    ----------
    choose: is called with the pair and what to colour.

    """

    def __init__(self, choose: Callable[[tuple[str, str], Colour], None]) -> None:
        self._choose = choose
        self._study: Study | None = None
        self.column = pn.Column(sizing_mode="stretch_width", margin=0)

    def show(self, study: Study) -> None:
        """Look for those of a study, once for all pages; buttons come when they are found."""
        if study is self._study:
            return
        self._study = study
        future = study.once(_ask)
        if not future.done():
            self.column[:] = [text_pane("<p>looking for pairs …</p>")]

        def tell() -> None:
            if self._study is study:
                self._fill(future.result())

        when_done(future, tell)

    def _fill(self, found: PairRanking) -> None:
        missed, seen = found.suggested(MOST)
        self.column[:] = [
            *self._listed(
                "The weights miss", missed, "closure", "of no pair more than noise",
                lambda one: f"bins off by {one.size:.1%}",
            ),
            *self._listed(
                "The weights see", seen, "log_w", "of no pair more than each observable says alone",
                lambda one: f"log w varies by {one.size:.2g}",
            ),
            text_pane(f"<p>{markup(_remark(found))}</p>"),
        ]  # fmt: skip

    def _listed(
        self,
        title: str,
        found: tuple[Ranked, ...],
        colour: Colour,
        nothing: str,
        told: Callable[[Ranked], str],
    ) -> list[pn.viewable.Viewable]:
        head = text_pane(f"<h3>{markup(title)}</h3>" + ("" if found else f"<p>{markup(nothing)}</p>"))
        look: dict[str, Any] = {"css_classes": ["ts-widget"], "stylesheets": [CSS], "margin": (2, 5)}
        buttons = []
        for one in found:
            label = f"{one.names[0][:28]}, {one.names[1][:28]}: {told(one)}"
            button = pn.widgets.Button(label=label, sizing_mode="stretch_width", **look)
            button.on_click(partial(self._on_click, one.names, colour))
            buttons.append(button)
        return [head, *buttons]

    def _on_click(self, names: tuple[str, str], colour: Colour, event: Any) -> None:
        del event
        self._choose(names, colour)


def _remark(found: PairRanking) -> str:
    """What was looked at, in words."""
    events = " + ".join(f"{n:,}" for n in found.events)
    return (
        f"Of {found.pairs:,} pairs in 8 × 8 bins of {events} events: what is in a pair beyond what either "
        "observable says alone. Slice and selections do not matter here."
    )


def _ask(study: Study) -> Future[PairRanking]:
    return _worker.submit(lambda: study.once(pair_ranking))
