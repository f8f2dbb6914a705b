"""How samples and the weights of their events become a study: the pair checked, edges made, spreads added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tailscope.counting.histogram import AutoBinning
from tailscope.errors import InputError, PairError
from tailscope.sample.sample import Observable, Sample
from tailscope.weights.epochs import EpochWeights

from .study import SPREAD, Study, WeightedEvents


@dataclass(frozen=True, eq=False)
class Scores:
    """Weights of one sample on their way into a study; the attributes are those of `WeightedEvents`."""

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
    config: Mapping[str, Any] | None = None,
    history: tuple[Mapping[str, Any], ...] = (),
    provenance: Mapping[str, Any] | None = None,
    epochs: tuple[EpochWeights, ...] = (),
) -> Study:
    """Put samples and weights together; edges come from the reference sample alone.

    Observables that no event of either sample has, such as those of a third jet where there are two, are left
    out.
    """
    check_pair(reference, generated)
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
        replace(spec, binning=spec.binning.of(reference.observables[spec.name]), compute=None)
        for spec in common
    )
    sides = [
        _weighted(sample, result, observables)
        for sample, result in zip((reference, generated), results, strict=True)
    ]
    if any(side.members.shape[1] for side in sides):
        sides = [_with_spread(side) for side in sides]
        spread = AutoBinning(low=0.0).of(sides[0].observables[SPREAD])
        observables += (Observable(SPREAD, r"\sigma(\log w)", "", spread),)
    return Study(
        name or f"{generated.name} against {reference.name}",
        reference.domain,
        observables,
        sides[0],
        sides[1],
        config=dict(config or {}),
        history=history,
        provenance=dict(provenance or {}),
        epochs=epochs,
    )


def check_pair(reference: Sample, generated: Sample) -> None:
    """Refuse samples that cannot be compared.

    Raises
    ------
    PairError: different domains, different kinds or numbers of classifier inputs, no common observable.

    """
    if reference.domain != generated.domain:
        raise PairError(
            f"{reference.name} holds {reference.domain} events and {generated.name} {generated.domain} "
            "events; reference and generated must be of the same kind"
        )
    if reference.level != generated.level:
        raise PairError(
            f"{reference.name} was read with {reference.level or 'other'} features and {generated.name} with "
            f"{generated.level or 'other'} ones; read both alike"
        )
    if (reference.n_inputs, reference.features.shape[1]) != (generated.n_inputs, generated.features.shape[1]):
        raise PairError(
            f"{reference.name} has {reference.n_inputs} classifier inputs an event and {generated.name} "
            f"{generated.n_inputs}; {_why_not_as_many(reference, generated)}"
        )
    if not set(reference.observables) & set(generated.observables):
        raise PairError(
            f"{reference.name} ({', '.join(reference.observables)}) and {generated.name} "
            f"({', '.join(generated.observables)}) have no observable in common"
        )


def _why_not_as_many(reference: Sample, generated: Sample) -> str:
    """What one sample has and the other has not, and what to do."""
    for one, other in ((reference, generated), (generated, reference)):
        alone = [name for name in one.observables if name not in other.observables]
        if not alone:
            continue
        names = ", ".join(alone[:5]) + (", ..." if len(alone) > 5 else "")
        found = f"{names} of {one.name} has no counterpart in {other.name}"
        if one.event_weight is None and other.event_weight is not None:
            return (
                f"{found}, where event weights were set aside; if these are event weights too, name the "
                f"column for both files (--event-weight {alone[0]}), else take it out of the file"
            )
        return f"{found}; take it out, or write it to both files"
    return "both files need the same datasets with the same shapes"


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


def _with_spread(events: WeightedEvents) -> WeightedEvents:
    spread = events.members.std(axis=1, ddof=1).astype(np.float32)
    return replace(events, observables={**events.observables, SPREAD: spread})
