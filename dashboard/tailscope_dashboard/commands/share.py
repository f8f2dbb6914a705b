"""`tailscope share`: studies as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tailscope_dashboard.terminal import Sentences, err, out

from .steps import check_output


def share(
    context: typer.Context,
    studies: Annotated[list[Path], typer.Argument(metavar="STUDY...", help="One study file or several.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="PAGE", help="HTML file to write.")],
) -> None:
    """Write one HTML file that shows studies without tailscope and without a network.

    Up to 60,000 events are carried in the file, and every cut is answered
    exactly; above that the histograms are kept at some hundred weights.

    [dim]tailscope share photons.study.h5 -o photons.html[/]
    """
    with Sentences(context.obj):
        from tailscope.study_file import open_study
        from tailscope_dashboard.share import resolution_of, write_page

        check_output(output, *studies)
        opened = [open_study(path) for path in studies]
        with err.status("writing"):
            write_page(opened, output)
        size = output.stat().st_size / 1e6
        out.print(f"{output}: {size:.1f} MB. {resolution_of(opened[0])}", soft_wrap=True)
