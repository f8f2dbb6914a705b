"""What the page hands to the browser as files: figures, numbers, Python, selected events."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import panel as pn

from tailscope.counting.binning import Binning
from tailscope.errors import InputError
from tailscope.looking.originals import file_of
from tailscope.selection import Selection
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
from tailscope_dashboard.state.view import selection_of, slice_cut

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
    """A message for the menu: a file, a text, or a sentence that says why there is none."""
    said: dict[str, Any] = {"answer": "saved", "token": data.get("token")}
    with Guarded() as guarded:
        what = data.get("what")
        if what == "events":
            return said | _events(data, shown)
        if what in {"figure", "code"}:
            return said | _figure(data, shown)
        raise InputError("this is nothing that can be saved; reload the page")
    return said | {"sentence": guarded.sentence}


def _figure(data: Mapping[str, Any], shown: Shown) -> dict[str, Any]:
    names = list(shown.names) if data["names"] == ["*"] else [str(name) for name in data["names"]]
    if data["what"] == "code":
        output = default_output(names, "pdf" if len(names) == 1 else "png")
        return {"text": source_of(shown.study, names, shown.choice, output=output, binning=shown.binning)}
    kind: Format = data["format"]
    if kind not in FORMATS:
        raise InputError(f"figures are not written as {str(kind)[:20]}; choose {', '.join(FORMATS)}")
    panels = panels_of(shown.study, names, shown.choice, shown.binning)
    content = bytes_of(shown.study, panels, shown.choice, kind)
    return {"name": default_output(names, kind), "file": content, "type": TYPES[kind]}


def _events(data: Mapping[str, Any], shown: Shown) -> dict[str, Any]:
    selection, study = _selection(data), shown.study
    sample = selection.right_sample
    n = study.select(sample, selection).size
    kind = str(data["format"])
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
            original = file_of(study, sample, shown.places)
            kind = original.suffix.removeprefix(".")
            path = Path(folder) / f"{_stem(selection)}.{kind}"
            export_original(study, selection, path, sample=sample, places=[original])
        else:
            path = Path(folder) / f"{_stem(selection)}.{'csv' if kind == 'csv' else 'h5'}"
            export_events(study, selection, path, sample=sample)
        if path.stat().st_size > MOST_BYTES:
            raise InputError(
                f"{n:,} events are {path.stat().st_size / 1e6:,.0f} MB, too much for a browser; "
                "`tailscope export` writes them to disk"
            )
        return {
            "name": path.name,
            "file": path.read_bytes(),
            "type": TYPES.get(kind, "application/octet-stream"),
        }


def _selection(data: Mapping[str, Any]) -> Selection:
    """The selection that a menu names, with the slice that it was seen through."""
    chosen = selection_of(data["selection"])
    return Selection(
        chosen.low, chosen.high, chosen.cuts + slice_cut(data.get("slice")), chosen.name, "", chosen.sample
    )


def _stem(selection: Selection) -> str:
    return stem_of(selection.name or "selection")
