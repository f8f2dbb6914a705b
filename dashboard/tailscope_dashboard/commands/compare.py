"""`tailscope compare`: several studies of one reference in one table."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tailscope.comparing.compare import Comparison, Row, as_series
from tailscope.comparing.compare import compare as compare_studies
from tailscope.comparing.report import ComparisonReport
from tailscope.study.study import open_study
from tailscope.weights.estimates import Estimate

from .terminal import Sentences, add_row, err, new_table, out, print_json, remark


class By(StrEnum):
    """What the rows are ordered by; the best comes first."""

    given = "given"
    auc = "auc"
    low = "low"
    high = "high"
    trust = "trust"
    calibration = "calibration"
    closure = "closure"
    seconds = "seconds"


def compare(
    context: typer.Context,
    studies: Annotated[
        list[Path],
        typer.Argument(metavar="STUDY...", help="Study files of one reference.", show_default=False),
    ],
    sort: Annotated[By, typer.Option(help="Order of the rows, the best first.")] = By.auc,
    series: Annotated[
        bool,
        typer.Option(
            "--series", help="Checkpoints of one generator, by the number in which their files' names differ."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """Set studies of one reference side by side.

    AUC (0.5: cannot be told apart), fraction of events in both tails (at the
    same cuts), the worst light of the checks of trust, calibration, observables
    that reweighting does not repair, and the time of the fit. Errors hold what
    differs from training to training.

    [dim]tailscope compare flow.study.h5 gan.study.h5 vae.study.h5[/]

    [dim]tailscope compare flow-010.study.h5 flow-020.study.h5 flow-030.study.h5 --series[/]
    """
    with Sentences(context.obj):
        opened = [open_study(path) for path in studies]
        with err.status("comparing"):
            found = compare_studies(opened, [label_of(path) for path in studies])
        rows = as_series(found) if series else found.ordered(sort.value)
        if as_json:
            print_json(ComparisonReport.of(found, rows))
        else:
            _print(found, rows, series=series)


def label_of(path: Path) -> str:
    """Name of a study's file without its endings."""
    return path.name.removesuffix(".h5").removesuffix(".study")


def _print(found: Comparison, rows: tuple[Row, ...], *, series: bool) -> None:
    low, high = (f"{found.cuts[tail]:g}" for tail in ("low", "high"))
    head = ("AUC", f"w < {low} [%]", f"w ≥ {high} [%]", "trust", "χ²/ndf", "open", "fit")
    table = new_table(f"Against {rows[0].study.reference.name}", "epoch" if series else "study", *head)
    for row in rows:
        add_row(
            table,
            str(row.step) if series else row.label,
            _plus_minus(row.auc),
            *(_plus_minus(row.tails[tail], 100) for tail in ("low", "high")),
            row.light,
            f"{row.chi2:.0f}/{row.ndf}",
            f"{row.open_observables}/{row.n_observables}",
            "" if row.seconds is None else f"{row.seconds:,.0f} s",
        )
    out.print(table)
    out.print(
        "\nw < : part of the generated sample; w ≥ : of the reference; χ²/ndf: calibration;\n"
        "open: observables that still differ from the reference once reweighted"
    )
    for sentence in found.remarks:
        remark(sentence)


def _plus_minus(found: Estimate, scale: float = 1) -> str:
    digits = 4 if scale == 1 else 2
    return f"{scale * found.value:.{digits}f}\u00a0±\u00a0{scale * found.error:.{digits}f}"
