"""A second look at weights: what another classifier finds in all observables that the weights miss.

It begins where the weights end (`classifier.residual`), and is cross-fitted in folds of its own. What it
finds is kept with a study as a record, so that its lights need no classifier.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from tailscope.record import SecondLook, finite, plain, typed
from tailscope.sample.sample import Sample
from tailscope.storage.cache import Cache, key_of
from tailscope.weights.auc import auc, null_auc_error
from tailscope.weights.calibration import probability
from tailscope.weights.events import SPREAD, Floats, effective_size
from tailscope.weights.information import information, losses, mean_of_losses
from tailscope.weights.pair import Pair, WeightedPair
from tailscope.weights.whitening import Whitened, scores, whitened

ALGORITHM = 1
"""Raised whenever the same study would be seen otherwise."""
MOST_EVENTS = 50_000
"""Of each sample; of more, some are drawn."""
MOST_VALUES = 3_000_000
"""Columns times events of each sample, for studies with hundreds of observables."""
FOLDS = 5
CROSSED = float(np.sqrt(2))
"""Of errors of what is learned out of fold: each pair of folds enters twice (`null_auc_error`)."""
NAMED = 3
"""Observables that are named."""
SEED = 20
LARGEST = 700.0
"""Logarithms of numbers that a float64 holds."""


def with_second_look(pair: Pair, reference: Sample, generated: Sample, cache: Cache | None = None) -> Pair:
    """The pair, with what a second look finds in its provenance; a cache keeps it.

    Parameters
    ----------
    reference, generated: the pair's events, for what classifiers are given beside observables.

    """
    key = key_of(algorithm=ALGORITHM, study=pair.digest, observables=[o.name for o in pair.observables])
    entry = cache.get("second", key) if cache else None
    second = typed(entry[1], SecondLook) if entry else second_look(pair, reference, generated)
    if cache and not entry:
        cache.put("second", key, {}, plain(second))
    return replace(pair, provenance=msgspec.structs.replace(pair.provenance, second=second))


def second_look(pair: WeightedPair, reference: Sample, generated: Sample) -> SecondLook:
    """What a second classifier finds in observables and conditions that the weights miss.

    With the weights' C(x), labels y, and the score f of a classifier that never saw the event's fold,
    E[(y - C) f] is 0 whatever f is if the weights are right. If log w misses d(x), it is E[C(1 - C) d f] to
    first order, which is at most RMS(d) times that of f. C(1 - C) is the expectation of (y - C)^2, so that

        missed = sum (y - C) f / sqrt(sum (y - C)^2 f^2  sum (y - C)^2) <= RMS(d)

    with sums by event weight, and f with the mean 0 in each fold, so that a constant of log w misses nothing.
    The squares also keep weights that are far too extreme from a missed part beyond all numbers. The error
    where nothing is missed is that of counting times sqrt(2), since each pair of folds enters twice.

    Parameters
    ----------
    reference, generated: the pair's events, in its order.

    Raises
    ------
    TrainingError: scikit-learn or PyTorch is not there.

    """
    # torch and scikit-learn take seconds to load, and a study that has been looked at needs neither.
    from tailscope.classifier.residual import codes, residual_score

    events = _Events.of(pair, reference, generated)
    shape = scores(events.columns)
    turned = whitened(shape)
    inputs = np.concatenate([codes(events.columns), codes(turned.values)], axis=1)
    f = residual_score(inputs, turned.values, events.labels, events.logits, events.v, events.fold, seed=SEED)
    c = probability(events.logits)
    left = events.labels - c
    for number in range(FOLDS):
        rows = events.fold == number
        share = np.abs(events.weight[rows]) * c[rows] * (1 - c[rows])
        if share.sum() > 0:
            f[rows] -= share @ f[rows] / share.sum()
    squares = np.abs(events.weight) * left**2
    scale = np.sqrt(max(float(squares @ f**2) * float(squares.sum()), np.finfo(float).tiny))
    area, area_error = _area(f, events)
    held, gain, gain_error = _gain(_shrunk(f, events.weight * left, squares, events.fold), events)
    return SecondLook(
        reference=int(events.labels.sum()),
        generated=int((~events.labels).sum()),
        auc=finite(area),
        auc_error=finite(area_error),
        missed=float((events.weight * left) @ f / scale),
        missed_error=CROSSED * float(np.sqrt((events.weight * left) ** 2 @ f**2) / scale),
        observables=_along(f, squares, shape, turned, events.names),
        information=finite(held),
        gain=gain,
        gain_error=gain_error,
    )


@dataclass(frozen=True, eq=False)
class _Events:
    """The events of both samples that are looked at.

    Attributes
    ----------
    columns: float32[n, n_columns], observables and conditions; not finite where undefined.
    names: of the observables, the first columns.
    labels: bool[n], true for reference events, which come first.
    log_w: float64[n].
    v: float64[n], event weights, of mean 1 in each sample, or None.
    fold: int64[n]; events that are alike share one.

    """

    columns: NDArray[np.float32]
    names: tuple[str, ...]
    labels: NDArray[np.bool_]
    log_w: Floats
    v: Floats | None
    fold: NDArray[np.int64]

    @classmethod
    def of(cls, pair: WeightedPair, reference: Sample, generated: Sample) -> _Events:
        names = tuple(o.name for o in pair.observables if o.name != SPREAD)
        rng = np.random.default_rng(SEED)
        columns, log_w, v = [], [], []
        for side, sample in ((pair.reference, reference), (pair.generated, generated)):
            of_side = [side.observables[name] for name in names]
            if sample.condition is not None:
                of_side += list(sample.condition.T)
            most = min(MOST_EVENTS, MOST_VALUES // len(of_side))
            rows = np.arange(len(side))
            if rows.size > most:
                rows = np.sort(rng.choice(rows, most, replace=False))
            columns.append(np.stack([column[rows] for column in of_side], axis=1))
            log_w.append(side.log_w[rows])
            v.append(side.v[rows] / side.v[rows].mean())
        whole = np.concatenate(columns)
        alike = np.unique(whole.view(f"V{4 * whole.shape[1]}").ravel(), return_inverse=True)[1]
        fold = rng.permutation(int(alike.max()) + 1)[alike] % FOLDS
        weighted = any(weight is not None for weight in pair.event_weights)
        return cls(
            whole,
            names,
            np.arange(len(whole)) < len(log_w[0]),
            np.concatenate(log_w),
            np.concatenate(v) if weighted else None,
            fold,
        )

    @property
    def weight(self) -> Floats:
        return np.ones(self.labels.size) if self.v is None else self.v

    @property
    def logits(self) -> Floats:
        """Of a reference event among these."""
        n_reference = int(self.labels.sum())
        found: Floats = self.log_w + np.log(n_reference / (self.labels.size - n_reference))
        return found

    def split(self, values: Floats) -> tuple[Floats, Floats]:
        """Those of the reference and of the generated events."""
        return values[self.labels], values[~self.labels]


def _area(f: Floats, events: _Events) -> tuple[float, float]:
    """AUC of a score between reference and reweighted generated events, and its error where that is 0.5."""
    v = events.split(events.weight)
    log_w = events.split(events.log_w)[1]
    # Of huge weights neither area nor sizes depend on the unit.
    largest = max(float(log_w[log_w < np.inf].max(initial=-np.inf)), -LARGEST)
    w = np.where(log_w < np.inf, np.exp(np.minimum(log_w - largest, 0.0)), 0.0) * v[1]
    if w.sum() <= 0:
        return float("nan"), float("nan")
    sizes = (effective_size(float(x.sum()), float((x**2).sum())) for x in (v[0], w))
    return auc(*events.split(f), event_weights=(v[0], w)), null_auc_error(*sizes)


def _shrunk(f: Floats, left: Floats, squares: Floats, fold: NDArray[np.int64]) -> Floats:
    """A score times the factor from 0 to 1 that serves the other folds' events best, by one Newton step."""
    found = np.empty_like(f)
    for number in range(FOLDS):
        rows, others = fold == number, fold != number
        steep = max(float(squares[others] @ f[others] ** 2), np.finfo(float).tiny)
        found[rows] = f[rows] * np.clip(float(left[others] @ f[others]) / steep, 0.0, 1.0)
    return found


def _gain(f: Floats, events: _Events) -> tuple[float, float, float]:
    """Information of the weights, by how much it grows when log w + f takes their place, and its error."""
    v = None if events.v is None else events.split(events.v)
    pair = v or (None, None)
    own, other = (losses(*events.split(x)) for x in (events.log_w + f, events.log_w))
    # What is infinite stays so, and gains nothing.
    more = [
        np.subtract(a, b, out=np.zeros(a.size), where=np.isfinite(b)) for a, b in zip(own, other, strict=True)
    ]
    gain, error = mean_of_losses((more[0], more[1]), pair)
    return information(*events.split(events.log_w), event_weights=pair)[0], gain, error


def _along(
    f: Floats, squares: Floats, shape: Floats, turned: Whitened, names: tuple[str, ...]
) -> tuple[str, ...]:
    """Observables along which a score runs: single ones, or those of a whitened axis that it runs along more.

    How much it runs along x is corr(f, x)^2 + corr(f, x^2)^2, each event counted with (y - C)^2.
    """
    alone, axis = (_run(f, squares, x) for x in (shape, turned.values))
    loads = alone if alone.max() >= axis.max() else turned.axes[:, axis.argmax()] ** 2
    loads = loads[: len(names)]
    order = np.argsort(-loads, kind="stable")[:NAMED]
    return tuple(names[i] for i in order if loads[i] >= loads.max() / 3)


def _run(f: Floats, squares: Floats, x: Floats) -> Floats:
    share = squares / max(float(squares.sum()), np.finfo(float).tiny)

    def correlation(x: Floats) -> Floats:
        x, y = x - share @ x, f - share @ f
        found: Floats = (share * y) @ x / np.sqrt((share @ x**2) * (share @ y**2) + 1e-300)
        return found

    return correlation(x) ** 2 + correlation(np.clip(x, -3, 3) ** 2) ** 2
