"""Perceptrons side by side, each layer of all of them one product."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import leaky_relu

from tailscope.config import TrainingSettings

from .dropout import Dropout, InputDropout
from .network import Classifier
from .standardise import standardised_anywhere

Parameters = list[Tensor]
"""Of each layer the weights (K, in, out) and the biases (K, 1, out) of K networks."""


class StackNetwork:
    """K `Classifier`s with the same settings.

    Networks with fewer inputs than the widest one have weights of 0 for those that they lack, which are 0.

    Attributes
    ----------
    parameters: that are trained, float32.

    """

    def __init__(
        self, networks: Sequence[Classifier], width: int, settings: TrainingSettings, device: torch.device
    ) -> None:
        self.settings, self._width, self._device = settings, width, device
        self._n_inputs = [network.fan_in for network in networks]
        self._names = [name for name, _ in networks[0].named_parameters()]
        self._buffers = [{name: b.clone() for name, b in one.named_buffers()} for one in networks]
        same = all((b["mean"] == 0).all() and (b["scale"] == 1).all() for b in self._buffers)
        self._standard = None if same else tuple(self._inputs_of(name) for name in ("mean", "scale"))
        self.parameters = [p.requires_grad_() for p in self.stacked([one.state_dict() for one in networks])]
        self.dropouts = InputDropout(settings.input_dropout), Dropout(settings.dropout)

    @property
    def fan_in(self) -> Tensor:
        """Inputs of each network, float32 (K, 1, 1)."""
        return torch.tensor(self._n_inputs, dtype=torch.float32, device=self._device)[:, None, None]

    def __call__(self, x: Tensor, parameters: Parameters, *, training: bool = False) -> Tensor:
        """Logits (K, n) of inputs (K, n, width)."""
        first, other = (d.train(training) for d in self.dropouts)
        if self._standard is not None:
            mean, scale = self._standard
            x = standardised_anywhere(x, mean, scale, compress=self.settings.compress)
        z = first(x)
        for weight, bias in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
            z = other(leaky_relu(torch.baddbmm(bias, z, weight)))
        return torch.baddbmm(parameters[-1], z, parameters[-2]).squeeze(-1)

    def stacked(self, states: Sequence[dict[str, Tensor]]) -> Parameters:
        """Parameters of networks, by the names that they have in a `Classifier`, side by side."""
        return [self.side_by_side(i, [state[name] for state in states]) for i, name in enumerate(self._names)]

    def state(self, parameters: Parameters, k: int) -> dict[str, Tensor]:
        """Parameters and standardisation of network k, by the names that a `Classifier` gives them."""
        named = {name: self.alone(i, parameters[i], k) for i, name in enumerate(self._names)}
        return self._buffers[k] | named

    def side_by_side(self, i: int, alone: Sequence[Tensor]) -> Tensor:
        """What belongs to parameter i of each network, as torch's layers have it, in one on the device."""
        if alone[0].ndim == 1:
            return torch.stack(list(alone))[:, None].to(self._device)
        whole = torch.zeros(len(alone), self._width if i == 0 else alone[0].shape[1], alone[0].shape[0])
        for k, one in enumerate(alone):
            whole[k, : one.shape[1]] = one.T
        return whole.to(self._device)

    def alone(self, i: int, whole: Tensor, k: int) -> Tensor:
        """Inverse of `side_by_side` for network k."""
        one = whole[k].detach()
        if one.shape[0] == 1 and self._names[i].endswith("bias"):
            return one[0].clone()
        return (one[: self._n_inputs[k]] if i == 0 else one).T.contiguous()

    def _inputs_of(self, name: str) -> Tensor:
        """A buffer of each network, one number for each input, as (K, 1, width)."""
        return torch.stack([buffers[name] for buffers in self._buffers])[:, None].to(self._device)
