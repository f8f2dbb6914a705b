"""Which kind of event a file holds, and how its events become numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import InputError
from tailscope.formats import OWN_DOMAINS
from tailscope.reading.reading import Reading

from .codec import Codec
from .events import EventCodec
from .jets import JETS, PARTICLES, JetCodec
from .showers import ShowerCodec
from .tables import DimuonCodec, TableCodec


@dataclass(frozen=True)
class Kind:
    """All that is needed to choose a `Codec`.

    Attributes
    ----------
    domain: "events", "jets", ...
    shapes: dataset -> shape of one event.
    layers: of showers in one array: how many voxels each layer has.
    resonance: whether a network of Z + jets is told M_mumu.

    """

    domain: str
    shapes: Mapping[str, tuple[int, ...]]
    layers: tuple[int, ...] = ()
    resonance: bool = True

    @property
    def codec(self) -> Codec:
        """The codec of this kind of event."""
        names = tuple(self.shapes)
        if self.domain == "events":
            return EventCodec(self.resonance)
        if self.domain == "jets":
            return JetCodec(self.shapes[PARTICLES][0], JETS in self.shapes)
        if self.domain == "calorimeter":
            return ShowerCodec(self.incident, self._shower_layers())
        return DimuonCodec(names) if DimuonCodec.fits(names) else TableCodec(names)

    @property
    def incident(self) -> str:
        """Dataset of a shower's incident energies."""
        return next(name for name, shape in self.shapes.items() if not shape)

    def _shower_layers(self) -> list[tuple[str, tuple[int, ...], slice]]:
        voxels = [(name, shape) for name, shape in self.shapes.items() if shape]
        if not self.layers:
            return [(name, shape, slice(0, int(np.prod(shape)))) for name, shape in voxels]
        ends = [int(end) for end in np.cumsum(self.layers)]
        return [(*voxels[0], slice(end - size, end)) for end, size in zip(ends, self.layers, strict=True)]


def read_arrays(how: Reading) -> tuple[Kind, dict[str, NDArray[Any]]]:
    """Read the arrays of a file, or of its first events, as its format gives them.

    Raises
    ------
    FormatError: as `load`.
    InputError: arrays of a domain of another package, which no codec knows.

    """
    with how.opened() as events:
        shapes = {name: shape for name, shape in events.shapes.items() if name != "log_likelihood"}
        layers = () if events.geometry is None else tuple(x.n_voxels for x in events.geometry.layers)
        if events.domain not in OWN_DOMAINS and any(shapes.values()):
            raise InputError(
                f"{how.path.name}: {events.title} are arrays of a domain of another package; showers, "
                "Z + jets, jets, dimuons and tables can be generated, so write them as a table of numbers"
            )
        parts: dict[str, list[NDArray[Any]]] = {name: [] for name in shapes}
        for _, arrays in events.chunks(how.max_events):
            for name, found in parts.items():
                found.append(arrays[name])
        return Kind(events.domain, shapes, layers), {
            name: np.concatenate(part) for name, part in parts.items()
        }
