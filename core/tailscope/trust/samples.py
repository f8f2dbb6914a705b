"""Whether the samples are what they should be: events that occur in both."""

from __future__ import annotations

from tailscope.weights.pair import WeightedPair

from .light import Check, Light


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
