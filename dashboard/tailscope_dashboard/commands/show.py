"""`tailscope show`: what a file is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tailscope.reading.description import described
from tailscope.reading.reading import Reading
from tailscope.study.file import is_study
from tailscope.study.report import FileReport, StudyReport
from tailscope.study.study import open_study

from .options import Binning, Columns, Domain, Drop, Label, Names, OwnObservables, Where
from .sides import choice_of, parted
from .steps import own_observables
from .terminal import Sentences, print_description, print_json, print_study


def show(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="A study, or a file of events (or a part of it: FILE.h5:GROUP)."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    observable: OwnObservables = None,
    where: Where = None,
    columns: Columns = None,
    drop: Drop = None,
    label: Label = None,
    names: Names = None,
    domain: Domain = None,
    binning: Binning = None,
) -> None:
    """Say what a file is: a study, or events and how they would be read.

    Every value of a file of events is read and checked, as [bold]fit[/] does.
    Nothing is ever scaled: units are those the format states.

    [dim]tailscope show geant4.hdf5[/]

    [dim]tailscope show geant4.hdf5 --observable "R=E_1/E_tot"[/]

    [dim]tailscope show photons.study.h5 --json[/]
    """
    with Sentences(context.obj):
        file, part = parted(file)
        if file.is_file() and is_study(file):
            study = open_study(file)
            if as_json:
                print_json(StudyReport.of(study))
            else:
                print_study(study, file, settings=True)
            return
        choice = choice_of("", part, columns=columns, drop=drop, label=label, names=names)
        found = described(
            Reading(
                file, domain, binning, observables=own_observables(observable), where=where, choice=choice
            )
        )
        if as_json:
            print_json(FileReport.of(found))
        else:
            print_description(found)
