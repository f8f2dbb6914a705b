"""Calorimeter showers on rectangular grids of voxels, one grid a layer (CaloGAN's detector).

Energies of voxels and layers are in MeV, the incident energy is in GeV, positions are in mm from the axis
of the beam. An observable that an empty layer does not have (its brightest voxel, its centre) is NaN.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tailscope.counting.binning import Binning
from tailscope.counting.rules import AutoBinning, EndsApart
from tailscope.sample.drawing import Axis, Drawing, Grid
from tailscope.sample.observable import Arrays, Observable
from tailscope.sample.voxels import Voxels

from .base import Domain
from .kinematics import Floats, ratio
from .observing import FRACTION, Maker
from .wrapped import Wrapped

HALF_SIDE = 240.0
"""Every layer covers -240 mm .. 240 mm in both directions."""

GRIDS = {"layer_0": (3, 96), "layer_1": (12, 12), "layer_2": (12, 6)}
"""Voxels of each layer: (along phi, along eta), as CaloGAN orders the axes."""


class Showers(Wrapped):
    """The arrays of some showers, and the sums over voxels that observables share, each made once.

    Sums are made in float64: the float32 sum of 288 voxels is only good to about 1e-6.
    """

    @cached_property
    def incident(self) -> Floats:
        """E_inc, float64[n] in GeV."""
        return np.asarray(self["energy"], dtype=np.float64).reshape(-1)

    @cached_property
    def along_phi(self) -> list[Floats]:
        """Energy of each row of voxels, summed over eta: float64[n, n_phi] of each layer, MeV."""
        return [self[name].sum(axis=2, dtype=np.float64) for name in GRIDS]

    @cached_property
    def along_eta(self) -> list[Floats]:
        """Energy of each column of voxels, summed over phi: float64[n, n_eta] of each layer, MeV."""
        return [self[name].sum(axis=1, dtype=np.float64) for name in GRIDS]

    @cached_property
    def layers(self) -> Floats:
        """E_i, float64[n, n_layers] in MeV."""
        return np.stack([rows.sum(axis=1) for rows in self.along_phi], axis=1)

    @cached_property
    def total(self) -> Floats:
        """E_tot, the sum of all voxels, float64[n] in MeV."""
        total: Floats = self.layers.sum(axis=1)
        return total

    @cached_property
    def fractions(self) -> Floats:
        """f_i = E_i / E_tot, float64[n, n_layers]; NaN for an empty shower."""
        return ratio(self.layers, self.total[:, None])

    @cached_property
    def depth(self) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the layer index, weighted with energy."""
        return _moments(self.layers, np.arange(self.layers.shape[1], dtype=np.float64))

    @cached_property
    def eta(self) -> list[tuple[Floats, Floats]]:
        """Mean and standard deviation of eta (mm) in each layer, weighted with energy."""
        return [_moments(energies, _centres(energies.shape[1])) for energies in self.along_eta]

    @cached_property
    def phi(self) -> list[tuple[Floats, Floats]]:
        """Mean and standard deviation of phi (mm) in each layer, weighted with energy."""
        return [_moments(energies, _centres(energies.shape[1])) for energies in self.along_phi]

    def brightest(self, layer: int) -> Floats:
        """Largest voxel energy over E_i, float64[n]; NaN for an empty layer."""
        largest = self[f"layer_{layer}"].max(axis=(1, 2)).astype(np.float64)
        return ratio(largest, self.layers[:, layer])

    def sparsity(self, layer: int) -> Floats:
        """1 - fraction of voxels with any energy (arXiv:2305.16774, Sec. 4.2): 1 is an empty layer."""
        voxels = self[f"layer_{layer}"]
        sparsity: Floats = 1 - np.count_nonzero(voxels, axis=(1, 2)) / np.prod(voxels.shape[1:])
        return sparsity


def _centres(cells: int) -> Floats:
    """Centres of the cells that divide -240 mm .. 240 mm."""
    return HALF_SIDE * ((2 * np.arange(cells) + 1) / cells - 1)


def _moments(energies: Floats, positions: Floats) -> tuple[Floats, Floats]:
    """Mean x = sum(E x)/sum(E) and width sqrt(sum(E (x - mean)^2)/sum(E)): float64[n] each.

    Two passes: mean(x^2) - mean(x)^2 cancels, and a single voxel would get a width.
    """
    total = energies.sum(axis=1)
    mean = ratio(energies @ positions, total)
    squares = (positions - mean[:, None]) ** 2
    squares *= energies
    return mean, np.sqrt(ratio(squares.sum(axis=1), total))


def features(arrays: Arrays) -> NDArray[np.float32]:
    """Classifier inputs, float32[n, 507]: log(1 + E/MeV) of every voxel, then of every layer energy.

    The logarithm decides: voxels merely divided by a constant teach the classifier nothing.
    """
    showers = Showers.of(arrays)
    n = len(showers.incident)
    result = np.empty((n, N_FEATURES), dtype=np.float32)
    start = 0
    for name, (rows, cells) in GRIDS.items():
        stop = start + rows * cells
        voxels = result[:, start:stop]
        # log(1 + x) is three times as fast as log1p, and wrong by less than 1e-7: a tenth of an eV.
        np.add(showers[name].reshape(n, -1), np.float32(1), out=voxels)
        np.log(voxels, out=voxels)
        start = stop
    result[:, start:] = np.log1p(showers.layers)
    return result


def draw(arrays: Arrays) -> Drawing:
    """One image a layer, in MeV, eta to the right and phi upwards."""
    images = []
    for i, (name, cells) in enumerate(GRIDS.items()):
        phi, eta = (np.linspace(-HALF_SIDE, HALF_SIDE, n + 1) for n in cells)
        voxels = np.asarray(arrays[name], dtype=np.float32)
        images.append(Grid(f"layer {i}", f"E_{i}", Axis("η", "mm"), Axis("φ", "mm"), eta, phi, voxels))
    return Drawing(tuple(images))


def condition(arrays: Arrays) -> NDArray[np.float32]:
    """Give what the generator was conditioned on, float32[n, 1]: log(E_inc/GeV)."""
    return np.log(Showers.of(arrays).incident).astype(np.float32)[:, None]


N_FEATURES = sum(rows * cells for rows, cells in GRIDS.values()) + len(GRIDS)


def _levels(voxels: int) -> EndsApart:
    """Bins of a count over ``voxels``: each holds the same number of possible values.

    Edges lie between the values k/voxels; other bins would hold 5 values here and 6 there, and show a comb.
    The last bin ends above 1, the value of an empty layer, which is apart where it is common.
    """
    together = max(1, round(voxels / 50))
    bins = -(-(voxels + 1) // together)
    edges = 1 + (0.5 - together * np.arange(bins, -1, -1)) / voxels
    return EndsApart(Binning(edges), low=False)


_observable = Maker(Showers.of)


def _shower_observables() -> Iterator[Observable]:
    """Numbers of the shower as a whole."""
    make, auto = _observable, AutoBinning()
    yield make("E_tot", r"E_{\mathrm{tot}}", "MeV", auto, lambda s: s.total)
    yield make("E_inc", r"E_{\mathrm{inc}}", "GeV", auto, lambda s: s.incident)
    label = r"E_{\mathrm{tot}}/E_{\mathrm{inc}}"
    yield make("E_tot_over_E_inc", label, "", auto, lambda s: s.total / (1000 * s.incident))
    yield make("depth", r"\langle i \rangle_E", "", auto, lambda s: s.depth[0])
    yield make("depth_width", r"\sigma_{i}", "", auto, lambda s: s.depth[1])


def _layer_observables(i: int) -> Iterator[Observable]:
    """Numbers of one layer. Logarithmic axes keep empty layers, 0, as underflow."""
    make, log, auto, width = _observable, AutoBinning("log"), AutoBinning(), AutoBinning(low=0.0)
    last, voxels = i == len(GRIDS) - 1, int(np.prod(GRIDS[f"layer_{i}"]))
    yield make(f"E_{i}", f"E_{i}", "MeV", log, lambda s: s.layers[:, i])
    # The last layer catches the tail of the shower: a thousandth of its energy, spread over decades.
    yield make(
        f"f_{i}", rf"E_{i}/E_{{\mathrm{{tot}}}}", "", log if last else FRACTION, lambda s: s.fractions[:, i]
    )
    label = rf"E_{{\mathrm{{brightest}},{i}}}/E_{i}"
    yield make(f"brightest_{i}", label, "", FRACTION, lambda s: s.brightest(i))
    yield make(f"sparsity_{i}", rf"\mathrm{{sparsity}}_{i}", "", _levels(voxels), lambda s: s.sparsity(i))
    yield make(f"eta_{i}", rf"\langle\eta\rangle_{i}", "mm", auto, lambda s: s.eta[i][0])
    yield make(f"phi_{i}", rf"\langle\phi\rangle_{i}", "mm", auto, lambda s: s.phi[i][0])
    yield make(f"width_eta_{i}", rf"\sigma_{{\eta,{i}}}", "mm", width, lambda s: s.eta[i][1])
    yield make(f"width_phi_{i}", rf"\sigma_{{\phi,{i}}}", "mm", width, lambda s: s.phi[i][1])


def _domain() -> Domain:
    layers = range(len(GRIDS))
    by_layer = [{o.name.rsplit("_", 1)[0]: o for o in _layer_observables(i)} for i in layers]
    # Kind by kind, so that the layers of one kind stand beside each other.
    observables = tuple(by_layer[i][kind] for kind in by_layer[0] for i in layers)
    first = [f"{kind}_{i}" for kind in ("E", "brightest", "sparsity") for i in layers]
    return Domain(
        name="calorimeter",
        observables=observables + tuple(_shower_observables()),
        features=features,
        n_features=N_FEATURES,
        condition=condition,
        n_conditions=1,
        first_row=(*first, "E_inc", "E_tot_over_E_inc", "depth"),
        prepare=Showers.of,
        inputs=f"log(1 + E/MeV) of {N_FEATURES - len(GRIDS)} voxels and {len(GRIDS)} layers",
        draw=draw,
        voxels=Voxels(N_FEATURES - len(GRIDS), len(GRIDS)),
    )


CALORIMETER = _domain()
