"""`tailscope bundle`: a study that carries some of its events."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tailscope.looking.carry import with_bundle
from tailscope.study.study import open_study

from .terminal import Sentences, err, out


def bundle(
    context: typer.Context,
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="Study file.")],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="STUDY", help="Study file to write; else STUDY itself."),
    ] = None,
    n_events: Annotated[
        int,
        typer.Option("-n", "--events-per-tail", min=1, help="Of each tail, and of each sample at random."),
    ] = 100,
    events: Annotated[
        list[Path] | None,
        typer.Option(
            "--events",
            metavar="FILE_OR_FOLDER",
            help="Where the files are now; found by checksum. Repeatable.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the choice.")] = 0,
) -> None:
    """Let a study carry the voxels or constituents of some of its events.

    The tab Events then shows these where the files are not: on the laptop
    that the study is taken to. Carried are random events of both tails and
    of both samples, and of each the nearest reference event.

    [dim]tailscope bundle photons.study.h5 -n 200[/]
    """
    with Sentences(context.obj):
        with err.status("choosing and reading events"):
            carrying = with_bundle(open_study(study), n_events, places=events or (), seed=seed)
        path = carrying.save(output or study)
        carried = [s.bundle.events.size for s in (carrying.reference, carrying.generated) if s.bundle]
        out.print(
            f"{path} carries {carried[0]:,} reference and {carried[1]:,} generated events "
            f"({path.stat().st_size / 1e6:.1f} MB)",
            soft_wrap=True,
        )
