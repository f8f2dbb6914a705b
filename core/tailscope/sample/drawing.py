"""How events look: images of energy in the cells of a plane, and particles in a plane. Plain data.

A domain makes a `Drawing` of the arrays of some events; whoever shows it decides about colours. All values
have the events as their first axis, so that one event is a slice and an average shower a mean.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Axis:
    """One direction of a plane: its symbol in Unicode, and its unit ("" for none)."""

    symbol: str
    unit: str = ""


@dataclass(frozen=True)
class Grid:
    """Energies in rectangular cells.

    Attributes
    ----------
    title: what the plane is, "layer 0".
    total: name of the observable that is the sum of all cells, "E_0"; "" where there is none.
    x, y: the axes.
    x_edges: float64[n_x + 1], increasing.
    y_edges: float64[n_y + 1], increasing.
    values: float[n_events, n_y, n_x]; 0 is a cell without any energy.

    """

    title: str
    total: str
    x: Axis
    y: Axis
    x_edges: Floats
    y_edges: Floats
    values: NDArray[np.floating]


@dataclass(frozen=True)
class Rings:
    """Energies in rings about the axis of the beam that are cut into equal angles.

    Attributes
    ----------
    title, total: as in `Grid`.
    r_edges: float64[n_r + 1] in mm, increasing.
    values: float[n_events, n_alpha, n_r]; angles count from -pi, as the CaloChallenge defines them
        (arXiv:2410.21611).

    """

    title: str
    total: str
    r_edges: Floats
    values: NDArray[np.floating]

    @property
    def alpha_edges(self) -> Floats:
        """Edges of the angles in radians: float64[n_alpha + 1]."""
        return np.linspace(-np.pi, np.pi, self.values.shape[1] + 1)


@dataclass(frozen=True)
class Points:
    """Particles in a plane.

    Attributes
    ----------
    x, y: the axes.
    x_range, y_range: what is drawn; it holds nearly all particles.
    at: float64[n_events, n_points, 2], the coordinates; NaN for particles that an event does not have.
    size: float64[n_events, n_points], what a particle's area stands for; NaN where it is absent.
    meaning: of ``size``, and its unit.
    kinds: of each point, "muon", "jet", ...: those of a kind look alike.
    labels: of each point in Unicode; "" for those without one.

    """

    x: Axis
    y: Axis
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    at: Floats
    size: Floats
    meaning: Axis
    kinds: tuple[str, ...]
    labels: tuple[str, ...]

    def image(self, cells: int = 48) -> Grid:
        """Sum of ``size`` in square cells of the plane, such as a jet image: `Grid` of as many events.

        Particles outside the plane's ranges are left out.
        """
        n_events = len(self.at)
        low, high = np.array([self.x_range, self.y_range]).T
        step = (high - low).max() / cells
        shape = np.maximum(1, np.rint((high - low) / step)).astype(int)
        place = (self.at - low) / (high - low) * shape
        inside = np.all((place >= 0) & (place < shape), axis=2)  # NaN is not
        event, point = np.nonzero(inside)
        column, row = place[event, point].astype(int).T
        values = np.zeros((n_events, shape[1], shape[0]))
        np.add.at(values, (event, row, column), self.size[event, point])
        edges = [np.linspace(a, b, n + 1) for a, b, n in zip(low, high, shape, strict=True)]
        return Grid("", "", self.x, self.y, edges[0], edges[1], values)


@dataclass(frozen=True)
class Drawing:
    """How n events look: images, or particles in a plane, or neither.

    Attributes
    ----------
    images: in the order they are passed by the particles of an event.
    points: None for events that are images.
    quantity: what the cells of the images hold, and its unit.

    """

    images: tuple[Grid | Rings, ...] = ()
    points: Points | None = None
    quantity: Axis = Axis("E", "MeV")

    def __len__(self) -> int:
        """Give the number of events."""
        if self.points is not None:
            return len(self.points.at)
        return len(self.images[0].values) if self.images else 0

    def event(self, number: int) -> Drawing:
        """One of the events, as a drawing of one."""
        part = slice(number, number + 1)
        points = self.points
        if points is not None:
            points = replace(points, at=points.at[part], size=points.size[part])
        return replace(
            self,
            images=tuple(replace(image, values=image.values[part]) for image in self.images),
            points=points,
        )

    def sums(self, weights: Floats | None = None) -> tuple[Floats, ...]:
        """Weighted sum over the events of each image (of the plane of the particles).

        float64[rows, columns] each, of float64[n_events] weights; None for 1 each.
        """
        w = np.ones(len(self)) if weights is None else weights
        return tuple(np.tensordot(w, image.values, axes=1) for image in self.pictured().images)

    def pictured(self) -> Drawing:
        """The same with particles turned into an image of their sizes."""
        if self.points is None:
            return self
        return Drawing((self.points.image(),), None, self.points.meaning)

    def with_values(self, values: tuple[Floats, ...]) -> Drawing:
        """One event of the same images with other values: float64[rows, columns] of each."""
        images = tuple(
            replace(image, values=cells[None]) for image, cells in zip(self.images, values, strict=True)
        )
        return replace(self, images=images, points=None)
