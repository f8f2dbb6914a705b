"""How figures are made, whatever they show; and the choice that looks like a view of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tailscope.selection import Cut, Selection
from tailscope.study.study import Study
from tailscope_dashboard.state.beginning import coloured, default_selections
from tailscope_dashboard.state.overlays import Overlay, overlays_of
from tailscope_dashboard.state.view import View


@dataclass(frozen=True)
class Choice:
    """How figures are made, whatever they show.

    Attributes
    ----------
    selections: with the colours they have; both tails when None.
    within: cuts that all curves have to pass.
    overlays: other studies whose generated samples are drawn as well.
    log_x, log_y: axes; None is what is usual: the observable's own scale, and a linear y axis.
    log_y_of: names of observables and their vertical axis, where it differs from ``log_y``.
    log_y_weights: the same for the histogram of the weights, which is usually logarithmic.
    is_density: unit area, else events.
    reweighted: also draw the generated events weighted by w.
    ratio, mean_weight: panels below.

    """

    selections: tuple[Selection, ...] | None = None
    within: tuple[Cut, ...] = ()
    overlays: tuple[Overlay, ...] = ()
    log_x: bool | None = None
    log_y: bool | None = None
    log_y_weights: bool | None = None
    log_y_of: Mapping[str, bool] = field(default_factory=dict)
    is_density: bool = True
    reweighted: bool = True
    ratio: bool = True
    mean_weight: bool = False

    def is_log_y(self, name: str) -> bool:
        """Whether an observable's vertical axis is logarithmic."""
        return self.log_y_of.get(name, bool(self.log_y))

    def of(self, study: Study) -> tuple[Selection, ...]:
        """The selections, each with a colour."""
        return coloured(default_selections(study) if self.selections is None else self.selections)


USUAL = Choice()
"""What a figure is where nothing else is asked for."""


def choice_of_view(
    study: Study,
    studies: Sequence[Study],
    selections: Sequence[Selection] | None,
    within: tuple[Cut, ...],
    view: View,
) -> Choice:
    """How figures of the wall look: as the wall shows them."""
    overlays = () if within else overlays_of(study, studies)
    return Choice(
        None if selections is None else tuple(selections),
        within,
        tuple(o for o in overlays if o.key not in view.overlays_off),
        log_y=view.yscale == "log",
        log_y_weights=view.weight_yscale == "log",
        log_y_of={name: scale == "log" for name, scale in view.panel_yscale.items()},
        is_density=view.density,
        reweighted=view.reweighted,
        ratio=view.ratio,
    )
