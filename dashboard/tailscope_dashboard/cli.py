"""The `tailscope` command. torch and panel are imported by the commands that need them."""

from __future__ import annotations

import logging
import sys
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from .terminal import (
    Sentences,
    description_data,
    err,
    out,
    print_description,
    print_json,
    print_study,
    study_data,
)

if TYPE_CHECKING:
    from tailscope.config import FitConfig
    from tailscope.sample import Sample
    from tailscope.selection import SampleName
    from tailscope.study import Study

    from .serve import Launched


class Demo(StrEnum):
    """The bundled samples."""

    photons = "photons"
    zjets = "zjets"
    dimuon = "dimuon"


DEMOS = {
    Demo.photons: ("Photon showers, 1-20 GeV", "Geant4", "MADE network"),
    Demo.zjets: ("Z + jets, 13 TeV", "PYTHIA 8", "normalizing flow"),
    Demo.dimuon: ("Dimuons, 13 TeV", "PYTHIA 8", "normalizing flow"),
}
"""Title, name of the reference and of the generated sample."""

app = typer.Typer(
    name="tailscope",
    help="Where is a generative network wrong? A classifier learns reference against generated events; its "
    "output is the weight w = p_reference/p_generated, and the tails of w are the phase space that the "
    "network misses (w >> 1) or invents (w << 1).\n\n"
    "Start with [bold]tailscope demo[/], or with\n"
    "[bold]tailscope fit geant4.hdf5 flow.hdf5 -o photons.study.h5[/] and then\n"
    "[bold]tailscope serve photons.study.h5[/].",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)

Data = Annotated[Path, typer.Argument(metavar="REF", help="File of reference events (Geant4, PYTHIA, data).")]
Output = Annotated[Path, typer.Option("-o", "--output", metavar="STUDY", help="Study file to write.")]
Cache = Annotated[
    Path | None,
    typer.Option(help="Folder for trained weights; else $TAILSCOPE_CACHE, else the user's cache."),
]
Domain = Annotated[str | None, typer.Option(help="Kind of event, where the guess is not wanted.")]
Port = Annotated[int, typer.Option(min=1024, max=65535, help="The next free one is taken when it is in use.")]
NoOpen = Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")]
AllowHost = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME:PORT", help="A further name for the page, such as that of a tunnel's end."),
]


@app.callback(invoke_without_command=True)
def common(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and more of the log.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Options of all commands."""
    context.obj = debug
    logging.basicConfig(
        format="%(asctime)s %(name)s: %(message)s", level=logging.INFO if debug else logging.WARNING
    )
    if version:
        from importlib.metadata import version as version_of

        out.print(version_of("tailscope"))
        raise typer.Exit


@app.command()
def fit(
    context: typer.Context,
    reference: Data,
    output: Output,
    generated: Annotated[
        Path | None, typer.Argument(metavar="GEN", help="File of generated events.", show_default=False)
    ] = None,
    preset: Annotated[
        str, typer.Option(help="fast, paper-calo or paper-events (Table 1 of the paper).")
    ] = "fast",
    folds: Annotated[
        int, typer.Option(help="Folds; an event is scored by networks that never saw its fold.")
    ] = 5,
    members: Annotated[int, typer.Option(help="Trainings a fold; their spread is the error of log w.")] = 1,
    epochs: Annotated[int | None, typer.Option(help="At most so many; else the preset's.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Else the preset's.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Else the preset's.")] = None,
    seed: Annotated[int, typer.Option(help="Of folds, initialisation and batches.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps.")] = "auto",
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
            "(20 are usual, each takes as long as the fit)."
        ),
    ] = 0,
    name: Annotated[str, typer.Option(help="Of the study, for its page.")] = "",
    domain: Domain = None,
    max_events: Annotated[
        int | None, typer.Option(min=1, help="The first so many events of each file.")
    ] = None,
    cache: Cache = None,
) -> None:
    """Learn the weights of two samples and write a study file.

    A fit that is stopped goes on where it was when the same command is
    given again; one that was done before comes from the cache in seconds.

    [dim]tailscope fit geant4.hdf5 flow.hdf5 -o photons.study.h5 --device cuda --members 3[/]

    [dim]tailscope fit --null geant4.hdf5 -o null.study.h5[/]
    """
    kept = "Finished trainings and epochs are kept: the same command goes on from there."
    with Sentences(context.obj, kept):
        from tailscope.config import FitConfig
        from tailscope.errors import ConfigError

        if null == (generated is not None):
            raise ConfigError("name REF and GEN, or REF alone with --null")
        if null_runs < 0 or null_runs == 1:
            raise ConfigError(f"--null-runs {null_runs} makes no band; give 2 or more, 20 are usual")
        config = FitConfig(
            preset=preset,
            folds=folds,
            members=members,
            seed=seed,
            device=device,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
        )
        _check_output(output, reference, generated)
        ref = _load(reference, domain, max_events)
        if generated is None:
            from tailscope.fit import null_pair

            ref, gen = null_pair(ref, seed=seed)
        else:
            gen = _load(generated, domain, max_events)
        study = _fit(ref, gen, config, output, cache, name)
        if null_runs:
            from tailscope.null_fit import attach, null_band

            err.print(f"null band: {null_runs} refits with permuted labels")
            band = null_band(ref, gen, config, runs=null_runs, cache=cache)
            attach(study, band).save(output)
        _say_next(output)


@app.command(name="import")
def import_(
    context: typer.Context,
    reference: Data,
    generated: Annotated[Path, typer.Argument(metavar="GEN", help="File of generated events.")],
    weights: Annotated[Path, typer.Option(metavar="FILE", help="HDF5, npz or CSV file with the weights.")],
    output: Output,
    name: Annotated[str, typer.Option(help="Of the study, for its page.")] = "",
    domain: Domain = None,
) -> None:
    """Make a study of weights you already have.

    FILE holds the natural logarithms of w = p_reference/p_generated, one for
    each event in the order of the files, as [bold]log_w_reference[/] and
    [bold]log_w_generated[/]; or w itself, as [bold]w_reference[/] and [bold]w_generated[/].
    They are datasets of HDF5, arrays of npz, or columns of CSV (the shorter
    one ending in empty cells).

    [dim]tailscope import geant4.hdf5 flow.hdf5 --weights weights.npz -o photons.study.h5[/]
    """
    with Sentences(context.obj):
        from tailscope.study import Study
        from tailscope.weights_file import read_log_weights

        _check_output(output, reference, generated, weights)
        found = read_log_weights(weights)
        ref, gen = _load(reference, domain), _load(generated, domain)
        study = Study.from_weights(ref, gen, found.reference, found.generated, name=name)
        print_study(study, study.save(output), settings=False)
        _say_next(output)


@app.command()
def show(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A study, or a file of events.")],
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    domain: Domain = None,
) -> None:
    """Say what a file is: a study, or events and how they would be read.

    Every value of a file of events is read and checked, as [bold]fit[/] does.

    [dim]tailscope show geant4.hdf5[/]

    [dim]tailscope show photons.study.h5 --json[/]
    """
    with Sentences(context.obj):
        from tailscope.study_file import is_study, open_study

        if file.is_file() and is_study(file):
            study = open_study(file)
            if as_json:
                print_json(study_data(study))
            else:
                print_study(study, file, settings=True)
            return
        from tailscope.load import describe

        found = describe(file, domain=domain)
        if as_json:
            print_json(description_data(found))
        else:
            print_description(found)


@app.command()
def serve(
    context: typer.Context,
    studies: Annotated[list[Path], typer.Argument(metavar="STUDY...", help="One study file or several.")],
    port: Port = 5006,
    no_open: NoOpen = False,
    allow_host: AllowHost = None,
) -> None:
    """Show studies in the browser, on this machine only.

    The printed address carries a key; nothing is shown without it. The
    server listens on 127.0.0.1 only; from another machine, use the tunnel
    that is printed.

    [dim]tailscope serve photons.study.h5 pions.study.h5 --port 5007 --no-open[/]
    """
    with Sentences(context.obj):
        _serve(studies, port, no_open, allow_host or [])


@app.command()
def share(
    context: typer.Context,
    studies: Annotated[list[Path], typer.Argument(metavar="STUDY...", help="One study file or several.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="PAGE", help="HTML file to write.")],
) -> None:
    """Write one HTML file that shows studies without tailscope and without a network.

    Up to 60,000 events are carried in the file, and every cut is answered
    exactly; above that the histograms are kept at some hundred weights.

    [dim]tailscope share photons.study.h5 -o photons.html[/]
    """
    with Sentences(context.obj):
        from tailscope.study_file import open_study

        from .share import resolution_of, write_page

        _check_output(output, *studies)
        opened = [open_study(path) for path in studies]
        with err.status("writing"):
            write_page(opened, output)
        size = output.stat().st_size / 1e6
        out.print(f"{output}: {size:.1f} MB. {resolution_of(opened[0])}", soft_wrap=True)


@app.command()
def export(
    context: typer.Context,
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="A study file.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help=".h5, .hdf5 or .csv.")],
    low: Annotated[float | None, typer.Option(help="Events with w of at least this.")] = None,
    high: Annotated[float | None, typer.Option(help="Events with w below this.")] = None,
    cut: Annotated[
        list[str] | None, typer.Option(metavar="NAME:LOW..HIGH", help="Further cut; an end may be left out.")
    ] = None,
    sample: Annotated[
        str | None, typer.Option(help="reference or generated; else the one the tail is read off.")
    ] = None,
) -> None:
    """Write selected events: row numbers, weights, observables.

    The file says which study and selection they come from.

    [dim]tailscope export photons.study.h5 --low 1.6 --cut E_2:..0.1 -o high.csv[/]
    """
    with Sentences(context.obj):
        from tailscope.errors import ConfigError
        from tailscope.export import export_events
        from tailscope.selection import Selection
        from tailscope.study_file import open_study

        from .permalink import cut_of

        _check_output(output, study)
        selection = Selection(low, high, tuple(cut_of(text) for text in cut or []))
        if sample not in {None, "reference", "generated"}:
            raise ConfigError(f"--sample {sample}: choose reference or generated")
        chosen = cast("SampleName | None", sample)
        n = export_events(open_study(study), selection, output, sample=chosen)
        out.print(f"{output}: {n:,} events of the {chosen or selection.right_sample} sample", soft_wrap=True)


@app.command()
def demo(
    context: typer.Context,
    sample: Annotated[Demo, typer.Argument(help="photons, zjets or dimuon.")] = Demo.photons,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="STUDY", help="Study file to write; else in the cache."),
    ] = None,
    cache: Cache = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps.")] = "auto",
    port: Port = 5006,
    no_open: NoOpen = False,
) -> None:
    """Fit a bundled sample and open the dashboard.

    photons: 12,000 Geant4 showers against as many of a generative network;
    zjets: PYTHIA's Z + 1, 2, 3 jets against a normalizing flow; dimuon: the
    muons of such events. A minute or two, seconds when it was done before.

    [dim]tailscope demo[/]

    [dim]tailscope demo zjets[/]
    """
    kept = "Finished trainings and epochs are kept: the same command goes on from there."
    with Sentences(context.obj, kept):
        from tailscope.cache import Cache as Store
        from tailscope.config import FitConfig

        if output is None:
            output = Store(cache).folder / "demo" / f"{sample.value}.study.h5"
            _make_folder(output.parent)
        _check_output(output)
        names = DEMOS[sample]
        reference, generated = (
            _load(_demo_file(f"{sample.value}_{role}"), name=name)
            for role, name in zip(("reference", "generated"), names[1:], strict=True)
        )
        _fit(reference, generated, FitConfig(device=device), output, cache, names[0])
        _serve([output], port, no_open, [])


def main() -> None:
    """Entry point of the command."""
    with Sentences("--debug" in sys.argv):
        app()


def _load(
    path: Path, domain: str | None = None, max_events: int | None = None, name: str | None = None
) -> Sample:
    from tailscope.load import load

    with err.status(f"reading {path.name}"):
        return load(path, domain=domain, max_events=max_events, name=name)


def _fit(ref: Sample, gen: Sample, config: FitConfig, output: Path, cache: Path | None, name: str) -> Study:
    from tailscope.fit import fit as fit_study

    study = fit_study(ref, gen, config=config, cache=cache, name=name)
    print_study(study, study.save(output), settings=False)
    return study


def _serve(studies: list[Path], port: int, no_open: bool, allow_hosts: list[str]) -> None:
    from .serve import launch

    with err.status("opening"):
        launched = launch(studies, port=port, allow_hosts=allow_hosts)
    _say_where(launched)

    def open_browser() -> None:
        import webbrowser

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


def _say_next(output: Path) -> None:
    out.print(f"next: [bold]tailscope serve {output}[/]", soft_wrap=True)


def _check_output(output: Path, *inputs: Path | None) -> None:
    """Find out before the work whether its result can be written.

    Raises
    ------
    StudyError: no such folder, one that cannot be written, an output that is a folder or one of the inputs.

    """
    from tailscope.errors import StudyError

    if output.is_dir():
        raise StudyError(f"{output} is a folder; name a file in it, such as {output / 'photons.study.h5'}")
    if any(
        path is not None and path.exists() and output.exists() and path.samefile(output) for path in inputs
    ):
        raise StudyError(
            f"{output} is one of the inputs and would be overwritten; choose another name for -o"
        )
    try:
        with tempfile.TemporaryFile(dir=output.parent):
            pass
    except OSError as error:
        raise StudyError(
            f"{output} cannot be written: {error.strerror}; choose another folder for -o"
        ) from error


def _make_folder(folder: Path) -> None:
    from tailscope.errors import StudyError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudyError(
            f"{folder} cannot be made: {error.strerror}; choose another cache with --cache"
        ) from error


def _demo_file(stem: str) -> Path:
    """A bundled sample by its name without suffix, inside the package or in ``data/`` of a checkout.

    Raises
    ------
    StudyError: it is in neither place.

    """
    from tailscope.errors import StudyError

    here = Path(__file__).parent
    for folder in (here / "_data", here.parents[1] / "data"):
        for path in folder.glob(f"{stem}.h*5"):
            return path
    raise StudyError(
        f"the bundled sample {stem} is missing; install tailscope again, or clone it with its data"
    )
