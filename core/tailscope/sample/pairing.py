"""Whether two samples can be compared at all, and their classifier inputs side by side: matched by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import PairError

from .arranged import arranged
from .missing import without
from .sample import Sample

LEFT_OUT = "the other sample has no such name"
"""Why columns are left out in common, in words."""
SHOWN = 8
"""Names of inputs that a sentence lists."""


def matched(reference: Sample, generated: Sample, *, common: bool = False) -> tuple[Sample, Sample]:
    """The same two samples, with classifier inputs that mean the same column by column.

    Inputs that have names (columns of tables, numbers of muons, observables) are put in the order of the
    reference. Where a column is undefined in some event of either sample, both get a flag for it as one more
    input, and the reference's median in its place; a value that stands for a missing number in one sample
    (-999) does so in the other. Twice does no harm.

    Parameters
    ----------
    common: compare what both have, where else names without counterpart are refused; `Sample.alone` keeps
        which are left out.

    Raises
    ------
    PairError: different domains, inputs that do not correspond, other units, no common observable.

    """
    _check_kind(reference, generated)
    if reference.names and generated.names:
        reference, generated = _by_name(reference, generated, common=common)
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
    _check_units(reference, generated)
    return reference, generated


def _check_kind(reference: Sample, generated: Sample) -> None:
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


def _by_name(reference: Sample, generated: Sample, *, common: bool) -> tuple[Sample, Sample]:
    """Both with the names of the reference, in its order."""
    # What seems to be no feature in one file is none in the other either.
    reference, generated = (
        _without(one, tuple(name for name in one.names if name in other.aside), f"like that of {other.name}")
        for one, other in ((reference, generated), (generated, reference))
    )
    alone = [
        tuple(name for name in one.names if name not in other.names)
        for one, other in ((reference, generated), (generated, reference))
    ]
    if any(alone):
        if not common:
            raise PairError(_without_counterpart(reference, generated, alone))
        reference, generated = (
            _without(_as_common(sample), names, LEFT_OUT)
            for sample, names in zip((reference, generated), alone, strict=True)
        )
    names = [name for name in reference.names if name in generated.names]
    if not names:
        raise PairError(
            f"{reference.name} ({listed(reference.names)}) and {generated.name} "
            f"({listed(generated.names)}) have no column in common"
        )
    sentinels = {**generated.sentinels, **reference.sentinels}
    reference, generated = (_with_sentinels(sample, sentinels) for sample in (reference, generated))
    undefined = [
        {name: np.isnan(sample.observables[name]) for name in names if name in sample.raw}
        for sample in (reference, generated)
    ]
    flagged = [name for name in undefined[0] if any(side[name].any() for side in undefined)]
    fill = {name: _median(reference.observables[name]) for name in flagged}
    generated = _with_kinds(reference, generated)
    return (
        _arranged(reference, names, {name: undefined[0][name] for name in flagged}, fill),
        _arranged(generated, names, {name: undefined[1][name] for name in flagged}, fill),
    )


def _arranged(
    sample: Sample, names: Sequence[str], undefined: dict[str, NDArray[np.bool_]], fill: dict[str, float]
) -> Sample:
    if sample.names == tuple(names) and sample.flagged == tuple(undefined):
        return sample
    at = {name: names.index(name) for name in undefined}
    features = arranged(
        sample.features,
        [sample.names.index(name) for name in names],
        {at[name]: missing for name, missing in undefined.items()},
        {at[name]: fill[name] for name in undefined},
    )
    if features is sample.features and not undefined:
        return sample
    return replace(sample, features=features, names=tuple(names), flagged=tuple(undefined), checked=True)


def _median(values: NDArray[np.float32]) -> float:
    defined = values[~np.isnan(values)]
    return float(np.median(defined)) if defined.size else 0.0


def _with_sentinels(sample: Sample, sentinels: dict[str, float]) -> Sample:
    """The sample with those columns undefined where they have that value."""
    found = {
        name: without(sample.observables[name], value)
        for name, value in sentinels.items()
        if name in sample.raw and name not in sample.sentinels
    }
    changed = {name: column for name, column in found.items() if column is not sample.observables[name]}
    if not changed:
        return sample
    return replace(sample, observables={**sample.observables, **changed}, sentinels=sentinels, checked=True)


def _with_kinds(reference: Sample, generated: Sample) -> Sample:
    """The generated sample, with a remark on columns of whole numbers that it does not round."""
    found = [
        name
        for name in reference.raw
        if name in generated.raw
        and _whole(reference.observables[name])
        and not _whole(generated.observables[name])
    ]
    if not found:
        return generated
    remark = (
        f"{listed(found)}: whole numbers in {reference.name} and not in {generated.name}, which alone tells "
        "them apart; round what is generated"
    )
    return replace(generated, remarks=tuple(dict.fromkeys((*generated.remarks, remark))), checked=True)


def _whole(values: NDArray[np.float32]) -> bool:
    defined = ~np.isnan(values)
    return bool(defined.any() and ((values == np.rint(values)) | ~defined).all())


def _as_common(sample: Sample) -> Sample:
    """The sample, read for what both have."""
    assert sample.source is not None  # set by Sample itself
    source = replace(sample.source, reading=replace(sample.source.reading, common=True))
    return replace(sample, source=source, checked=True)


def _without(sample: Sample, names: tuple[str, ...], why: str) -> Sample:
    """The sample without inputs that the other one does not have, nor columns of these names."""
    if not names:
        return sample
    kept = [name for name in sample.names if name not in names]
    gone = set(names) & set(sample.raw)
    return replace(
        sample,
        features=arranged(sample.features, [sample.names.index(name) for name in kept], {}, {}),
        names=tuple(kept),
        flagged=(),
        alone=(*sample.alone, *names),
        remarks=(*sample.remarks, f"{sample.name}: {listed(names)} left out: {why}"),
        observables={name: c for name, c in sample.observables.items() if name not in gone},
        specs=tuple(spec for spec in sample.specs if spec.name not in gone),
        checked=True,
    )


def _check_units(reference: Sample, generated: Sample) -> None:
    units = {spec.name: spec.unit for spec in generated.specs}
    for spec in reference.specs:
        other = units.get(spec.name, "")
        if spec.unit and other and spec.unit != other:
            raise PairError(
                f"{spec.name} is in {spec.unit} in {reference.name} and in {other} in {generated.name}; "
                "write both files in one unit"
            )


def _without_counterpart(reference: Sample, generated: Sample, alone: Sequence[tuple[str, ...]]) -> str:
    """Which names only one of the samples has, and what to do."""
    parts = [
        f"{listed(names)} of {sample.name}"
        for sample, names in zip((reference, generated), alone, strict=True)
        if names
    ]
    several = sum(map(len, alone)) > 1
    found = f"{' and '.join(parts)} {'have' if several else 'has'} no counterpart"
    others = (generated, reference)
    unread = [
        f"{name} of {other.name} is left out ({other.unread[name]})"
        for names, other in zip(alone, others, strict=True)
        for name in names
        if name in other.unread
    ]
    if unread:
        found += f": {', '.join(unread[:SHOWN])}"
    weights = (reference.event_weight is None) != (generated.event_weight is None)
    both = [name for name in reference.names if name in generated.names]
    ways = []
    if weights:
        ways.append("name the event weights of both files (--event-weight reference=... generated=...)")
    ways.append("write it as numbers to both files" if unread else "give both the same names")
    if both:
        ways.append(f"or compare the {len(both)} that both have with --common (common=True)")
    return f"{found}; {', '.join(ways)}"


def listed(names: Sequence[str]) -> str:
    """Names with commas between them, the first `SHOWN` of many."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _why_not_as_many(reference: Sample, generated: Sample) -> str:
    """What one sample has and the other has not, and what to do."""
    for one, other in ((reference, generated), (generated, reference)):
        alone = [name for name in one.observables if name not in other.observables]
        if alone:
            both = len(one.observables) - len(alone)
            also = (
                f", or compare the {both} observables that both have with --features high --common"
                if both and one.level in {"low", "both"}
                else ""
            )
            have, them = ("have", "them") if len(alone) > 1 else ("has", "it")
            return (
                f"{listed(alone)} of {one.name} {have} no counterpart in {other.name}; take {them} out, or "
                f"write {them} to both files{also}"
            )
    return "both files need the same datasets with the same shapes"
