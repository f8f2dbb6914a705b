"""Weights of one sample alone, as reweighters give them, and what they say of the other sample's events."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import InputError
from tailscope.record import Interpolation
from tailscope.sample.sample import Sample
from tailscope.selection import SampleName
from tailscope.weights.events import Floats

FEWEST = 100
"""Events with a finite log w of which a function of x can be learned."""
SEED = 21


def other_weights(
    known: Sample, log_w: NDArray[np.float64], other: Sample, name: SampleName
) -> tuple[Floats, Interpolation]:
    """Log w of the other sample's events, float64[n_other], and how well it is known.

    Weights w(x) of one sample's events are values of a function, which trees learn from all observables that
    both samples have, and conditions. What they say is an interpolation: it knows no more than the weights
    that were given, and where the other sample has events and this one has none it is a guess.

    Parameters
    ----------
    log_w: float64[n_known]; infinite ones are left out.
    name: that of the other sample.

    Raises
    ------
    InputError: numbers of weights and events that differ, fewer than `FEWEST` finite ones.
    PairError: samples that do not go together.
    TrainingError: scikit-learn is not there.

    """
    # scikit-learn takes a second to load.
    from tailscope.classifier.interpolation import interpolated

    if log_w.shape != (len(known),):
        raise InputError(f"{known.name} has {len(known)} events, but there are {log_w.size} weights for it")
    finite = np.flatnonzero(np.isfinite(log_w))
    if finite.size < FEWEST:
        raise InputError(
            f"{finite.size} events of {known.name} have a weight that is neither 0 nor infinite, expected at "
            f"least {FEWEST}, of which those of {other.name} can be learned; give the weights of both samples"
        )
    names = [spec.name for spec in known.specs if spec.name in other.observables]
    if not names:
        raise InputError(f"{known.name} and {other.name} have no observable in common; compare others")
    v = None if known.event_weight is None else np.maximum(known.event_weight[finite], 0.0)
    target = log_w[finite]
    found = interpolated(_columns(known, names)[finite], target, v, _columns(other, names), seed=SEED)
    share = np.ones(finite.size) if v is None else v
    spread = float(share @ (target - np.average(target, weights=share)) ** 2)
    left = float(share @ (target - found.held_out) ** 2)
    return found.log_w, Interpolation(
        sample=name, events=finite.size, r2=1 - left / spread if spread > 0 else None
    )


def _columns(sample: Sample, names: list[str]) -> NDArray[np.float32]:
    columns = [np.asarray(sample.observables[name], np.float32) for name in names]
    if sample.condition is not None:
        columns += list(np.asarray(sample.condition, np.float32).T)
    return np.stack(columns, axis=1)
