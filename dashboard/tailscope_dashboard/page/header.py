"""Header: what is shown, how well it can be told apart, and whether that can be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import panel as pn
import param

from tailscope.study.study import Study
from tailscope.trust import Check
from tailscope_dashboard.look.style import CSS
from tailscope_dashboard.parts.base import markup, text_pane
from tailscope_dashboard.parts.lights import Lamp
from tailscope_dashboard.parts.link import LinkButton
from tailscope_dashboard.parts.steps import StepButtons
from tailscope_dashboard.parts.verdict import found
from tailscope_dashboard.share.button import ShareButton
from tailscope_dashboard.state.state import State


class Header:
    """Study, samples and sizes, AUC, calibration; a choice of studies, light and dark; and the note."""

    def __init__(self, state: State, tabs: Sequence[str]) -> None:
        self.state = state
        self._title = text_pane(
            sizing_mode="stretch_width",
            margin=(6, 10, 2, 14),
            styles={"flex": "1 1 300px", "min-width": "min(300px, calc(100vw - 28px))"},
        )
        self._numbers = text_pane(margin=(6, 6, 6, 14), align="center")
        self._note = text_pane(sizing_mode="stretch_width", margin=0)
        look: dict[str, Any] = {"align": "center", "css_classes": ["ts-widget"], "stylesheets": [CSS]}
        self._dark = pn.widgets.Toggle(label="dark", value=state.dark, width=56, margin=(4, 14, 4, 4), **look)
        self._dismiss = pn.widgets.Button(label="×", width=36, margin=4, **look)
        self._bar = pn.Row(
            self._note,
            self._dismiss,
            css_classes=["ts-note"],
            stylesheets=[CSS],
            sizing_mode="stretch_width",
            visible=False,
        )
        self._choice = pn.widgets.Select(
            options={f"{i + 1}. {study.name}": i for i, study in enumerate(state.studies)},
            value=state.studies.index(state.study),
            width=180,
            margin=(4, 6, 4, 14),
            visible=len(state.studies) > 1,
            **look,
        )
        self._lamp = Lamp(state, align="center", margin=(4, 6))
        self._buttons = (StepButtons(state, tabs), LinkButton(state), ShareButton(state))
        self._dark.link(state, value="dark", bidirectional=True)
        self._dismiss.on_click(self._clear)
        self._choice.param.watch(self._on_choice, "value")
        state.param.watch(self._on_study, "study")
        state.param.watch(self._on_checks, ["checks", "view"])
        state.param.watch(self._on_note, "note")
        self._on_study()
        self._on_checks()
        self._on_note()

    def content(self) -> pn.viewable.Viewable:
        """A row, and below it the note when there is one."""
        row = pn.Row(
            self._title,
            self._choice,
            self._numbers,
            self._lamp,
            *self._buttons,
            self._dark,
            css_classes=["ts-header"],
            stylesheets=[CSS],
            sizing_mode="stretch_width",
        )
        return pn.Column(row, self._bar, sizing_mode="stretch_width", margin=0)

    def _clear(self, event: param.parameterized.Event) -> None:
        del event
        self.state.note = ""

    def _on_choice(self, event: param.parameterized.Event) -> None:
        self.state.show(self.state.studies[event.new])

    def _on_study(self, *events: param.parameterized.Event) -> None:
        del events
        study = self.state.study
        self._title.object = _title(study)
        self._choice.value = self.state.studies.index(study)

    def _on_checks(self, *events: param.parameterized.Event) -> None:
        del events
        self._numbers.object = _numbers(
            {check.name: check for check in self.state.checks}, bool(self.state.slice)
        )

    def _on_note(self, *events: param.parameterized.Event) -> None:
        del events
        self._note.object = f'<span role="alert">{markup(self.state.note)}</span>'
        self._bar.visible = bool(self.state.note)


def _title(study: Study) -> str:
    ref, gen = study.reference, study.generated
    return (
        f'<h1 class="ts-title">{markup(study.name)}</h1>'
        '<div class="ts-samples"><span><i class="ts-swatch ts-reference"></i>'
        f'reference <b title="{markup(ref.name)}">{markup(ref.name)}</b>, {len(ref):,} events</span>'
        '<span><i class="ts-swatch ts-generated"></i>'
        f'generated <b title="{markup(gen.name)}">{markup(gen.name)}</b>, {len(gen):,} events</span></div>'
    )


def _numbers(checks: Mapping[str, Check], sliced: bool) -> str:
    of = " of all events" if sliced else ""
    cells = [
        ("AUC", "auc", "error: of a null pair of these sizes"),
        ("calibration", "calibration", "counted against promised events in bins of w"),
    ]
    return '<div class="ts-chips">' + "".join(
        f'<div class="ts-chip" title="{markup(title)}">'
        f"<span>{markup(label)}{of}</span>"
        f"<b>{markup(found(checks[name]) if name in checks else '…')}</b></div>"
        for label, name, title in cells
    ) + "</div>"  # fmt: skip
