"""Observable: a quantity of events, its label, unit and bins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.counting.rules import AutoBinning, Rule

Arrays = Mapping[str, NDArray[Any]]
"""What a format reads: dataset name -> array of shape (n_events, ...)."""

FUNCTION = "a Python function"
"""Stands for the expression of an observable that was made by one."""


@dataclass(frozen=True)
class Observable:
    r"""One number per event that physicists know by name.

    Attributes
    ----------
    name: short, stable, ASCII; permalinks carry it.
    label: LaTeX without dollars, e.g. ``E_1``, ``M_{\mu\mu}``.
    unit: "GeV", "MeV", "" for none.
    binning: edges, or the rule that makes them from both samples.
    compute: arrays of one chunk -> float32[n_events]; NaN where it is undefined. None for columns that
        were given as numbers.
    expression: what somebody's own observable is computed from, e.g. "E_1/E_tot"; "" for all others.
    seen: whether it is an input of the classifier, or computed from inputs alone; None where nobody knows, as
        for weights that were imported.

    """

    name: str
    label: str
    unit: str = ""
    binning: Rule = field(default_factory=AutoBinning)
    compute: Callable[[Arrays], NDArray[np.float32]] | None = None
    expression: str = ""
    seen: bool | None = None
