"""`tailscope generate`: train a small generative network and draw events from it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from .options import Domain
from .steps import check_output
from .terminal import Sentences, err, out


def generate(
    context: typer.Context,
    reference: Annotated[
        Path,
        typer.Argument(metavar="REF", help="Events to learn from, or a network that --save kept."),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="HDF5 file to write.")],
    model: Annotated[str, typer.Option(help="flow, vae or gan.")] = "flow",
    events: Annotated[int, typer.Option("-n", "--events", min=1, help="How many to draw.")] = 10_000,
    epochs: Annotated[int, typer.Option(help="Passes through the training events.")] = 20,
    batch_size: Annotated[int, typer.Option(help="Events in a batch.")] = 256,
    learning_rate: Annotated[float, typer.Option(help="Of Adam, at its highest.")] = 2e-3,
    hidden: Annotated[int, typer.Option(help="Nodes of a hidden layer.")] = 128,
    seed: Annotated[int, typer.Option(help="Of the training and of what is drawn.")] = 0,
    max_events: Annotated[
        int | None, typer.Option(min=1, help="Learn from the first so many events.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="NETWORK", help="Keep the trained network (safetensors).")
    ] = None,
    resonance: Annotated[
        bool,
        typer.Option(
            "--resonance/--no-resonance",
            help="Z + jets: tell the network M_mumu, or let it find the Z peak, which it then smears.",
        ),
    ] = True,
    domain: Domain = None,
) -> None:
    r"""Train a flow, VAE or GAN on REF and write events that it makes.

    For those who have no generator at hand: its flaws are real, and
    `tailscope fit REF FILE` finds them. Any kind of event will do. The
    flow needs [bold]pip install "tailscope\[baselines]"[/].

    [dim]tailscope generate zjets.h5 -o flow.h5 --model flow --epochs 20[/]

    [dim]tailscope fit zjets.h5 flow.h5 -o flow.study.h5[/]
    """
    with Sentences(context.obj):
        from tailscope.baselines import Generator, Settings, load_generator, train

        for path in (output, save):
            if path is not None:
                check_output(path, reference)
        settings = Settings(model, epochs, batch_size, learning_rate, hidden, resonance)
        generator: Generator
        if reference.suffix == ".safetensors":
            generator = load_generator(reference)
        else:
            columns = (
                TextColumn(f"[bold]training the {model}"),
                BarColumn(),
                TextColumn("{task.description}"),
                TimeElapsedColumn(),
                TextColumn("left"),
                TimeRemainingColumn(),
            )
            with Progress(*columns, console=err) as bar:
                task = bar.add_task("reading events", total=epochs)

                def show(done: int, of: int, loss: float) -> None:
                    bar.update(task, completed=done, description=f"epoch {done}/{of}, loss {loss:.4g}")

                generator = train(
                    reference, settings, seed=seed, domain=domain, max_events=max_events, report=show
                )
        if save is not None:
            generator.save(save)
        with err.status(f"drawing {events:,} events"):
            generator.write(output, events, seed=seed)
        out.print(
            f"{output}: {events:,} events made by a {generator.settings.model}",
            soft_wrap=True,
        )
        if reference.suffix != ".safetensors":
            study = output.with_suffix(".study.h5")
            out.print(f"next: [bold]tailscope fit {reference} {output} -o {study}[/]", soft_wrap=True)
