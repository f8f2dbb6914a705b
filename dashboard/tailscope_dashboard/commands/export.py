"""`tailscope export`: selected events as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

import typer

from tailscope.errors import ConfigError
from tailscope.selection import SampleName, Selection
from tailscope.study.export import export_events, export_original
from tailscope.study.study import open_study
from tailscope_dashboard.state.permalink import cut_of

from .steps import check_output
from .terminal import Sentences, err, out


def export(
    context: typer.Context,
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="A study file.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help=".h5, .hdf5 or .csv; else as the original.")
    ],
    low: Annotated[float | None, typer.Option(help="Events with w of at least this.")] = None,
    high: Annotated[float | None, typer.Option(help="Events with w below this.")] = None,
    cut: Annotated[
        list[str] | None, typer.Option(metavar="NAME:LOW..HIGH", help="Further cut; an end may be left out.")
    ] = None,
    sample: Annotated[
        str | None, typer.Option(help="reference or generated; else the one the tail is read off.")
    ] = None,
    original: Annotated[
        bool,
        typer.Option("--original", help="Copy them out of the sample's own file instead, in its format."),
    ] = False,
    events: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE_OR_FOLDER", help="Where that file is now; else where it was. Repeatable."),
    ] = None,
) -> None:
    """Write selected events: row numbers, weights, observables.

    With --original, the rows of the file that the sample was read from, which
    every script of yours reads like that file. It is known by its SHA-256.

    The file says which study and selection they come from. Where no event is
    selected, a table without rows is written and a line on stderr says so;
    with --original nothing is written and the exit code is 2.

    [dim]tailscope export photons.study.h5 --low 1.6 --cut E_2:..0.1 -o high.csv[/]

    [dim]tailscope export photons.study.h5 --low 1.6 --original -o high.hdf5[/]
    """
    with Sentences(context.obj):
        check_output(output, study)
        selection = Selection(low, high, tuple(cut_of(text) for text in cut or []))
        if sample not in {None, "reference", "generated"}:
            raise ConfigError(f"--sample {sample}: choose reference or generated")
        chosen = cast("SampleName | None", sample)
        if events and not original:
            raise ConfigError("--events says where the file of --original is; give both")
        opened = open_study(study)
        if original:
            with err.status("copying"):
                n = export_original(opened, selection, output, sample=chosen, places=events or ())
        else:
            n = export_events(opened, selection, output, sample=chosen)
        role = chosen or selection.right_sample
        out.print(f"{output}: {n:,} events of the {role} sample", soft_wrap=True)
        if n == 0:
            w = opened.weights(role)
            err.print(
                f"[yellow]no event is selected, so that the file holds none: w of the {role} events lies "
                f"between {w.min():.4g} and {w.max():.4g}[/]"
                + (", and not all of them pass the further cuts" if cut else ""),
                soft_wrap=True,
            )
