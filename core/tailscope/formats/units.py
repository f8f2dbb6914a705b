"""Names that carry their unit: "p_T [GeV]"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence


def split_unit(text: str) -> tuple[str, str]:
    """Split ``"dE [MeV]"`` into name and unit; a name alone has the unit ""."""
    match = re.fullmatch(r"(.*?)\s*\[([^\[\]]*)\]", text.strip())
    return (match[1], match[2].strip()) if match else (text.strip(), "")


def split_units(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """(names, units) of columns; a name stays whole where the unit tells columns apart, or is all."""
    parts = [split_unit(name) for name in names]
    count = Counter(name for name, _ in parts)
    kept = [
        part if part[0] and count[part[0]] == 1 else (name, "")
        for name, part in zip(names, parts, strict=True)
    ]
    return [name for name, _ in kept], [unit for _, unit in kept]
