"""`tailscope fit`: learn the weights of two samples."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

import typer

from tailscope.config import FitConfig, Protocol, Recalibrate
from tailscope.domains import Level
from tailscope.errors import ConfigError
from tailscope.fitting.null_pair import null_pair
from tailscope.fitting.null_runs import attach, null_band
from tailscope.fitting.outlook import outlook
from tailscope.formats.thresholded import energy_in_mev
from tailscope.reading.pair import read_with
from tailscope.reading.reading import Reading
from tailscope.sample.pairing import matched

from .many import expanded, output_for
from .options import (
    Binning,
    Cache,
    Columns,
    Common,
    Domain,
    Drop,
    DropUndefined,
    EventWeight,
    Features,
    Label,
    Names,
    OnDisk,
    Output,
    OwnObservables,
    Threshold,
    WhereOfSides,
)
from .sides import choice_of, condition_of, parted
from .steps import (
    check_output,
    event_weight_of,
    fit_and_save,
    load_sample,
    numbers,
    own_observables,
    say_inputs,
    say_next,
)
from .terminal import Sentences, err, print_outlook


def fit(
    context: typer.Context,
    output: Output,
    reference: Annotated[
        Path | None,
        typer.Argument(
            metavar="REF",
            help="File of reference events (Geant4, PYTHIA, data), or a part of it: FILE.h5:GROUP, "
            "FILE.root:TREE.",
            show_default=False,
        ),
    ] = None,
    generated: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="GEN...",
            help="File of generated events; of several, each becomes a study of its own.",
            show_default=False,
        ),
    ] = None,
    reference_files: Annotated[
        list[Path] | None,
        typer.Option(
            "--reference",
            metavar="FILES",
            help="Several files that are one reference sample; patterns in quotes too.",
        ),
    ] = None,
    generated_files: Annotated[
        list[Path] | None,
        typer.Option(
            "--generated",
            metavar="FILES",
            help="Several files that are one generated sample; patterns in quotes too.",
        ),
    ] = None,
    preset: Annotated[
        str,
        typer.Option(
            help="fast; best, of more and longer trainings (up to ten times the time); paper-calo or "
            "paper-events (Table 1 of the paper), or paper-jets. paper-calo sees energies of voxels as they "
            "are, from which it learns next to nothing of 24,000 showers."
        ),
    ] = "fast",
    network: Annotated[
        str,
        typer.Option(
            help="auto: several kinds of classifiers that suit the events, stacked (of the presets fast and "
            "best); or one alone: mlp, bayesian (its posterior gives every weight a spread), "
            "particlenet-lite (jets with their constituents), trees (gradient-boosted), quadratic, additive."
        ),
    ] = "auto",
    folds: Annotated[
        int, typer.Option(help="Folds; an event is scored by networks that never saw its fold.")
    ] = 5,
    members: Annotated[
        int | None,
        typer.Option(
            help="Repeats of all trainings of a fold; their spread says how far trainings on the same events "
            "differ. Else the preset's (2 of best, 1 of the others)."
        ),
    ] = None,
    protocol: Annotated[
        str,
        typer.Option(
            help="crossfit weighs every event; split, the paper's way, trains once and weighs the first fold."
        ),
    ] = "crossfit",
    validation: Annotated[
        float, typer.Option(help="Part of the training events that chooses the epoch and lowers the rate.")
    ] = 0.15,
    best_epochs: Annotated[
        int,
        typer.Option(min=1, help="Networks kept of each training, those of the lowest validation losses."),
    ] = 1,
    epochs: Annotated[int | None, typer.Option(help="At most so many; else the preset's.")] = None,
    watch_epochs: Annotated[
        str | None,
        typer.Option(
            metavar="1,5,15",
            help="Keep the weights after these epochs too: was a tail learned early, or by heart?",
        ),
    ] = None,
    batch_size: Annotated[int | None, typer.Option(help="Else the preset's.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Else the preset's.")] = None,
    seed: Annotated[int, typer.Option(help="Of folds, initialisation and batches.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps.")] = "auto",
    at_once: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Trainings that run at the same time on a CPU; else as many as there are processors. "
            "The weights are the same.",
        ),
    ] = None,
    recalibrate: Annotated[
        str,
        typer.Option(
            metavar="none|isotonic|platt",
            help="Map log w so that it is calibrated, learned on the other folds; the study says so.",
        ),
    ] = "none",
    null: Annotated[
        bool,
        typer.Option(
            "--null", help="Fit two random halves of REF: what noise looks like (GEN is not given)."
        ),
    ] = False,
    null_runs: Annotated[
        int,
        typer.Option(
            help="Refits with permuted labels, whose weights are noise: the band behind the weight histogram "
            "(20 are usual; all their trainings run together)."
        ),
    ] = 0,
    name: Annotated[str, typer.Option(help="Of the study, for its page.")] = "",
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Say what would be done and how long it may take, and write nothing."),
    ] = False,
    features: Features = None,
    observable: OwnObservables = None,
    where: WhereOfSides = None,
    columns: Columns = None,
    drop: Drop = None,
    label: Label = None,
    names: Names = None,
    common: Common = False,
    drop_undefined: DropUndefined = False,
    threshold: Threshold = None,
    domain: Domain = None,
    binning: Binning = None,
    max_events: Annotated[
        int | None, typer.Option(min=1, help="The first so many events of each file.")
    ] = None,
    event_weight: EventWeight = None,
    on_disk: OnDisk = None,
    cache: Cache = None,
) -> None:
    """Learn the weights of two samples and write a study file.

    A fit that is stopped goes on where it was when the same command is
    given again; one that was done before comes from the cache in seconds.

    [dim]tailscope fit geant4.hdf5 flow.hdf5 -o photons.study.h5 --device cuda --members 3[/]

    [dim]tailscope fit geant4.hdf5 flow.hdf5 -o r.study.h5 --observable "R=E_1/E_tot"[/]

    [dim]tailscope fit pythia.h5 flow.h5 -o z2j.study.h5 --where "n_jets == 2"[/]

    [dim]tailscope fit mcatnlo.h5 flow.h5 -o r.study.h5 --event-weight reference=weight[/]

    [dim]tailscope fit --null geant4.hdf5 -o null.study.h5[/]

    [dim]tailscope fit --reference part*.hdf5 --generated gen_*.hdf5 -o all.study.h5[/]

    [dim]tailscope fit geant4.hdf5 flow.hdf5 gan.hdf5 -o photons.study.h5  # one study each[/]

    [dim]tailscope fit all.csv all.csv -o b.h5 --where "reference:y == 0" --where "generated:y == 1"[/]

    [dim]tailscope fit both.h5:geant4 both.h5:flow -o b.study.h5[/]
    """
    kept = "Finished trainings and epochs are kept: the same command goes on from there."
    with Sentences(context.obj, kept):
        ref_files, gen_samples = _samples(reference, generated, reference_files, generated_files, null=null)
        if null_runs < 0 or null_runs == 1:
            raise ConfigError(f"--null-runs {null_runs} makes no band; give 2 or more, 20 are usual")
        config = FitConfig(
            preset=preset,
            network=network,
            folds=folds,
            members=members,
            seed=seed,
            device=device,
            # Any other word is refused with a sentence.
            protocol=cast("Protocol", protocol),
            validation=validation,
            best_epochs=best_epochs,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            recalibrate=cast("Recalibrate", recalibrate),
            watch_epochs=numbers("--watch-epochs", watch_epochs),
        )
        outputs = [
            output_for(output, gen[0].stem, len(gen_samples) > 1) for gen in gen_samples or [ref_files]
        ]
        for path in outputs:
            check_output(path, *(parted(one)[0] for files in (ref_files, *gen_samples) for one in files))

        def reading(role: str, files: tuple[Path, ...]) -> Reading:
            parts = [parted(path) for path in files]
            return Reading(
                parts[0][0],
                domain,
                binning,
                max_events=max_events,
                observables=own_observables(observable),
                where=condition_of(role, where),
                # Any other word is refused with a sentence.
                features=cast("Level | None", features),
                event_weight=event_weight_of(role, event_weight),
                in_memory=None if on_disk is None else not on_disk,
                cache=cache,
                choice=choice_of(role, parts[0][1], columns=columns, drop=drop, label=label, names=names),
                drop_undefined=drop_undefined,
                threshold=None if threshold is None else energy_in_mev(threshold),
                more=tuple(path for path, _ in parts[1:]),
            )

        how = reading("reference", ref_files)
        sample = load_sample(how)
        say_inputs(sample)
        for number, path in enumerate(outputs):
            ref, gen = (
                read_with(sample, how, reading("generated", gen_samples[number]), load_sample)
                if gen_samples
                else null_pair(sample, seed=seed)
            )
            ref, gen = matched(ref, gen, common=common)
            if dry_run:
                with err.status("timing small fits"):
                    found = outlook(ref, gen, config=config, cache=cache, at_once=at_once)
                print_outlook(found, path)
                continue
            study = fit_and_save(ref, gen, config, path, cache, name, at_once)
            if null_runs:
                err.print(f"null band: {null_runs} refits with permuted labels")
                band = null_band(ref, gen, config, runs=null_runs, cache=cache, at_once=at_once)
                attach(study, band).save(path)
        if not dry_run:
            say_next(*outputs)


def _samples(
    reference: Path | None,
    generated: list[Path] | None,
    reference_files: list[Path] | None,
    generated_files: list[Path] | None,
    *,
    null: bool,
) -> tuple[tuple[Path, ...], list[tuple[Path, ...]]]:
    """The files of the reference sample, and of each generated one; none of these with --null.

    Raises
    ------
    ConfigError: no reference, one named twice, or no generated sample where there must be one.

    """
    gens: list[tuple[Path, ...]] = [(path,) for path in expanded(generated)]
    if reference_files:
        # The first of the positional files is generated then.
        gens = [(path,) for path in (reference, *(generated or ())) if path is not None]
        reference = None
    files = (reference,) if reference is not None else expanded(reference_files)
    if generated_files:
        gens.append(expanded(generated_files))
    if not files or null == bool(gens):
        raise ConfigError(
            "name REF and GEN (or --reference FILES --generated FILES), or the reference alone with --null"
        )
    stems = [gen[0].stem for gen in gens]
    if len(set(stems)) < len(stems):
        raise ConfigError(
            "two generated samples have the same name, which their studies would share; rename one"
        )
    return files, gens
