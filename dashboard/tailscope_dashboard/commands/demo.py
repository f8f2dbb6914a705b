"""`tailscope demo`: a bundled sample, fitted and shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tailscope.config import FitConfig
from tailscope.errors import StudyError
from tailscope.reading.reading import Reading
from tailscope.storage.cache import Cache as Store

from .options import Cache, NoOpen, Port
from .serve import serve_until_stopped
from .steps import check_output, fit_and_save, load_sample, make_folder
from .terminal import Sentences


class Demo(StrEnum):
    """The bundled samples."""

    photons = "photons"
    zjets = "zjets"
    jets = "jets"
    dimuon = "dimuon"


@dataclass(frozen=True)
class Bundled:
    """One pair: title, and names of the reference and of the generated sample."""

    title: str
    reference: str
    generated: str


DEMOS = {
    Demo.photons: Bundled("Photon showers, 1-20 GeV", "Geant4", "MADE network"),
    Demo.zjets: Bundled("Z + jets, 13 TeV", "PYTHIA 8", "normalizing flow"),
    Demo.jets: Bundled("Jets of 0.8-1.6 TeV", "PYTHIA 8", "PYTHIA 8 without M/pT > 0.17"),
    Demo.dimuon: Bundled("Dimuons, 13 TeV", "PYTHIA 8", "normalizing flow"),
}


def demo(
    context: typer.Context,
    sample: Annotated[Demo, typer.Argument(help="photons, zjets, jets or dimuon.")] = Demo.photons,
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
    muons of such events; jets: PYTHIA's jets against such jets without the heavy
    ones, a flaw made on purpose with [bold]tailscope distort[/]. A minute or two, and
    seconds when it was done before.

    [dim]tailscope demo[/]

    [dim]tailscope demo jets[/]
    """
    kept = "Finished trainings and epochs are kept: the same command goes on from there."
    with Sentences(context.obj, kept):
        if output is None:
            output = Store(cache).folder / "demo" / f"{sample.value}.study.h5"
            make_folder(output.parent)
        check_output(output)
        pair = DEMOS[sample]
        reference, generated = (
            load_sample(Reading(_demo_file(f"{sample.value}_{role}"), name=name))
            for role, name in (("reference", pair.reference), ("generated", pair.generated))
        )
        fit_and_save(reference, generated, FitConfig(device=device), output, cache, pair.title)
        serve_until_stopped([output], port, no_open, [])


def _demo_file(stem: str) -> Path:
    """A bundled sample by its name without suffix, inside the package or in ``data/`` of a checkout.

    Raises
    ------
    StudyError: it is in neither place.

    """
    here = Path(__file__).parents[1]
    for folder in (here / "_data", here.parents[1] / "data"):
        for path in folder.glob(f"{stem}.h*5"):
            return path
    raise StudyError(
        f"the bundled sample {stem} is missing; install tailscope again, or clone it with its data"
    )
