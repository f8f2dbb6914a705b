"""Which network a training uses."""

from __future__ import annotations

from tailscope.config import TrainingSettings
from tailscope.errors import ConfigError
from tailscope.sample.particles import Particles

from .bayesian import BayesianClassifier
from .borrowed import borrowed_randomness
from .network import Classifier
from .particlenet import ParticleNetLite
from .pool import Rows
from .randomness import RandomStream

Network = Classifier | BayesianClassifier | ParticleNetLite


def network_of(n_inputs: int, settings: TrainingSettings, particles: Particles | None = None) -> Network:
    """Make the network that ``settings.network`` names, with fresh parameters.

    Every network has ``fan_in``, ``products`` and its standardisation as buffers ``mean`` and ``scale``
    (n_inputs,), and maps inputs (n, n_inputs) to logits (n,). `FitConfig.for_sample` refuses what does not go
    together.

    Raises
    ------
    ConfigError: a name that stands for no network, such as "auto", or a network for particles without any.

    """
    match settings.network:
        case "bayesian":
            return BayesianClassifier(n_inputs, settings)
        case "particlenet-lite" if particles is not None:
            return ParticleNetLite(n_inputs, particles, settings)
        case "mlp":
            return Classifier(n_inputs, settings)
    raise ConfigError(f"there is no network {settings.network!r} for these events")


def fresh_networks(
    n_inputs: int, settings: TrainingSettings, particles: Particles | None, stream: RandomStream
) -> tuple[Network, Network]:
    """The network that a training begins with, and one for the average of its parameters."""
    with stream.initialising():
        return network_of(n_inputs, settings, particles), network_of(n_inputs, settings, particles)


def blank_network(pool: Rows, settings: TrainingSettings) -> Network:
    """A network for the rows of a pool, on its device, ready to be given trained parameters."""
    with borrowed_randomness():
        network = network_of(pool.n_inputs, settings, pool.particles)
    return network.to(pool.device).eval()
