"""What somebody asks to be drawn: understood and checked in one pass, before anything is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tailscope.counting.binning import Binning
from tailscope.errors import ConfigError
from tailscope.selection import Selection
from tailscope.study.study import Study
from tailscope.weights.curves import binning_of
from tailscope_dashboard.look.palette import PALETTE
from tailscope_dashboard.state.beginning import drawn_of
from tailscope_dashboard.state.permalink import cut_of, given_link, read
from tailscope_dashboard.state.view import View, understood

from .choice import Choice, choice_of_view


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What can be asked for, as it is written on a command line.

    Attributes
    ----------
    names: observables, or "w"; those of the link when empty.
    everything: the weights and all observables instead.
    link: a permalink: its selections, slice and axes.
    low, high, cuts: one selection, where there is no link; both tails without any.
    within: cuts that all curves have to pass, beside the link's slice.
    bins, start, stop: equal bins of the one observable.
    log_x, log_y: axes; as in the link, or as usual for the observable when None.
    events: events per bin instead of unit area.
    ratio, mean_weight: panels below.

    """

    names: Sequence[str] = ()
    everything: bool = False
    link: str | None = None
    low: float | None = None
    high: float | None = None
    cuts: Sequence[str] = ()
    within: Sequence[str] = ()
    bins: int | None = None
    start: float | None = None
    stop: float | None = None
    log_x: bool | None = None
    log_y: bool | None = None
    events: bool = False
    ratio: bool = True
    mean_weight: bool = False


@dataclass(frozen=True, eq=False)
class Asked:
    """A wish in terms of one study.

    Attributes
    ----------
    names: what is drawn; () for everything.
    remark: what of the link could not be followed; "" for nothing.

    """

    names: tuple[str, ...]
    choice: Choice
    binning: Binning | None
    remark: str


def asked(study: Study, wish: Wish) -> Asked:
    """Understand a wish.

    Raises
    ------
    ConfigError: things that exclude each other, a link that is none, nothing named, bins for several.
    SelectionError: a cut or a range that makes no sense.

    """
    selections, view, focus, remark = _seen(study, wish)
    within = (*view.within, *map(cut_of, wish.within))
    choice = replace(
        choice_of_view(study, [study], selections, within, view),
        log_x=wish.log_x,
        reweighted=True,
        ratio=wish.ratio,
        mean_weight=wish.mean_weight,
    )
    if wish.log_y is not None:
        choice = replace(choice, log_y=wish.log_y, log_y_weights=wish.log_y, log_y_of={})
    if wish.events:
        choice = replace(choice, is_density=False)
    names = _names(study, wish, focus)
    return Asked(names, choice, _binning(study, names, wish), remark)


def _seen(study: Study, wish: Wish) -> tuple[list[Selection] | None, View, str, str]:
    """Selections, axes, observable and remarks of the link, or of the cuts."""
    given = wish.low is not None or wish.high is not None or bool(wish.cuts)
    if wish.link is None:
        cuts = tuple(map(cut_of, wish.cuts))
        one = Selection(wish.low, wish.high, cuts, "selection", PALETTE[0]) if given else None
        return None if one is None else [one], View(), "", ""
    if given:
        raise ConfigError("--link already says what is selected; leave out --low, --high and --cut")
    linked = read(given_link(wish.link), [study])
    changes, remark = linked.changes, linked.remark
    selections = drawn_of(changes["selections"], changes["visible"]) if "selections" in changes else None
    view = understood(changes.get("view", {}), View)
    return selections, view, changes.get("focus", study.observables[0].name), remark


def _names(study: Study, wish: Wish, focus: str) -> tuple[str, ...]:
    if wish.everything:
        if wish.names:
            raise ConfigError("--all draws every observable; leave out --observable")
        return ()
    names = tuple(wish.names) or ((focus,) if focus else ())
    if not names:
        known = ", ".join(o.name for o in study.observables)
        raise ConfigError(
            f"name what to draw with --observable, or draw all with --all; there are w, {known}"
        )
    return names


def _binning(study: Study, names: tuple[str, ...], wish: Wish) -> Binning | None:
    """Equal bins where any are asked for."""
    if wish.bins is None and wish.start is None and wish.stop is None:
        return None
    if len(names) != 1 or names == ("w",):
        raise ConfigError("--bins, --from and --to are for one observable; name it with --observable")
    own = study.observable(names[0]).binning
    log = own.scale == "log" if wish.log_x is None else wish.log_x
    edges = own.of(study.reference.observables[names[0]]).edges
    return binning_of(
        float(edges[0]) if wish.start is None else wish.start,
        float(edges[-1]) if wish.stop is None else wish.stop,
        edges.size - 1 if wish.bins is None else wish.bins,
        "log" if log else "linear",
    )
