"""The reference event that is most like a given one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tailscope.counting.binning import Binning
from tailscope.errors import InputError
from tailscope.sample.observable import Observable
from tailscope.selection import SampleName
from tailscope.weights.pair import WeightedPair

CONDITION = "E_inc"
"""What generators of showers are conditioned on; a shower is compared with others of its own energy."""

SAME = 0.02
"""How much log E_inc may differ in showers of the same incident energy."""
FEWEST = 100
"""So many are compared at least, even if their incident energies differ more."""

FARTHEST = 5.0
"""Standard deviations: no observable decides alone which event is near."""
UNDEFINED = 3.0
"""Distance, in standard deviations, of a value from one that is undefined."""

MOST = 100_000
"""Reference events of which mean and standard deviation are computed."""
BLOCK = 1 << 18


class Neighbour(NamedTuple):
    """An event and how far it is: root mean square of the differences, in standard deviations."""

    event: int
    distance: float


@dataclass(frozen=True)
class _Scale:
    """How an observable becomes a number of order one: (x - mean)/std, of log10 x on a logarithmic axis."""

    name: str
    floor: float | None
    mean: float
    std: float

    def of(self, values: NDArray[np.floating]) -> NDArray[np.float32]:
        """float32[n], NaN where undefined, in [-FARTHEST, FARTHEST]."""
        x = np.array(values, dtype=np.float64)
        if self.floor is not None:
            x = np.log10(np.maximum(x, self.floor, where=~np.isnan(x), out=x), out=x)
        x -= self.mean
        x /= self.std
        return np.clip(x, -FARTHEST, FARTHEST, out=x).astype(np.float32)


def nearest_reference(
    study: WeightedPair, sample: SampleName, event: int, among: NDArray[np.int64] | None = None
) -> Neighbour:
    """The reference event with the smallest distance to an event; never that event itself.

    Distance: sqrt(mean_k (z_k - z'_k)^2) over the study's observables k, z = (x - mean)/std of the reference
    sample, of log10 x where the axis is logarithmic (0 lies a decade below the first edge), z in [-5, 5]. Two
    undefined values are equal, a single one is 3 standard deviations away. Left out are observables that are
    constant, one's own, the spread of log w, and what the classifier cannot know (azimuths).

    Showers are compared with those whose E_inc is the same within 2% (with the 100 closest, where these are
    fewer), in all other observables.

    Parameters
    ----------
    event: number of the event in ``sample``.
    among: int64[m], ascending; only these reference events.

    Raises
    ------
    InputError: no such event, no other reference event, or no observable to compare.

    """
    events, reference = study.sample(sample), study.reference
    if not 0 <= event < len(events):
        raise InputError(
            f"there is no event {event} in the {sample} sample, its events are 0 to {len(events) - 1}"
        )
    scales = study.once(_scales)
    candidates = _same_condition(study, sample, event, among)
    if sample == "reference":
        candidates = candidates[candidates != event]
    if candidates.size == 0 or not scales:
        raise InputError("there is no other reference event to compare with")
    best = Neighbour(-1, math.inf)
    for start in range(0, candidates.size, BLOCK):
        rows = candidates[start : start + BLOCK]
        squares = np.zeros(rows.size)
        for scale in scales:
            own = scale.of(events.observables[scale.name][event : event + 1])[0]
            others = scale.of(np.asarray(reference.observables[scale.name])[rows])
            difference = np.abs(others - own)
            lonely = np.isnan(difference)
            difference[lonely] = np.where(np.isnan(others[lonely]) & np.isnan(own), 0, UNDEFINED)
            squares += difference**2
        at = int(squares.argmin())
        distance = math.sqrt(squares[at] / len(scales))
        if distance < best.distance:
            best = Neighbour(int(rows[at]), distance)
    return best


def _same_condition(
    study: WeightedPair, sample: SampleName, event: int, among: NDArray[np.int64] | None
) -> NDArray[np.int64]:
    """Reference events of the same incident energy; all of them where there is none."""
    everyone = np.arange(len(study.reference)) if among is None else among
    columns = study.reference.observables, study.sample(sample).observables
    if not all(CONDITION in some for some in columns):
        return everyone
    energy = float(columns[1][CONDITION][event])
    with np.errstate(divide="ignore", invalid="ignore"):
        away = np.abs(np.log(np.asarray(columns[0][CONDITION], dtype=np.float64)[everyone] / energy))
    away[np.isnan(away)] = np.inf
    same = everyone[away <= SAME]
    if same.size >= FEWEST or same.size == everyone.size:
        return same
    closest = np.argpartition(away, min(FEWEST, away.size) - 1)[:FEWEST]
    return np.sort(everyone[closest])


def _scales(study: WeightedPair) -> Sequence[_Scale]:
    """Mean and standard deviation of each observable, made once for a study."""
    step = -(-len(study.reference) // MOST)
    made = (_scale(o, np.asarray(study.reference.observables[o.name][::step])) for o in _compared(study))
    return [scale for scale in made if scale.std > 0]


def _compared(study: WeightedPair) -> list[Observable]:
    known = study.generated.observables
    return [
        o
        for o in study.observables
        if o.name in known
        and o.name not in {CONDITION, "sigma_log_w"}
        and not o.expression
        and o.seen is not False
    ]


def _scale(observable: Observable, values: NDArray[np.float32]) -> _Scale:
    assert isinstance(observable.binning, Binning)  # a study's edges are fixed
    floor = float(observable.binning.edges[0]) / 10 if observable.binning.scale == "log" else None
    raw = _Scale(observable.name, floor, 0.0, 1.0)
    x = values[np.isfinite(values)].astype(np.float64)
    if floor is not None:
        x = np.log10(np.maximum(x, floor))
    if x.size == 0:
        return _Scale(raw.name, floor, 0.0, 0.0)
    return _Scale(raw.name, floor, float(x.mean()), float(x.std()))
