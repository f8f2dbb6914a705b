"""Make `photons_reference.hdf5` and `photons_generated.hdf5` from Geant4 photon showers.

    python data/train_photon_generator.py PHOTONS.hdf5

PHOTONS.hdf5 holds 45,496 showers in CaloGAN's layout; data/README.md says which. 12,000 of them become the
reference sample and nothing else; a generative network (`photon_generator`) trains on the rest and then draws
showers for incident energies of its own. 12,000 of these are kept, by weights that tailscope learns between
them and the training showers.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

import torch
from photon_generator.generator import draw_incident_energy, draw_showers, split, train_generator
from photon_generator.refining import refined
from photon_generator.showers import read_showers, write_showers
from photon_generator.training import Schedule
from rich.console import Console

N_REFERENCE = 12_000
N_GENERATED = 12_000
N_DRAWN = 300_000
KEPT = (30_000, N_GENERATED)
"""After the first and the second refinement."""
N_VALIDATION = 2_000
LAYER_SCHEDULE = Schedule(epochs=20, learning_rate=2e-3)
VOXEL_SCHEDULE = Schedule(epochs=26, learning_rate=2e-3)

GEANT4 = (
    "Geant4 11.4.0, EM physics option 0 modified (data/README.md), CaloGAN's geometry, 0.7 mm production cuts"
)
NETWORK = (
    "two masked autoregressive networks: layer energies given the incident energy (zero-inflated Gaussian "
    "mixtures), then 504 voxels given both (empty, a line, or mixtures of four Gaussians in the logit); "
    "trained on 33,496 Geant4 showers outside the reference, and unweighted twice with weights learned on "
    "these same"
)


@dataclass(frozen=True)
class Arguments:
    """The command line."""

    photons: Path
    output: Path
    seed: int
    threads: int


def parse_arguments() -> Arguments:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Train the photon generator and write both samples.")
    parser.add_argument("photons", type=Path, help="the 45,496 Geant4 photon showers (HDF5, CaloGAN layout)")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent, help="folder to write to")
    parser.add_argument("--seed", type=int, default=2024)
    parser.add_argument("--threads", type=int, default=1, help="another number rounds differently")
    return Arguments(**vars(parser.parse_args()))


def main() -> None:
    """Split, train, draw, write."""
    arguments = parse_arguments()
    console = Console()
    torch.set_num_threads(arguments.threads)
    reference, training = split(read_showers(arguments.photons), N_REFERENCE, arguments.seed)
    console.print(f"{len(reference):,} reference showers, {len(training):,} for training")

    def report(network: str, epoch: int, loss: float, validation_loss: float) -> None:
        console.print(f"{network}, epoch {epoch + 1}: loss {loss:.3f}, validation {validation_loss:.3f}")

    model = train_generator(training, N_VALIDATION, (LAYER_SCHEDULE, VOXEL_SCHEDULE), arguments.seed, report)
    random = torch.Generator().manual_seed(arguments.seed + 1)
    drawn = draw_showers(model, draw_incident_energy(N_DRAWN, random), random)
    generated = drawn
    for kept in KEPT:
        with tempfile.TemporaryDirectory() as folder:
            generated, told = refined(training, generated, kept, arguments.seed, Path(folder))
        console.print(
            f"AUC {told['auc']:.3f}; {kept:,} kept with probability w/{told['w_max']:.2f}, "
            f"above which {told['lost']:.1%} of the sum of w lies"
        )

    common: dict[str, str | int] = {
        "particle": "photon",
        "incident_energy": "uniform in 1-20 GeV, perpendicular",
        "mantissa_bits": 12,
    }
    write_showers(
        arguments.output / "photons_reference.hdf5",
        reference,
        {"sample": "reference", "generator": GEANT4, "split_seed": arguments.seed, **common},
    )
    write_showers(
        arguments.output / "photons_generated.hdf5",
        generated,
        {"sample": "generated", "generator": NETWORK, "trained_on": GEANT4, "seed": arguments.seed, **common},
    )
    console.print(f"written to {arguments.output}")


if __name__ == "__main__":
    main()
