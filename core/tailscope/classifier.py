"""The classifier network and one training run: arrays in, parameters and history out. No paths, no prints."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .config import TrainingSettings
from .errors import TrainingError
from .sample import Sample

PLATEAU_FACTOR, PLATEAU_PATIENCE = 0.1, 5
WARM_UP = 0.2
"""Part of a one-cycle schedule in which the rate rises."""
SCORING_BATCH = 8192
SMALL_BATCH = 1e8
"""Products of a forward pass below which a second thread slows a training down."""
COMPRESSED_BEYOND = 2.0
"""Standard deviations from where `FitConfig.compress` works."""

Report = Callable[[dict[str, float]], None]


class Classifier(nn.Module):
    """Table 1 of the paper: ``layers`` x (linear, leaky ReLU, dropout), then one logit.

    The logit is log[p(reference|x)/p(generated|x)] for the training sums of event weights. Inputs are
    standardised by ``mean`` and ``scale`` of the training events, which are part of the network.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, n_inputs: int, settings: TrainingSettings) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(n_inputs))
        self.register_buffer("scale", torch.ones(n_inputs))
        blocks: list[nn.Module] = []
        width = n_inputs
        for _ in range(settings.layers):
            blocks += [nn.Linear(width, settings.hidden), nn.LeakyReLU(), nn.Dropout(settings.dropout)]
            width = settings.hidden
        self.compress = settings.compress
        self.body = nn.Sequential(*blocks, nn.Linear(width, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n,) of inputs (n, n_inputs)."""
        z = (x - self.mean) * self.scale
        logits: Tensor = self.body(_compressed(z) if self.compress else z)
        return logits.squeeze(-1)


def _compressed(z: Tensor) -> Tensor:
    """Keep inputs up to `COMPRESSED_BEYOND`; beyond, take the logarithm of the excess."""
    size = z.abs()
    excess = (size - COMPRESSED_BEYOND).clamp(min=0)
    return torch.copysign(size - excess + torch.log1p(excess), z)


class Pool:
    """Reference and generated events as one pool of rows, reference first, on one device.

    In-memory samples are used where they lie (CPU) or copied once (other devices); nothing is concatenated.
    """

    def __init__(self, reference: Sample, generated: Sample, device: torch.device) -> None:
        self.device = device
        self.n_reference = len(reference)
        self.parts = [self._tensors(sample) for sample in (reference, generated)]
        ones = [np.ones(len(s)) if s.event_weight is None else s.event_weight for s in (reference, generated)]
        self.weights = torch.from_numpy(np.concatenate(ones).astype(np.float32)).to(device)
        self.weighted = reference.event_weight is not None or generated.event_weight is not None
        self.n_inputs = reference.n_inputs

    def _tensors(self, sample: Sample) -> list[Tensor]:
        columns = [sample.features[:]] + ([] if sample.condition is None else [sample.condition])
        return [torch.from_numpy(column).to(self.device) for column in columns]

    def inputs(self, rows: Tensor) -> tuple[Tensor, int]:
        """Inputs (n, n_inputs) of pool rows, reference events first, and how many of these there are."""
        is_reference = rows < self.n_reference
        split = (rows[is_reference], rows[~is_reference] - self.n_reference)
        columns = [
            torch.cat([a.index_select(0, split[0]), b.index_select(0, split[1])])
            for a, b in zip(*self.parts, strict=True)
        ]
        return (columns[0] if len(columns) == 1 else torch.cat(columns, dim=1)), int(split[0].numel())

    def batch(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        """Inputs, labels (1 for reference) and event weights (None: all are 1) of pool rows, reordered."""
        x, n_reference = self.inputs(rows)
        labels = torch.zeros(len(rows), device=self.device)
        labels[:n_reference] = 1
        if not self.weighted:
            return x, labels, None
        is_reference = rows < self.n_reference
        return x, labels, self.weights[torch.cat([rows[is_reference], rows[~is_reference]])]

    def scaling(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and inverse standard deviation of each input over pool rows; 1 for constant inputs."""
        total = torch.zeros(self.n_inputs, dtype=torch.float64)
        square = torch.zeros(self.n_inputs, dtype=torch.float64)
        reference = self.inputs(rows[:1])[0].double().cpu()[0]
        for part in torch.split(rows, SCORING_BATCH):
            x = self.inputs(part)[0].double().cpu() - reference
            total += x.sum(0)
            square += (x * x).sum(0)
        mean = total / len(rows)
        sigma = (square / len(rows) - mean**2).clamp(min=0).sqrt()
        constant = sigma <= 1e-7 * (reference + mean).abs() + 1e-30
        return (reference + mean).float(), torch.where(constant, 1.0, 1 / sigma).float()

    def class_sums(self, rows: Tensor) -> tuple[float, float]:
        """Sums of event weights over pool rows: (S_reference, S_generated)."""
        is_reference = rows < self.n_reference
        w = self.weights[rows].double()
        return float(w[is_reference].sum()), float(w[~is_reference].sum())


@dataclass
class Progress:
    """Everything a stopped training needs to go on as if it had never stopped, at the end of an epoch.

    Attributes
    ----------
    epoch: epochs done.
    tensors: parameters, their average, the best ones, optimiser moments, random state; by name.
    history: one dict an epoch: train_loss, validation_loss, learning_rate.
    best: the epochs that are kept and their validation losses, best first; epoch numbers start with 1. Their
        parameters are the tensors "best.<epoch>.<name>".

    """

    epoch: int = 0
    tensors: dict[str, Tensor] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)
    best: list[tuple[int, float]] = field(default_factory=list)

    @property
    def best_epoch(self) -> int:
        """The epoch of the lowest validation loss; 0 before the first one ends."""
        return self.best[0][0] if self.best else 0

    def keep(self, state: dict[str, Tensor], loss: float, most: int) -> None:
        """Keep the state of this epoch if it is one of the ``most`` best ones."""
        self.best = sorted([*self.best, (self.epoch, loss)], key=lambda one: one[1])[:most]
        kept = {epoch for epoch, _ in self.best}
        if self.epoch in kept:
            self.tensors |= {f"best.{self.epoch}.{k}": v.detach().clone() for k, v in state.items()}
        self.tensors = {
            k: v for k, v in self.tensors.items() if not k.startswith("best.") or int(k.split(".")[1]) in kept
        }


def train(
    pool: Pool,
    train_rows: NDArray[np.int64],
    validation_rows: NDArray[np.int64],
    settings: TrainingSettings,
    seed: int,
    *,
    progress: Progress | None = None,
    after_epoch: Callable[[Progress], None] = lambda _: None,
) -> tuple[list[dict[str, Tensor]], Progress]:
    """Train one network and return its parameters at the best validation epochs, best first.

    The loss is the binary cross-entropy, weighted with event weights.

    Parameters
    ----------
    train_rows, validation_rows: int64 pool rows; the validation rows choose the epoch and drive the plateau.
    seed: of initialisation, order of batches and dropout.
    progress: where to go on; None to start.
    after_epoch: called with the progress so far at the end of each epoch.

    Raises
    ------
    TrainingError: the loss is not finite.

    """
    device = pool.device
    rows = torch.from_numpy(train_rows).to(device)
    held_out = torch.from_numpy(validation_rows).to(device)
    progress = progress or Progress()
    cuda = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=cuda), _few_threads(pool.n_inputs, settings):
        torch.manual_seed(seed)
        run = _Run(pool, rows, held_out, settings)
        if progress.epoch:
            run.restore(progress)
        while progress.epoch < settings.epochs and not _out_of_patience(progress, settings):
            run.one_epoch(progress)
            run.store(progress)
            after_epoch(progress)
    states = [
        {
            k.removeprefix(f"best.{epoch}."): v
            for k, v in progress.tensors.items()
            if k.startswith(f"best.{epoch}.")
        }
        for epoch, _ in progress.best
    ]
    return states, progress


@contextmanager
def _few_threads(n_inputs: int, settings: TrainingSettings) -> Iterator[None]:
    """One processor for small batches: waiting for each other takes threads longer than the work."""
    before = torch.get_num_threads()
    products = settings.batch_size * settings.hidden * (n_inputs + (settings.layers - 1) * settings.hidden)
    if products < SMALL_BATCH:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _out_of_patience(progress: Progress, settings: TrainingSettings) -> bool:
    enough = progress.epoch >= settings.best_epochs
    return enough and 0 < settings.patience <= progress.epoch - progress.best_epoch


class _Run:
    """Network, optimiser and schedule of one training."""

    def __init__(self, pool: Pool, rows: Tensor, held_out: Tensor, settings: TrainingSettings) -> None:
        self.pool, self.rows, self.held_out, self.settings = pool, rows, held_out, settings
        self.network = Classifier(pool.n_inputs, settings)
        mean, scale = pool.scaling(rows)
        self.network.mean.copy_(mean)
        self.network.scale.copy_(scale)
        self.network.to(pool.device)
        self.averaged = Classifier(pool.n_inputs, settings).to(pool.device)
        self.averaged.load_state_dict(self.network.state_dict())
        self.averaged.eval()
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(),
            lr=settings.learning_rate,
            weight_decay=settings.weight_decay * pool.n_inputs / 100,
            foreach=True,
        )
        self.batches = max(1, math.ceil(len(rows) / settings.batch_size))
        self.plateau_since = 0
        self.plateau_best = math.inf

    def one_epoch(self, progress: Progress) -> None:
        """Train through all rows once, validate, and write both losses into the history."""
        settings, network = self.settings, self.network
        network.train()
        order = self.rows[torch.randperm(len(self.rows), device=self.pool.device)]
        total = torch.zeros((), device=self.pool.device)
        rate = self.optimiser.param_groups[0]["lr"]
        for i, batch in enumerate(order.chunk(self.batches)):
            step = progress.epoch * self.batches + i
            if settings.schedule == "one-cycle":
                rate = settings.learning_rate * _one_cycle(step / (settings.epochs * self.batches))
                self.optimiser.param_groups[0]["lr"] = rate
            with _autocast(self.pool.device):
                loss = self._loss(network, batch)
            self.optimiser.zero_grad(set_to_none=True)
            torch.autograd.backward(loss)
            self.optimiser.step()
            self._average(step)
            total += loss.detach() * len(batch)
        progress.epoch += 1
        train_loss, validation_loss = float(total) / len(order), self._validate()
        if not (math.isfinite(train_loss) and math.isfinite(validation_loss)):
            raise TrainingError(
                f"the training diverged in epoch {progress.epoch} (loss {train_loss:g}); lower the learning "
                f"rate (now {settings.learning_rate:g}) or look for features with huge values"
            )
        progress.history.append(
            {"train_loss": train_loss, "validation_loss": validation_loss, "learning_rate": float(rate)}
        )
        progress.keep(self.averaged.state_dict(), validation_loss, settings.best_epochs)
        if settings.schedule == "plateau":
            self._plateau(validation_loss)

    def _loss(self, network: Classifier, rows: Tensor) -> Tensor:
        x, labels, weights = self.pool.batch(rows)
        losses = nn.functional.binary_cross_entropy_with_logits(network(x), labels, reduction="none")
        return losses.mean() if weights is None else (losses * weights).mean()

    def _average(self, step: int) -> None:
        """Exponential moving average; its decay grows with the steps so that it forgets the start."""
        decay = min(self.settings.average, (1 + step) / (10 + step)) if self.settings.average else 0.0
        with torch.no_grad():
            averages: list[Tensor] = list(self.averaged.parameters())
            torch._foreach_lerp_(averages, list(self.network.parameters()), 1 - decay)

    def _validate(self) -> float:
        with torch.inference_mode():
            total = sum(
                float(self._loss(self.averaged, part)) * len(part)
                for part in torch.split(self.held_out, SCORING_BATCH)
            )
        return total / len(self.held_out)

    def _plateau(self, loss: float) -> None:
        """Lower the rate to a tenth after `PLATEAU_PATIENCE` epochs without a new best loss."""
        if loss < self.plateau_best:
            self.plateau_best, self.plateau_since = loss, 0
            return
        self.plateau_since += 1
        if self.plateau_since > PLATEAU_PATIENCE:
            self.optimiser.param_groups[0]["lr"] *= PLATEAU_FACTOR
            self.plateau_since = 0

    def store(self, progress: Progress) -> None:
        """Copy the whole state into the progress."""
        state: dict[str, Tensor] = {f"network.{k}": v for k, v in self.network.state_dict().items()}
        state |= {f"averaged.{k}": v for k, v in self.averaged.state_dict().items()}
        for i, moments in self.optimiser.state_dict()["state"].items():
            state |= {f"optimiser.{i}.{k}": v for k, v in moments.items()}
        state["random"] = torch.get_rng_state()
        if self.pool.device.type == "cuda":
            state["random_cuda"] = torch.cuda.get_rng_state(self.pool.device)
        rate = self.optimiser.param_groups[0]["lr"]
        state["plateau"] = torch.tensor([rate, self.plateau_since, self.plateau_best], dtype=torch.float64)
        best = {k: v for k, v in progress.tensors.items() if k.startswith("best.")}
        progress.tensors = {k: v.detach().cpu().clone() for k, v in state.items()} | best

    def restore(self, progress: Progress) -> None:
        """Go back to where the progress was stored."""
        tensors = progress.tensors

        def part(prefix: str) -> dict[str, Tensor]:
            return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}

        self.network.load_state_dict(part("network."))
        self.averaged.load_state_dict(part("averaged."))
        moments: dict[int, dict[str, Tensor]] = {}
        for key, value in part("optimiser.").items():
            number, _, name = key.partition(".")
            moments.setdefault(int(number), {})[name] = value
        state: dict[str, Any] = self.optimiser.state_dict()
        self.optimiser.load_state_dict(state | {"state": moments})
        rate, since, best = tensors["plateau"].tolist()
        self.optimiser.param_groups[0]["lr"] = rate
        self.plateau_since, self.plateau_best = int(since), best
        torch.set_rng_state(tensors["random"])
        if "random_cuda" in tensors:
            torch.cuda.set_rng_state(tensors["random_cuda"], self.pool.device)


def _one_cycle(t: float) -> float:
    """Rate at part t of the training, over its maximum: linear warm-up, then a cosine to zero."""
    if t < WARM_UP:
        return 0.04 + 0.96 * t / WARM_UP
    return 0.5 * (1 + math.cos(math.pi * (t - WARM_UP) / (1 - WARM_UP)))


def _autocast(device: torch.device) -> torch.autocast:
    """Use bfloat16 on CUDA alone: elsewhere it is slower than float32."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")


def score(
    network: Classifier, sample: Sample, device: torch.device, rows: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Logits float32[n_rows] of rows of one sample, in their order."""
    parts: list[NDArray[np.float32]] = []
    with torch.inference_mode():
        for part in _batches(rows):
            x = torch.from_numpy(np.ascontiguousarray(sample.inputs(part))).to(device)
            parts.append(network(x).float().cpu().numpy())
    return np.concatenate(parts) if parts else np.empty(0, np.float32)


def _batches(rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    for start in range(0, rows.size, SCORING_BATCH):
        yield rows[start : start + SCORING_BATCH]


def choose_device(name: str) -> torch.device:
    """The device of that name; "auto" is CUDA, else MPS, else the CPU.

    Raises
    ------
    TrainingError: a device that is not there.

    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise TrainingError(f"device {name!r} is not available here; use --device auto or cpu") from error
    return device


def as_arrays(tensors: dict[str, Tensor]) -> dict[str, NDArray[Any]]:
    """Tensors as numpy arrays, for the cache."""
    return {k: v.detach().cpu().numpy() for k, v in tensors.items()}


def as_tensors(arrays: dict[str, NDArray[Any]]) -> dict[str, Tensor]:
    """Inverse of `as_arrays`; the tensors own their memory."""
    return {k: torch.from_numpy(np.array(v)) for k, v in arrays.items()}


def packed(progress: Progress) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """A progress as arrays and JSON data, for the cache."""
    data = {"epoch": progress.epoch, "history": progress.history}
    return as_arrays(progress.tensors), data | {"best": progress.best}


def unpacked(arrays: dict[str, NDArray[Any]], data: dict[str, Any]) -> Progress:
    """Inverse of `packed`."""
    return Progress(
        data["epoch"],
        as_tensors(arrays),
        data["history"],
        [(int(e), float(loss)) for e, loss in data["best"]],
    )
