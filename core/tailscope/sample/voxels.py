"""How the features of a shower are laid out, for classifiers that take energies otherwise."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Voxels:
    """The first features of a shower are those of its voxels, the next ones those of its layers.

    Both are log(1 + E/MeV). Its first condition is log(E_inc/GeV). What follows after ``width`` belongs to
    the shower as a whole.

    Attributes
    ----------
    count: voxels of a shower.
    layers: its layers.

    """

    count: int
    layers: int

    @property
    def width(self) -> int:
        """How many features are energies of voxels and layers."""
        return self.count + self.layers
