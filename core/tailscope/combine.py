"""How the outputs of several trainings become one weight."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_expit, logsumexp

Rule = Literal["logit", "probability"]
RULES: tuple[Rule, ...] = get_args(Rule)


def combined(members: NDArray[np.float32], rule: Rule) -> NDArray[np.float64]:
    """Log weights of all members together: float64[n_events] of float32[n_events, n_members].

    "logit" is the mean of the members' log w; "probability" is log(mean C/mean(1 - C)), C = w/(1 + w). The
    latter pulls towards log w = 0 where members disagree. On a pair with a known ratio
    (20,000 + 20,000 events, 4 members of 2 epochs) both miss log w by 0.098 in the RMS.
    """
    log_w = members.astype(np.float64)
    if rule == "logit":
        return np.asarray(log_w.mean(axis=1))
    numerator, denominator = (logsumexp(log_expit(sign * log_w), axis=1) for sign in (1, -1))
    return np.asarray(numerator - denominator)
