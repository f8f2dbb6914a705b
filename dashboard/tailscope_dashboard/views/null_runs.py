"""The null band of the study that is shown: what it says, and a button that makes its runs."""

from __future__ import annotations

from typing import Any

import panel as pn
import param

from tailscope.fitting.null_runs import FEWEST_RUNS
from tailscope.study.study import Study
from tailscope.weights.null_band import rank_p, said_p
from tailscope_dashboard.look.style import CSS
from tailscope_dashboard.parts.background.null_runs import MOST, USUAL, Seen, null_runs_of, refusal_of
from tailscope_dashboard.parts.base import markup, text_pane
from tailscope_dashboard.parts.trouble import Guarded
from tailscope_dashboard.state.judge import when_done
from tailscope_dashboard.state.state import State

NO_BAND = (
    "<p>This study has no null runs: refits with permuted labels, whose weights are those that noise alone "
    "makes. They are then drawn behind the weight histogram of the wall, each cut says how many events noise "
    "puts beyond it, and the lights of AUC and tails are set by them.</p>"
)

ROOM = {"min-height": "44px", "display": "flex", "align-items": "center", "flex": "1 1 280px"}
"""For two lines, so that nothing below moves when runs begin."""


class NullRunsPanel:
    """Words about the band; how many runs more, the button, and how far they are."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._study: Study | None = None
        self._refusal: str | None = None
        look: dict[str, Any] = {"css_classes": ["ts-widget"], "stylesheets": [CSS], "margin": (6, 4)}
        self._words = text_pane(sizing_mode="stretch_width")
        # The button beside it says to the eye what the number is of.
        named = look | {"css_classes": ["ts-widget", "ts-spoken"]}
        self._more = pn.widgets.IntInput(
            label="how many null runs", value=USUAL, start=FEWEST_RUNS, end=MOST, step=1, width=76, **named
        )
        self._start = pn.widgets.Button(label="Null runs", width=140, **look)
        self._cancel = pn.widgets.Button(label="cancel", width=80, visible=False, **look)
        self._status = text_pane(sizing_mode="stretch_width", margin=(4, 8), styles=ROOM)
        self._start.on_click(self._on_start)
        self._cancel.on_click(self._on_cancel)
        state.param.watch(self._on_seen, "null_runs")

    def content(self) -> pn.viewable.Viewable:
        """Words, and a row below them."""
        row = pn.FlexBox(
            self._more,
            self._start,
            self._cancel,
            self._status,
            align_items="center",
            sizing_mode="stretch_width",
            margin=(2, 6),
        )
        return pn.Column(self._words, row, sizing_mode="stretch_width", margin=0)

    def refresh(self) -> None:
        """Tell of the study that is shown, and look whether its runs can be made."""
        study = self._state.study
        self._words.object = "<h3>Null band</h3>" + _words(study)
        if study is not self._study:
            self._study, self._refusal = study, None
            found = refusal_of(study, self._state.places)

            def tell() -> None:
                if self._study is study:
                    self._refusal = found.result()
                    self._on_seen()

            when_done(found, tell)
        self._on_seen()

    def _on_start(self, event: param.parameterized.Event) -> None:
        del event
        runs = null_runs_of(self._state.study)
        with Guarded() as guarded:
            runs.start(self._more.value, self._state.places)
        self._state.null_runs = runs.seen
        if guarded.sentence:
            self._status.object = _sentence(guarded.sentence)

    def _on_cancel(self, event: param.parameterized.Event) -> None:
        del event
        runs = null_runs_of(self._state.study)
        runs.cancel()
        self._state.null_runs = runs.seen

    def _on_seen(self, *events: param.parameterized.Event) -> None:
        del events
        study, seen = self._state.study, null_runs_of(self._state.study).seen
        can_start = self._refusal == "" and not seen.is_busy
        self._start.param.update(
            label="Null runs" if study.null is None else "More null runs", disabled=not can_start
        )
        self._more.param.update(start=FEWEST_RUNS if study.null is None else 1, disabled=not can_start)
        self._cancel.param.update(visible=seen.is_busy, disabled=seen.phase == "stopping")
        self._status.object = status_of(study, seen, self._refusal)


def _words(study: Study) -> str:
    band = study.null
    if band is None:
        return NO_BAND
    return (
        f"<p>{len(band)} null runs: refits with permuted labels, with AUCs of {band.auc.mean():.4f} ± "
        f"{band.auc.std(ddof=1):.4f}; this study has {study.auc():.4f} "
        f"({said_p(rank_p(study.auc(), band.auc), len(band))}). Their weights are drawn behind the "
        "weight histogram of the wall, and the selections there say what noise puts beyond a cut.</p>"
    )


def status_of(study: Study, seen: Seen, refusal: str | None) -> str:
    """HTML of how it stands, and of what a click would do or why it cannot."""
    if seen.phase == "running":
        return _bar(seen) + f"<p>{_going(seen)}</p>"
    if seen.phase == "stopping":
        return _bar(seen) + "<p>stopping …</p>"
    if refusal is None:
        return "<p>looking for the samples …</p>"
    if refusal:
        return _sentence(f"Null runs cannot be made here: {refusal}")
    if seen.phase == "failed":
        return _sentence(f"No null runs were made: {seen.sentence}")
    if seen.phase == "stopped":
        return (
            "<p>Stopped: the study is as it was. Runs that were finished are kept in the cache and need not "
            "be made again.</p>"
        )
    return f"<p>{_price(study)}</p>"


def _going(seen: Seen) -> str:
    if seen.share == 0:
        return f"{seen.more} null runs: reading the samples …"
    if seen.share == 1:
        return f"{seen.more} null runs: writing the study …"
    left = "" if seen.seconds_left is None else f", about {_time(seen.seconds_left)} left"
    return f"{seen.more} null runs: {seen.share:.0%}{left}"


def _price(study: Study) -> str:
    """What a run costs, where the study says what its own fit took."""
    seconds = study.provenance.seconds
    took = "" if seconds is None else f", which took {_time(seconds)}"
    return f"Each is a fit as long as the study's own{took}; it goes on while you look at other tabs."


def _time(seconds: float) -> str:
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(1, round(seconds))} s"


def _bar(seen: Seen) -> str:
    percent = round(100 * seen.share)
    return (
        f'<div class="ts-progress" role="progressbar" aria-label="null runs" aria-valuenow="{percent}">'
        f'<i style="width: {percent}%"></i></div>'
    )


def _sentence(text: str) -> str:
    return f'<p class="ts-doubt" role="alert">{markup(text.rstrip("."))}.</p>'
