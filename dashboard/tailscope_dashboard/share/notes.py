"""Notes in the static page: to read, and to bring back what they are about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tailscope.study import notes as kept
from tailscope.study.study import Study
from tailscope_dashboard.parts.base import markup
from tailscope_dashboard.parts.notes import plain_notes
from tailscope_dashboard.state.permalink import read
from tailscope_dashboard.state.state import State

from .opening import opening_of

Openings = list[dict[str, Any]]
"""What the page shows when a note is clicked; a note names its place in the list."""


def notes_of(study: Study, studies: Sequence[Study], openings: Openings) -> str:
    """The notes of one study as HTML, "" for none; appends to ``openings`` what they show."""
    found = kept.read(study)
    if not found.notes:
        return ""
    links = {note.id: note.link for note in found.notes}
    items = "".join(
        _item(note, links[note["id"]], studies, openings) for note in plain_notes(found, studies, study)
    )
    trouble = f'<p class="doubt">{markup(found.trouble)}</p>' if found.trouble else ""
    head = f"<details><summary>notes ({len(found.notes)})</summary>"
    return f'{head}<div class="about">{trouble}<ul class="notes">{items}</ul></div></details>'


def _item(note: dict[str, Any], link: str, studies: Sequence[Study], openings: Openings) -> str:
    times = note["time"] + (f", changed {note['changed']}" if note["changed"] else "")
    strange = " · made for another study" if note["strange"] else ""
    about = f'<div class="quiet">{markup(" · ".join(note["about"]))}</div>' if note["about"] else ""
    button = ""
    if link:
        state = State(studies)
        state.param.update(**read(link, studies).changes)
        button = f' <button type="button" data-opening="{len(openings)}">show</button>'
        openings.append(opening_of(state))
    return (
        f'<li><div class="quiet"><b>{markup(note["author"])}</b>, {markup(times + strange)}{button}</div>'
        f'<div class="text">{markup(note["text"])}</div>{about}</li>'
    )
