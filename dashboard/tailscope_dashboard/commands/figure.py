"""`tailscope figure`: histograms as PDF, PNG, SVG, or as numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from tailscope.study.study import open_study
from tailscope_dashboard.figures import all_panels, format_of, panels_of, source_of, write
from tailscope_dashboard.figures.asked import Wish, asked

from .steps import check_output
from .terminal import Sentences, err, out


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
        check_output(output, study)
        format_of(output)
        opened = open_study(study)
        found = asked(
            opened,
            Wish(
                names=observable or (), everything=everything, link=link, low=low, high=high, cuts=cut or (),
                within=within or (), bins=bins, start=start, stop=stop, log_x=log_x, log_y=log_y,
                events=events, ratio=ratio, mean_weight=mean_weight,
            ),
        )  # fmt: skip
        if found.remark:
            err.print(f"[yellow]{escape(found.remark)}[/]")
        with err.status("drawing"):
            panels = (
                all_panels(opened, found.choice)
                if everything
                else panels_of(opened, found.names, found.choice, found.binning)
            )
            write(opened, panels, found.choice, output)
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
            typer.echo(source_of(opened, shown, found.choice, output=target, binning=found.binning))
