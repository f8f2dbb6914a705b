"""`tailscope distort`: flaws of a known size, to see whether they would be seen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from tailscope.baselines import distortions
from tailscope.baselines.distortions import Distortion
from tailscope.baselines.distortions import distort as distort_events
from tailscope.errors import ConfigError

from .options import Binning, Domain
from .steps import check_output
from .terminal import Sentences, err, out


def distort(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Events, any that `tailscope fit` reads.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="OUT", help="The distorted events, in FILE's format.")
    ],
    observable: Annotated[
        str,
        typer.Option(metavar="NAME", help="What is distorted: an observable, or an expression of some."),
    ],
    tail_cut: Annotated[
        str | None,
        typer.Option(
            metavar="ABOVE[,BELOW]",
            help="Take away events at or above ABOVE, and those below BELOW: what a generator never reaches.",
        ),
    ] = None,
    smear: Annotated[
        float | None,
        typer.Option(metavar="SIGMA", help="The observable times Gauss(1, SIGMA): a resolution too coarse."),
    ] = None,
    shift: Annotated[
        float | None,
        typer.Option(
            metavar="DELTA", help="The observable times Gauss(1 + DELTA, 0.05): a scale that is off."
        ),
    ] = None,
    reference: Annotated[
        Path | None,
        typer.Option(
            metavar="REF",
            help="Also write half of the events here, undistorted, which OUT then does not use: the pair to "
            "fit.",
        ),
    ] = None,
    events: Annotated[
        int | None,
        typer.Option(
            min=1, help="How many to write; else a quarter of FILE, with --reference as many as in REF / 2."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same files.")] = 0,
    domain: Domain = None,
    binning: Binning = None,
) -> None:
    """Distort a sample, to learn whether a flaw of a given size would be seen.

    OUT is what a generator would make that is right in all but one thing. Fit it
    against undistorted events: where the tails of w show the flaw, one of this
    size in your generator would show too; where they do not, it takes more events
    or a better classifier.

    Events are chosen, never changed: each is taken as often as the wanted density
    of the observable demands, and all else follows as it is correlated with it
    (arXiv:2211.10295; Sec. 3 of arXiv:2305.16774). The exact weights are
    therefore known, and the AUC of a perfect classifier is printed.

    [dim]tailscope distort jets.hdf5 -o cut.hdf5 --observable mass --tail-cut 170 --reference ref.hdf5[/]

    [dim]tailscope fit ref.hdf5 cut.hdf5 -o cut.study.h5[/]
    """
    with Sentences(context.obj):
        distortion = _chosen(tail_cut, smear, shift)
        check_output(output, file)
        if reference is not None:
            check_output(reference, file, output)
            if reference.absolute() == output.absolute():
                raise ConfigError("-o and --reference are the same; name two files")
        with err.status(f"reading {escape(file.name)}"):
            done = distort_events(
                file,
                output,
                observable,
                distortion,
                events=events,
                reference=reference,
                seed=seed,
                domain=domain,
                binning=binning,
            )
        copies = f", {done.n_repeated:,} of them copies of another" if done.n_repeated else ""
        before, after = done.mean
        out.print(f"{escape(str(output))}: {done.n_events:,} events{copies}", soft_wrap=True)
        out.print(f"mean of {escape(observable)}: {before:.5g} before, {after:.5g} after", soft_wrap=True)
        out.print(f"AUC of the exact weights: {done.best_auc:.4f}; no classifier finds more", soft_wrap=True)
        study = output.with_suffix(".study.h5")
        out.print(
            f"next: [bold]tailscope fit {escape(str(reference or file))} {escape(str(output))} "
            f"-o {escape(str(study))}[/]",
            soft_wrap=True,
        )


def _chosen(tail_cut: str | None, smear: float | None, shift: float | None) -> Distortion:
    """The one distortion that was asked for.

    Raises
    ------
    ConfigError: none or several, ends that are no numbers or the wrong way round, no width.

    """
    if sum(option is not None for option in (tail_cut, smear, shift)) != 1:
        raise ConfigError("choose one of --tail-cut, --smear and --shift")
    if tail_cut is not None:
        above, comma, below = tail_cut.partition(",")
        try:
            high, low = float(above) if above.strip() else None, float(below) if comma else None
        except ValueError:
            raise ConfigError(f"--tail-cut {tail_cut}: write numbers, like 170 or 170,20") from None
        if high is None and low is None:
            raise ConfigError(f"--tail-cut {tail_cut}: write numbers, like 170 or 170,20")
        if high is not None and low is not None and not low < high:
            raise ConfigError(
                f"--tail-cut {tail_cut} takes everything away; ABOVE, the first one, must be the larger"
            )
        return distortions.TailCut(low, high)
    if smear is not None:
        if not 0 < smear < 10:
            raise ConfigError(f"--smear {smear:g} is no width; choose one above 0, such as 0.25")
        return distortions.smear(smear)
    assert shift is not None  # one of the three is there
    if not -1 < shift < 10:
        raise ConfigError(f"--shift {shift:g} turns the observable's sign; choose one such as 0.1 or -0.1")
    return distortions.shift(1 + shift)
