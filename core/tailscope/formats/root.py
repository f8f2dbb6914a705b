"""What may lie in the trees of a ROOT file: the branches say it."""

from __future__ import annotations

from .base import EventFile
from .jagged_jets import JaggedJets, jets_in
from .nanoaod import NanoAOD, has_muons
from .trees import Trees

DOMAINS = frozenset({NanoAOD.domain, JaggedJets.domain})
"""Kinds of event that are read of ROOT files."""


def events_of(file: Trees, domain: str | None, *, drop_undefined: bool = False) -> EventFile:
    """Give the events of a ROOT file: muons of NanoAOD, or jets in lists of constituents.

    ``drop_undefined``: see `opening.open_events`.

    Raises
    ------
    FormatError: neither, or those of ``domain`` (one of `DOMAINS`) have something wrong.

    """
    if domain == JaggedJets.domain or (domain is None and jets_in(file) and not has_muons(file)):
        return JaggedJets(file, drop_undefined=drop_undefined)
    return NanoAOD(file)
