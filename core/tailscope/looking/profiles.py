"""Where showers deposit their energy on average: along the beam, and away from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tailscope.sample.drawing import Drawing, Grid, Rings
from tailscope.weights.events import Floats

RINGS = 12
"""Bins of the distance from the axis, where images are not of rings."""


@dataclass(frozen=True, eq=False)
class Profile:
    """Mean energy of an event in bins.

    Attributes
    ----------
    title: of the bins, with their unit.
    edges: float64[n + 1].
    mean, error: float64[n], in the unit of the images; the error is the standard deviation of the mean.

    """

    title: str
    edges: Floats
    mean: Floats
    error: Floats

    def over(self, other: Profile) -> tuple[Floats, Floats]:
        """The ratio to another one and its standard deviation; NaN by nothing.

        That is the one of independent events: of events at equal energies, whose spread is the same in both,
        it is too large.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(other.mean > 0, self.mean / other.mean, np.nan)
            relative = np.hypot(self.error / self.mean, other.error / other.mean)
            return ratio, np.where(self.mean > 0, ratio * relative, self.error / other.mean)


class Profiler:
    """Adds up profiles of weighted events, block by block.

    Parameters
    ----------
    drawing: a drawing of the kind that will come; one without images of showers has no profiles.

    """

    def __init__(self, drawing: Drawing) -> None:
        self._bins: list[tuple[str, Floats, list[Floats]]] = []
        images = drawing.images
        if drawing.points is None and len(images) > 1:
            n = len(images)
            self._bins.append(("layer", np.arange(n + 1.0) - 0.5, _along(images)))
        if drawing.points is None and images:
            radii = [_radii(image) for image in images]
            edges = _edges(images, radii)
            self._bins.append(("distance from the axis [mm]", edges, [_in_bins(r, edges) for r in radii]))
        self._sums = [np.zeros((3, edges.size - 1)) for _, edges, _ in self._bins]
        self._w, self._w2 = 0.0, 0.0

    def add(self, drawing: Drawing, weights: Floats) -> None:
        """Add some events: float64[n] weights."""
        self._w += float(weights.sum())
        self._w2 += float((weights**2).sum())
        for sums, (_, _, maps) in zip(self._sums, self._bins, strict=True):
            each = sum(
                image.values.reshape(len(weights), -1).astype(np.float64) @ one
                for image, one in zip(drawing.images, maps, strict=True)
            )
            sums += [weights @ each, weights**2 @ each, weights**2 @ each**2]

    def profiles(self) -> tuple[Profile, ...]:
        """What was found."""
        found = []
        for (title, edges, _), (first, second, square) in zip(self._bins, self._sums, strict=True):
            mean = first / self._w
            variance = np.maximum(square - 2 * mean * second + mean**2 * self._w2, 0) / self._w**2
            found.append(Profile(title, edges, mean, np.sqrt(variance)))
        return tuple(found)


def _along(images: tuple[Grid | Rings, ...]) -> list[Floats]:
    """Of each image, which layer its cells are of: float64[cells, layers]."""
    ones = np.eye(len(images))
    return [np.tile(ones[i], (image.values[0].size, 1)) for i, image in enumerate(images)]


def _radii(image: Grid | Rings) -> Floats:
    """Distance of each cell from the axis, in the order of the values."""
    if isinstance(image, Rings):
        middle = (image.r_edges[1:] + image.r_edges[:-1]) / 2
        return np.tile(middle, image.values.shape[1])
    x, y = ((edges[1:] + edges[:-1]) / 2 for edges in (image.x_edges, image.y_edges))
    radii: Floats = np.hypot(x[None, :], y[:, None]).ravel()
    return radii


def _edges(images: tuple[Grid | Rings, ...], radii: list[Floats]) -> Floats:
    rings = [image.r_edges for image in images if isinstance(image, Rings)]
    if rings:
        edges: Floats = np.unique(np.concatenate(rings))
        return edges
    return np.linspace(0, max(float(r.max()) for r in radii) * (1 + 1e-9), RINGS + 1)


def _in_bins(radii: Floats, edges: Floats) -> Floats:
    """Which bin each cell is in: float64[cells, bins]."""
    at = np.clip(np.searchsorted(edges, radii, side="right") - 1, 0, edges.size - 2)
    return np.eye(edges.size - 1)[at]
