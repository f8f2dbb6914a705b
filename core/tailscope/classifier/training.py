"""One training run of one network."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import nullcontext
from threading import Event
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tailscope.config import TrainingSettings
from tailscope.record import Epoch

from . import precision
from .attempts import Stopped, diverged
from .bayesian import BayesianClassifier
from .choice import Network, fresh_networks
from .graph import captured
from .pace import Batches, Plateau, average_decay, one_cycle
from .pool import Labelled, rows_together
from .progress import Progress
from .randomness import RandomStream

FUSED = ("cpu", "cuda", "mps")
"""Devices on which one kernel updates all parameters."""


def train(
    data: Labelled,
    train_rows: NDArray[np.int64],
    validation_rows: NDArray[np.int64],
    settings: TrainingSettings,
    seed: int,
    *,
    progress: Progress | None = None,
    after_epoch: Callable[[Progress], None] = lambda _: None,
    stop: Event | None = None,
) -> tuple[list[dict[str, Tensor]], Progress]:
    """Train one network and return its parameters at the best validation epochs, best first.

    The loss is the binary cross-entropy, weighted with event weights; to a Bayesian network's it adds what
    `BayesianClassifier` says, T KL/N, and its best epoch is that of the lowest sum. The history tells the
    cross-entropy alone as losses, and T KL/N as ``kl``.

    On the CPU all random numbers come from a stream of the training's own, so that several trainings can run
    at once in threads and each gives what it gives alone.

    Parameters
    ----------
    train_rows, validation_rows: int64 pool rows; the validation rows choose the epoch and drive the plateau.
    seed: of initialisation, order of batches and dropout.
    progress: where to go on; None to start.
    after_epoch: called with the progress so far at the end of each epoch.
    stop: ends the training when it is set, in the middle of an epoch.

    Raises
    ------
    DivergedError: the loss is not finite.
    Stopped: ``stop`` was set.

    """
    device = data.device
    rows = torch.from_numpy(train_rows).to(device)
    held_out = torch.from_numpy(validation_rows).to(device)
    progress = progress or Progress()
    with (
        RandomStream.of(device, seed) as stream,
        precision.products(device, tf32=precision.TF32),
        torch.cuda.device(device) if device.type == "cuda" else nullcontext(),
    ):
        run = Run(data, rows, held_out, settings, stream, stop)
        if progress.epoch:
            run.restore(progress)
        if data.pool.resident is not None:
            run.capture()
        while progress.epoch < settings.epochs and not _out_of_patience(progress, settings):
            run.one_epoch(progress)
            run.store(progress)
            after_epoch(progress)
        for epoch in settings.watch_epochs:
            if epoch > progress.epoch:  # it stopped before
                progress.watch(run.averaged.state_dict(), epoch)
    states = [progress.state(f"best.{epoch}.") for epoch, _ in progress.best]
    return states, progress


def _out_of_patience(progress: Progress, settings: TrainingSettings) -> bool:
    enough = progress.epoch >= settings.best_epochs
    return enough and 0 < settings.patience <= progress.epoch - progress.best_epoch


class Run:
    """Network, optimiser and schedule of one training.

    Attributes
    ----------
    rate: the learning rate; on CUDA the optimiser reads it from the device, as a graph has to.

    """

    def __init__(
        self,
        data: Labelled,
        rows: Tensor,
        held_out: Tensor,
        settings: TrainingSettings,
        stream: RandomStream,
        stop: Event | None = None,
    ) -> None:
        self.data, self.rows, self.held_out, self.settings = data, rows, held_out, settings
        self.stream, self.stop = stream, stop or Event()
        pool = data.pool
        mean, scale = pool.scaling(rows)
        self.network, self.averaged = fresh_networks(pool.n_inputs, settings, pool.particles, stream)
        self.bayesian = self.network if isinstance(self.network, BayesianClassifier) else None
        self.network.mean.copy_(mean)
        self.network.scale.copy_(scale)
        self.network.to(pool.device)
        self.averaged.to(pool.device).load_state_dict(self.network.state_dict())
        stream.feed(self.network, self.averaged)
        # A Bayesian network is validated with draws of its weights: their mean is another network.
        self.averaged.train(self.bayesian is not None)
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(),
            lr=torch.tensor(settings.learning_rate, device=pool.device)
            if pool.device.type == "cuda"
            else settings.learning_rate,
            weight_decay=0.0 if self.bayesian else settings.weight_decay * self.network.fan_in / 100,
            fused=pool.device.type in FUSED,
            capturable=pool.device.type == "cuda",
        )
        self.batches = Batches.of(len(rows), settings)
        self.plateau = Plateau(settings.learning_rate)
        self.rate = settings.learning_rate
        # What the host writes for each step, and what it reads after an epoch.
        self._index = rows[: self.batches.size].clone()
        self._forget, self._total = torch.zeros((2,), device=pool.device).unbind()
        self._replay: Callable[[], None] | None = None

    @property
    def rate(self) -> float:
        """The learning rate."""
        return self._rate

    @rate.setter
    def rate(self, rate: float) -> None:
        self._rate = rate
        group = self.optimiser.param_groups[0]
        if isinstance(group["lr"], Tensor):
            group["lr"].fill_(rate)
        else:
            group["lr"] = rate

    def capture(self) -> None:
        """Make one graph of a step of as many rows as most batches have; see `graph.captured`.

        The steps beforehand leave no trace: parameters, moments and random numbers are put back.
        """
        self.network.train()
        random = self.stream.state()
        parameters = [*self.network.parameters(), *self.averaged.parameters()]
        before = [p.detach().clone() for p in parameters]
        moments = {
            p: {name: value.clone() for name, value in state.items()}
            for p, state in self.optimiser.state.items()
        }
        self._replay = captured(lambda: self._step(self._index), self.data.device)
        with torch.no_grad():
            for p, value in zip(parameters, before, strict=True):
                p.copy_(value)
            for of, state in self.optimiser.state.items():
                for name, value in state.items():
                    value.copy_(moments[of][name] if of in moments else torch.zeros_like(value))
        self.stream.restore(random)

    def one_epoch(self, progress: Progress) -> None:
        """Train through all rows once, validate, and write both losses into the history."""
        settings = self.settings
        total = self.all_batches(progress.epoch)
        progress.epoch += 1
        train_loss, validation_loss = float(total) / len(self.rows), float(self.validate())
        if not (math.isfinite(train_loss) and math.isfinite(validation_loss)):
            raise diverged(progress.epoch, train_loss, settings)
        kl = None
        if self.bayesian is not None:
            with torch.no_grad():
                kl = float(self.bayesian.complexity()) / len(self.rows)
        progress.history.append(
            Epoch(train_loss=train_loss, validation_loss=validation_loss, learning_rate=self.rate, kl=kl)
        )
        validation_loss += kl or 0.0
        progress.keep(self.averaged.state_dict(), validation_loss, settings.best_epochs)
        if progress.epoch in settings.watch_epochs:
            progress.watch(self.averaged.state_dict(), progress.epoch)
        if settings.schedule == "plateau":
            self.plateau.after(validation_loss)
            self.rate = self.plateau.rate

    def all_batches(self, epoch: int) -> Tensor:
        """Train through all rows once; sum of the losses of all rows. The host waits for nothing in it."""
        settings = self.settings
        self.network.train()
        device = self.data.device
        order = self.rows[torch.randperm(len(self.rows), generator=self.stream.generator, device=device)]
        self._total.zero_()
        for i, batch in enumerate(torch.split(order, self.batches.size)):
            if self.stop.is_set():
                raise Stopped
            step = epoch * self.batches.wanted + i
            if settings.schedule == "one-cycle":
                part = step / (settings.epochs * self.batches.wanted)
                self.rate = settings.learning_rate * one_cycle(part)
            self._forget.fill_(1 - average_decay(settings, step))
            if self._replay is None or len(batch) < len(self._index):
                self._step(batch)
            else:
                self._index.copy_(batch)
                self._replay()
        return self._total

    def _step(self, rows: Tensor) -> None:
        """One batch; it asks the device for no value."""
        loss = self._loss(self.network, rows)
        self._total += loss.detach() * len(rows)
        if self.bayesian is not None:
            loss = loss + self.bayesian.complexity() / len(self.rows)
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        self.optimiser.step()
        with torch.no_grad():
            for average, p in zip(self.averaged.parameters(), self.network.parameters(), strict=True):
                average.lerp_(p, self._forget)

    def _loss(self, network: Network, rows: Tensor) -> Tensor:
        x, labels, weights = self.data.batch(rows)
        losses = nn.functional.binary_cross_entropy_with_logits(network(x), labels, reduction="none")
        return losses.mean() if weights is None else (losses * weights).mean()

    def validate(self) -> Tensor:
        """Mean loss of the averaged parameters over the validation rows."""
        # float64 where the device has it: the losses of some epochs differ in the seventh digit alone.
        exact = torch.float32 if self.data.device.type == "mps" else torch.float64
        total = torch.zeros((), dtype=exact, device=self.data.device)
        with torch.inference_mode():
            for part in torch.split(self.held_out, rows_together(self.data.pool.n_inputs)):
                total += self._loss(self.averaged, part).to(exact) * len(part)
        return total / len(self.held_out)

    def store(self, progress: Progress) -> None:
        """Copy the whole state into the progress."""
        state: dict[str, Tensor] = {f"network.{k}": v for k, v in self.network.state_dict().items()}
        state |= {f"averaged.{k}": v for k, v in self.averaged.state_dict().items()}
        for i, moments in self.optimiser.state_dict()["state"].items():
            state |= {f"optimiser.{i}.{k}": v for k, v in moments.items()}
        state |= self.stream.state()
        state["plateau"] = self.plateau.as_tensor()
        kept = {k: v for k, v in progress.tensors.items() if k.startswith(("best.", "watch."))}
        progress.tensors = {k: v.detach().cpu().clone() for k, v in state.items()} | kept

    def restore(self, progress: Progress) -> None:
        """Go back to where the progress was stored."""
        tensors = progress.tensors
        self.network.load_state_dict(progress.state("network."))
        self.averaged.load_state_dict(progress.state("averaged."))
        moments: dict[int, dict[str, Tensor]] = {}
        for key, value in progress.state("optimiser.").items():
            number, _, name = key.partition(".")
            moments.setdefault(int(number), {})[name] = value
        state: dict[str, Any] = self.optimiser.state_dict()
        self.optimiser.load_state_dict(state | {"state": moments})
        self.plateau = Plateau.from_tensor(tensors["plateau"])
        self.rate = self.plateau.rate
        self.stream.restore(tensors)
