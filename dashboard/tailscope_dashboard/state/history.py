"""History of a page: what was shown before, so that it can be shown again.

Every change of what a link says is a step, also of which tab or observable is in front. Back and forward go
from step to step; undo and redo from one change of what is selected or set to the next, wherever it was made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import param

from .permalink import link_of
from .state import State

KEPT = ("study", "selections", "visible", "active", "focus", "view", "focus_view", "event", "pair", "tab")
"""What a link says, by the parameters of the state."""

PLACES = ("tab", "focus", "active")
"""Those that only say where somebody looks."""

ON_WALL = {"selections", "visible", "view"}
"""Those that the wall keeps steps of as well."""

MOST = 500


@dataclass(frozen=True)
class Step:
    """What was shown at one time.

    Attributes
    ----------
    number: of each one another.
    link: `permalink.link_of`; the same text for the same things.
    values: of the parameters `KEPT`; the study as its place among those that are open.
    what: the change that led here, in a few words; "" where only the place changed.
    on_wall: whether that was one of the wall's.

    """

    number: int
    link: str
    values: Mapping[str, Any]
    what: str = ""
    on_wall: bool = False

    @property
    def content(self) -> str:
        """What the link says but for places."""
        parts = (part for part in self.link.split("&") if part.partition("=")[0] not in PLACES)
        return "&".join(parts)


class History:
    """Steps of one `State`, from now on; made before its views, which then find it up to date."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._going = False
        self._made = 0
        self._steps = [self._now()]
        self._at = 0
        state.param.watch(self._on_change, [*KEPT, "moving"])
        state.history = self

    @property
    def step(self) -> Step:
        """The present one."""
        return self._steps[self._at]

    @property
    def undoes(self) -> str:
        """What `undo` would take back; "" for nothing."""
        at = self._last_change
        return "" if at is None else self._steps[at].what

    @property
    def undoes_on_wall(self) -> bool:
        """Whether that was done on the wall."""
        at = self._last_change
        return at is not None and self._steps[at].on_wall

    @property
    def redoes(self) -> str:
        """What `redo` would bring back; "" for nothing."""
        at = self._next_change
        return "" if at is None else self._steps[at].what

    def undo(self) -> None:
        """Show what was shown before the last change."""
        if self._last_change is not None:
            self._go(self._last_change - 1)

    def redo(self) -> None:
        """Show what the next change led to."""
        if self._next_change is not None:
            self._go(self._next_change)

    @property
    def _last_change(self) -> int | None:
        return next((at for at in range(self._at, 0, -1) if self._steps[at].what), None)

    @property
    def _next_change(self) -> int | None:
        return next((at for at in range(self._at + 1, len(self._steps)) if self._steps[at].what), None)

    def go(self, number: int) -> bool:
        """Show a step by its number; False where it is not kept any more."""
        at = next((at for at, step in enumerate(self._steps) if step.number == number), None)
        if at is not None:
            self._go(at)
        return at is not None

    def _go(self, at: int) -> None:
        self._at = at
        state, values = self._state, dict(self.step.values)
        values["study"] = state.studies[values["study"]]
        self._going = True
        try:
            state.param.update(**values)
        finally:
            self._going = False
        state.step = self.step.number

    def _on_change(self, *events: param.parameterized.Event) -> None:
        del events
        if self._going or self._state.moving:
            return
        new = self._now(self.step)
        if new.link == self.step.link:
            return
        # A browser undoes what was done on its wall at once, and tells of it afterwards.
        moved = self._neighbour(new)
        if moved is None:
            self._steps[self._at + 1 :] = [new]
            del self._steps[:-MOST]
            self._at = len(self._steps) - 1
        else:
            self._at = moved
            self._steps[moved] = replace(self.step, link=new.link, values=new.values)
        self._state.step = self.step.number

    def _neighbour(self, new: Step) -> int | None:
        """The step that undo or redo, Back or Forward would have led to, if that is what is shown now."""
        if new.content == self.step.content:
            near = [at for at in (self._at - 1, self._at + 1) if 0 <= at < len(self._steps)]
            return next((at for at in near if self._steps[at].link == new.link), None)
        last, following = self._last_change, self._next_change
        near = ([] if last is None else [last - 1]) + ([] if following is None else [following])
        return next((at for at in near if self._steps[at].content == new.content), None)

    def _now(self, before: Step | None = None) -> Step:
        """Make a step of what is shown; numbers are never used twice."""
        state = self._state
        values = {name: getattr(state, name) for name in KEPT}
        values["study"] = next(n for n, study in enumerate(state.studies) if study is state.study)
        self._made += 1
        changed = [
            name for name in KEPT if name not in PLACES and before and before.values[name] != values[name]
        ]
        what = _WORDS[changed[0]](before.values, values) if before and changed else ""
        return Step(self._made, link_of(state), values, what, ON_WALL.issuperset(changed))


def _selections(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    then, now = before["selections"], after["selections"]
    old, new = ([s.name for s in selections] for selections in (then, now))
    if len(new) < len(old):
        return f"deleted {_first(old, new)}"
    if len(new) > len(old):
        return f"added {_first(new, old)}"
    return f"changed {next(b.name for a, b in zip(then, now, strict=True) if a != b)}"


def _first(names: list[str], others: list[str]) -> str:
    return next((name for name in names if name not in others), names[-1])


def _view(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    old, new = before["view"], after["view"]
    return "the slice" if old.get("slice") != new.get("slice") else "how the wall is drawn"


_WORDS: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], str]] = {
    "study": lambda before, after: "another study",
    "selections": _selections,
    "visible": lambda before, after: "a selection shown or hidden",
    "view": _view,
    "focus_view": lambda before, after: "how the focus is drawn",
    "event": lambda before, after: "the event that is shown",
    "pair": lambda before, after: "the pair that is shown",
}
