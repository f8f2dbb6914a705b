"""Figures as files: PDF, PNG or SVG of one histogram or of all of them, and their numbers as JSON."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tailscope.errors import InputError
from tailscope.storage.atomic import atomic_path
from tailscope.study.study import Study
from tailscope.version import __version__

from .choice import Choice
from .content import Panel
from .numbers import json_of
from .words import plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Format = Literal["pdf", "png", "svg", "json"]
FORMATS: tuple[Format, ...] = ("pdf", "png", "svg", "json")

DPI = 200


def format_of(path: Path) -> Format:
    """What a file's ending asks for.

    Raises
    ------
    InputError: any other ending.

    """
    ending = path.suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        raise InputError(
            f"{path.name}: figures are written to .pdf, .png or .svg and their numbers to .json; choose one "
            "of these endings"
        )
    return ending


def foot_of(study: Study) -> str:
    """What every figure says in its corner."""
    return f"{plain(study.name)} · study {study.digest[:12]} · tailscope {__version__}"


def drawn(study: Study, panels: Sequence[Panel], choice: Choice, *, in_grid: bool) -> Figure:
    """Panels side by side, or one alone on its page."""
    # matplotlib and mplhep take most of a second: neither a page nor a command waits for them at its start.
    from .draw import grid, single

    if in_grid:
        return grid(panels, foot_of(study), with_ratio=choice.ratio)
    return single(panels[0], foot_of(study), with_ratio=choice.ratio)


def bytes_of(study: Study, panels: Sequence[Panel], choice: Choice, kind: Format) -> bytes:
    """A file's content. Several panels are pages of a PDF, and side by side in PNG and SVG.

    The same study and choice give the same bytes: no time is written into the file.

    Raises
    ------
    InputError: no panel.

    """
    if not panels:
        raise InputError("there is no histogram to draw; name at least one observable")
    if kind == "json":
        return json_of(study, panels, choice)
    file = io.BytesIO()
    about = {"Title": f"{study.name}: {', '.join(panel.name for panel in panels)}"[:300]}
    if kind == "pdf":
        from matplotlib.backends.backend_pdf import PdfPages  # late, as in `drawn`

        with PdfPages(file, metadata={**about, "CreationDate": None}) as pages:
            for panel in panels:
                pages.savefig(drawn(study, [panel], choice, in_grid=False))
        return file.getvalue()
    figure = drawn(study, panels, choice, in_grid=len(panels) > 1)
    if kind == "svg":
        figure.savefig(file, format="svg", metadata={**about, "Date": None})
    else:
        figure.savefig(file, format="png", dpi=DPI, metadata=about)
    return file.getvalue()


def write(study: Study, panels: Sequence[Panel], choice: Choice, path: Path) -> Path:
    """Write a figure, whole or not at all; its ending is its format.

    Raises
    ------
    InputError: an ending that is none of `FORMATS`.
    StudyError: the file cannot be written.

    """
    content = bytes_of(study, panels, choice, format_of(path))
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)
    return path
