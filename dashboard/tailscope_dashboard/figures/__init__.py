"""Figures for papers and talks: any histogram of a study through matplotlib and mplhep.

matplotlib is imported with this package, so import it only where something is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tailscope.counting.binning import Binning
from tailscope.selection import Cut, Selection
from tailscope.study.study import Study
from tailscope_dashboard.state.overlays import Overlay

from .content import Choice, Panel, can_be_log, panel_of, weights_panel
from .draw import grid, single
from .files import FORMATS, Format, bytes_of, foot_of, format_of, write
from .source import default_output, source_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "FORMATS",
    "Choice",
    "Format",
    "Panel",
    "all_panels",
    "bytes_of",
    "default_output",
    "figure",
    "format_of",
    "one_panel",
    "panel_of",
    "panels_of",
    "source_of",
    "weights_panel",
    "write",
]


def figure(
    study: Study,
    observable: str | Sequence[str],
    selections: Iterable[Selection] | None = None,
    *,
    within: Iterable[Cut] = (),
    overlays: Iterable[Overlay] = (),
    binning: Binning | None = None,
    log_x: bool | None = None,
    log_y: bool | Mapping[str, bool] | None = None,
    density: bool = True,
    reweighted: bool = True,
    ratio: bool = True,
    mean_weight: bool = False,
) -> Figure:
    """Draw one observable, several side by side, or the weights ("w"), as a matplotlib figure of its own.

    Reference filled, generated as a line, selections in their colours, all with error bars of one standard
    deviation (square root of the sum of w^2); underflow and overflow as bins of their own. The ratio is that
    of shares, its band the reference's error.

    Parameters
    ----------
    observable: a name, or several; "w" is the histogram of the weights.
    selections: both tails when None.
    within: cuts that all curves have to pass.
    overlays: other studies, whose generated samples are drawn as well.
    binning: of the one observable; the study's own when None.
    log_x, log_y: axes; None is what is usual for the observable. ``log_y`` can be a dict that names the
        observables with another axis than the usual linear one.
    density: unit area over everything that is defined, else events.
    reweighted: also draw the generated events weighted by w, which closes on the reference.
    ratio, mean_weight: panels below: ratio to the reference, mean weight of the generated events in a bin.

    Raises
    ------
    InputError, SelectionError: an observable that the study does not have.

    """
    choice = Choice(
        None if selections is None else tuple(selections),
        tuple(within),
        tuple(overlays),
        log_x=log_x,
        log_y=None if isinstance(log_y, Mapping) else log_y,
        log_y_weights=log_y.get("w") if isinstance(log_y, Mapping) else log_y,
        log_y_of=log_y if isinstance(log_y, Mapping) else {},
        is_density=density,
        reweighted=reweighted,
        ratio=ratio,
        mean_weight=mean_weight,
    )
    names = [observable] if isinstance(observable, str) else list(observable)
    panels = panels_of(study, names, choice, binning)
    if isinstance(observable, str):
        return single(panels[0], foot_of(study), with_ratio=ratio)
    return grid(panels, foot_of(study), with_ratio=ratio)


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
