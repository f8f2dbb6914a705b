"""`tailscope notes`: what people wrote about a study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from tailscope.errors import ConfigError
from tailscope.study import notes as kept
from tailscope.study.notes import Note
from tailscope.study.study import Study, open_study
from tailscope_dashboard.state.permalink import is_link, query_part

from .terminal import Sentences, out, print_json, remark


def notes(
    context: typer.Context,
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="A study file.")],
    add: Annotated[str | None, typer.Option(metavar="TEXT", help="Keep this note.")] = None,
    link: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Of the note: the permalink of what it is about."),
    ] = None,
    delete: Annotated[str | None, typer.Option(metavar="ID", help="Take your own note away.")] = None,
    author: Annotated[str | None, typer.Option(metavar="NAME", help="You; else your user name.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the notes as JSON.")] = False,
) -> None:
    """Show the notes that people keep with a study, or add one.

    They are in a file beside the study, photons.study.notes.json for
    photons.study.h5, and in the tab Notes of the page.

    [dim]tailscope notes photons.study.h5[/]

    [dim]tailscope notes photons.study.h5 --add "E_2 leaks, see the blue tail" --link "http://..."[/]
    """
    with Sentences(context.obj):
        if link is not None and add is None:
            raise ConfigError("--link belongs to a note; write it with --add TEXT")
        if link is not None and not is_link(link):
            raise ConfigError(
                f"--link {link[:60]} is not a permalink; copy one with the page's copy link button"
            )
        opened = open_study(study)
        name = author or kept.user_name()
        if delete is not None:
            kept.delete(opened, delete, name)
        if add is not None:
            kept.add(opened, add, name, "" if link is None else query_part(link))
        found = kept.read(opened)
        if as_json:
            print_json(found)
            return
        for note in found.notes:
            _print(opened, note)
        if not found.notes:
            out.print("no notes")
        if found.trouble:
            remark(found.trouble)


def _print(study: Study, note: Note) -> None:
    from tailscope_dashboard.parts.notes import about

    times = f"{note.time}{f', changed {note.changed}' if note.changed else ''}"
    out.print(f"[bold]{escape(note.author)}[/], {times}  [dim]{escape(note.id)}[/]", soft_wrap=True)
    for line in note.text.splitlines():
        out.print(f"  {escape(line)}", soft_wrap=True)
    for line in about(note.link, [study]):
        out.print(f"  [dim]{escape(line)}[/]", soft_wrap=True)
    out.print()
