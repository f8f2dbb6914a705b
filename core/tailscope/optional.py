"""Packages that only some of the work needs, and the sentence where one of them is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .errors import TailscopeError

EXTRAS = {"torch": "fit", "sklearn": "fit", "zuko": "baselines", "uproot": "root", "pyarrow": "parquet"}
"""Which of the extras in pyproject.toml brings a package."""
CALLED = {"torch": "PyTorch", "sklearn": "scikit-learn"}
"""Packages that are better known by another name."""


@contextmanager
def needing(package: str, what: str, error: type[TailscopeError], otherwise: str = "") -> Iterator[None]:
    """Around the import of a package of `EXTRAS`: where it is missing, say so in one sentence.

    Parameters
    ----------
    what: needs it, as in "fitting needs PyTorch".
    error: what the sentence is raised as.
    otherwise: what else can be done, as in "choose the vae or the gan".

    """
    try:
        yield
    except ModuleNotFoundError as cause:
        if (cause.name or "").partition(".")[0] != package:
            raise
        sentence = missing(package, what)
        raise error(f"{sentence}, or {otherwise}" if otherwise else sentence) from cause


def missing(package: str, what: str) -> str:
    """Say that something needs a package of `EXTRAS` that is not there."""
    return f"{what} needs {CALLED.get(package, package)}: pip install 'tailscope[{EXTRAS[package]}]'"
