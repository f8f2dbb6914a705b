"""The few numbers that introduce a study, on the page and on the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tailscope.selection import Selection
from tailscope.study import Study
from tailscope.tails import tail_cut
from tailscope.weights import Calibration


@dataclass(frozen=True)
class Summary:
    """What a study amounts to.

    Attributes
    ----------
    auc, auc_error: area under the ROC curve, and the standard deviation it would have for a null pair.
    chi2, ndf: calibration in weight space.
    mean_w: E_gen[w], the reference's mass on the support of the generated sample.
    mean_inverse: E_ref[1/w], the generated mass on the support of the reference.
    effective: Kish's effective size of the generated sample once it is reweighted.
    zero, infinite: generated events with w = 0, reference events with w = inf.

    """

    auc: float
    auc_error: float
    chi2: float
    ndf: int
    mean_w: float
    mean_w_error: float
    mean_inverse: float
    mean_inverse_error: float
    effective: float
    zero: int
    infinite: int

    @property
    def is_anticlassifier(self) -> bool:
        """Whether the AUC lies below 0.5 by more than three standard deviations."""
        return self.auc < 0.5 - 3 * self.auc_error

    @property
    def calibration_pull(self) -> float:
        """How many standard deviations chi2 is above its expectation: (chi2 - ndf)/sqrt(2 ndf)."""
        return float((self.chi2 - self.ndf) / np.sqrt(2 * self.ndf))

    @property
    def doubts(self) -> tuple[str, ...]:
        """Reasons not to take the weights at face value, one sentence each; empty when there are none."""
        found = []
        if self.is_anticlassifier:
            found.append("The AUC is below 0.5 beyond its error: large weights mark generated events.")
        if self.calibration_pull > 5:
            found.append(
                "The weights are not calibrated: they differ from the density ratio beyond statistics."
            )
        means = (
            (
                self.mean_w,
                self.mean_w_error,
                "w over generated",
                "reference events lie where nothing is generated",
            ),
            (
                self.mean_inverse,
                self.mean_inverse_error,
                "1/w over reference",
                "generated events lie where there is no reference",
            ),
        )
        for value, error, mean, missing in means:
            beyond = max(3 * error, 0.02)
            if value < 1 - beyond:
                found.append(f"{1 - value:.1%} of the {missing}, or the weights are too small.")
            elif value > 1 + beyond:
                found.append(f"The mean of {mean} events is {value:.2f}; density ratios cannot exceed 1.")
        return tuple(found)


@lru_cache(maxsize=16)
def calibration_of(study: Study) -> Calibration:
    """Calibration in weight space, made once for all pages."""
    return study.calibration()


@lru_cache(maxsize=16)
def summarise(study: Study) -> Summary:
    """Numbers of a study; a few passes over its weights, made once for all pages."""
    calibration = calibration_of(study)
    ref, gen = study.log_weights("reference"), study.log_weights("generated")
    v_ref, v_gen = study.reference.event_weight, study.generated.event_weight
    mean_w, mean_w_error, effective = _mean(gen, v_gen)
    mean_inverse, mean_inverse_error, _ = _mean(-ref, v_ref)
    return Summary(
        study.auc(),
        study.auc_error(),
        calibration.chi2,
        calibration.ndf,
        mean_w,
        mean_w_error,
        mean_inverse,
        mean_inverse_error,
        effective,
        int(np.isneginf(gen).sum()),
        int(np.isposinf(ref).sum()),
    )


def _mean(
    log_w: NDArray[np.floating], event_weight: NDArray[np.float64] | None
) -> tuple[float, float, float]:
    """Mean of exp(log_w), its standard error, and the effective size; infinite ones are left out."""
    finite = log_w < np.inf
    with np.errstate(over="ignore"):
        w = np.exp(np.asarray(log_w, dtype=np.float64)[finite])
    v = np.ones(w.size) if event_weight is None else event_weight[finite]
    total = float(v.sum()) if w.size else 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float((v * w).sum() / total)
        error = float(np.sqrt((v**2 * (w - mean) ** 2).sum()) / total)
        squares = float(((v * w) ** 2).sum())
    return mean, error, float((v * w).sum() ** 2 / squares) if squares > 0 else 0.0


def default_selections(study: Study) -> tuple[Selection, Selection]:
    """Both tails, in the paper's orange and blue."""
    return (
        Selection(low=tail_cut(study, "high"), name="high tail", colour="#E69F00"),
        Selection(high=tail_cut(study, "low"), name="low tail", colour="#0072B2"),
    )
