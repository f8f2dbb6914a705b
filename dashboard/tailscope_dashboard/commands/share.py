"""`tailscope share`: studies as one HTML file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from tailscope.errors import ConfigError
from tailscope.study.study import Study, open_study
from tailscope_dashboard.state.state import State

from .steps import check_output, follow_link
from .terminal import Sentences, err, out


def share(
    context: typer.Context,
    studies: Annotated[list[Path], typer.Argument(metavar="STUDY...", help="One study file or several.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="PAGE", help="HTML file to write.")],
    link: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Open with what this permalink shows; the page copies one."),
    ] = None,
    low: Annotated[
        float | None, typer.Option(help="Open with the selection w >= this; read off the reference.")
    ] = None,
    high: Annotated[
        float | None, typer.Option(help="Open with the selection w < this; read off the generated sample.")
    ] = None,
) -> None:
    """Write one HTML file that shows studies without tailscope and without a network.

    Up to 60,000 events are carried in the file, and every cut is answered
    exactly; above that the histograms are kept at some hundred weights.

    The page opens with both tails at their usual cuts, or with --link, or with
    --low and --high. The page of [bold]tailscope serve[/] has a button for the same,
    which takes all selections as they are.

    [dim]tailscope share photons.study.h5 -o photons.html[/]

    [dim]tailscope share photons.study.h5 -o photons.html --low 1.6 --high 0.6[/]
    """
    with Sentences(context.obj):
        from tailscope_dashboard.share import resolution_of, write_page

        check_output(output, *studies)
        opened = [open_study(path) for path in studies]
        state = _opening(opened, link, low, high)
        with err.status("writing"):
            write_page(opened, output, state)
        if state.note:
            err.print(f"[yellow]{escape(state.note)}[/]")
        size = output.stat().st_size / 1e6
        out.print(f"{output}: {size:.1f} MB. {resolution_of(state.study)}", soft_wrap=True)


def _opening(studies: list[Study], link: str | None, low: float | None, high: float | None) -> State:
    """The state that the page opens with.

    Raises
    ------
    ConfigError: a link and cuts, a link that is none.
    SelectionError: a cut that makes no sense.

    """
    state = State(studies)
    if link is None:
        tails = state.selections
        ends = [replace(tail, **{end: value}) for tail, end, value in
                ((tails[0], "low", low), (tails[1], "high", high)) if value is not None]  # fmt: skip
        if ends:
            state.param.update(selections=ends, visible=[True] * len(ends))
        return state
    if low is not None or high is not None:
        raise ConfigError("--link already says which selections to open with; leave out --low and --high")
    follow_link(state, link)
    return state
