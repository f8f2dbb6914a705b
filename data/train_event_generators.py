"""Make the small Z+jets and dimuon samples, reference and generated, from PYTHIA's Z+jets events.

    python data/train_event_generators.py ZJETS.h5

ZJETS.h5 holds 500,000 events (data/README.md says how they were made). Some of each jet multiplicity become
the reference and nothing else; a normalizing flow (`event_flow`) for each multiplicity trains on others and
then draws as many. The dimuon samples are the two muons of further events, and of a flow for these alone.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import torch
from event_flow import EventFlow, Floats, Schedule, to_momenta, to_numbers
from rich.console import Console

N_REFERENCE = {1: 12_000, 2: 12_000, 3: 6_000}
N_TRAINING = {1: 25_000, 2: 25_000, 3: 13_000}
N_DIMUONS, N_DIMUON_TRAINING = 20_000, 25_000
SCHEDULES = {0: Schedule(epochs=12), 1: Schedule(epochs=16), 2: Schedule(epochs=16), 3: Schedule(epochs=24)}

PYTHIA = "PYTHIA 8.317, LO Z + parton, pT-hat > 12 GeV, Monash, hadronisation on, multiple interactions off"
NETWORK = "neural spline flow, one for each number of jets, trained on PYTHIA events outside the reference"


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


def zjets(momenta: Floats, random: np.random.Generator) -> dict[str, np.ndarray]:
    """Shuffle, and count the jets."""
    momenta = random.permutation(momenta)
    return {
        "momenta": momenta.astype(np.float32),
        "njets": (momenta[:, 2:, 0] > 0).sum(axis=1).astype(np.int8),
    }


def dimuons(momenta: Floats, random: np.random.Generator) -> dict[str, np.ndarray]:
    """pt, eta, phi and charge of both muons, named as in CMS's dimuon tables; the charges are drawn."""
    charge = random.choice([-1.0, 1.0], len(momenta))
    columns = {}
    for i in range(2):
        _, px, py, pz = momenta[:, i].T
        pt = np.hypot(px, py)
        numbers = {"pt": pt, "eta": np.arcsinh(pz / pt), "phi": np.arctan2(py, px), "Q": charge * (1 - 2 * i)}
        columns |= {f"{name}{i + 1}": column.astype(np.float32) for name, column in numbers.items()}
    return columns


def main() -> None:
    """Split, train, draw, write."""
    arguments = parse_arguments()
    console = Console()
    torch.set_num_threads(1)
    random = np.random.default_rng(arguments.seed)
    with h5py.File(arguments.events) as file:
        momenta = random.permutation(file["momenta"][:].astype(np.float64))
    n_jets = (momenta[:, 2:, 0] > 0).sum(axis=1)

    def generated(events: Floats, n_particles: int, n: int) -> Floats:
        jets = n_particles - 2
        flow = EventFlow(to_numbers(events[:, :n_particles]), arguments.seed + jets)
        flow.train(
            SCHEDULES[jets],
            lambda epoch, loss, watched: console.print(
                f"{jets} jets, epoch {epoch + 1}: {loss:.3f} {watched:.3f}"
            ),
        )
        result = np.zeros((n, 5, 4))
        result[:, :n_particles] = to_momenta(flow.draw(n), random)
        return result

    sides: dict[str, list[Floats]] = {"reference": [], "generated": []}
    for jets, n in N_REFERENCE.items():
        chosen = momenta[n_jets == jets]
        sides["reference"].append(chosen[:n])
        sides["generated"].append(generated(chosen[n : n + N_TRAINING[jets]], 2 + jets, n))
    one_jet = momenta[n_jets == 1][N_REFERENCE[1] + N_TRAINING[1] :]
    pairs = {
        "reference": one_jet[:N_DIMUONS],
        "generated": generated(one_jet[N_DIMUONS : N_DIMUONS + N_DIMUON_TRAINING], 2, N_DIMUONS),
    }
    for side, events in sides.items():
        about: dict[str, str | int] = {"sample": side, "seed": arguments.seed}
        about |= (
            {"generator": PYTHIA} if side == "reference" else {"generator": NETWORK, "trained_on": PYTHIA}
        )
        write(arguments.output / f"zjets_{side}.h5", zjets(np.concatenate(events), random), about)
        write(arguments.output / f"dimuon_{side}.h5", dimuons(pairs[side], random), about)
    console.print(f"written to {arguments.output}")


if __name__ == "__main__":
    main()
