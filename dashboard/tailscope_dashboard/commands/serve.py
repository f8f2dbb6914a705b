"""`tailscope serve`: studies in the browser."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import AllowHost, NoOpen, Port
from .terminal import Sentences, err, out

if TYPE_CHECKING:
    from tailscope_dashboard.server.serve import Launched


def serve(
    context: typer.Context,
    studies: Annotated[list[Path], typer.Argument(metavar="STUDY...", help="One study file or several.")],
    port: Port = 5006,
    no_open: NoOpen = False,
    allow_host: AllowHost = None,
    events: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE_OR_FOLDER",
            help="Where the files of events are now, for the event display; found by checksum. Repeatable.",
        ),
    ] = None,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="End every address given out so far, and sign with a new key.")
    ] = False,
) -> None:
    """Show studies in the browser, on this machine only.

    Of several studies one is shown; the generated samples of the others are laid
    over it where all have the same reference.

    The printed address carries a key; nothing is shown without it. The
    server listens on 127.0.0.1 only; from another machine, use the tunnel
    that is printed.

    The key is yours and is kept (address.key in your configuration folder,
    readable by you alone), so that a bookmark or a copied link still works
    when the server was stopped and started again on the same port. Whoever
    has such an address and can reach the port sees the studies: on a shared
    machine hand it only to those who may, and take it back with --new-key.

    The tab Events draws showers and jets from the files that the study was
    made of. They are looked for where they were and beside the study; tell
    where else with --events.

    [dim]tailscope serve photons.study.h5 pions.study.h5 --port 5007 --no-open[/]

    [dim]tailscope serve photons.study.h5 --events /data/showers[/]
    """
    with Sentences(context.obj):
        serve_until_stopped(studies, port, no_open, allow_host or [], new_key=new_key, events=events or [])


def serve_until_stopped(
    studies: list[Path],
    port: int,
    no_open: bool,
    allow_hosts: list[str],
    *,
    new_key: bool = False,
    events: list[Path] | None = None,
) -> None:
    """Open studies in the browser and go on until Ctrl-C."""
    from tailscope_dashboard.server.serve import launch

    with err.status("opening"):
        launched = launch(studies, port=port, allow_hosts=allow_hosts, new_key=new_key, events=events or [])
    _say_where(launched)

    def open_browser() -> None:
        if not no_open:
            webbrowser.open(launched.url)

    launched.run(open_browser)
    out.print("Stopped.")


def _say_where(launched: Launched) -> None:
    if launched.port != launched.wanted:
        out.print(f"Port {launched.wanted} is in use; {launched.port} is taken instead.")
    out.print(f"\n  [bold]{launched.url}[/]\n", soft_wrap=True)
    out.print(
        f"From another machine: {launched.tunnel}\nand open the same address there. Ctrl-C stops.",
        soft_wrap=True,
    )
