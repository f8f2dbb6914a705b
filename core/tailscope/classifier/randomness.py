"""Where the random numbers of a training come from, so that several can run at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from .bayesian import VariationalLinear
from .borrowed import borrowed_randomness
from .dropout import Dropping


class RandomStream:
    """The random numbers of one training.

    On the CPU it is a stream of its own, which begins where the initialisation of the networks left torch's
    own one; on other devices it is that of the device, and one training runs at a time.

    Attributes
    ----------
    generator: for whatever draws numbers; None stands for torch's own stream.

    """

    def __init__(self, device: torch.device, seed: int) -> None:
        self._device, self._seed = device, seed
        self.generator = torch.Generator() if device.type == "cpu" else None

    @classmethod
    @contextmanager
    def of(cls, device: torch.device, seed: int) -> Iterator[RandomStream]:
        """The stream of a training; what others draw before and after is left as it would have been."""
        stream = cls(device, seed)
        if stream.generator is not None:
            yield stream
            return
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(seed)
            yield stream

    @contextmanager
    def initialising(self) -> Iterator[None]:
        """Draw initial parameters from the seed; the stream goes on from there."""
        if self.generator is None:
            yield
            return
        with borrowed_randomness(self._seed):
            yield
            self.generator.set_state(torch.get_rng_state())

    def feed(self, *networks: nn.Module) -> None:
        """Let the layers that draw numbers draw them from here."""
        for network in networks:
            for module in network.modules():
                if isinstance(module, Dropping | VariationalLinear):
                    module.generator = self.generator

    def state(self) -> dict[str, Tensor]:
        """Where the stream is, for a checkpoint."""
        if self.generator is not None:
            return {"random": self.generator.get_state()}
        state = {"random": torch.get_rng_state()}
        if self._device.type == "cuda":
            state["random_cuda"] = torch.cuda.get_rng_state(self._device)
        return state

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Go back to where a checkpoint was."""
        if self.generator is not None:
            self.generator.set_state(tensors["random"])
            return
        torch.set_rng_state(tensors["random"])
        if "random_cuda" in tensors:
            torch.cuda.set_rng_state(tensors["random_cuda"], self._device)
