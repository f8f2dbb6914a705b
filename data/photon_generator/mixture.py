"""Gaussian mixtures in one dimension: the density of a positive energy, once it is known to be positive."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

MIN_LOG_SCALE, MAX_LOG_SCALE = math.log(0.01), math.log(3.0)


def _split(parameters: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Log probabilities, means, log scales (..., components) of parameters (..., 3 * components)."""
    logits, means, scales = parameters.chunk(3, dim=-1)
    spread = torch.linspace(-1.5, 1.5, logits.shape[-1])
    return functional.log_softmax(logits, dim=-1), means + spread, scales.clamp(MIN_LOG_SCALE, MAX_LOG_SCALE)


def log_density(parameters: Tensor, value: Tensor) -> Tensor:
    """Log p(value), shape (...), for parameters (..., 3 * components)."""
    log_p, means, log_scale = _split(parameters)
    pull = (value[..., None] - means) * torch.exp(-log_scale)
    return torch.logsumexp(log_p - log_scale - 0.5 * pull.square(), dim=-1) - 0.5 * math.log(2 * math.pi)


def draw(parameters: Tensor, generator: torch.Generator) -> Tensor:
    """One draw for each of n rows of parameters (n, 3 * components)."""
    log_p, means, log_scale = _split(parameters)
    component = torch.multinomial(log_p.exp(), 1, generator=generator)
    noise = torch.randn(len(parameters), generator=generator)
    mean, scale = means.gather(1, component)[:, 0], log_scale.gather(1, component)[:, 0].exp()
    return mean + scale * noise
