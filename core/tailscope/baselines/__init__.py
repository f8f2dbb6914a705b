"""Small generative networks (flow, VAE, GAN) for those who have no generator at hand.

    from tailscope import baselines
    generator = baselines.train("geant4.hdf5", baselines.Settings(model="vae", epochs=10), seed=1)
    generator.write("vae.h5", 10_000)

One network for every kind of event: a `Codec` turns events into numbers such that constraints hold by
construction, `Quantiles` makes Gaussians of them. They are honest examples, with the flaws that such networks
have, and no more. Imports torch, and zuko for the flow.
"""

from .codec import Codec, Numbers
from .generator import Generator, load_generator, train
from .kind import Kind
from .quantiles import Quantiles
from .settings import MODELS, Settings

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
