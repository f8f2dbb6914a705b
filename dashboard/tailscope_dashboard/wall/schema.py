"""The JSON schema of what the wall's browser and Python tell each other; it ships with the package.

``python -m tailscope_dashboard.wall.schema`` writes it anew after a type has changed.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import msgspec

from tailscope_dashboard.parts.saving import SaveAnswer, SaveQuestion

from .messages import Answer, Question
from .meta import Meta

SCHEMA = Path(__file__).parents[1] / "schemas" / "wall.json"


def wall_schema() -> dict[str, Any]:
    """JSON schema (draft 2020-12) of the types: what is asked, what is answered, and what is told once.

    Bytes are written as base64, infinities as null: JSON has neither.
    """
    (question, answer, meta), parts = msgspec.json.schema_components(
        (Question | SaveQuestion, Answer | SaveAnswer, Meta), ref_template="#/$defs/{name}"
    )
    for part in parts.values():
        if "description" in part:
            part["description"] = inspect.cleandoc(part["description"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Messages of tailscope's wall",
        "anyOf": [{"$ref": "#/$defs/Question"}, {"$ref": "#/$defs/Answer"}, meta],
        "$defs": {**parts, "Question": question, "Answer": answer},
    }


def schema_text() -> str:
    """The schema as the file holds it."""
    return json.dumps(wall_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8")
