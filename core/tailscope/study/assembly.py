"""How samples and weights become a weighted pair: the samples checked, edges made, spreads added."""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from tailscope.config import FitConfig
from tailscope.counting.rules import AutoBinning
from tailscope.errors import InputError
from tailscope.record import Provenance, TrainingRecord
from tailscope.sample.given import given
from tailscope.sample.observable import Observable
from tailscope.sample.pairing import matched
from tailscope.sample.sample import Sample
from tailscope.weights.epochs import EpochWeights
from tailscope.weights.events import SPREAD, WeightedEvents
from tailscope.weights.pair import WeightedPair


@dataclass(frozen=True, eq=False)
class Scores:
    """Weights of one sample on their way into a pair; the attributes are those of `WeightedEvents`."""

    log_w: NDArray[np.float64]
    members: NDArray[np.float32]
    fold: NDArray[np.int16]

    @classmethod
    def imported(cls, log_w: ArrayLike) -> Scores:
        """Weights without members and folds."""
        values = np.ascontiguousarray(log_w, dtype=np.float64)
        return cls(values, np.empty((values.size, 0), np.float32), np.full(values.size, -1, np.int16))


def assemble(
    reference: Sample,
    generated: Sample,
    results: tuple[Scores, Scores],
    *,
    name: str = "",
    config: FitConfig | None = None,
    history: tuple[TrainingRecord, ...] = (),
    provenance: Provenance | None = None,
    epochs: tuple[EpochWeights, ...] = (),
) -> WeightedPair:
    """Put samples and weights together; edges come from both samples.

    Observables that no event of either sample has, such as those of a third jet where there are two, are left
    out.
    """
    reference, generated = _without_spread(*matched(reference, generated))
    common = [spec for spec in reference.specs if spec.name in generated.observables]
    defined = [
        spec
        for spec in common
        if spec.expression
        or not all(np.isnan(s.observables[spec.name]).all() for s in (reference, generated))
    ]
    common = defined or common
    # Whoever added an observable wants to see it first.
    common.sort(key=lambda spec: not spec.expression)
    observables = tuple(
        replace(
            spec,
            binning=spec.binning.of(reference.observables[spec.name], generated.observables[spec.name]),
            compute=None,
        )
        for spec in common
    )
    sides = [
        _weighted(sample, result, observables)
        for sample, result in zip((reference, generated), results, strict=True)
    ]
    if any(side.members.shape[1] for side in sides):
        sides = [_with_spread(side) for side in sides]
        spread = AutoBinning(low=0.0).of(*(side.observables[SPREAD] for side in sides))
        observables += (Observable(SPREAD, r"\sigma(\log w)", "", spread),)
    return WeightedPair(
        name or f"{generated.name} against {reference.name}",
        reference.domain,
        observables,
        sides[0],
        sides[1],
        config=config,
        history=history,
        provenance=msgspec.structs.replace(
            provenance or Provenance(),
            given=given(reference, generated),
            remarks=tuple(dict.fromkeys((*reference.remarks, *generated.remarks))),
        ),
        epochs=epochs,
    )


def _weighted(sample: Sample, result: Scores, observables: tuple[Observable, ...]) -> WeightedEvents:
    if result.log_w.shape != (len(sample),):
        raise InputError(
            f"{sample.name} has {len(sample)} events, but there are {result.log_w.size} weights for it"
        )
    if np.isnan(result.log_w).any():
        raise InputError(
            f"{sample.name}: {int(np.isnan(result.log_w).sum())} log weights are NaN; "
            "use -inf for w = 0 and inf for w = inf"
        )
    assert sample.source is not None  # set by Sample itself
    return WeightedEvents(
        sample.name,
        result.log_w,
        {o.name: sample.observables[o.name] for o in observables},
        result.members,
        result.fold,
        sample.event_weight,
        sample.source,
        sample.rows,
    )


def _without_spread(*samples: Sample) -> list[Sample]:
    """Samples whose column that is called like the spread of our weights has a name of its own."""
    taken = {name for sample in samples for name in sample.observables}
    own = SPREAD
    while own in taken:
        own = f"observable_{own}"
    return [
        replace(
            sample,
            observables={own if k == SPREAD else k: x for k, x in sample.observables.items()},
            specs=tuple(replace(s, name=own) if s.name == SPREAD else s for s in sample.specs),
            checked=True,
        )
        if SPREAD in sample.observables
        else sample
        for sample in samples
    ]


def _with_spread(events: WeightedEvents) -> WeightedEvents:
    spread = events.members.std(axis=1, ddof=1).astype(np.float32)
    return replace(events, observables={**events.observables, SPREAD: spread})
