"""`tailscope export`: selected events as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from tailscope_dashboard.terminal import Sentences, out

from .steps import check_output

if TYPE_CHECKING:
    from tailscope.selection import SampleName


def export(
    context: typer.Context,
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="A study file.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help=".h5, .hdf5 or .csv.")],
    low: Annotated[float | None, typer.Option(help="Events with w of at least this.")] = None,
    high: Annotated[float | None, typer.Option(help="Events with w below this.")] = None,
    cut: Annotated[
        list[str] | None, typer.Option(metavar="NAME:LOW..HIGH", help="Further cut; an end may be left out.")
    ] = None,
    sample: Annotated[
        str | None, typer.Option(help="reference or generated; else the one the tail is read off.")
    ] = None,
) -> None:
    """Write selected events: row numbers, weights, observables.

    The file says which study and selection they come from.

    [dim]tailscope export photons.study.h5 --low 1.6 --cut E_2:..0.1 -o high.csv[/]
    """
    with Sentences(context.obj):
        from tailscope.errors import ConfigError
        from tailscope.export import export_events
        from tailscope.selection import Selection
        from tailscope.study_file import open_study
        from tailscope_dashboard.permalink import cut_of

        check_output(output, study)
        selection = Selection(low, high, tuple(cut_of(text) for text in cut or []))
        if sample not in {None, "reference", "generated"}:
            raise ConfigError(f"--sample {sample}: choose reference or generated")
        chosen = cast("SampleName | None", sample)
        n = export_events(open_study(study), selection, output, sample=chosen)
        out.print(f"{output}: {n:,} events of the {chosen or selection.right_sample} sample", soft_wrap=True)
