"""Whether weights that were carried over from one sample to the other may be believed."""

from __future__ import annotations

from tailscope.weights.pair import WeightedPair

from .light import Check, Light

WELL, BADLY = 0.95, 0.5
"""R^2 of log w, out of fold: from where on the weights are repeated, and below which they are not."""


def check_interpolation(study: WeightedPair) -> Check | None:
    """How well the weights of one sample are a function that the other's follow; None where both were given.

    ``value`` is R^2 of log w out of fold (`fitting.other_weights`). It never is a light for more than that:
    an interpolation of wrong weights is wrong.
    """
    found = study.provenance.interpolated
    if found is None:
        return None
    known = "generated" if found.sample == "reference" else "reference"
    said = (
        f"Only the {known} events came with weights; those of the {found.sample} events are an interpolation"
    )
    if found.r2 is None:
        why = f"{said} of weights that are all the same"
        return Check("interpolation", "Interpolation", "green", float("nan"), 1.0, 0.0, why, "provenance")
    light: Light = "green" if found.r2 >= WELL else "amber" if found.r2 >= BADLY else "red"
    why = f"{said} by trees, which " + (
        f"tells {found.r2:.1%} of the variance of log w of events that they did not see"
        if found.r2 > 0
        else "tells nothing of log w of events that they did not see"
    )
    advice = (
        ""
        if light == "green"
        else (f"Read only what rests on the {known} events alone, or give the weights of both samples")
    )
    return Check(
        "interpolation", "Interpolation", light, found.r2, 1.0, float("nan"), why, "provenance", advice
    )
