"""Make the small Z+jets and dimuon samples, reference and generated, from PYTHIA's Z+jets events.

    python data/train_event_generators.py ZJETS.h5

ZJETS.h5 holds 500,000 events (data/README.md says how they were made). Some of each jet multiplicity become
the reference and nothing else; the flow of `tailscope generate` trains on others. The dimuon samples are the
two muons of further events, and of a simpler flow for these alone (`event_flow`).
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import torch
from event_flow import EventFlow, Floats, Schedule, to_muons, to_numbers
from rich.console import Console

from tailscope import baselines
from tailscope.reading.copy import copy_rows

N_REFERENCE = {1: 12_000, 2: 12_000, 3: 6_000}
N_TRAINING = {1: 25_000, 2: 50_000, 3: 13_290}
N_DIMUONS, N_DIMUON_TRAINING = 20_000, 25_000
FLOW = baselines.Settings("flow", epochs=12, batch_size=512, hidden=128)
DIMUON_SCHEDULE = Schedule(epochs=12)

PYTHIA = "PYTHIA 8.317, LO Z + parton, pT-hat > 12 GeV, Monash, hadronisation on, multiple interactions off"
NETWORK = "neural spline flow, trained on PYTHIA events outside the reference"
console = Console()


@dataclass(frozen=True)
class Arguments:
    """The command line."""

    events: Path
    output: Path
    seed: int


def parse_arguments() -> Arguments:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Train the event generators and write all four samples.")
    parser.add_argument("events", type=Path, help="500,000 PYTHIA events: momenta (N, 5, 4)")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent, help="folder to write to")
    parser.add_argument("--seed", type=int, default=2024)
    return Arguments(**vars(parser.parse_args()))


def write(path: Path, arrays: dict[str, np.ndarray], about: dict[str, str | int]) -> None:
    """Write HDF5, one dataset an array; nothing is rounded, as E^2 - p^2 needs every digit of float32."""
    with h5py.File(path, "w") as file:
        file.attrs.update(about)
        for name, values in arrays.items():
            file.create_dataset(name, data=values, compression="gzip", compression_opts=9, shuffle=True)


def of_flow(events: Path, rows: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Train a flow on these rows of a file; draw as many events of each multiplicity as the reference has."""
    with tempfile.TemporaryDirectory() as folder:
        training = copy_rows(events, np.sort(rows), Path(folder) / "training.h5")
        generator = baselines.train(
            training,
            FLOW,
            seed=seed,
            report=lambda epoch, epochs, loss: console.print(f"Z + jets, epoch {epoch}/{epochs}: {loss:.3f}"),
        )
    # The numbers of jets are drawn as the training events have them.
    enough = max(n / N_TRAINING[jets] for jets, n in N_REFERENCE.items()) * len(rows) * 1.1
    drawn = generator.sample(round(enough), seed=seed)
    chosen = [np.flatnonzero(drawn["njets"] == jets)[:n] for jets, n in N_REFERENCE.items()]
    rows = np.sort(np.concatenate(chosen))
    return {name: values[rows] for name, values in drawn.items()}


def dimuons(pt: Floats, eta: Floats, phi: Floats, random: np.random.Generator) -> dict[str, np.ndarray]:
    """pt, eta, phi and charge of both muons, named as in CMS's dimuon tables; the charges are drawn."""
    charge = random.choice([-1.0, 1.0], pt.shape[1])
    columns = {}
    for i in range(2):
        numbers = {"pt": pt[i], "eta": eta[i], "phi": phi[i], "Q": charge * (1 - 2 * i)}
        columns |= {f"{name}{i + 1}": column.astype(np.float32) for name, column in numbers.items()}
    return columns


def dimuon_pair(momenta: Floats, seed: int) -> dict[str, dict[str, np.ndarray]]:
    """The muons of the first events, and those of a flow that is trained on the others; momenta (n, 5, 4)."""
    random = np.random.default_rng([seed, 1])
    _, px, py, pz = momenta[:N_DIMUONS, :2].transpose(2, 1, 0)
    pt = np.hypot(px, py)
    flow = EventFlow(to_numbers(momenta[N_DIMUONS:, :2]), seed)
    flow.train(
        DIMUON_SCHEDULE,
        lambda epoch, loss, watched: console.print(f"dimuons, epoch {epoch + 1}: {loss:.3f} {watched:.3f}"),
    )
    return {
        "reference": dimuons(pt, np.arcsinh(pz / pt), np.arctan2(py, px), random),
        "generated": dimuons(*to_muons(flow.draw(N_DIMUONS), random), random),
    }


def main() -> None:
    """Split, train, draw, write."""
    arguments = parse_arguments()
    torch.set_num_threads(1)
    with h5py.File(arguments.events) as file:
        momenta, n_jets = file["momenta"][:], file["njets"][:]
    order = np.random.default_rng(arguments.seed).permutation(len(n_jets))
    rows = {jets: order[n_jets[order] == jets] for jets in N_REFERENCE}
    reference = np.concatenate([rows[jets][:n] for jets, n in N_REFERENCE.items()])
    training = np.concatenate([rows[jets][n : n + N_TRAINING[jets]] for jets, n in N_REFERENCE.items()])
    others = rows[1][N_REFERENCE[1] + N_TRAINING[1] :][: N_DIMUONS + N_DIMUON_TRAINING]
    zjets = {
        "reference": {"momenta": momenta[np.sort(reference)], "njets": n_jets[np.sort(reference)]},
        "generated": of_flow(arguments.events, training, arguments.seed),
    }
    pairs = dimuon_pair(momenta[others].astype(np.float64), arguments.seed)
    for side in ("reference", "generated"):
        about: dict[str, str | int] = {"sample": side, "seed": arguments.seed}
        about |= (
            {"generator": PYTHIA} if side == "reference" else {"generator": NETWORK, "trained_on": PYTHIA}
        )
        write(arguments.output / f"zjets_{side}.h5", zjets[side], about)
        write(arguments.output / f"dimuon_{side}.h5", pairs[side], about)
    console.print(f"written to {arguments.output}")


if __name__ == "__main__":
    main()
