"""What the page hands to the browser as files: figures, numbers, Python, selected events."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, cast

import panel as pn

from tailscope.counting.binning import Binning
from tailscope.errors import InputError
from tailscope.looking.originals import files_of
from tailscope.record import typed
from tailscope.selection import Cut, Selection
from tailscope.study.export import export_events, export_original
from tailscope.study.study import Study
from tailscope_dashboard.figures import (
    FORMATS,
    Choice,
    Format,
    bytes_of,
    default_output,
    panels_of,
    source_of,
    stem_of,
)

from .message import Message, message_of
from .trouble import Guarded

TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "json": "application/json",
    "csv": "text/csv",
    "h5": "application/x-hdf5",
}
MOST_BYTES = 200_000_000
"""Of a file of events that is sent to a browser."""


@dataclass(frozen=True, eq=False)
class Shown:
    """What is on the screen when something is saved.

    Attributes
    ----------
    study: that is shown.
    choice: how figures look.
    names: all observables that are shown.
    binning: of the one observable where it is not the study's own.
    places: where the files of the samples may be.

    """

    study: Study
    choice: Choice
    names: Sequence[str]
    binning: Binning | None = None
    places: Sequence[str | Path] = ()


class SaveQuestion(Message, frozen=True, kw_only=True, tag_field="ask", tag="save"):
    """What a menu asks for.

    Attributes
    ----------
    token: which the answer repeats.
    what: figures, the Python that makes them, or events.
    names: observables of a figure, "w" the weights, "*" everything that is shown.
    format: of the file.
    selection, slice: whose events are wanted.

    """

    token: str
    what: Literal["figure", "code", "events"]
    names: tuple[str, ...] = ()
    format: str = ""
    selection: Selection = Selection()
    slice: Cut | None = None


class SaveAnswer(Message, frozen=True, kw_only=True, omit_defaults=True, tag_field="answer", tag="saved"):
    """A file with its name and type, a text, or a sentence that says why there is neither."""

    token: str
    name: str = ""
    file: bytes = b""
    type: str = ""
    text: str = ""
    sentence: str = ""


def answer_in_background(component: Any, data: Mapping[str, Any], shown: Shown) -> None:
    """Make what a menu asked for and send it, without holding up the pages of others.

    In a notebook and in tests, where there is no server to hold up, it is made at once.
    """
    document = pn.state.curdoc
    if document is None or document.session_context is None:
        component._send_msg(answer(data, shown))
        return

    def work() -> None:
        found = answer(data, shown)
        document.add_next_tick_callback(lambda: component._send_msg(found))

    threading.Thread(target=work, daemon=True).start()


def answer(data: Mapping[str, Any], shown: Shown) -> dict[str, Any]:
    """A message for the menu: a `SaveAnswer` to what should be a `SaveQuestion`."""
    token = str(data.get("token"))
    with Guarded() as guarded:
        try:
            question = typed(data, SaveQuestion)
        except ValueError as error:
            raise InputError("this is nothing that can be saved; reload the page") from error
        make = _events if question.what == "events" else _figure
        return message_of(make(question, shown))
    return message_of(SaveAnswer(token=token, sentence=guarded.sentence or ""))


def _figure(question: SaveQuestion, shown: Shown) -> SaveAnswer:
    names = list(shown.names) if question.names == ("*",) else list(question.names)
    if question.what == "code":
        output = default_output(names, "pdf" if len(names) == 1 else "png")
        text = source_of(shown.study, names, shown.choice, output=output, binning=shown.binning)
        return SaveAnswer(token=question.token, text=text)
    kind = cast(Format, question.format)
    if kind not in FORMATS:
        raise InputError(f"figures are not written as {kind[:20]}; choose {', '.join(FORMATS)}")
    panels = panels_of(shown.study, names, shown.choice, shown.binning)
    content = bytes_of(shown.study, panels, shown.choice, kind)
    return SaveAnswer(token=question.token, name=default_output(names, kind), file=content, type=TYPES[kind])


def _events(question: SaveQuestion, shown: Shown) -> SaveAnswer:
    selection, study = _selection(question), shown.study
    sample = selection.right_sample
    n = study.select(sample, selection).size
    kind = question.format
    if n == 0:
        raise InputError("this selection holds no event; there is nothing to save")
    size = n * (24 + (4 if kind == "h5" else 12) * len(study.observables))
    if size > MOST_BYTES:
        raise InputError(
            f"{n:,} events are about {size / 1e6:,.0f} MB, too much for a browser; "
            "`tailscope export` writes them to disk"
        )
    with tempfile.TemporaryDirectory() as folder:
        if kind == "original":
            originals = files_of(study.sample(sample), sample, shown.places)
            kind = originals[0].suffix.removeprefix(".")
            path = Path(folder) / f"{_stem(selection)}.{kind}"
            export_original(study, selection, path, sample=sample, places=originals)
        else:
            path = Path(folder) / f"{_stem(selection)}.{'csv' if kind == 'csv' else 'h5'}"
            export_events(study, selection, path, sample=sample)
        if path.stat().st_size > MOST_BYTES:
            raise InputError(
                f"{n:,} events are {path.stat().st_size / 1e6:,.0f} MB, too much for a browser; "
                "`tailscope export` writes them to disk"
            )
        return SaveAnswer(
            token=question.token,
            name=path.name,
            file=path.read_bytes(),
            type=TYPES.get(kind, "application/octet-stream"),
        )


def _selection(question: SaveQuestion) -> Selection:
    """The selection that a menu names, with the slice that it was seen through."""
    within = () if question.slice is None else (question.slice,)
    return replace(question.selection, cuts=question.selection.cuts + within)


def _stem(selection: Selection) -> str:
    return stem_of(selection.name or "selection")
