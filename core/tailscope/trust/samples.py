"""Whether the samples are what they should be: events that occur in both, or more than once in one."""

from __future__ import annotations

from tailscope.record import BothSamples, Distinct
from tailscope.weights.events import SAMPLES
from tailscope.weights.pair import WeightedPair

from .light import Check, Light, graded

REPEATED = (0.02, 0.3)
"""Part of a sample that is there already, from where amber, and red: of as many events drawn with replacement
37% are, and what is counted has twice the variance that it seems to have."""
ALIKE = 0.1
"""Difference of what both samples repeat up to which they do it alike."""


def check_shared_events(study: WeightedPair) -> Check | None:
    """Generated events that occur in the reference sample, to the last bit."""
    shared = study.provenance.shared_events
    if shared is None:
        return None
    part = shared / len(study.generated)
    light: Light = "green" if shared == 0 else "amber" if part < 0.1 else "red"
    why = (
        "No event occurs in both samples"
        if shared == 0
        else f"{shared:,} generated events ({part:.1%}) occur in the reference sample too, to the last bit"
    )
    advice = "" if shared == 0 else "See that both files are what they should be: such events get w near 1"
    return Check(
        "shared_events", "Shared events", light, float(shared), 0.0, float("nan"), why, "provenance", advice
    )


def check_repeated_events(study: WeightedPair) -> Check | None:
    """Events that occur more than once in their sample, to the last bit; None where that is not known.

    ``value`` is the part of the sample that repeats more. Events of a few discrete values repeat rightly:
    then most that repeat have a value that the fit found to be discrete (in older studies, one that occurs in
    the other sample too), both samples repeat, and do it alike.
    """
    found = study.provenance.repeated
    if found is None:
        return None
    sides = dict(zip(SAMPLES, (found.reference, found.generated), strict=True))
    parts = {name: _part(side) for name, side in sides.items()}
    name = max(SAMPLES, key=lambda side: parts[side])
    part, least = parts[name], min(parts.values())
    discrete = _are_discrete(found, name, study.provenance.shared_events or 0) and least >= REPEATED[0]
    light: Light = graded(part, REPEATED)
    advice = ""
    few = " and ".join(f"{side.distinct:,} of {side.of:,} {sample}" for sample, side in sides.items())
    if part == 0:
        why = "No event occurs twice in its sample"
    elif light == "green":
        why = f"{part:.2%} of the {name} events are there already, to the last bit, which is little"
    elif discrete and part - least <= ALIKE:
        light = "green"
        why = (
            f"Only {few} events differ: both samples repeat events alike, as those of few discrete values do"
        )
    else:
        why = f"Only {sides[name].distinct:,} of {sides[name].of:,} {name} events differ"
        if discrete:
            light = "amber"
            why += f", and {least:.0%} of the other sample's are there already, where events have few values"
        advice = (
            "Give each event once: what is told as an error counts its copies as events, and is too small"
            if not discrete
            else "See which values occur so often: what is told as an error takes events for independent"
        )
    return Check(
        "repeated_events", "Repeated events", light, part, 0.0, float("nan"), why, "provenance", advice
    )


def _are_discrete(found: BothSamples[Distinct], name: str, shared: int) -> bool:
    """Whether most events of a sample that are there already have a discrete value.

    Of n equal events one is no repetition, and a twin in the other sample is as likely as one in its own.

    Parameters
    ----------
    shared: generated events that occur in the reference sample, where discrete ones were not told apart.

    """
    side = found.reference if name == "reference" else found.generated
    known, of = (shared, found.generated.of) if side.discrete is None else (side.discrete, side.of)
    return known >= 0.5 * _part(side) * of


def _part(side: Distinct) -> float:
    """Part of the events that are there already."""
    return 1 - side.distinct / side.of if side.of else 0.0
