"""The `tailscope` command. torch and Panel are slow to load: the commands that need them import them."""

from __future__ import annotations

import logging
import sys
from importlib.metadata import version as version_of
from typing import Annotated

import typer

from .commands import (
    bundle,
    check,
    compare,
    demo,
    distort,
    export,
    figure,
    fit,
    generate,
    import_,
    notes,
    serve,
    share,
    show,
)
from .commands.many import TakesMany
from .commands.printed import printed
from .commands.terminal import Sentences, out

app = typer.Typer(
    name="tailscope",
    help="Where is a generative network wrong? A classifier learns reference against generated events; its "
    "output is the weight w = p_reference/p_generated, and the tails of w are the phase space that the "
    "network misses (w >> 1) or invents (w << 1).\n\n"
    "Start with [bold]tailscope demo[/], or with\n"
    "[bold]tailscope fit geant4.hdf5 flow.hdf5 -o photons.study.h5[/] and then\n"
    "[bold]tailscope serve photons.study.h5[/].",
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


app.command(cls=TakesMany)(fit.fit)
app.command()(generate.generate)
app.command(name="import")(import_.import_)
app.command()(show.show)
app.command()(serve.serve)
app.command()(share.share)
app.command()(export.export)
app.command()(bundle.bundle)
app.command()(figure.figure)
app.command()(notes.notes)
app.command()(distort.distort)
app.command()(compare.compare)
app.command()(check.check)
app.command()(demo.demo)


FIRST = (
    ("tailscope demo                            ", "a bundled sample, fitted and shown in the browser"),
    ("tailscope fit REFERENCE GENERATED -o STUDY", "learn the weights of your own files"),
    ("tailscope serve STUDY                     ", "show them; tailscope --help lists all commands"),
)
"""What there is to type, and why: for whoever types nothing."""


@app.callback(invoke_without_command=True)
def common(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and more of the log.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Options of all commands."""
    context.obj = debug
    logging.basicConfig(
        format="%(asctime)s %(name)s: %(message)s", level=logging.INFO if debug else logging.WARNING
    )
    if version:
        out.print(version_of("tailscope"))
        raise typer.Exit
    if context.invoked_subcommand is None:
        for command, what in FIRST:
            out.print(f"[bold]{command}[/]  [dim]{what}[/]", soft_wrap=True)
        raise typer.Exit


def main() -> None:
    """Entry point of the command."""
    try:
        with Sentences("--debug" in sys.argv), printed():
            app(prog_name="tailscope")
    except typer.Exit as ended:  # outside of commands, where nobody else makes an exit code of it
        raise SystemExit(ended.exit_code) from None
