"""What a check says: a light, a number, a sentence, and what to do.

A light leaves green only for what is both beyond noise and large enough to matter. The scale is that of the
tails: the paper's begin at w = 0.6 and w = 1.6, |log w| = 0.5. A tenth of a weight is small against that and
of the order of a bin's statistical error; a third and more moves events into tails that are none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

BEFORE = re.compile(r"[:;] | \(")
Light = Literal["green", "amber", "red"]
LIGHTS: tuple[Light, Light, Light] = ("green", "amber", "red")
WORDS: dict[Light, str] = {"green": "good", "amber": "caution", "red": "unreliable"}
"""Lights in a word, for those who do not see their colours."""
View = Literal["roc", "calibration", "weights", "training", "closure", "provenance"]

SIGMAS = 3.0
"""Deviations up to so many standard deviations are noise."""
NEAR = 2.0
"""Up to so many, a value is the expected one within errors; from here to `SIGMAS` it may be noise."""
WRONG = (0.1, 0.3)
"""By how much weights are wrong in the mean, in log w, from where amber, and red."""


@dataclass(frozen=True)
class Check:
    """One reason to believe the weights, or not to.

    Attributes
    ----------
    name: short and stable: "auc", "tails", "calibration", "slope", "normalisation" (imported weights),
        "interpolation" (imported weights of one sample), "mean_w", "mean_inverse_w", "overfit" (fits),
        "effective_size", "condition" (incident energies), "units", "columns" (of tables), "shared_events",
        "repeated_events",
        "closure", "joint_closure", "second_look", "information".
    title: for people.
    light: "green" (as it should be), "amber" (look at the plot), "red" (do not use the weights like this).
    value, expected, error: what was found, what trustworthy weights give, and the standard deviation of their
        difference; NaN where there is none. Of "tails" the value is a p-value.
    why: one sentence: what this value means.
    view: the plot that shows it.
    advice: what to do about it; "" where the light is green.

    """

    name: str
    title: str
    light: Light
    value: float
    expected: float
    error: float
    why: str
    view: View
    advice: str = ""

    @property
    def brief(self) -> str:
        """What ``why`` begins with: up to its first colon, semicolon or bracket."""
        return BEFORE.split(self.why, maxsplit=1)[0]


def graded(value: float, limits: tuple[float, float]) -> Light:
    """Green below the first limit, amber below the second, red from there."""
    return "green" if value < limits[0] else "amber" if value < limits[1] else "red"


def worst(checks: Sequence[Check]) -> Light:
    """The light of all checks together: the worst one."""
    return LIGHTS[max((LIGHTS.index(check.light) for check in checks), default=0)]


def factor(log: float) -> str:
    """How far off a deviation of log w is, in words."""
    if log < 1:
        return f"{np.expm1(log):.0%}"
    return f"a factor of {np.exp(log):,.2g}" if log < np.log(1000) else "orders of magnitude"


def from_one(value: float, error: float) -> str:
    """How far a value lies from 1, as far as its error allows to say so: one clause, with both numbers.

    "1 within errors" up to `NEAR` standard deviations; from there to `SIGMAS` what may be noise; else a small
    difference, for whoever finds it large says so in other words.
    """
    number, far = measured(value, error), abs(value - 1)
    if far <= NEAR * error:
        return f"1 within errors ({number})"
    side = f"{number}, {percent(far)} {'above' if value > 1 else 'below'} 1 ({sigmas(far / error)}"
    return f"{side}, which may be noise)" if far <= SIGMAS * error else f"{side}, small)"


def percent(part: float) -> str:
    """A small part in per cent, with the digits that tell it from 0."""
    return f"{part:.1%}" if part >= 0.001 or part <= 0 else f"{100 * part:.1g}%"


def sigmas(number: float) -> str:
    """So many standard deviations, in words."""
    return f"{number:.1f} standard deviations" if number < 10 else f"{number:,.0f} standard deviations"


def measured(value: float, error: float) -> str:
    """A value near 1 and its error, with as many decimals as the error needs: three at least."""
    decimals = 3 if not 0 < error < 0.005 else min(9, 1 - int(np.floor(np.log10(error))))
    return f"{value:.{decimals}f} ± {error:.{decimals}f}"


def sentence(words: str) -> str:
    """Begin with a capital letter."""
    return words[:1].upper() + words[1:]
