"""Whether samples differ in what no generator makes: what it was given, and the units of a file."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tailscope.record import Given
from tailscope.weights.events import SPREAD
from tailscope.weights.pair import WeightedPair

from .classifier import check_calibration
from .closure_tests import LIKELY, P_VALUE
from .columns import check_columns
from .light import Check, Light, sentence

APART = 0.03
"""Kolmogorov and Smirnov's distance of conditions from where they differ by more than a little: that of two
flat densities that differ by an eighth (in the mean a sixteenth) at their ends."""
OTHER = 30.0
"""Factor between the values of an observable in both samples from where it may be one of units."""
PREFIX = 2.0
"""How far from a power of 1000 a factor may be that is one between units."""
VALUES, FEWEST = 100_000, 30
"""Values of an observable that are looked at, at most; and those other than 0 that tell anything."""
NAMED = 3


def differing(study: WeightedPair) -> Given | None:
    """Which condition differs most between the samples, beyond noise and by more than a little; or None."""
    found = study.provenance.given or ()
    apart = [one for one in found if one.p * len(found) < P_VALUE and one.distance >= APART]
    return max(apart, key=lambda one: one.distance, default=None)


def blamed(study: WeightedPair, name: str, mass: float) -> str:
    """Whose fault a missing ("mean_w") or leaked part of a sample is, in words."""
    condition, _ = _words(study)
    if study.once(check_units).light == "red":
        return "a matter of units, see Units, before it is one of the generator"
    if (columns := study.once(check_columns)) and columns.light == "red":
        return "a matter of what was compared, see Columns, before it is one of the generator"
    if (found := differing(study)) is None:
        if study.once(check_calibration).light != "green":
            return "a fault of the generator, or of the classifier, see Calibration"
        return "a fault of the generator, not of the classifier, which is calibrated"
    explained = min(found.missing if name == "mean_w" else found.leaked, mass)
    who = "the generated sample" if name == "mean_w" else "the reference"
    if explained >= mass / 2:
        return f"{explained:.1%} have {condition} that {who} has not, an input and no fault of the generator"
    return (
        f"the {condition} differ, an input, and may explain it; what is left is a fault of the generator, if "
        "the classifier is calibrated"
    )


def check_condition(study: WeightedPair) -> Check | None:
    """Whether generators were given the same as the reference had; None for samples without conditions."""
    if not study.provenance.given:
        return None
    condition, density = _words(study)
    found = differing(study)
    furthest = max(study.provenance.given, key=lambda one: one.distance)
    numbers = f"Kolmogorov-Smirnov distance {furthest.distance:.3f}, p = {furthest.p:.2g}"
    light: Light = "green"
    advice = ""
    if found is not None:
        light = "amber"
        why = (
            f"The {condition} differ ({numbers}): {density} is an input, not a fault of the generator, and "
            "the weights hold it"
        )
        advice = f"Generate at the {condition} of the reference, or cut both samples to one range of them"
    elif furthest.p * len(study.provenance.given) < P_VALUE:
        why = f"The {condition} differ by more than noise, and by little ({numbers})"
    else:
        rare = furthest.p * len(study.provenance.given) < LIKELY
        noise = "what noise seldom gives" if rare else "no more than noise"
        why = f"The {condition} of both samples differ by {noise} ({numbers})"
    return Check(
        "condition",
        sentence(condition),
        light,
        furthest.distance,
        0.0,
        float("nan"),
        why,
        "weights",
        advice,
    )


def _words(study: WeightedPair) -> tuple[str, str]:
    """Conditions and their density in words."""
    showers = any(observable.name == "E_inc" for observable in study.observables)
    return ("incident energies", "p(E)") if showers else ("conditions", "p(condition)")


def check_units(study: WeightedPair) -> Check:
    """Whether an observable has another unit in one sample: all its values a factor of some 1000 apart.

    ``value`` is the number of observables whose values, at each of their quartiles, are more than `OTHER`
    times those of the other sample.
    """
    sizes = {
        observable.name: factor
        for observable in study.observables
        if observable.name != SPREAD and not observable.expression
        if (factor := _factor(study, observable.name)) is not None
    }
    light: Light = "green"
    why, advice = f"No observable's values are {OTHER:g} times those of the other sample", ""
    if sizes:
        names = list(sizes)
        units = {name: guess for name in names if (guess := _guess(sizes[name]))}
        light = "red" if units else "amber"
        shown = list(units or names)
        first = sizes[shown[0]]
        listed = ", ".join(shown[:NAMED]) + (f" and {len(shown) - NAMED} more" if len(shown) > NAMED else "")
        seem = "seems" if len(shown) == 1 else "seem"
        number = f"{first:,.0f}" if first > OTHER else f"{first:.2g}"
        times = f"generated values are {number} times those of the reference"
        why = (
            f"{listed} {seem} to be in other units ({units[shown[0]]}?): {times}"
            if units
            else f"{listed} {'differs' if len(shown) == 1 else 'differ'} as units do: {times}"
        )
        advice = "Write both files in the same units and fit again: what the weights say is this factor"
    return Check("units", "Units", light, float(len(sizes)), 0.0, float("nan"), why, "weights", advice)


def _factor(study: WeightedPair, name: str) -> float | None:
    """Generated over reference values where these are as far apart as units; None where they are not."""
    sides = [_quartiles(study.sample(side).observables[name]) for side in ("generated", "reference")]
    if sides[0] is None or sides[1] is None:
        return None
    factors = sides[0] / sides[1]
    return float(factors[1]) if factors.min() > OTHER or factors.max() < 1 / OTHER else None


def _quartiles(values: NDArray[np.float32]) -> NDArray[np.float64] | None:
    """Quartiles of |x| of the values that are neither 0 nor undefined; None where these are few."""
    some = np.abs(np.asarray(values[:: -(-values.size // VALUES)], dtype=np.float64))
    some = some[np.isfinite(some) & (some > 0)]
    return np.quantile(some, [0.25, 0.5, 0.75]) if some.size >= FEWEST else None


def _guess(factor: float) -> str:
    """Units that a factor is between; "" where it is near no power of 1000."""
    powers = abs(np.log10(factor)) / 3
    nearest = round(powers)
    if nearest not in (1, 2) or abs(powers - nearest) * 3 > np.log10(PREFIX):
        return ""
    return "MeV and GeV" if nearest == 1 else "keV and GeV"
