"""Maximum-likelihood training of the two networks, on mirrored showers, with a validation part put aside."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

Report = Callable[[str, int, float, float], None]
"""Told after every epoch: network, epoch, training loss, validation loss."""


@dataclass(frozen=True)
class Schedule:
    """How long and how fast one network trains.

    The learning rate rises over `warmup` steps, then falls as a cosine.
    """

    epochs: int
    learning_rate: float
    batch_size: int = 256
    warmup: int = 100
    weight_decay: float = 0.01


def train(
    name: str,
    model: nn.Module,
    log_prob: Callable[[Tensor], Tensor],
    *,
    training_rows: Tensor,
    validation_rows: Tensor,
    schedule: Schedule,
    generator: torch.Generator,
    report: Report,
) -> None:
    """Maximise the mean of `log_prob(rows)`; leave the model in evaluation mode, at its best epoch."""
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=schedule.learning_rate, weight_decay=schedule.weight_decay, betas=(0.9, 0.98)
    )
    steps = schedule.epochs * (len(training_rows) // schedule.batch_size)
    rate = torch.optim.lr_scheduler.SequentialLR(
        optimizer,
        [
            torch.optim.lr_scheduler.LinearLR(optimizer, 0.01, total_iters=schedule.warmup),
            torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps - schedule.warmup),
        ],
        [schedule.warmup],
    )
    best_loss, best_state = float("inf"), copy.deepcopy(model.state_dict())
    for epoch in range(schedule.epochs):
        model.train()
        total, seen = 0.0, 0
        shuffled = training_rows[torch.randperm(len(training_rows), generator=generator)]
        for rows in torch.split(shuffled, schedule.batch_size):
            if len(rows) < schedule.batch_size:
                continue
            loss = -log_prob(rows).mean()
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(model.parameters(), 100.0)
            optimizer.step()
            rate.step()
            total, seen = total + loss.item(), seen + 1
        model.eval()
        with torch.no_grad():
            parts = [-log_prob(rows) for rows in torch.split(validation_rows, 1000)]
        validation_loss = torch.cat(parts).mean().item()
        if validation_loss < best_loss:
            best_loss, best_state = validation_loss, copy.deepcopy(model.state_dict())
        report(name, epoch, total / seen, validation_loss)
    model.load_state_dict(best_state)
