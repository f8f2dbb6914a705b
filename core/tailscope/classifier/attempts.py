"""A second chance for a training that diverges, or for which the device's memory is too small."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

import torch

from tailscope.config import TrainingSettings
from tailscope.errors import TrainingError

LOWER_RATE = 0.1
T = TypeVar("T")


class DivergedError(TrainingError):
    """The loss is not finite."""


def diverged(epoch: int, loss: float, settings: TrainingSettings) -> DivergedError:
    """Say in which epoch, and what to do."""
    return DivergedError(
        f"the training diverged in epoch {epoch} (loss {loss:g}); lower the learning rate (now "
        f"{settings.learning_rate:g}) or look for features with huge values"
    )


class Stopped(Exception):  # noqa: N818 - nothing went wrong: whoever runs the trainings wants no more
    """A training was told to end before its time; what it has done so far is in its last checkpoint."""


def with_second_chance(
    train: Callable[[TrainingSettings], T],
    settings: TrainingSettings,
    *,
    restarted: bool = False,
    start_again: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[T, TrainingSettings]:
    """Train; at most once with half the batch, at most once from the start with a tenth of the rate.

    Parameters
    ----------
    train: one training with these settings, which goes on where it was stopped, if it was.
    restarted: whether these settings have a lower rate already, because it diverged before.
    start_again: called before the restart at a lower rate; forgets where the training was.
    say: called with a sentence about each change.

    Returns what ``train`` does, and the settings that worked.

    Raises
    ------
    TrainingError: half the batch did not fit either.
    DivergedError: a tenth of the rate diverged too.

    """
    halved = False
    while True:
        try:
            return train(settings), settings
        except torch.OutOfMemoryError:
            if halved or settings.batch_size < 4:
                with refusing(f"a batch of {settings.batch_size} events does not fit"):
                    raise
            halved = True
            settings = replace(settings, batch_size=settings.batch_size // 2)
            say(
                f"the device ran out of memory; the training goes on with batches of {settings.batch_size} "
                "events, half as many as before"
            )
        except DivergedError as error:
            if restarted:
                raise
            restarted = True
            settings = slower(settings)
            start_again()
            say(f"{error}; it starts again, once, with the learning rate {settings.learning_rate:g}")
        # Out here the traceback no longer holds on to the tensors of the failed attempt.
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def slower(settings: TrainingSettings) -> TrainingSettings:
    """Settings with which a training that diverged starts again."""
    return replace(settings, learning_rate=settings.learning_rate * LOWER_RATE)


@contextmanager
def refusing(what: str) -> Iterator[None]:
    """Turn a lack of device memory into a sentence that says ``what`` did not go.

    Raises
    ------
    TrainingError: the device ran out of memory.

    """
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise TrainingError(
            f"the device ran out of memory: {what}; choose a smaller --batch-size, --device cpu, or fewer "
            "events with --max-events"
        ) from error
