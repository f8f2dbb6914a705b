"""Options that hold for both files, or for one of them: ``--where "generated:label == 1"``."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from tailscope.errors import ConfigError
from tailscope.formats import Choice

ROLES = ("reference", "generated")


def of_side(role: str, texts: Sequence[str] | None) -> list[str]:
    """What was given for a role, or for both: "generated:x" is x for the generated sample alone."""
    found = []
    for text in texts or []:
        which, colon, rest = text.partition(":")
        if colon and which in ROLES:
            if which == role:
                found.append(rest.strip())
        else:
            found.append(text)
    return found


def condition_of(role: str, texts: Sequence[str] | None) -> str | None:
    """The condition of a role: all that were given for it, together."""
    found = of_side(role, texts)
    return " and ".join(f"({text})" for text in found) if len(found) > 1 else next(iter(found), None)


def names_of(role: str, texts: Sequence[str] | None) -> tuple[str, ...]:
    """Names with commas between them, of a role; a name with a comma stands in double quotes."""
    rows = csv.reader(of_side(role, texts), skipinitialspace=True)
    return tuple(name.strip() for row in rows for name in row if name.strip())


def choice_of(
    role: str,
    part: str,
    *,
    columns: Sequence[str] | None,
    drop: Sequence[str] | None,
    label: Sequence[str] | None,
    names: Sequence[str] | None,
) -> Choice:
    """Which columns of the file of a role are read."""
    return Choice(
        part, names_of(role, names), names_of(role, columns), names_of(role, drop), names_of(role, label)
    )


def parted(path: Path) -> tuple[Path, str]:
    """File and part of ``events.h5:geant4``; a file whose name has a colon is meant where it exists.

    Raises
    ------
    ConfigError: nothing behind the colon of a file that exists.

    """
    text = str(path)
    at = text.rfind(":")
    if at <= 0 or path.exists() or not Path(text[:at]).is_file():
        return path, ""
    if not text[at + 1 :].strip("/ "):
        raise ConfigError(f"{text} names no group behind the colon; write it like {text[:at]}:geant4")
    return Path(text[:at]), text[at + 1 :].strip("/ ")
