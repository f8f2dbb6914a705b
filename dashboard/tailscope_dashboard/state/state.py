"""The one state object of a page: what is looked at. Views watch it and commit to it, never to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import param

from tailscope.errors import StudyError
from tailscope.selection import Cut, Selection
from tailscope.study.study import Study

from .beginning import default_selections, drawn_of
from .overlays import Overlay, overlays_of
from .view import View, understood


class State(param.Parameterized):
    """Studies, selections, focus. Values are replaced as a whole, never changed in place.

    A page has its own state; the studies in it are shared read-only with every other page.
    """

    studies = param.Parameter(default=(), doc="All studies that are open.")
    study = param.ClassSelector(class_=Study, doc="The one that is shown.")
    selections = param.List(item_type=Selection, doc="In the order of the legend.")
    visible = param.List(item_type=bool, doc="Which of them are drawn; as long as selections.")
    active = param.Integer(default=0, doc="Index of the selection that the cut handles move.")
    focus = param.String(doc="Name of the observable shown large.")
    focus_view = param.Dict(default={}, doc="How the tab Focus draws: plain data of `view.FocusView`.")
    view = param.Dict(default={}, doc="How the wall draws: plain data of `view.View`.")
    moving = param.Boolean(default=False, doc="Whether a selection is being dragged: no step of the history.")
    event = param.Dict(default={}, doc="What the tab Events looks at: plain data of `view.EventView`.")
    pair = param.Dict(default={}, doc="What the tab Pairs looks at: plain data of `view.PairView`.")
    places = param.Parameter(default=(), constant=True, doc="Files and folders where the events may be.")
    tab = param.String(default="Wall", doc="Title of the tab in front.")
    dark = param.Boolean(default=False, doc="Dark colours.")
    checks = param.Parameter(default=(), doc="`Study.checks` of the study; () until they are made.")
    null_runs = param.Parameter(default=None, doc="How it stands with null runs of the study that are made.")
    note = param.String(doc="What the reader must be told; plain text, empty for nothing.")
    history = param.Parameter(default=None, doc="What was shown before, a `History`; or None.")
    step = param.Integer(default=1, doc="Number of the history's present step.")

    def __init__(self, studies: Sequence[Study], **changes: Any) -> None:
        if not studies:
            raise StudyError("there is no study to show; `tailscope fit REF GEN -o STUDY` makes one")
        first = studies[0]
        super().__init__(
            studies=tuple(studies),
            study=first,
            selections=list(default_selections(first)),
            visible=[True, True],
            focus=first.observables[0].name,
            **changes,
        )

    @property
    def drawn(self) -> list[Selection]:
        """The selections that are not hidden, each with a colour."""
        return drawn_of(self.selections, self.visible)

    @property
    def overlays(self) -> tuple[Overlay, ...]:
        """Other studies of the same reference whose generated samples are drawn as well."""
        off = understood(self.view, View).overlays_off
        return tuple(o for o in overlays_of(self.study, self.studies) if o.key not in off)

    @property
    def slice(self) -> tuple[Cut, ...]:
        """The cut that everything shown has to pass, as long as there is one."""
        return understood(self.view, View).within

    def renew(self, study: Study, newer: Study) -> None:
        """Put a study in the place of an open one that it is the same as, and more is known of."""
        self.param.update(
            studies=tuple(newer if one is study else one for one in self.studies),
            study=newer if self.study is study else self.study,
        )

    def show(self, study: Study) -> None:
        """Show another study with the same selections; cuts on observables it does not have are dropped."""
        known = {o.name for o in study.observables}
        kept = [replace(s, cuts=tuple(c for c in s.cuts if c.observable in known)) for s in self.selections]
        gone = any(cut.observable not in known for cut in self.slice)
        view = {**self.view, "slice": None} if gone else self.view
        focus = self.focus if self.focus in known else study.observables[0].name
        event = {key: value for key, value in self.event.items() if key != "row"}
        self.param.update(study=study, selections=kept, focus=focus, view=view, event=event)
