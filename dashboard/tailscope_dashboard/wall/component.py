"""Wall: every histogram of a study on one canvas that follows the cuts as they are dragged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from tailscope.errors import TailscopeError
from tailscope.study.study import Study
from tailscope_dashboard.figures import choice_of_view
from tailscope_dashboard.parts.message import message_of
from tailscope_dashboard.parts.modules import joined
from tailscope_dashboard.parts.saving import Shown, answer_in_background
from tailscope_dashboard.state.view import View, selection_of, understood

from .answers import exact_answer
from .cube import brush_cube, cut_cube
from .messages import (
    Answer,
    BrushAnswer,
    BrushQuestion,
    CubeAnswer,
    ExactQuestion,
    HelloAnswer,
    HelloQuestion,
    Question,
    Refusal,
    State,
    question_of,
)
from .payload import MOST_ROWS, data_of, plain_selections


class Wall(JSComponent):
    """The live heart of the page: weight histogram, table of selections, wall of histograms.

    ``selections`` (dicts of `tailscope.Selection.to_dict` and "visible"), ``active`` and ``view`` are the
    state: set from either side, written by the browser when a drag comes to rest. ``focus`` is the name of
    the observable that was clicked; it is "" in between, so that the same one can be clicked again.
    """

    meta = param.Dict(default={}, doc="What is drawn; see `payload.meta_of`.")
    rows = param.Bytes(default=b"", doc="Events sorted by weight; see `payload.rows_of`.")
    cube = param.Bytes(default=b"", doc="Coarse cumulative cubes of large studies; see `cube.cube_of`.")
    selections = param.List(default=[], item_type=dict, doc="Selections, in order.")
    active = param.Integer(default=0, bounds=(0, None), doc="Position of the active selection.")
    view = param.Dict(default={}, doc="How things are shown; see `state.view.View`.")
    focus = param.String(default="", doc="Observable that was asked for large.")
    verdict = param.Dict(default={}, doc="Lights of trust; see `verdict.plain_verdict`.")
    asked = param.String(default="", doc="What was asked for: a view of a check, trust; undo, redo.")
    aside = param.Boolean(default=False, doc="Whether only the weights and the selections are shown.")
    moving = param.Boolean(default=False, doc="Whether a drag goes on, which others follow.")
    elsewhere = param.Boolean(default=False, doc="Whether the last change was not made on the wall.")

    _esm = joined("wall/main.js")

    def __init__(
        self,
        study: Study,
        *,
        most_rows: int = MOST_ROWS,
        studies: Sequence[Study] = (),
        **params: Any,
    ) -> None:
        """See `payload.data_of` for ``most_rows`` and ``studies``."""
        self._study = study
        self._most_rows = most_rows
        self._studies = tuple(studies)
        self.places: Sequence[str | Path] = ()
        self._ready = False
        self._pending: dict[str, Any] = {}
        params.setdefault("selections", plain_selections(study))
        params.setdefault("sizing_mode", "stretch_both")
        params.setdefault("min_height", 600)
        super().__init__(**params, **data_of(study, most_rows, studies))

    @property
    def study(self) -> Study:
        """The study that is shown."""
        return self._study

    def push(self, **changes: Any) -> None:
        """Set parameters from Python, now or as soon as a browser has drawn the wall.

        A change sent before the view's channel is open is lost and can desynchronise the view.
        """
        if self._ready:
            self.param.update(**changes)
        else:
            self._pending |= changes

    def show(self, study: Study, *, studies: Sequence[Study] | None = None) -> None:
        """Show another study with the same selections; ``studies`` as in the beginning where it is None."""
        self._study = study
        if studies is not None:
            self._studies = tuple(studies)
        self.push(**data_of(study, self._most_rows, self._studies))

    def _handle_msg(self, data: Any) -> None:
        if isinstance(data, dict) and data.get("ask") == "save":
            answer_in_background(self, data, self._shown())
            return
        # Whoever asked waits for an answer, also for one that says why there is none.
        try:
            answer = self._answer(question_of(data))
        except TailscopeError as error:
            answer = Refusal(sentence=str(error))
        self._send_msg(message_of(answer))

    def _shown(self) -> Shown:
        """What is on the screen, for whoever saves it."""
        study, view = self._study, understood(self.view, View)
        selections = [selection_of(s) for s in self.selections if s.get("visible", True)]
        return Shown(
            study,
            choice_of_view(study, self._studies, selections, view.within, view),
            ["w", *(o.name for o in study.observables if o.name not in view.hidden)],
            places=self.places,
        )

    def _answer(self, question: Question) -> Answer:
        if isinstance(question, HelloQuestion):
            self._greet()
            return HelloAnswer()
        study = self._study
        if isinstance(question, ExactQuestion):
            state = question.state or self._state()
            return exact_answer(study, state, question.seq, reweighted=question.reweighted)
        kind, found = (
            (BrushAnswer, brush_cube(study, question.selection, question.within, question.observable))
            if isinstance(question, BrushQuestion)
            else (CubeAnswer, cut_cube(study, question.selection, question.within))
        )
        return kind(key=question.key, sample=question.sample, **found)

    def _state(self) -> State:
        """What the browser wrote down last: Panel takes that in before any message that follows it."""
        return State(
            selections=tuple(selection_of(plain) for plain in self.selections),
            slice=understood(self.view, View).slice,
        )

    def _greet(self) -> None:
        """A view has drawn itself: give it what waited, and every view the present state.

        A second view of the same wall may have missed changes while it was being opened.
        """
        pending, self._pending = self._pending, {}
        if self._ready:
            self.param.trigger("selections", "active", "view", "verdict")
        self._ready = True
        self.param.update(**pending)
