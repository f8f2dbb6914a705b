"""A masked autoregressive network: the parameters of dimension j depend on dimensions before j only.

The masking is MADE's (Germain et al., arXiv:1502.03509), with residual layers. Every hidden unit has a
degree d and sees the condition and the dimensions before d; output j sees units of degree <= j. Units are
stored by ascending degree, so drawing a whole event costs one forward pass: dimension by dimension only the
units of the new degree are computed.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional


class MaskedLinear(nn.Linear):
    """A linear layer whose weights outside `mask` (out, in) are held at zero."""

    mask: Tensor

    def __init__(self, mask: Tensor) -> None:
        super().__init__(mask.shape[1], mask.shape[0])
        self.register_buffer("mask", mask.float())

    def masked_weight(self) -> Tensor:
        return self.weight * self.mask

    def forward(self, features: Tensor) -> Tensor:
        return functional.linear(features, self.masked_weight(), self.bias)


class MaskedNetwork(nn.Module):
    """Features (n, dims, n_features), condition (n, n_condition) -> parameters (n, dims, n_parameters)."""

    def __init__(
        self,
        dims: int,
        *,
        n_features: int,
        n_condition: int,
        n_parameters: int,
        units_per_degree: int,
        condition_units: int,
        hidden_layers: int = 2,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.dims, self.n_features, self.n_parameters = dims, n_features, n_parameters
        dimension = torch.arange(dims)
        degree = torch.cat(
            [torch.zeros(condition_units, dtype=torch.long), dimension.repeat_interleave(units_per_degree)]
        )
        source = torch.cat([torch.full((n_condition,), -1), dimension.repeat_interleave(n_features)])
        target = dimension.repeat_interleave(n_parameters)
        self.first = MaskedLinear(degree[:, None] > source[None, :])
        between = degree[:, None] >= degree[None, :]
        self.hidden = nn.ModuleList(MaskedLinear(between) for _ in range(hidden_layers - 1))
        self.last = MaskedLinear(target[:, None] >= degree[None, :])
        nn.init.normal_(self.last.weight, std=0.01)
        nn.init.zeros_(self.last.bias)
        self.dropout = dropout
        self._units_until = [condition_units + (j + 1) * units_per_degree for j in range(dims)]

    def forward(self, features: Tensor, condition: Tensor) -> Tensor:
        h = functional.silu(self.first(torch.cat([condition, features.flatten(1)], dim=1)))
        for layer in self.hidden:
            h = h + functional.silu(layer(functional.dropout(h, self.dropout, self.training)))
        out: Tensor = self.last(functional.dropout(h, self.dropout, self.training))
        return out.view(-1, self.dims, self.n_parameters)

    @torch.no_grad()
    def draw(self, condition: Tensor, draw_dimension: Callable[[int, Tensor], Tensor]) -> None:
        """Draw all dimensions in turn.

        `draw_dimension(j, parameters)` turns parameters (n, n_parameters) into features (n, n_features).
        """
        n, n_condition = condition.shape
        inputs = torch.zeros(n_condition + self.dims * self.n_features, n)
        inputs[:n_condition] = condition.T
        chain = [self.first, *self.hidden]
        weights = [layer.masked_weight() for layer in chain]
        last = self.last.masked_weight()
        units = [torch.zeros(len(weights[0]), n) for _ in chain]
        start = 0
        for j, stop in enumerate(self._units_until):
            seen = n_condition + j * self.n_features
            below = inputs[:seen]
            for level, (layer, weight) in enumerate(zip(chain, weights, strict=True)):
                linear = torch.addmm(layer.bias[start:stop, None], weight[start:stop, : len(below)], below)
                new = functional.silu(linear)
                units[level][start:stop] = new if level == 0 else new + units[level - 1][start:stop]
                below = units[level][:stop]
            rows = slice(j * self.n_parameters, (j + 1) * self.n_parameters)
            parameters = torch.addmm(self.last.bias[rows, None], last[rows, :stop], below)
            inputs[seen : seen + self.n_features] = draw_dimension(j, parameters.T).T
            start = stop
