"""Whether the weights of a study may be believed: one check an idea, each with a light and a sentence."""

from __future__ import annotations

from collections.abc import Callable

from tailscope.weights.pair import WeightedPair

from .classifier import check_auc, check_calibration, check_overfit, check_slope, check_tails
from .columns import check_columns
from .inputs import check_condition, check_units
from .interpolation import check_interpolation
from .joint_closure import check_joint_closure
from .light import LIGHTS, WORDS, Check, Light, View, worst
from .normalisation import check_normalisation
from .reweighting import check_closure, check_effective_size, check_mean_inverse_w, check_mean_w
from .samples import check_repeated_events, check_shared_events
from .second_look import check_information, check_second_look
from .told import doubts, fine, headline, in_order

__all__ = [
    "LIGHTS",
    "WORDS",
    "Check",
    "Light",
    "View",
    "doubts",
    "fine",
    "headline",
    "in_order",
    "trust",
    "worst",
]


def trust(study: WeightedPair) -> tuple[Check, ...]:
    """All checks that a study allows; imported weights have no training to look at."""
    checks: tuple[Callable[[WeightedPair], Check | None], ...] = (
        check_auc,
        check_tails,
        check_calibration,
        check_slope,
        check_normalisation,
        check_interpolation,
        check_mean_w,
        check_mean_inverse_w,
        check_overfit,
        check_effective_size,
        check_condition,
        check_units,
        check_columns,
        check_shared_events,
        check_repeated_events,
        check_closure,
        check_joint_closure,
        check_second_look,
        check_information,
    )
    return tuple(found for check in checks if (found := check(study)) is not None)
