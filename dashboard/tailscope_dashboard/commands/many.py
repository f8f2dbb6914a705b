"""Options that take many files: ``--reference part*.hdf5 --generated gen*.hdf5``, as a shell expands them."""

from __future__ import annotations

from collections.abc import Sequence
from glob import has_magic
from pathlib import Path
from typing import Any

from typer.core import TyperCommand

from tailscope.errors import ConfigError

OPTIONS = ("--reference", "--generated")


class TakesMany(TyperCommand):
    """A command of which these options take every word up to the next option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Repeat the option before each of its words."""
        return super().parse_args(ctx, spread(args))


def spread(args: Sequence[str]) -> list[str]:
    """``--reference a b -o c`` as ``--reference a --reference b -o c``."""
    found: list[str] = []
    option = ""
    fresh = False
    for word in args:
        if word.startswith("-") and word != "-":
            option = word if word in OPTIONS else ""
            fresh = bool(option)
            found.append(word)
        elif option and not fresh:
            found += [option, word]
        else:
            found.append(word)
            fresh = False
    return found


def expanded(paths: Sequence[Path] | None) -> tuple[Path, ...]:
    """The files of patterns that no shell has expanded, in the order of their names; others as they are.

    Raises
    ------
    ConfigError: a pattern that nothing matches.

    """
    found: list[Path] = []
    for path in paths or ():
        if not has_magic(str(path)) or path.exists():
            found.append(path)
            continue
        pattern = path.relative_to(path.anchor) if path.is_absolute() else path
        matches = sorted(Path(path.anchor).glob(str(pattern)))
        if not matches:
            raise ConfigError(f"{path} matches no file; check its folder and name")
        found += matches
    return tuple(found)


def output_for(output: Path, stem: str, several: bool) -> Path:
    """Where the study of one of several generated samples goes: ``out.study.h5`` is ``out.STEM.study.h5``."""
    if output.is_dir() and several:
        return output / f"{stem}.study.h5"
    if not several:
        return output
    base = output.name.removesuffix(".h5").removesuffix(".study")
    return output.with_name(f"{base}.{stem}.study.h5")
