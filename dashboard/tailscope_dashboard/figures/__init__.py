"""Figures for papers and talks: any histogram of a study through matplotlib and mplhep.

matplotlib and mplhep are imported when the first one is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from tailscope.counting.binning import Binning
from tailscope.selection import Cut, Selection
from tailscope.study.study import Study
from tailscope_dashboard.state.overlays import Overlay

from .choice import USUAL, Choice, choice_of_view
from .content import Panel, panel_of, weights_panel
from .files import FORMATS, Format, bytes_of, drawn, format_of, write
from .panels import all_panels, one_panel, panels_of
from .source import default_output, source_of, stem_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "FORMATS",
    "Choice",
    "Format",
    "Overlay",
    "Panel",
    "all_panels",
    "bytes_of",
    "choice_of_view",
    "default_output",
    "figure",
    "format_of",
    "one_panel",
    "panel_of",
    "panels_of",
    "source_of",
    "stem_of",
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
    density: bool = USUAL.is_density,
    reweighted: bool = USUAL.reweighted,
    ratio: bool = USUAL.ratio,
    mean_weight: bool = USUAL.mean_weight,
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
    return drawn(study, panels, choice, in_grid=not isinstance(observable, str))
