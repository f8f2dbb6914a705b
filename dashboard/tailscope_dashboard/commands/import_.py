"""`tailscope import`: a study of weights that exist."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tailscope.errors import TrainingError
from tailscope.fitting.other_weights import other_weights
from tailscope.fitting.second_look import with_second_look
from tailscope.formats.weights import LogWeights, read_log_weights
from tailscope.reading.reading import Reading
from tailscope.sample.pairing import matched
from tailscope.sample.sample import Sample
from tailscope.study.study import Study

from .options import (
    Binning,
    Columns,
    Common,
    Data,
    Domain,
    Drop,
    EventWeight,
    Label,
    Names,
    Output,
    OwnObservables,
)
from .sides import choice_of, parted
from .steps import check_output, event_weight_of, load_sample, own_observables, say_next, say_remarks
from .terminal import Sentences, err, print_study


def import_(
    context: typer.Context,
    reference: Data,
    generated: Annotated[Path, typer.Argument(metavar="GEN", help="File of generated events.")],
    weights: Annotated[Path, typer.Option(metavar="FILE", help="HDF5, npz or CSV file with the weights.")],
    output: Output,
    name: Annotated[str, typer.Option(help="Of the study, for its page.")] = "",
    observable: OwnObservables = None,
    columns: Columns = None,
    drop: Drop = None,
    label: Label = None,
    names: Names = None,
    common: Common = False,
    domain: Domain = None,
    binning: Binning = None,
    event_weight: EventWeight = None,
) -> None:
    """Make a study of weights you already have.

    FILE holds the natural logarithms of w = p_reference/p_generated, one for
    each event in the order of the files, as [bold]log_w_reference[/] and
    [bold]log_w_generated[/]; or w itself, as [bold]w_reference[/] and [bold]w_generated[/].
    They are datasets of HDF5, arrays of npz, or columns of CSV (the shorter
    one ending in empty cells).

    Reweighters give the weights of one sample alone. One of the arrays is then
    enough: trees learn log w from it, and give the other sample's events theirs.
    This is an interpolation, and the study says how good it is.

    [dim]tailscope import geant4.hdf5 flow.hdf5 --weights weights.npz -o photons.study.h5[/]
    """
    with Sentences(context.obj):
        files = {"reference": parted(reference), "generated": parted(generated)}
        check_output(output, *(path for path, _ in files.values()), weights)
        found = read_log_weights(weights)
        ref, gen = (
            load_sample(
                Reading(
                    path,
                    domain,
                    binning,
                    observables=own_observables(observable),
                    event_weight=event_weight_of(role, event_weight),
                    choice=choice_of(role, part, columns=columns, drop=drop, label=label, names=names),
                )
            )
            for role, (path, part) in files.items()
        )
        ref, gen = matched(ref, gen, common=common)
        say_remarks(ref, gen)
        study = _study(found, ref, gen, name)
        study = _looked_at(study, ref, gen)
        print_study(study, study.save(output), settings=False)
        say_next(output)


def _study(found: LogWeights, reference: Sample, generated: Sample, name: str) -> Study:
    """The study of these weights; those of a sample without any are learned from the other's."""
    if found.reference is not None and found.generated is not None:
        return Study.from_weights(reference, generated, found.reference, found.generated, name=name)
    with err.status("learning the weights of the other sample"):
        if found.generated is not None:
            given = found.generated
            log_w, how = other_weights(generated, given, reference, "reference")
            both = log_w, given
        else:
            assert found.reference is not None  # one of them is there
            given = found.reference
            log_w, how = other_weights(reference, given, generated, "generated")
            both = given, log_w
    left_out = given.size - how.events
    err.print(
        f"the {how.sample} events have no weights in the file: theirs are an interpolation by trees, learned "
        f"from {how.events:,} weights"
        + (f" ({left_out:,} that are 0 or infinite left out)" if left_out else "")
        + ("" if how.r2 is None else f"; R² of log w out of fold: {how.r2:.3f}"),
    )
    return Study.from_weights(reference, generated, *both, name=name, interpolated=how)


def _looked_at(study: Study, reference: Sample, generated: Sample) -> Study:
    """The study with a second look at its weights, where what that needs is installed."""
    try:
        return with_second_look(study, reference, generated)
    except TrainingError:
        return study
