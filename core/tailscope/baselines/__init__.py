"""Small generative networks (flow, VAE, GAN) for those who have no generator at hand.

    from tailscope import baselines
    generator = baselines.train("geant4.hdf5", baselines.Settings(model="vae", epochs=10), seed=1)
    generator.write("vae.h5", 10_000)

One network for every kind of event: a `Codec` turns events into numbers such that constraints hold by
construction, `Quantiles` makes Gaussians of them. They are honest examples, with the flaws that such networks
have, and no more. torch is imported with what trains or draws, and zuko with the flow.
"""

from typing import TYPE_CHECKING, Any

from tailscope.errors import TrainingError
from tailscope.optional import needing

from .codec import Codec, Numbers
from .kind import Kind
from .quantiles import Quantiles
from .settings import MODELS, Settings

if TYPE_CHECKING:
    from .generator import Generator, load_generator, train

__all__ = [
    "MODELS",
    "Codec",
    "Generator",
    "Kind",
    "Numbers",
    "Quantiles",
    "Settings",
    "load_generator",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in {"Generator", "load_generator", "train"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with needing("torch", "a generative network", TrainingError):
        from . import generator

    return getattr(generator, name)
