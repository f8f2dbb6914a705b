"""Backdrop events that were given what those of a selection were: matched in their incident energies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tailscope.selection import SampleName
from tailscope.weights.events import Floats, effective_size
from tailscope.weights.pair import WeightedPair

Rows = NDArray[np.int64]
GIVEN = "E_inc"
"""The observable that generators are given and that a study holds: what `sample.given` compares."""
NEAR = 0.05
"""How far, as a part of it, from the energy of an event those of its partners may lie."""
FEWEST, MOST = 2, 20
"""Events of the backdrop that one event is matched with."""


@dataclass(frozen=True, eq=False)
class Matched:
    """Events of a selection, and those of a backdrop that stand beside them.

    Attributes
    ----------
    own: int64[n], those of the selection that have partners.
    alone: int64[m], those that have none: no event of the backdrop has an energy within `NEAR` of theirs.
    partners: int64[k], events of the backdrop, each once, ascending.
    weights: float64[k], how much each of them counts; the sum is n.
    energies: mean incident energy of ``own`` and, weighted, of ``partners``.

    """

    own: Rows
    alone: Rows
    partners: Rows
    weights: Floats
    energies: tuple[float, float]

    @property
    def effective(self) -> float:
        """Effective number of events of the backdrop, (sum w)^2 / sum w^2."""
        return effective_size(float(self.weights.sum()), float((self.weights**2).sum()))


def is_given(study: WeightedPair) -> bool:
    """Whether a study knows what its generators were given."""
    return any(observable.name == GIVEN for observable in study.observables)


def matched(
    study: WeightedPair,
    sample: SampleName,
    rows: Rows,
    against: SampleName,
    *,
    among: Rows | None = None,
    room: int = 2000,
    seed: int = 0,
) -> Matched:
    """Match events with those of a backdrop next to them in incident energy, as many below as above.

    Each event counts once, shared by its partners alike; no event is its own partner. Events of one energy
    share all backdrop events of that energy. What is left of the difference in energy is at most `NEAR`, and
    next to nothing on average.

    Parameters
    ----------
    rows: int64[n], events of ``sample``.
    among: events of ``against`` that may be partners; None for all.
    room: about how many partners there may be in all.

    """
    own_energy = np.asarray(study.sample(sample).observables[GIVEN], dtype=np.float64)[rows]
    energies = np.asarray(study.sample(against).observables[GIVEN], dtype=np.float64)
    others = np.arange(energies.size) if among is None else among
    # Of one energy, in random order.
    others = np.random.default_rng(seed).permutation(others)
    others = others[np.argsort(energies[others], kind="stable")]
    sorted_ = energies[others]
    each = int(np.clip(room // max(rows.size, 1), FEWEST, MOST))
    at = (_places(sorted_, own_energy) - each // 2)[:, None] + np.arange(each + 1)
    inside = (at >= 0) & (at < others.size)
    at = np.where(inside, at, 0)
    weights = np.zeros(energies.size)
    if others.size:
        inside &= np.abs(sorted_[at] - own_energy[:, None]) <= NEAR * np.abs(own_energy[:, None])
        if sample == against:
            inside &= others[at] != rows[:, None]
        found = np.maximum(inside.sum(axis=1, keepdims=True), 1)
        np.add.at(weights, others[at[inside]], np.broadcast_to(1 / found, at.shape)[inside])
    has = inside.any(axis=1)
    partners = np.flatnonzero(weights)
    means = (float("nan"), float("nan"))
    if partners.size:
        means = (
            float(own_energy[has].mean()),
            float(np.average(energies[partners], weights=weights[partners])),
        )
    return Matched(rows[has], rows[~has], partners, weights[partners], means)


def _places(values: Floats, wanted: Floats) -> Rows:
    """Where numbers stand among ascending values; those that equal some spread over all of these."""
    left, right = (np.searchsorted(values, wanted, side=side) for side in ("left", "right"))
    order = np.argsort(wanted, kind="stable")
    _, start, count = np.unique(wanted[order], return_index=True, return_counts=True)
    part = np.empty(wanted.size)
    part[order] = (np.arange(wanted.size) - np.repeat(start, count) + 0.5) / np.repeat(count, count)
    return (left + np.floor(part * (right - left))).astype(np.int64)
