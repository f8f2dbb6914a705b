"""`tailscope figure`: histograms as PDF, PNG, SVG, or as numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from .steps import check_output
from .terminal import Sentences, err, out

if TYPE_CHECKING:
    from tailscope.counting.binning import Binning
    from tailscope.selection import Cut
    from tailscope.study.study import Study
    from tailscope_dashboard.figures import Choice
    from tailscope_dashboard.state.state import State


def figure(
    context: typer.Context,
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="A study file.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help=".pdf, .png, .svg; .json for the numbers.")
    ],
    observable: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="What to draw; w is the weights. Can be repeated."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="The weights and every observable: pages of a PDF, else one grid.")
    ] = False,
    link: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Draw what this permalink shows; the page copies one."),
    ] = None,
    low: Annotated[float | None, typer.Option(help="Selection: events with w of at least this.")] = None,
    high: Annotated[float | None, typer.Option(help="Selection: events with w below this.")] = None,
    cut: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME:LOW..HIGH", help="Further cut of the selection; an end may be left out."),
    ] = None,
    within: Annotated[
        list[str] | None, typer.Option(metavar="NAME:LOW..HIGH", help="Cut that all curves have to pass.")
    ] = None,
    bins: Annotated[int | None, typer.Option(help="Equal bins instead of the study's own.")] = None,
    start: Annotated[float | None, typer.Option("--from", help="Where these bins begin.")] = None,
    stop: Annotated[float | None, typer.Option("--to", help="Where they end.")] = None,
    log_x: Annotated[
        bool | None, typer.Option("--log-x/--linear-x", help="Horizontal axis; else as usual for it.")
    ] = None,
    log_y: Annotated[bool | None, typer.Option("--log-y/--linear-y", help="Vertical axis.")] = None,
    events: Annotated[bool, typer.Option("--events", help="Events per bin instead of unit area.")] = False,
    ratio: Annotated[bool, typer.Option(help="A panel with the ratio to the reference.")] = True,
    mean_weight: Annotated[
        bool, typer.Option("--mean-weight", help="A panel with the mean weight of the generated events.")
    ] = False,
    code: Annotated[bool, typer.Option("--code", help="Print the Python that makes the same.")] = False,
) -> None:
    """Draw histograms for a paper or a talk, or write their numbers.

    Reference filled, generated as a line, selections in colour, with error bars,
    under- and overflow and a ratio panel. Both tails are drawn at their usual
    cuts, or the one selection of --low, --high and --cut, or those of --link.
    No LaTeX is needed.

    The .json file holds the counts, never normalised, in the schema of uhi, which
    hist and boost-histogram read.

    [dim]tailscope figure photons.study.h5 --observable E_1 --low 1.6 --cut E_2:..0.1 -o E_1.pdf[/]

    [dim]tailscope figure photons.study.h5 --all -o photons.pdf[/]
    """
    with Sentences(context.obj):
        from tailscope.study.study import open_study
        from tailscope_dashboard.figures import all_panels, format_of, panels_of, source_of, write

        check_output(output, study)
        format_of(output)
        opened = open_study(study)
        state = _state(opened, link, low, high, cut)
        choice = replace(
            _seen(opened, state, _within(state, within)), log_x=log_x, ratio=ratio, mean_weight=mean_weight
        )
        if log_y is not None:
            choice = replace(choice, log_y=log_y, log_y_weights=log_y, log_y_of={})
        if events:
            choice = replace(choice, is_density=False)
        names = _names(opened, state, observable, link=link, everything=everything)
        binning = _binning(opened, names, bins, start, stop, choice)
        if state.note:
            err.print(f"[yellow]{escape(state.note)}[/]")
        with err.status("drawing"):
            panels = all_panels(opened, choice) if everything else panels_of(opened, names, choice, binning)
            write(opened, panels, choice, output)
        linear = [panel.name for panel in panels if log_x and not panel.log_x]
        if linear:
            err.print(
                f"[yellow]{escape(', '.join(linear))}: the bins begin at or below 0, so that the horizontal "
                "axis is linear.[/]"
            )
        said = err if code else out  # what --code prints is Python from the first line on
        said.print(f"{output}: {escape(', '.join(panel.name for panel in panels))}", soft_wrap=True)
        if code:
            shown = [panel.name for panel in panels]
            target = output.name if output.suffix != ".json" else f"{output.stem}.pdf"
            typer.echo(source_of(opened, shown, choice, output=target, binning=binning))


def _state(
    study: Study, link: str | None, low: float | None, high: float | None, cut: list[str] | None
) -> State:
    """What is selected.

    Raises
    ------
    ConfigError: a link and cuts, a link that is none.
    SelectionError: a cut that makes no sense.

    """
    from tailscope.errors import ConfigError
    from tailscope.selection import Selection
    from tailscope_dashboard.state.permalink import cut_of
    from tailscope_dashboard.state.state import State

    from .steps import follow_link

    state = State([study])
    given = low is not None or high is not None or bool(cut)
    if link is not None:
        if given:
            raise ConfigError("--link already says what is selected; leave out --low, --high and --cut")
        follow_link(state, link)
    elif given:
        selection = Selection(low, high, tuple(cut_of(text) for text in cut or []), name="selection")
        state.param.update(selections=[selection], visible=[True], active=0)
    return state


def _seen(study: Study, state: State, within: tuple[Cut, ...]) -> Choice:
    """The selections with the axes and the scale that a link asks for, or as usual."""
    from tailscope_dashboard.figures.choice import choice_of_view

    return replace(choice_of_view(study, [study], state.drawn, within, state.view), reweighted=True)


def _within(state: State, texts: list[str] | None) -> tuple[Cut, ...]:
    from tailscope_dashboard.state.permalink import cut_of

    return (*state.slice, *(cut_of(text) for text in texts or []))


def _names(
    study: Study, state: State, given: list[str] | None, *, link: str | None, everything: bool
) -> list[str]:
    """What is drawn.

    Raises
    ------
    ConfigError: nothing is named, or names beside ``--all``.

    """
    from tailscope.errors import ConfigError

    if everything:
        if given:
            raise ConfigError("--all draws every observable; leave out --observable")
        return []
    if given:
        return given
    if link is not None:
        return [state.focus]
    known = ", ".join(o.name for o in study.observables)
    raise ConfigError(f"name what to draw with --observable, or draw all with --all; there are w, {known}")


def _binning(
    study: Study, names: list[str], bins: int | None, low: float | None, high: float | None, choice: Choice
) -> Binning | None:
    """Equal bins where any are asked for.

    Raises
    ------
    ConfigError: bins for several observables, or for the weights.
    SelectionError: an empty range.

    """
    from tailscope.errors import ConfigError
    from tailscope.weights.curves import binning_of

    if bins is None and low is None and high is None:
        return None
    if len(names) != 1 or names == ["w"]:
        raise ConfigError("--bins, --from and --to are for one observable; name it with --observable")
    own = study.observable(names[0]).binning
    log = own.scale == "log" if choice.log_x is None else choice.log_x
    edges = own.of(study.reference.observables[names[0]]).edges
    return binning_of(
        float(edges[0]) if low is None else low,
        float(edges[-1]) if high is None else high,
        edges.size - 1 if bins is None else bins,
        "log" if log else "linear",
    )
