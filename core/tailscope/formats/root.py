"""What may lie in the trees of a ROOT file: the branches say it."""

from __future__ import annotations

from .base import EventFile
from .choice import Choice
from .flat_tree import FlatTree, tree_of
from .jagged_jets import JaggedJets, jets_in
from .nanoaod import NanoAOD, has_muons
from .table import Table
from .trees import Trees

DOMAINS = frozenset({NanoAOD.domain, JaggedJets.domain, Table.domain})
"""Kinds of event that are read of ROOT files."""


def events_of(file: Trees, domain: str | None, choice: Choice, *, drop_undefined: bool = False) -> EventFile:
    """Give the events of a ROOT file: muons of NanoAOD, jets in lists of constituents, or a table.

    ``drop_undefined``: see `opening.open_events`.

    Raises
    ------
    FormatError: none of these, or those of ``domain`` (one of `DOMAINS`, or one that a table is read as) have
        something wrong.

    """
    muons, jets = has_muons(file), jets_in(file)
    if domain == JaggedJets.domain or (domain is None and jets and not muons and not choice.of_columns):
        return JaggedJets(file, drop_undefined=drop_undefined)
    if domain is None and muons and not choice.of_columns and choice.part in {"", "Events"}:
        return NanoAOD(file)
    if domain == NanoAOD.domain and (muons or jets):
        return NanoAOD(file)
    return FlatTree(file, tree_of(file, choice.part), choice)
