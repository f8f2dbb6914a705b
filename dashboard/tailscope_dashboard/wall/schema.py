"""The JSON schema of what the wall's browser and Python tell each other; it ships with the package.

``python -m tailscope_dashboard.wall.schema`` writes it anew after a type has changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from tailscope.record import Record, schema_of
from tailscope_dashboard.parts.saving import SaveAnswer, SaveQuestion

from .messages import Answer, Question
from .meta import Meta

SCHEMA = Path(__file__).parents[1] / "schemas" / "wall.json"


class Told(Record, frozen=True, kw_only=True):
    """Whatever is told, one of the three at a time; bytes are base64 here, infinities null."""

    question: Question | SaveQuestion | None = None
    answer: Answer | SaveAnswer | None = None
    meta: Meta | None = None


def made() -> Mapping[str, object]:
    """The schema (draft 2020-12), made from the types."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "tailscope wall"}
    return head | dict(schema_of(Told))


if __name__ == "__main__":
    SCHEMA.write_text(json.dumps(made(), indent=1) + "\n", encoding="utf-8")
