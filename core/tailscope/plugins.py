"""Formats and domains that other packages bring, as entry points: found by name, loaded when they are needed.

A package names them in its ``pyproject.toml`` (docs/own-domain.md is the example)::

    [project.entry-points."tailscope.formats"]
    hits = "my_package:hits"
    [project.entry-points."tailscope.domains"]
    tracks = "my_package:tracks"

Whatever goes wrong in foreign code becomes one sentence that names the package.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from .errors import PluginError, TailscopeError, said_by

FORMATS, DOMAINS = "tailscope.formats", "tailscope.domains"


@dataclass(frozen=True)
class Plugin:
    """One format or domain of another package, not loaded yet."""

    entry: EntryPoint

    @property
    def name(self) -> str:
        """What its package calls it."""
        return self.entry.name

    def __str__(self) -> str:
        kind = "format" if self.entry.group == FORMATS else "domain"
        package = f" of {self.entry.dist.name} {self.entry.dist.version}" if self.entry.dist else ""
        return f"the {kind} {self.name}{package}"

    def load(self) -> Any:
        """Import what the entry point names.

        Raises
        ------
        PluginError: that fails, in whatever way.

        """
        with self.blamed("loading it", "correct, update or uninstall that package"):
            return self.entry.load()

    def wrong(self, found: str) -> PluginError:
        """Say that it is not as it should be."""
        return PluginError(f"{self} {found}; its author can correct that")

    @contextmanager
    def blamed(self, doing: str, advice: str = "its author can correct that") -> Iterator[None]:
        """Turn whatever foreign code raises into a sentence; tailscope's own sentences pass.

        Raises
        ------
        PluginError: with the name of the package and the error.

        """
        try:
            yield
        except (TailscopeError, GeneratorExit, KeyboardInterrupt):
            raise
        # Nobody knows what foreign code raises: a module that is imported may even try to exit.
        except (Exception, SystemExit) as error:
            raise PluginError(
                f"{self} does not work: {doing} failed ({type(error).__name__}: {said_by(error)}); {advice}"
            ) from error


def plugins(group: str) -> tuple[Plugin, ...]:
    """Those of a group, in the order of their names; of two with the same name the first counts."""
    found: dict[str, Plugin] = {}
    for entry in sorted(entry_points(group=group), key=lambda e: e.name):
        found.setdefault(entry.name, Plugin(entry))
    return tuple(found.values())
