"""Which panels a figure has: of an observable, of several, of all of them and the weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tailscope.counting.binning import Binning
from tailscope.study.study import Study

from .choice import Choice
from .content import Panel, can_be_log, panel_of, weights_panel


def one_panel(study: Study, name: str, choice: Choice, binning: Binning | None = None) -> Panel:
    """An observable, or the weights as "w" where no observable is called so."""
    if name == "w" and all(o.name != "w" for o in study.observables):
        return weights_panel(study, choice)
    return panel_of(study, name, choice, binning)


def panels_of(
    study: Study, names: Sequence[str], choice: Choice, binning: Binning | None = None
) -> list[Panel]:
    """Some of them, where of several those whose horizontal axis cannot be logarithmic have a linear one.

    Raises
    ------
    InputError, SelectionError: an observable that is not there; one alone whose axis cannot be logarithmic.

    """
    if len(names) == 1:
        return [one_panel(study, names[0], choice, binning)]
    usual = replace(choice, log_x=None)
    return [one_panel(study, name, choice if _can_be_log(study, name) else usual, binning) for name in names]


def all_panels(study: Study, choice: Choice) -> list[Panel]:
    """The weights and every observable, as in `panels_of`."""
    usual = replace(choice, log_x=None)
    names = [o.name for o in study.observables]
    return [
        weights_panel(study, choice),
        *(panel_of(study, name, choice if _can_be_log(study, name) else usual) for name in names),
    ]


def _can_be_log(study: Study, name: str) -> bool:
    own = [o for o in study.observables if o.name == name]
    return all(can_be_log(o.binning.of(study.reference.observables[name]).edges) for o in own)
