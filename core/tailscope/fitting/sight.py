"""What a classifier sees of a sample: all that was read, or what those of the paper saw."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.sample.sample import Features, Sample
from tailscope.sample.voxels import Voxels

UNIT = 1e5
"""Energies of voxels and layers are in units of 100 GeV, in MeV."""
SMALLEST = 1e-8
"""Added to a layer's energy, in that unit, before its logarithm is taken."""
ROWS = 4096
"""Events that are turned together, where they lie in memory."""

Floats = NDArray[np.float32]


def as_in_paper(sample: Sample) -> Sample:
    """The sample with what the paper's classifier saw of its events as features.

    Of showers (Sec. 4) "voxels, energy, and layer energies in unnormalized shower data". What the paper
    leaves open is that of the classifier of CaloFlow (its Ref. [33], arXiv:2106.05285), which has the same
    width, batches, epochs and rate:

        E_voxel/(100 GeV),    log10[E_i/(100 GeV) + 10^-8] + 2,    log10[E_inc/(10 GeV)],

    "unnormalized" as voxels are not divided by the energy of their layer. Of jets (Sec. 3) the particles,
    without anything of the jet as a whole. Nothing of either is standardised afterwards.

    Parameters
    ----------
    sample: with ``voxels`` or ``particles``; what is on disk stays there.

    """
    if sample.voxels is None:
        assert sample.particles is not None  # `FitConfig.for_sample` sees to it
        width = sample.particles.width
        return _with(sample, width, lambda features: features[:, :width], None)
    voxels = sample.voxels
    assert sample.condition is not None  # `Voxels` has one
    incident = sample.condition[:, :1] / np.float32(math.log(10)) - np.float32(1)
    return _with(sample, voxels.width, lambda features: _energies(features, voxels), incident)


def _energies(features: Floats, voxels: Voxels) -> Floats:
    """Float32[n, width] of features float32[n, n_features], as `as_in_paper` has them."""
    seen: Floats = np.expm1(features[:, : voxels.width])
    seen /= np.float32(UNIT)
    layers = seen[:, voxels.count :]
    layers += np.float32(SMALLEST)
    np.log10(layers, out=layers)
    layers += np.float32(2)
    return seen


def _with(sample: Sample, width: int, change: Callable[[Floats], Floats], condition: Floats | None) -> Sample:
    features: Features = _Changed(sample.features, width, change)
    if isinstance(sample.features, np.ndarray):
        whole = np.empty((len(sample), width), np.float32)
        for start in range(0, len(sample), ROWS):
            whole[start : start + ROWS] = features[start : start + ROWS]
        features = whole
    return replace(sample, features=features, condition=condition, checked=True)


@dataclass(frozen=True, eq=False)
class _Changed:
    """Features that are changed when they are read.

    Attributes
    ----------
    features: as they were.
    width: numbers an event afterwards.
    change: float32[n, n_features] -> float32[n, width].

    """

    features: Features
    width: int
    change: Callable[[Floats], Floats]

    @property
    def shape(self) -> tuple[int, int]:
        return self.features.shape[0], self.width

    def __getitem__(self, rows: Any) -> Floats:
        return self.change(np.asarray(self.features[rows], dtype=np.float32))
