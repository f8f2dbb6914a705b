"""Put studies and the wall's code into one HTML file that asks nobody for anything."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tailscope.errors import StudyError
from tailscope.storage.atomic import atomic_path
from tailscope.study.study import Study
from tailscope_dashboard.parts.base import markup, table
from tailscope_dashboard.parts.modules import joined
from tailscope_dashboard.parts.verdict import found, plain_verdict
from tailscope_dashboard.state.state import State
from tailscope_dashboard.views.about import flat
from tailscope_dashboard.wall.payload import data_of

from .notes import Openings, notes_of
from .opening import opening_of

HERE = Path(__file__).parent


def write_page(studies: Sequence[Study], path: str | Path, state: State | None = None) -> Path:
    """Write the static page of one or several studies, whole or not at all; see `page_of`.

    Raises
    ------
    StudyError: no study, a file that cannot be written.

    """
    path = Path(path)
    if path.is_dir():
        raise StudyError(f"{path} is a folder; name a file in it, such as {path / 'page.html'}")
    text = page_of(studies, state)
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


EVENTS = (
    "Single events are not in this page: <code>tailscope serve STUDY</code> draws them in its tab Events, "
    "from the files that the study was made of, or from what <code>tailscope bundle STUDY</code> put into it."
)


def page_of(studies: Sequence[Study], state: State | None = None) -> str:
    """The static page of one or several studies as HTML.

    It opens with the study, the selections and the view of ``state``, which is one of these studies; without
    a state, with the first study and both its tails.

    Up to 60,000 events are carried as the rows of their histograms' bins, so that every cut is answered
    exactly; of more events a coarse cumulative cube is carried, and the page says how coarse.

    No script but its own runs in it, and it connects to nothing: its content security policy names the
    script's hash and allows no address at all.

    Raises
    ------
    StudyError: no study.

    """
    if not studies:
        raise StudyError("there is no study to share; name at least one")
    opening = opening_of(State(studies) if state is None else state)
    first = opening["study"]
    script = f"{joined('wall/main.js')}\n{(HERE / 'start.js').read_text(encoding='utf-8')}"
    policy = f"default-src 'none'; script-src 'sha256-{_sha256(script)}'; style-src 'unsafe-inline'"
    openings: Openings = []
    notes = [notes_of(study, studies, openings) for study in studies]
    title = " · ".join(study.name for study in studies)
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{markup(title)} · tailscope</title>",
            f"<style>{(HERE / 'page.css').read_text(encoding='utf-8')}</style></head><body>",
            _choice(studies, first),
            *(
                _header(study, number, notes[number], hidden=number != first)
                for number, study in enumerate(studies)
            ),
            '<main id="wall"></main>',
            *(_data(study, studies) for study in studies),
            f'<script type="text/plain" id="opening">{_packed(_json(opening))}</script>',
            f'<script type="text/plain" id="noted">{_packed(_json({"openings": openings}))}</script>',
            f'<script type="module">{script}</script></body></html>',
        ]
    )


def _choice(studies: Sequence[Study], first: int) -> str:
    if len(studies) == 1:
        return ""
    options = "".join(
        f'<option value="{number}"{" selected" if number == first else ""}>'
        f"{markup(f'{number + 1}. {study.name}')}</option>"
        for number, study in enumerate(studies)
    )
    return f'<nav><label>study <select id="choice">{options}</select></label></nav>'


def _header(study: Study, number: int, notes: str, *, hidden: bool) -> str:
    checks = {check.name: check for check in study.checks}
    ref, gen = study.reference, study.generated
    chips = [("AUC", found(checks["auc"])), ("calibration", found(checks["calibration"]))]
    origin = [
        ("reference", f"{ref.name}, {len(ref):,} events, SHA-256 {ref.source.sha256}"),
        ("generated", f"{gen.name}, {len(gen):,} events, SHA-256 {gen.source.sha256}"),
        ("study", study.digest),
        *flat(study.provenance),
        *flat(study.config, "fit."),
    ]
    return (
        f'<header data-study="{number}"{" hidden" if hidden else ""}><div class="title">'
        f"<h1>{markup(study.name)}</h1><div>"
        f'<span><i class="reference"></i>reference <b>{markup(ref.name)}</b>, {len(ref):,} events</span>'
        f'<span><i class="generated"></i>generated <b>{markup(gen.name)}</b>, {len(gen):,} events</span>'
        "</div></div>"
        + "".join(
            f'<div class="chip"><span>{markup(name)}</span><b>{markup(value)}</b></div>'
            for name, value in chips
        )
        + '<details><summary>about these numbers</summary><div class="about">'
        + f"<p>{markup(resolution_of(study))}"
        + f"</p><p>{EVENTS}</p>{table((), origin)}</div></details>{notes}</header>"
    )


def resolution_of(study: Study) -> str:
    """How exact the numbers of the static page are, in a sentence."""
    n = f"{len(study):,}"
    meta = data_of(study)["meta"]
    if meta["mode"] == "rows":
        return (
            f"This page carries all {n} events: counts are exact for every cut on w; observables are kept in "
            "the bins of their histograms, and cuts on them lie at bin edges."
        )
    places = " and ".join(f"{count:,}" for count in meta["cube"].values())
    return (
        f"{n} events are too many to carry in one page: the histograms are kept at {places} weights of the "
        "reference and of the generated sample. A cut between two of them is interpolated and marked ≈; cuts "
        "on observables need `tailscope serve`."
    )


def _data(study: Study, studies: Sequence[Study]) -> str:
    """What the wall needs of a study; base64 of gzip, so that no name in it can end the element."""
    data: dict[str, Any] = data_of(study, studies=studies)
    meta = {**data["meta"], "verdict": plain_verdict(study.checks)}
    parts = {"meta": _json(meta), "rows": data["rows"], "cube": data["cube"]}
    texts = "\n".join(f"{name} {_packed(part)}" for name, part in parts.items())
    return f'<script type="text/plain" class="study">{texts}</script>'


def _json(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, allow_nan=False).encode()


def _packed(part: bytes) -> str:
    return base64.b64encode(gzip.compress(part, mtime=0)).decode()


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
