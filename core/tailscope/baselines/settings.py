"""Settings of a baseline."""

from __future__ import annotations

from dataclasses import dataclass

from tailscope.errors import ConfigError

MODELS = ("flow", "vae", "gan")


@dataclass(frozen=True)
class Settings:
    """How a baseline is trained.

    Attributes
    ----------
    model: "flow", "vae" or "gan".
    epochs: passes through the training events.
    batch_size, learning_rate: of Adam, with a one-cycle rate.
    hidden: nodes of a hidden layer.
    resonance: Z + jets alone: whether the network is told M_mumu, so that the Z peak is right.

    Raises
    ------
    ConfigError: a value that makes no sense.

    """

    model: str = "flow"
    epochs: int = 20
    batch_size: int = 256
    learning_rate: float = 2e-3
    hidden: int = 128
    resonance: bool = True

    def __post_init__(self) -> None:
        if self.model not in MODELS:
            raise ConfigError(f"there is no model {self.model!r}; choose one of {', '.join(MODELS)}")
        for name in ("epochs", "batch_size", "hidden"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} = {getattr(self, name)!r} makes no sense, expected at least 1")
        if not 0 < self.learning_rate < 1:
            raise ConfigError(
                f"learning_rate = {self.learning_rate!r} makes no sense, expected between 0 and 1"
            )
