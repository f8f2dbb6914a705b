"""How the features of an event are laid out, for networks that look at its particles one by one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Particles:
    """The first features of an event are those of its particles, one particle after the other.

    Number ``c`` of particle ``i`` is feature ``i * len(columns) + c``, so that

        features[:, : particles.width].reshape(n_events, particles.count, len(particles.columns))

    are the particles. A particle is there where its ``pT_rel`` is above 0; all else is padding, whatever its
    other numbers are. What follows after ``width`` (and the conditions) belongs to the event as a whole.

    Attributes
    ----------
    count: particles an event has room for.
    columns: what is given of each, in order; `COORDINATES` are among them.

    """

    count: int
    columns: tuple[str, ...]

    @property
    def width(self) -> int:
        """How many features are the particles'."""
        return self.count * len(self.columns)


COORDINATES = ("pT_rel", "eta_rel", "phi_rel")
"""What a network needs to know of a particle: pT over the jet's, and the distances to the jet's axis."""
