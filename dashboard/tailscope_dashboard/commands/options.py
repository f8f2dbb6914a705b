"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path, typer.Argument(metavar="REF", help="File of reference events (Geant4, PYTHIA, data).")]
Output = Annotated[Path, typer.Option("-o", "--output", metavar="STUDY", help="Study file to write.")]
Cache = Annotated[
    Path | None,
    typer.Option(help="Folder for trained weights; else $TAILSCOPE_CACHE, else the user's cache."),
]
Domain = Annotated[str | None, typer.Option(help="Kind of event, where the guess is not wanted.")]
Binning = Annotated[
    Path | None,
    typer.Option(
        metavar="XML",
        help="Where the voxels of CaloChallenge showers lie, for other detectors than those of datasets 1-3.",
    ),
]
OwnObservables = Annotated[
    list[str] | None,
    typer.Option(
        "--observable",
        metavar="NAME=EXPRESSION",
        help="Your own: 'R=E_1/E_tot', or with a unit 'dE [MeV]=E_0-E_2'. There are + - * / ** %, "
        "and functions such as sqrt, log10, abs, min, hypot. Can be repeated.",
    ),
]
Where = Annotated[
    str | None,
    typer.Option(
        metavar="CONDITION",
        help="Only events that meet it, such as 'n_jets == 2' or '0.4 < dR_j1j2 < 1 and pT_j1 > 50'.",
    ),
]
WhereOfSides = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="[reference:|generated:]CONDITION",
        help="Only events that meet it, such as 'n_jets == 2' or '0.4 < dR_j1j2 < 1 and pT_j1 > 50'; with a "
        "role in front, of that sample alone: 'reference:label == 0'. It may name labels and the like.",
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAMES",
        help="Columns of a table that are compared, with commas between them; 'PRI_*' are all that begin so. "
        "Else all but counters, identifiers, labels, event weights and text, which are said.",
    ),
]
Drop = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAMES",
        help="Columns of a table that are not compared; 'generated:NAME' is one of that file alone, here and "
        "in --columns, --label and --names.",
    ),
]
Label = Annotated[
    list[str] | None,
    typer.Option(metavar="NAMES", help="Columns that say what an event is: for --where, never an input."),
]
Common = Annotated[
    bool,
    typer.Option(
        "--common",
        help="Compare what both files have (columns, observables); else names without counterpart are "
        "refused.",
    ),
]
Names = Annotated[
    list[str] | None,
    typer.Option(metavar="NAMES", help="Of the columns of a text without a line of names, one for each."),
]
Threshold = Annotated[
    str | None,
    typer.Option(
        metavar="ENERGY",
        help="Set voxels of showers below it to 0, such as '15.15 keV', as the CaloChallenge does.",
    ),
]
DropUndefined = Annotated[
    bool,
    typer.Option(
        "--drop-undefined",
        help="Leave out events with an undefined number (NaN, infinite, -999 ...), and say how many. Else an "
        "input tells the classifier where a column of a table is undefined, and other events are refused.",
    ),
]
Features = Annotated[
    str | None,
    typer.Option(
        metavar="low|high|both",
        help="What the classifier sees: voxels, constituents or momenta (low), the observables (high), or "
        "both. `tailscope show FILE` says how many numbers that is, and which is the default.",
    ),
]
OnDisk = Annotated[
    bool | None,
    typer.Option(
        "--on-disk/--in-memory",
        help="Where the numbers that the classifier sees are kept while it learns: on disk, in the cache "
        "folder, or in memory. By default on disk where they would fill more than a quarter of the memory.",
        show_default=False,
    ),
]
EventWeight = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[reference=|generated=]COLUMN",
        help="Column of event weights, negative ones too; with reference= or generated= that of one of the "
        "files. Can be repeated.",
    ),
]
Port = Annotated[int, typer.Option(min=1024, max=65535, help="The next free one is taken when it is in use.")]
NoOpen = Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")]
AllowHost = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME:PORT", help="A further name for the page, such as that of a tunnel's end."),
]
