"""About: where the numbers come from."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import panel as pn

from tailscope.record import plain
from tailscope_dashboard.parts.base import View, table, text_pane
from tailscope_dashboard.state.state import State

SEEN = {True: "yes", False: "no", None: "not known"}


class About(View):
    """Files, digests, versions, settings: enough to make the study again."""

    title: ClassVar[str] = "About"
    watches: ClassVar[tuple[str, ...]] = ("study",)

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._text = text_pane(sizing_mode="stretch_width")

    def content(self) -> pn.viewable.Viewable:
        """One pane of text."""
        return self._text

    def refresh(self) -> None:
        """Write it for the study that is shown."""
        study = self.state.study
        both = (study.reference, study.generated)
        samples: list[tuple[object, ...]] = [
            ("name", *(events.name for events in both)),
            ("events", *(f"{len(events):,}" for events in both)),
            ("format", *(events.source.format for events in both)),
            ("SHA-256", *(events.source.sha256 for events in both)),
        ]
        self._text.object = (
            "<h3>Samples</h3>"
            + table(("", "reference", "generated"), samples)
            + table((), [("how they were read", remark) for remark in study.provenance.remarks])
            + "<h3>Study</h3>"
            + table((), [("name", study.name), ("kind of event", study.domain), ("digest", study.digest)])
            + "<h3>How the weights came about</h3>"
            + table((), flat(study.provenance))
            + ("<h3>Settings of the fit</h3>" + table((), flat(study.config)) if study.config else "")
            + "<h3>Observables</h3>"
            + table(
                ("name", "label (LaTeX)", "unit", "seen by the classifier", "own expression"),
                [(o.name, o.label, o.unit or "1", SEEN[o.seen], o.expression) for o in study.observables],
            )
        )


def flat(record: object, prefix: str = "") -> list[tuple[object, ...]]:
    """A record, or None, as rows of (dotted name, value)."""
    rows: list[tuple[object, ...]] = []
    for key, value in (plain(record) or {}).items():
        if isinstance(value, dict):
            rows += flat(value, f"{prefix}{key}.")
        else:
            rows.append((f"{prefix}{key}", _said(value)))
    return rows


def _said(value: Any) -> str:
    """Sentences as they are, everything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        return "; ".join(value)
    return json.dumps(value)
