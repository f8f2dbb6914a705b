"""JSON schemas of what tailscope writes and prints: made from the records, and shipped beside them as files.

``python -m tailscope.schemas`` writes the files again when a record has changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from tailscope.comparing.report import CheckReport, ComparisonReport
from tailscope.record import parsed, schema_of
from tailscope.study.export import ExportRecord
from tailscope.study.metadata import StudyRecord
from tailscope.study.notes import Notes
from tailscope.study.report import FileReport, StudyReport

RECORDS: Mapping[str, type[object]] = {
    "study_file": StudyRecord,
    "show_study": StudyReport,
    "show_file": FileReport,
    "compare": ComparisonReport,
    "check": CheckReport,
    "notes": Notes,
    "export": ExportRecord,
}
"""Name of a schema -> record: the metadata of a study file, ``--json`` of the commands, exported events."""

FOLDER = Path(__file__).parent


def shipped(name: str) -> Mapping[str, object]:
    """The schema (draft 2020-12) that ships with the package."""
    found: Mapping[str, object] = parsed((FOLDER / f"{name}.json").read_bytes())
    return found


def made(name: str) -> Mapping[str, object]:
    """The same schema, made from the record."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"tailscope {name}"}
    return head | dict(schema_of(RECORDS[name]))


def write() -> None:
    """Write the files that ship."""
    for name in RECORDS:
        (FOLDER / f"{name}.json").write_text(json.dumps(made(name), indent=1) + "\n", encoding="utf-8")
