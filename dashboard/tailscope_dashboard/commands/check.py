"""`tailscope check`: did a tail grow? For the pipeline that trains a generator."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import Annotated

import typer

from tailscope.comparing.check import POWER, Verdict
from tailscope.comparing.check import check as check_studies
from tailscope.comparing.report import CheckReport
from tailscope.errors import ConfigError
from tailscope.study.study import Study, open_study
from tailscope.weights.tails import TAILS, Tail, tail_cut

from .terminal import Sentences, add_row, err, new_table, out, print_json, remark


def check(
    context: typer.Context,
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Study of the new generator.")],
    against: Annotated[Path, typer.Option("--against", metavar="OLD", help="Study to compare with.")],
    sigma: Annotated[float, typer.Option(help="Growth beyond so many standard deviations counts.")] = 3.0,
    tail: Annotated[
        list[str] | None,
        typer.Option(
            metavar="low|high[:W]", help="Tails to look at, with the cut on w; else both at OLD's usual cuts."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """Say whether a tail, or the AUC, grew; made for continuous integration.

    Both studies must have the same reference. Compared are the fractions of
    events in the tails at the same cuts, and the AUC, by

        T = (new - old)/sqrt(V_new + V_old)

    with V from how each number differs between the folds of its study, that
    is from counting and from training to training; T follows Student's t.
    Beside them stands what it finds: growth by so much, in 80% of trials.

    Exit code: 0 nothing grew, 1 something did, 2 the input cannot be used.

    [dim]tailscope check new.study.h5 --against released.study.h5[/]

    [dim]tailscope check new.study.h5 --against released.study.h5 --tail high:2 --sigma 4 --json[/]
    """
    with Sentences(context.obj):
        if not sigma > 0:
            raise ConfigError(f"--sigma {sigma:g}: give a positive number of standard deviations")
        before, after = open_study(against), open_study(new)
        with err.status("comparing"):
            verdict = check_studies(after, before, sigma=sigma, tails=_tails(tail or [], before))
        if as_json:
            print_json(CheckReport.of(verdict, sigma))
        else:
            _print(verdict, sigma)
        if verdict.grew:
            raise typer.Exit(1)


def _tails(asked: list[str], old: Study) -> dict[Tail, float] | None:
    """Cuts of the tails that were asked for; None for both usual ones.

    Raises
    ------
    ConfigError: what is no tail, or no weight.

    """
    cuts: dict[Tail, float] = {}
    for text in asked:
        name, _, number = text.partition(":")
        try:
            tail = next(tail for tail in TAILS if tail == name)
            cuts[tail] = float(number) if number else tail_cut(old, tail)
        except (StopIteration, ValueError):
            raise ConfigError(f"--tail {text}: write low, high, or one with its cut, low:0.5") from None
        if not 0 < cuts[tail] < float("inf"):
            raise ConfigError(f"--tail {text}: a tail begins at a weight above 0")
    return cuts or None


def _print(verdict: Verdict, sigma: float) -> None:
    table = new_table("", "", "old", "new", "significance", "finds", "")
    for growth in verdict.growths:
        scale, unit = (1.0, "") if growth.cut is None else (100.0, "%")
        sign = "" if growth.cut is None else f" (w {'<' if growth.name[0] == 'l' else '≥'} {growth.cut:g})"
        digits = 4 if growth.cut is None else 2
        add_row(
            table,
            growth.name + sign,
            *(
                f"{scale * e.value:.{digits}f} ± {scale * e.error:.{digits}f}{unit}"
                for e in (growth.old, growth.new)
            ),
            f"{growth.sigma:+.1f} σ",
            f"+{scale * growth.detectable:.{digits}f}{unit}" if isfinite(growth.detectable) else "nothing",
            "grew" if growth.grew else "",
        )
    out.print(table)
    out.print(f"finds: growth by so much is found in {POWER:.0%} of trials with studies like these")
    for sentence in verdict.remarks:
        remark(sentence)
    names = " and ".join(growth.name for growth in verdict.grew)
    out.print(
        f"\n{names} grew by more than {sigma:g} σ" if names else f"\nnothing grew by more than {sigma:g} σ"
    )
