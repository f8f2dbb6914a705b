"""Calorimeter showers in cylindrical voxels of any number: layers of rings, cut into angles (CaloChallenge).

Energies of voxels and layers are in MeV, the incident energy is shown in GeV, positions are in mm from the
axis of the beam. Layers keep their number in the detector, which may skip: dataset 1 has ``E_12`` next to
``E_3``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tailscope.counting.rules import AutoBinning, Rule
from tailscope.sample.drawing import Drawing, Rings
from tailscope.sample.geometry import Geometry
from tailscope.sample.observable import Arrays
from tailscope.sample.voxels import Voxels

from .base import Domain
from .kinematics import Floats, ratio
from .observing import FRACTION, Maker
from .voxel_sums import SUMS, layer_sums
from .wrapped import Wrapped

INCIDENT, SHOWERS = "incident_energies", "showers"

MAX_VOXELS = 10_000
"""With more voxels a classifier gets the observables by default: 40,500 numbers a shower fill any memory."""
FEW_LAYERS = 10
"""Up to so many layers all is shown; with more, what other observables imply is left away."""


class CylinderShowers(Wrapped):
    """The arrays of some showers and the sums over their layers, made once."""

    def __init__(self, arrays: Arrays, geometry: Geometry) -> None:
        super().__init__(arrays)
        self._geometry = geometry

    @cached_property
    def incident(self) -> Floats:
        """E_inc, float64[n] in MeV."""
        return np.asarray(self[INCIDENT], dtype=np.float64).reshape(-1)

    @cached_property
    def sums(self) -> Floats:
        """`SUMS` of each layer: float64[n_layers, 9, n]."""
        voxels = np.ascontiguousarray(self[SHOWERS], dtype=np.float32)
        layers = self._geometry.layers
        result = np.empty((len(layers), len(SUMS), len(voxels)))
        centres = np.ascontiguousarray(np.concatenate([layer.centres() for layer in layers], axis=1))
        layer_sums(voxels, self._geometry.starts(), centres, result)
        return result

    @cached_property
    def energies(self) -> Floats:
        """E_i in MeV: float64[n_layers, n]."""
        return self.sums[:, 0]

    @cached_property
    def total(self) -> Floats:
        """E_tot in MeV: float64[n]."""
        total: Floats = self.energies.sum(axis=0)
        return total

    @cached_property
    def depth(self) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the layers' place (0, 1, 2, ...), weighted with energy."""
        place = np.arange(len(self._geometry.layers), dtype=np.float64)[:, None]
        mean = ratio((self.energies * place).sum(axis=0), self.total)
        return mean, np.sqrt(ratio((self.energies * (place - mean) ** 2).sum(axis=0), self.total))

    def sum_of(self, layer: int, name: str) -> Floats:
        """One of `SUMS` of one layer, float64[n]."""
        part: Floats = self.sums[layer, SUMS.index(name)]
        return part

    def sparsity(self, layer: int | None = None) -> Floats:
        """1 - fraction of voxels with any energy, of a layer or of all: float64[n]."""
        active: Floats
        if layer is None:
            active, n_voxels = self.sums[:, SUMS.index("active")].sum(axis=0), self._geometry.n_voxels
        else:
            active, n_voxels = self.sum_of(layer, "active"), self._geometry.layers[layer].n_voxels
        return 1 - active / n_voxels


Value = Callable[[CylinderShowers], Floats]
Made = tuple[str, str, str, Rule, Value]


def _shower_observables() -> Iterator[Made]:
    auto, log = AutoBinning(), AutoBinning("log")
    label = r"E_{\mathrm{tot}}/E_{\mathrm{inc}}"
    yield "E_tot", r"E_{\mathrm{tot}}", "MeV", log, lambda s: s.total
    yield "E_inc", r"E_{\mathrm{inc}}", "GeV", log, lambda s: s.incident / 1000
    yield "E_tot_over_E_inc", label, "", auto, lambda s: s.total / s.incident
    yield "depth", r"\langle i \rangle_E", "", auto, lambda s: s.depth[0]
    yield "depth_width", r"\sigma_i", "", auto, lambda s: s.depth[1]
    yield "sparsity", r"\mathrm{sparsity}", "", auto, lambda s: s.sparsity()


def _layer_observables(geometry: Geometry, place: int) -> Iterator[Made]:
    """Numbers of one layer; eta and phi where it is cut into angles, f and r where there are few layers."""
    layer, few = geometry.layers[place], len(geometry.layers) <= FEW_LAYERS
    auto, log, width = AutoBinning(), AutoBinning("log"), AutoBinning(low=0.0)
    i = layer.id
    mark = f"_{{{i}}}"

    def of(name: str) -> Value:
        return lambda s: s.sum_of(place, name)

    yield f"E_{i}", f"E{mark}", "MeV", log, of("E")
    if few:
        label = rf"E{mark}/E_{{\mathrm{{tot}}}}"
        yield f"f_{i}", label, "", FRACTION, lambda s: ratio(s.sum_of(place, "E"), s.total)
    label = rf"E_{{\mathrm{{brightest}},{i}}}/E{mark}"
    yield (
        f"brightest_{i}",
        label,
        "",
        FRACTION,
        lambda s: ratio(s.sum_of(place, "brightest"), s.sum_of(place, "E")),
    )
    yield f"sparsity_{i}", rf"\mathrm{{sparsity}}{mark}", "", FRACTION, lambda s: s.sparsity(place)
    if few:
        yield f"r_{i}", rf"\langle r\rangle{mark}", "mm", width, of("r")
    yield f"width_r_{i}", rf"\sigma_{{r,{i}}}", "mm", width, of("width_r")
    if layer.n_alpha > 1:
        yield f"eta_{i}", rf"\langle\eta\rangle{mark}", "mm", auto, of("eta")
        yield f"phi_{i}", rf"\langle\phi\rangle{mark}", "mm", auto, of("phi")
        yield f"width_eta_{i}", rf"\sigma_{{\eta,{i}}}", "mm", width, of("width_eta")
        yield f"width_phi_{i}", rf"\sigma_{{\phi,{i}}}", "mm", width, of("width_phi")


def cylinder(geometry: Geometry) -> Domain:
    """Make the domain of showers in these voxels.

    Low-level inputs are log(1 + E/MeV) of every voxel and layer; with more than 10,000 voxels the observables
    are the default.
    """
    n_layers, many = len(geometry.layers), geometry.n_voxels > MAX_VOXELS

    def wrapped(arrays: Arrays) -> CylinderShowers:
        return arrays if isinstance(arrays, CylinderShowers) else CylinderShowers(arrays, geometry)

    def features(arrays: Arrays) -> NDArray[np.float32]:
        showers = wrapped(arrays)
        n = len(showers.incident)
        result = np.empty((n, geometry.n_voxels + n_layers), dtype=np.float32)
        voxels = result[:, : geometry.n_voxels]
        np.add(showers[SHOWERS], np.float32(1), out=voxels, casting="same_kind")
        np.log(voxels, out=voxels)
        result[:, geometry.n_voxels :] = np.log1p(showers.energies).T
        return result

    def condition(arrays: Arrays) -> NDArray[np.float32]:
        return np.log(wrapped(arrays).incident / 1000).astype(np.float32)[:, None]

    def draw(arrays: Arrays) -> Drawing:
        showers = np.asarray(arrays[SHOWERS], dtype=np.float32)
        parts = np.split(showers, geometry.starts()[1:-1], axis=1)  # radius is the fastest index
        return Drawing(
            tuple(
                Rings(
                    f"layer {layer.id}",
                    f"E_{layer.id}",
                    np.asarray(layer.r_edges),
                    part.reshape(len(part), layer.n_alpha, -1),
                )
                for layer, part in zip(geometry.layers, parts, strict=True)
            )
        )

    observable = Maker(wrapped)
    by_layer = [m for place in range(n_layers) for m in _layer_observables(geometry, place)]
    kinds = list(dict.fromkeys(name.rpartition("_")[0] for name, *_ in by_layer))
    # Kind by kind, so that the layers of one kind stand beside each other.
    by_layer.sort(key=lambda made: kinds.index(made[0].rpartition("_")[0]))
    shown = geometry.layers[:: -(-n_layers // 7)]
    return Domain(
        name="calorimeter",
        observables=tuple(observable(*made) for made in (*_shower_observables(), *by_layer)),
        features=features,
        n_features=geometry.n_voxels + n_layers,
        condition=condition,
        n_conditions=1,
        first_row=(
            *("E_tot_over_E_inc", "E_inc", "depth", "depth_width", "sparsity"),
            *(f"E_{layer.id}" for layer in shown),
        ),
        prepare=wrapped,
        inputs=f"log(1 + E/MeV) of {geometry.n_voxels} voxels and {n_layers} layers",
        level="high" if many else "both",
        draw=draw,
        voxels=Voxels(geometry.n_voxels, n_layers),
        reason=f"{geometry.n_voxels} voxels are many for a network and for the memory" if many else "",
    )
