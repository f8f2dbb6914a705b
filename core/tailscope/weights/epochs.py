"""Weights after chosen epochs of the trainings: whether a tail was learned early or by heart (Fig. 15)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tailscope.selection import SampleName


@dataclass(frozen=True, eq=False)
class EpochWeights:
    """Out-of-fold log weights of every event of a study as they were after one epoch.

    Each fold's networks as they were at the end of that epoch (their averaged parameters, where the settings
    average), not at their best one, combined as those of the study are. A training that had stopped before
    counts with its last epoch. `Study.at_epoch` gives AUC, calibration and all else that weights tell.

    Attributes
    ----------
    epoch: counted from 1.
    log_w: "reference" and "generated" -> float32[n_events], natural logarithm of w, in file order.

    """

    epoch: int
    log_w: Mapping[SampleName, NDArray[np.float32]]

    def take(self, reference: NDArray[np.int64], generated: NDArray[np.int64]) -> EpochWeights:
        """The weights of some events of each sample."""
        rows = {"reference": reference, "generated": generated}
        return replace(self, log_w={name: log_w[rows[name]] for name, log_w in self.log_w.items()})
