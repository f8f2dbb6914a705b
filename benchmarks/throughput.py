"""Speed of one epoch against a plain loop of PyTorch (that of scoring: scoring.py).

The same perceptron, batch size, rate and number of events; AdamW in both; no averaging of parameters. The
plain loop is what one writes first: inputs standardised beforehand, `TensorDataset`,
`DataLoader(shuffle=True)`, torch's own layers and optimiser. Both take turns, on one thread each, and the
least CPU time of some rounds counts: that is what the machine does when others leave it alone. Target: an
epoch at least 1.15 times as fast.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn

import tailscope as ts
from tailscope.classifier import Labelled, Pool, train
from tailscope.config import TrainingSettings

SHAPES = (("fast", 508), ("paper-calo", 508), ("fast", 30), ("paper-events", 30))
"""Preset and inputs: photon showers of 504 voxels, and Z+jets events."""
CPU = torch.device("cpu")


class Rates(NamedTuple):
    """Events a second, and their ratio."""

    ours: float
    other: float

    @property
    def ratio(self) -> float:
        """Ours over the other."""
        return self.ours / self.other


def pair(n: int, n_inputs: int) -> tuple[ts.Sample, ts.Sample]:
    """Two samples of n events together; a third of the numbers is 0, as in showers."""
    rng = np.random.default_rng(0)
    samples = []
    for name in ("reference", "generated"):
        x = rng.standard_normal((n // 2, n_inputs), dtype=np.float32)
        x[rng.random(x.shape) < 1 / 3] = 0
        samples.append(ts.Sample(name, x, {"x_0": x[:, 0]}))
    return samples[0], samples[1]


def plain_network(n_inputs: int, settings: TrainingSettings) -> nn.Sequential:
    """Table 1 of the paper from torch's own layers."""
    layers: list[nn.Module] = []
    width = n_inputs
    for _ in range(settings.layers):
        layers += [nn.Linear(width, settings.hidden), nn.LeakyReLU(), nn.Dropout(settings.dropout)]
        width = settings.hidden
    return nn.Sequential(*layers, nn.Linear(width, 1))


def plain_epoch(x: Tensor, labels: Tensor, settings: TrainingSettings) -> float:
    """Seconds of one epoch of the loop that one writes first."""
    network = plain_network(x.shape[1], settings)
    optimiser = torch.optim.AdamW(network.parameters(), lr=settings.learning_rate)
    data = torch.utils.data.TensorDataset(x, labels)
    loader = torch.utils.data.DataLoader(data, batch_size=settings.batch_size, shuffle=True)
    started = time.process_time()
    for inputs, truth in loader:
        optimiser.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(network(inputs).squeeze(-1), truth)
        loss.backward()
        optimiser.step()
    return time.process_time() - started


def our_epoch(data: Labelled, rows: NDArray[np.int64], settings: TrainingSettings) -> float:
    """Seconds of the second epoch of `train`, with what it keeps to go on from, without validation."""
    ends: list[float] = []
    train(data, rows, rows[:2], settings, seed=0, after_epoch=lambda _: ends.append(time.process_time()))
    return ends[-1] - ends[-2]


def fastest(calls: dict[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """The fewest seconds of each call, which take turns."""
    seconds = {name: float("inf") for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            seconds[name] = min(seconds[name], call())
    return seconds


def of_training(preset: str, n_inputs: int, n: int, rounds: int) -> Rates:
    """Events a second of both loops."""
    settings = ts.FitConfig(preset=preset, epochs=2, average=0.0, network="mlp").settings
    reference, generated = pair(n, n_inputs)
    data = Labelled(Pool(reference, generated, CPU), np.arange(n) < n // 2)
    x = torch.from_numpy(np.concatenate([reference.features[:], generated.features[:]]))
    x = (x - x.mean(0)) / x.std(0)
    labels = torch.cat([torch.ones(n // 2), torch.zeros(n // 2)])
    rows = np.arange(n, dtype=np.int64)
    seconds = fastest(
        {"ours": lambda: our_epoch(data, rows, settings), "plain": lambda: plain_epoch(x, labels, settings)},
        rounds,
    )
    return Rates(n / seconds["ours"], n / seconds["plain"])


Loop = Callable[[str, int, int, int], Rates]
"""Rates of a preset, with so many inputs and events, the best of so many rounds."""


def measured(about: str | None, loop: Loop, rounds: int) -> tuple[dict[str, Rates], bool]:
    """Rates of all `SHAPES`, as the command line says, and whether it wants JSON.

    ``about`` is what ``--help`` prints, ``rounds`` how many there are by default.
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument(
        "--rounds", type=int, default=rounds, help="take the best of so many (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    torch.set_num_threads(1)
    results = {
        f"{preset}, {n_inputs} inputs": loop(preset, n_inputs, options.events, options.rounds)
        for preset, n_inputs in SHAPES
    }
    return results, options.json


def show(what: str, other: str, target: float, results: dict[str, Rates], *, as_json: bool) -> None:
    """Print a table of rates, or JSON."""
    if as_json:
        print(json.dumps({name: rates._asdict() | {"ratio": rates.ratio} for name, rates in results.items()}))
        return
    table = Table("preset", "events/s", f"{other}, events/s", "ratio", "target", title=what)
    for name, rates in results.items():
        table.add_row(
            name, f"{rates.ours:,.0f}", f"{rates.other:,.0f}", f"{rates.ratio:.2f}", f"{target:.2f}"
        )
    Console().print(table)


def main() -> None:
    """Measure and print."""
    results, as_json = measured(__doc__, of_training, rounds=7)
    show("epoch", "plain loop", 1.15, results, as_json=as_json)


if __name__ == "__main__":
    main()
