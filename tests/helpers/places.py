"""Where things lie in this checkout."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
DATA = ROOT / "data"
DOCS = ROOT / "docs"
RESOURCES = ROOT / "tests" / "resources"
