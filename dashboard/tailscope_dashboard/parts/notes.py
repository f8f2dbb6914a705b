"""Notes on the page: the list, the form, and what each note was about; see `tailscope.notes`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import param
from panel.custom import JSComponent

from tailscope.selection import Cut, Selection
from tailscope.study import notes as kept
from tailscope.study.study import Study
from tailscope_dashboard.state.permalink import link_of, read
from tailscope_dashboard.state.state import State
from tailscope_dashboard.state.view import View, understood

from .modules import joined
from .trouble import Guarded


class NotesPanel(JSComponent):
    """Notes of the study that is shown. Every text stays a text: nothing here is parsed as HTML.

    Who writes is what the reader calls himself; his browser remembers it. There are no passwords, so that
    "own" notes are those of the same name.
    """

    notes = param.List(default=[], item_type=dict, doc="See `plain_notes`; newest first.")
    trouble = param.String(doc="What the reader must be told about the file.")
    can_write = param.Boolean(doc="Whether notes can be added.")
    about = param.List(default=[], item_type=str, doc="What is shown now, in words.")
    author = param.String(doc="Who writes, where the browser does not know better.")
    dark = param.Boolean(doc="Dark colours.")

    _esm = joined("parts/notes.js")

    def __init__(self, state: State, **params: Any) -> None:
        super().__init__(author=kept.user_name(), dark=state.dark, **params)
        self._state = state

    def refresh(self) -> None:
        """Bring everything up to date with the state and the file."""
        state = self._state
        found = kept.read(state.study)
        self.param.update(
            notes=plain_notes(found, state.studies, state.study),
            trouble=found.trouble,
            can_write=found.can_write,
            about=[words_of(selection) for selection in state.drawn] + [words_of_cut(c) for c in state.slice],
            dark=state.dark,
        )

    def _handle_msg(self, data: Any) -> None:
        if not isinstance(data, dict):
            return
        with Guarded() as guarded:
            self._do(data)
        self.refresh()
        if data.get("ask") != "reload":
            self._send_msg({"answer": data.get("ask"), "sentence": guarded.sentence or ""})

    def _do(self, data: dict[str, Any]) -> None:
        state = self._state
        text, author, note_id = (str(data.get(key, "")) for key in ("text", "author", "id"))
        if data.get("ask") == "add":
            kept.add(state.study, text, author, shown_link(state))
        elif data.get("ask") == "edit":
            kept.edit(state.study, note_id, text, author)
        elif data.get("ask") == "delete":
            kept.delete(state.study, note_id, author)
        elif data.get("ask") == "show":
            for note in kept.read(state.study).notes:
                if note.id == note_id and note.link:
                    show(state, note.link)


def shown_link(state: State) -> str:
    """The permalink of what is shown, whichever tab is in front."""
    return "&".join(part for part in link_of(state).split("&") if not part.startswith("tab="))


def show(state: State, link: str) -> None:
    """Bring back what a note is about, and say what cannot be."""
    linked = read(link, state.studies)
    state.param.update(**{**linked.changes, "tab": "Wall"})
    state.note = (
        " ".join(("The note cannot be shown in everything.", *linked.dropped)) if linked.dropped else ""
    )


def plain_notes(found: kept.Notes, studies: Sequence[Study], study: Study) -> list[dict[str, Any]]:
    """Notes as plain data for a page, newest first, with what they are about in words."""
    return [
        {
            "id": note.id,
            "text": note.text,
            "author": note.author,
            "time": note.time,
            "changed": note.changed,
            "about": about(note.link, studies),
            "has_link": bool(note.link),
            "strange": note.digest != study.digest,
        }
        for note in reversed(found.notes)
    ]


def about(link: str, studies: Sequence[Study]) -> list[str]:
    """Selections and slice of a link, in words."""
    if not link:
        return []
    changes: Any = read(link, studies).changes
    said = [words_of(selection) for selection in changes.get("selections", [])]
    said += [words_of_cut(cut) for cut in understood(changes.get("view", {}), View).within]
    return [words for words in said if words]


def words_of(selection: Selection) -> str:
    """Name and cuts of a selection as plain text: ``high tail: w ≥ 1.6, E_2 < 0.1``."""
    said = [_range("w", selection.low, selection.high)]
    said += [words_of_cut(cut) for cut in selection.cuts]
    cuts = ", ".join(part for part in said if part)
    return f"{selection.name or 'selection'}: {cuts}" if cuts else selection.name


def words_of_cut(cut: Cut) -> str:
    """A cut as plain text."""
    return _range(cut.observable, cut.low, cut.high)


def _range(name: str, low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    if high is None:
        return f"{name} ≥ {low:.6g}"
    return f"{name} < {high:.6g}" if low is None else f"{low:.6g} ≤ {name} < {high:.6g}"
