"""Train a baseline, draw from it, keep it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.torch
import torch
from numpy.typing import NDArray
from torch import Tensor

from tailscope.errors import ConfigError, InputError, TrainingError
from tailscope.reading.reading import Reading
from tailscope.record import parsed, plain, typed
from tailscope.storage.atomic import atomic_path
from tailscope.storage.new_hdf5 import new_hdf5, write_columns

from .codec import Numbers
from .flow import Flow
from .gan import GAN
from .kind import Kind, read_arrays
from .network import GenerativeNetwork
from .quantiles import Quantiles
from .settings import Settings
from .vae import VAE

NETWORKS: Mapping[str, Callable[[int, int, int], GenerativeNetwork]] = {"flow": Flow, "vae": VAE, "gan": GAN}

MOST_VALUES = 10_000
"""Numbers an event: with more, what is learned and held in memory is out of proportion."""
FEWEST_EVENTS = 100
AT_A_TIME = 4096
"""Events drawn together."""
MOST_DRAWS = 200
"""Trials for an event that is possible."""
MOST_GIVEN = 100_000
"""Training events whose given numbers (incident energy, number of jets) are kept, to draw from."""
FORMAT = "tailscope-baseline-1"

Report = Callable[[int, int, float], None]
"""Called after each epoch with (epochs done, epochs in all, mean loss)."""


@dataclass(frozen=True, eq=False)
class Generator:
    """A trained baseline. `train` and `load_generator` make it.

    Attributes
    ----------
    kind: of event.
    settings, seed: of the training.
    network: on the CPU.
    quantiles: of every number that the network makes.
    given: float64[n, n_given], what training events were given.
    constants: of the training events, by name.

    """

    kind: Kind
    settings: Settings
    seed: int
    network: GenerativeNetwork
    quantiles: Quantiles
    given: NDArray[np.float64]
    constants: Mapping[str, float]

    def sample(self, n: int, *, seed: int = 0) -> dict[str, NDArray[Any]]:
        """Draw n events: arrays as the format of the training events has them.

        Raises
        ------
        InputError: n below 1.
        TrainingError: the network makes hardly any event that is possible.

        """
        if n < 1:
            raise InputError(f"{n} events cannot be drawn; ask for at least 1")
        parts = []
        random = np.random.default_rng([seed, 1])
        with torch.random.fork_rng(devices=[]), torch.inference_mode():
            torch.manual_seed(seed)
            for start in range(0, n, AT_A_TIME):
                given = self.given[random.integers(len(self.given), size=min(AT_A_TIME, n - start))]
                parts.append(self.kind.codec.decode(self._numbers(given), self.constants, random))
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _numbers(self, given: NDArray[np.float64]) -> Numbers:
        """Numbers of events that are possible, one for each row of ``given``."""
        values = np.empty((len(given), len(self.quantiles.values)))
        rows = np.arange(len(given))
        for _ in range(MOST_DRAWS):
            drawn = self.network.draw(torch.from_numpy(given[rows]).float()).numpy()
            values[rows] = self.quantiles.backward(drawn)
            rows = rows[~self.kind.codec.possible(Numbers(values[rows], given[rows]), self.constants)]
            if not rows.size:
                return Numbers(values, given)
        raise TrainingError(
            f"{rows.size} of {len(given)} events that the {self.settings.model} draws cannot be, after "
            f"{MOST_DRAWS} trials each; train it for more epochs"
        )

    def write(self, path: str | Path, n: int, *, seed: int = 0) -> Path:
        """Draw n events into an HDF5 file that `load` reads as it does the training events.

        Raises
        ------
        InputError: n below 1.
        StudyError: the file cannot be written.

        """
        arrays = self.sample(n, seed=seed)
        with atomic_path(Path(path)) as temporary, new_hdf5(temporary) as file:
            file.attrs["generator"] = (
                f"tailscope baseline: {json.dumps(plain(self.settings))}, seed {self.seed}"
            )
            write_columns(file, "/", arrays, compression="gzip", shuffle=True)
        return Path(path)

    def save(self, path: str | Path) -> Path:
        """Keep it in a safetensors file, for `load_generator`."""
        tensors = {f"network.{k}": v.contiguous() for k, v in self.network.state_dict().items()}
        tensors["quantiles"] = torch.from_numpy(self.quantiles.values)
        tensors["given"] = torch.from_numpy(self.given)
        about = {
            "format": FORMAT,
            "kind": json.dumps(plain(self.kind)),
            "settings": json.dumps(plain(self.settings)),
            "seed": str(self.seed),
            "constants": json.dumps(dict(self.constants)),
        }
        with atomic_path(Path(path)) as temporary:
            temporary.write_bytes(safetensors.torch.save(tensors, about))
        return Path(path)


def load_generator(path: str | Path) -> Generator:
    """Read what `Generator.save` wrote.

    Raises
    ------
    InputError: another file.
    ConfigError: a flow, and zuko is not installed.

    """
    path = Path(path)
    try:
        with safetensors.safe_open(path, "pt") as file:
            about = file.metadata() or {}
            names = file.keys()
            tensors: dict[str, Tensor] = dict(zip(names, map(file.get_tensor, names), strict=True))
    except (safetensors.SafetensorError, OSError) as error:
        raise InputError(f"{path.name}: it is not a generator that tailscope saved ({error})") from error
    if about.get("format") != FORMAT:
        raise InputError(
            f"{path.name}: it is not a generator that tailscope saved (format {about.get('format')!r}, "
            f"expected {FORMAT!r})"
        )
    try:
        kind, settings = typed(parsed(about["kind"]), Kind), typed(parsed(about["settings"]), Settings)
    except ValueError as error:
        raise InputError(f"{path.name}: it is not a generator that tailscope saved ({error})") from error
    quantiles, given = tensors.pop("quantiles").numpy(), tensors.pop("given").numpy()
    network = NETWORKS[settings.model](len(quantiles), given.shape[1], settings.hidden)
    network.load_state_dict({k.removeprefix("network."): v for k, v in tensors.items()})
    return Generator(
        kind,
        settings,
        int(about["seed"]),
        network.eval(),
        Quantiles(quantiles),
        given,
        json.loads(about["constants"]),
    )


def train(
    path: str | Path,
    settings: Settings | None = None,
    *,
    seed: int = 0,
    domain: str | None = None,
    max_events: int | None = None,
    report: Report = lambda done, epochs, loss: None,
) -> Generator:
    """Train a baseline on the events of a file, of any kind that `load` reads.

    Parameters
    ----------
    settings: a flow of 20 epochs when None.
    seed: of the initialisation, the order of the batches and what is drawn during the training.
    domain: as `load`.
    max_events: the first so many events only.
    report: called after each epoch.

    Raises
    ------
    FormatError: as `load`.
    InputError: fewer than `FEWEST_EVENTS` events.
    ConfigError: more numbers an event than the model takes; a flow, and zuko is not installed; no resonance,
        and the events are not Z + jets.
    TrainingError: the loss is not finite.

    """
    settings = settings or Settings()
    path = Path(path)
    kind, arrays = read_arrays(Reading(path, domain, max_events=max_events))
    if not settings.resonance:
        if kind.domain != "events":
            raise ConfigError(f"{path.name}: only Z + jets can be learned without their resonance (M_mumu)")
        kind = replace(kind, resonance=False)
    constants = kind.codec.learn(arrays)
    numbers = kind.codec.encode(arrays, constants)
    n, n_values = numbers.values.shape
    if n < FEWEST_EVENTS:
        raise InputError(
            f"{path.name}: {n} events are too few to learn from, expected at least {FEWEST_EVENTS}"
        )
    if n_values > MOST_VALUES:
        raise ConfigError(
            f"{path.name}: an event has {n_values:,} numbers, a baseline learns at most {MOST_VALUES:,}"
        )
    random = np.random.default_rng(seed)
    quantiles = Quantiles.of(numbers.values)
    values = torch.from_numpy(quantiles.forward(numbers.values, random))
    given = torch.from_numpy(numbers.given).float()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = NETWORKS[settings.model](n_values, given.shape[1], settings.hidden)
        _train(network, values, given, settings, report)
    kept = random.permutation(n)[:MOST_GIVEN]
    return Generator(kind, settings, seed, network.eval(), quantiles, numbers.given[kept], constants)


def _train(
    network: GenerativeNetwork, values: Tensor, given: Tensor, settings: Settings, report: Report
) -> None:
    batches = max(1, len(values) // settings.batch_size)
    network.start(settings.learning_rate, settings.epochs * batches)
    for epoch in range(settings.epochs):
        order = torch.randperm(len(values))
        losses = [network.step(values[rows], given[rows]) for rows in order.chunk(batches)]
        loss = float(np.mean(losses))
        if not np.isfinite(loss):
            raise TrainingError(
                f"the training of the {settings.model} diverged in epoch {epoch + 1}; lower the learning "
                f"rate (now {settings.learning_rate:g})"
            )
        report(epoch + 1, settings.epochs, loss)
