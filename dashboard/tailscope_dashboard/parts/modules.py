"""Join ES modules into the one that the page loads: no build step, no package manager."""

from __future__ import annotations

import posixpath
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
_IMPORT = re.compile(r'^import \{[^}]*\} from "(\.[./\w-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let)\b)", re.MULTILINE)
_TOP_LEVEL = re.compile(r"^(?:async )?(?:function|class|const|let|var) (\w+)", re.MULTILINE)


class BundleError(Exception):
    """Modules that cannot be joined; a mistake in the package, never in a user's data."""


@cache
def joined(entry: str, folder: Path = ROOT) -> str:
    """One module with everything that ``entry`` (a path within ``folder``) imports, each file once.

    The modules come to share one scope, so their top-level names must differ; the result exports ``render``,
    and can stand inside a script element.

    Raises
    ------
    BundleError: two modules with the same top-level name, imports in a circle, text that would end a script.

    """
    sources: dict[str, str] = {}
    _collect(entry, folder, sources, ())
    owners: dict[str, str] = {}
    for name, source in sources.items():
        for found in _TOP_LEVEL.findall(source):
            if found in owners:
                raise BundleError(f"{name} and {owners[found]} both define {found}")
            owners[found] = name
    text = "\n".join(f"// ---- {name}\n{source}" for name, source in sources.items())
    text += "\nexport { render };\nexport default { render };\n"
    if "</script" in text.lower():
        raise BundleError("the joined module holds </script, which would end a script element")
    return text


def _collect(name: str, folder: Path, sources: dict[str, str], above: tuple[str, ...]) -> None:
    if name in sources:
        return
    if name in above:
        raise BundleError(f"imports in a circle: {' -> '.join((*above, name))}")
    text = (folder / name).read_text(encoding="utf-8")
    for needed in _IMPORT.findall(text):
        _collect(
            posixpath.normpath(posixpath.join(posixpath.dirname(name), needed)),
            folder,
            sources,
            (*above, name),
        )
    sources[name] = _EXPORT.sub("", _IMPORT.sub("", text))
