"""Many perceptrons with the same settings trained as one: folds, members, null runs.

The parameters of K networks are (K, in, out), each layer is one product, and on CUDA a step of all of them
(rows gathered from the device's memory, forward, backward, AdamW, average) is one graph that is replayed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from tailscope.config import TrainingSettings
from tailscope.record import Epoch

from . import precision
from .attempts import DivergedError, Stopped, diverged
from .choice import fresh_networks
from .graph import captured
from .network import Classifier
from .pace import Batches, Plateau, average_decay, one_cycle
from .pool import CHUNK, CHUNK_BYTES
from .progress import Progress
from .randomness import RandomStream
from .stack_network import Parameters, StackNetwork
from .stack_rows import StackRows

HOST = torch.device("cpu")


@dataclass(frozen=True, eq=False)
class Member:
    """One training of a stack.

    Attributes
    ----------
    copy: of the pool that it learns from, one of those of its `StackRows`.
    column: of labels.
    train, validation: int64 rows of the pool.
    seed: of initialisation and, on the CPU, order of batches.

    """

    copy: int
    column: int
    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    seed: int


class Stack:
    """The networks, the optimiser and the schedule of trainings whose batches are as many (`Batches`).

    Each member is what `training.train` makes of it alone, up to rounding, with two differences. The dropout
    of all members comes from one stream that is seeded for each epoch by the stack's first member, so that a
    member depends on who its neighbours are; and on CUDA the order of batches does, too. Every training runs
    through all of its epochs and keeps the best one alone.

    Parameters
    ----------
    rows: that the members read.
    members: with as many batches an epoch.
    settings: of all of them: the network "mlp", no patience, one best epoch, no watched ones.
    stop: ends the training when it is set, in the middle of an epoch.

    Attributes
    ----------
    epoch: epochs done.
    progress: of each member. Its tensors are brought up to date by `store` alone.
    diverged: members whose loss is not finite, by number, and what there is to say. They train on to no
        effect.

    """

    def __init__(
        self,
        rows: StackRows,
        members: Sequence[Member],
        settings: TrainingSettings,
        stop: Event | None = None,
    ) -> None:
        self._rows, self._members, self._settings = rows, members, settings
        self._stop = stop or Event()
        self._device = device = rows.device
        self._streams = [RandomStream(HOST, member.seed) for member in members]
        self._network = StackNetwork(
            [self._fresh(*both) for both in zip(members, self._streams, strict=True)],
            rows.width,
            settings,
            device,
        )
        self._dropout = torch.Generator() if device.type == "cpu" else None
        for layer in self._network.dropouts:
            layer.generator = self._dropout
        parameters = self._network.parameters
        self._average = [p.detach().clone() for p in parameters]
        self._best = [p.detach().clone() for p in parameters]
        self._best_loss = torch.full((len(members),), math.inf, dtype=torch.float64, device=device)
        self._train, self._n_train = self._padded([member.train for member in members])
        self._held, self._n_held = self._padded([member.validation for member in members])
        self._rows_each = torch.tensor(self._n_train, device=device)
        self._copies, self._columns = (
            torch.tensor(numbers, device=device)[:, None] * rows.n_rows
            for numbers in ([m.copy for m in members], [m.column for m in members])
        )
        batches = [Batches.of(len(member.train), settings) for member in members]
        self._batches = batches[0]
        self._positions, self._shares = self._dealt([one.size for one in batches])
        # What the host writes for each step, and what it reads after an epoch.
        self._index = self._train[:, : self._shares.shape[2]].clone()
        self._share = torch.zeros_like(self._shares[0])
        self._rate, self._forget = torch.zeros((2,), device=device).unbind()
        self._slowness = torch.ones((len(members), 1, 1), device=device)
        self._total = torch.zeros(len(members), device=device)
        self._decay = settings.weight_decay * self._network.fan_in / 100
        self._before = [p.detach().clone() for p in parameters] if settings.schedule == "plateau" else []
        self._optimiser = torch.optim.AdamW(
            parameters, lr=self._rate, weight_decay=0.0, fused=True, capturable=device.type == "cuda"
        )
        # No share of any event and a rate of 0: the steps before the capture change nothing but their count.
        self._replay = captured(self._step, device)
        for moments in self._optimiser.state.values():
            moments["step"].zero_()
        self.epoch = 0
        self.progress = [Progress() for _ in members]
        self._plateaus = [Plateau(settings.learning_rate) for _ in members]
        self.diverged: dict[int, DivergedError] = {}

    @classmethod
    @contextmanager
    def at_work(
        cls,
        rows: StackRows,
        members: Sequence[Member],
        settings: TrainingSettings,
        stop: Event | None = None,
    ) -> Iterator[Stack]:
        """A stack, and its device as it has to be while it works; what others draw is left as it would be."""
        device = rows.device
        with precision.products(device, tf32=precision.TF32):
            if device.type != "cuda":
                yield cls(rows, members, settings, stop)
                return
            with torch.cuda.device(device), torch.random.fork_rng(devices=[device]):
                yield cls(rows, members, settings, stop)

    def _fresh(self, member: Member, stream: RandomStream) -> Classifier:
        """The network that a member begins with, the same as alone."""
        n_inputs = self._rows.n_inputs[member.copy]
        network, _ = fresh_networks(n_inputs, self._settings, None, stream)
        assert isinstance(network, Classifier)  # as the settings say
        mean, scale = self._rows.scaling(member.copy, member.train)
        network.mean.copy_(mean)
        network.scale.copy_(scale)
        return network

    def one_epoch(self) -> None:
        """Train all members through all of their rows once, validate, and write their histories."""
        settings = self._settings
        rate = self._all_batches(self.epoch)
        self.epoch += 1
        held = self._validate()
        better = held < self._best_loss
        self._best_loss = torch.where(better, held, self._best_loss)
        for best, average in zip(self._best, self._average, strict=True):
            torch.where(better[:, None, None], average, best, out=best)
        # The one time that the host waits.
        losses = torch.stack([self._total.double(), held]).cpu().numpy()
        losses[0] /= self._n_train
        for k, (train_loss, validation_loss) in enumerate(losses.T.tolist()):
            if k in self.diverged:
                continue
            if not (math.isfinite(train_loss) and math.isfinite(validation_loss)):
                self.diverged[k] = diverged(self.epoch, train_loss, settings)
                continue
            progress, plateau = self.progress[k], self._plateaus[k]
            progress.epoch = self.epoch
            progress.history.append(
                Epoch(
                    train_loss=train_loss,
                    validation_loss=validation_loss,
                    learning_rate=plateau.rate if settings.schedule == "plateau" else rate,
                )
            )
            if not progress.best or validation_loss < progress.best[0][1]:
                progress.best = [(progress.epoch, validation_loss)]
            if settings.schedule == "plateau":
                plateau.after(validation_loss)

    def _all_batches(self, epoch: int) -> float:
        """Train through all rows once; the rate of the last batch. The host waits for nothing in it."""
        settings, batches = self._settings, self._batches
        self._seed(epoch)
        order = self._train.gather(1, self._orders()).gather(1, self._positions.flatten(1))
        order = order.view(len(self._members), batches.taken, -1)
        if self._before:
            slowness = [plateau.rate / settings.learning_rate for plateau in self._plateaus]
            self._slowness.copy_(torch.tensor(slowness)[:, None, None])
        self._total.zero_()
        rate = settings.learning_rate
        for i in range(batches.taken):
            if self._stop.is_set():
                raise Stopped
            step = epoch * batches.wanted + i
            if settings.schedule == "one-cycle":
                rate = settings.learning_rate * one_cycle(step / (settings.epochs * batches.wanted))
            self._rate.fill_(rate)
            self._forget.fill_(1 - average_decay(settings, step))
            self._index.copy_(order[:, i])
            self._share.copy_(self._shares[i])
            self._replay()
        return rate

    def _step(self) -> None:
        """One batch of every member: reads and writes the same tensors each time."""
        parameters = self._network.parameters
        losses = self._losses(parameters, self._index, training=True)
        self._optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward((losses * self._share).sum())
        with torch.no_grad():
            self._total += (losses * (self._share > 0)).sum(1)
            if self._before:
                torch._foreach_copy_(self._before, parameters)
            # Decoupled decay as in AdamW, which knows one for all networks; it grows with their inputs.
            if self._settings.weight_decay:
                left = 1 - self._rate * self._decay
                for p in parameters:
                    p.mul_(left)
        self._optimiser.step()
        with torch.no_grad():
            # A lower rate of one member: the same part of the way that Adam and decay have gone.
            for p, before in zip(parameters, self._before, strict=False):
                p.copy_(torch.lerp(before, p, self._slowness))
            for average, p in zip(self._average, parameters, strict=True):
                average.lerp_(p, self._forget)

    def _losses(self, parameters: Parameters, index: Tensor, *, training: bool = False) -> Tensor:
        """Cross-entropy (K, n), times the event weights, of rows (K, n) of the pool."""
        rows = self._rows
        logits = self._network(rows.inputs(index + self._copies), parameters, training=training)
        labels = rows.labels(index + self._columns)
        losses = binary_cross_entropy_with_logits(logits, labels, reduction="none")
        weights = rows.weights(index + self._columns)
        return losses if weights is None else losses * weights

    def _validate(self) -> Tensor:
        """Mean loss of the averaged parameters over the validation rows of each member, float64 (K,)."""
        counts = torch.tensor(self._n_held, device=self._device)
        total = torch.zeros(len(self._members), dtype=torch.float64, device=self._device)
        done = 0
        with torch.inference_mode():
            for part in torch.split(self._held, self._rows_together(), dim=1):
                there = done + torch.arange(part.shape[1], device=self._device) < counts[:, None]
                losses = self._losses(self._average, part).double()
                total += torch.where(there, losses, 0).sum(1)
                done += part.shape[1]
        return total / counts

    def logits(self, rows: Sequence[NDArray[np.int64]]) -> list[NDArray[np.float32]]:
        """Of each member the logits, float32[n, 1], of rows of the pool by its best parameters."""
        index, counts = self._padded(rows)
        parts = torch.split(index, self._rows_together(), dim=1)
        with torch.inference_mode(), precision.products(self._device, tf32=False):
            found = [self._network(self._rows.inputs(part + self._copies), self._best) for part in parts]
        whole = torch.cat(found, dim=1).cpu().numpy()
        return [one[:n, None] for one, n in zip(whole, counts, strict=True)]

    def best(self) -> list[dict[str, Tensor]]:
        """The parameters of each member at its best epoch, as those of a network alone."""
        return self._states([b.cpu() for b in self._best])

    def store(self) -> None:
        """Copy the whole state into the progress of each member, as `Run.store` does for a network alone."""
        network, optimiser = self._network, self._optimiser
        kinds = {
            "network.": [p.detach().cpu() for p in network.parameters],
            "averaged.": [p.cpu() for p in self._average],
            "best.": [p.cpu() for p in self._best],
        }
        states = {prefix: self._states(parameters) for prefix, parameters in kinds.items()}
        moments = [
            {name: value.cpu() for name, value in optimiser.state[p].items()} for p in network.parameters
        ]
        for k, progress in enumerate(self.progress):
            tensors = dict(self._streams[k].state(), plateau=self._plateaus[k].as_tensor())
            for prefix, of_all in states.items():
                name = f"best.{progress.best_epoch}." if prefix == "best." else prefix
                tensors |= {name + key: value for key, value in of_all[k].items()}
            for i, of_one in enumerate(moments):
                tensors[f"optimiser.{i}.step"] = of_one["step"].clone()
                for name in ("exp_avg", "exp_avg_sq"):
                    tensors[f"optimiser.{i}.{name}"] = network.alone(i, of_one[name], k)
            progress.tensors = tensors

    def restore(self, progress: Sequence[Progress]) -> None:
        """Go back to where members were stored, all after the same epoch, whether alone or in a stack."""
        self.progress, self.epoch = list(progress), progress[0].epoch
        network, optimiser = self._network, self._optimiser
        starts = {
            "network.": network.parameters,
            "averaged.": self._average,
        }
        with torch.no_grad():
            for prefix, parameters in starts.items():
                self._overwrite(parameters, [one.state(prefix) for one in progress])
            self._overwrite(self._best, [one.state(f"best.{one.best_epoch}.") for one in progress])
            self._best_loss.copy_(torch.tensor([one.best[0][1] for one in progress], dtype=torch.float64))
            for i, p in enumerate(network.parameters):
                for name, value in optimiser.state[p].items():
                    alone = [one.tensors[f"optimiser.{i}.{name}"] for one in progress]
                    # A number has come out of the cache as a vector of one.
                    value.copy_(alone[0].squeeze() if name == "step" else network.side_by_side(i, alone))
        self._plateaus = [Plateau.from_tensor(one.tensors["plateau"]) for one in progress]
        for stream, one in zip(self._streams, progress, strict=True):
            stream.restore(one.tensors)

    def _overwrite(self, parameters: Parameters, states: Sequence[dict[str, Tensor]]) -> None:
        for p, value in zip(parameters, self._network.stacked(states), strict=True):
            p.copy_(value)

    def _states(self, parameters: Parameters) -> list[dict[str, Tensor]]:
        return [self._network.state(parameters, k) for k in range(len(self._members))]

    def _seed(self, epoch: int) -> None:
        """Seed whatever the stack draws in an epoch, so that it can go on after each."""
        seed = (self._members[0].seed * 1_000_003 + epoch) % 2**63
        if self._dropout is None:
            torch.cuda.manual_seed(seed)
        else:
            self._dropout.manual_seed(seed)

    def _orders(self) -> Tensor:
        """A random order of the rows of each member, int64 (K, n): on the CPU the one that it has alone."""
        longest = self._train.shape[1]
        if self._device.type == "cpu":
            return torch.stack(
                [
                    torch.cat([torch.randperm(n, generator=stream.generator), torch.arange(n, longest)])
                    for n, stream in zip(self._n_train, self._streams, strict=True)
                ]
            )
        keys = torch.rand(self._train.shape, device=self._device)
        padding = torch.arange(longest, device=self._device) >= self._rows_each[:, None]
        return keys.masked_fill_(padding, 2).argsort(1)

    def _padded(self, rows: Sequence[NDArray[np.int64]]) -> tuple[Tensor, list[int]]:
        """Rows of each member (K, n), filled up with its first one, and how many there are of each."""
        counts = [one.size for one in rows]
        whole = np.zeros((len(rows), max(counts)), np.int64)
        for line, one in zip(whole, rows, strict=True):
            line[: one.size], line[one.size :] = one, one[0] if one.size else 0
        return torch.from_numpy(whole).to(self._device), counts

    def _dealt(self, sizes: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Where in a member's order the events of each batch stand, and how much each counts in its mean.

        int64 (K, batches, n) and float32 (batches, K, n); 0 for what fills a batch up.
        """
        size, taken = max(sizes), self._batches.taken
        device = self._device
        within, batch = torch.arange(size, device=device), torch.arange(taken, device=device)
        each = torch.tensor(sizes, device=device)[:, None, None]
        n = self._rows_each[:, None, None]
        position = batch[:, None] * each + within
        there = (within < each) & (position < n)
        share = there / there.sum(2, keepdim=True)
        return position.clamp(max=self._train.shape[1] - 1), share.transpose(0, 1).contiguous()

    def _rows_together(self) -> int:
        """Rows of each member that are looked at together where no gradients are kept."""
        width = max(self._rows.width, self._settings.hidden)
        return min(CHUNK, max(1, CHUNK_BYTES // (4 * len(self._members) * width)))
