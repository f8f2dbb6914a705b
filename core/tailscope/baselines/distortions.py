"""Distort a sample at distribution level, to see whether the weights would find a flaw of a given size.

One observable gets another distribution by choosing events: how often an event is taken is the ratio of the
wanted and the present density of that observable, so that all else follows as it is correlated with it. That
is how Kansal et al. (arXiv:2211.10295) distort the jet mass, and Sec. 3 of arXiv:2305.16774 after them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tailscope.counting.binning import place
from tailscope.counting.fill import fill
from tailscope.errors import InputError
from tailscope.reading.copy import check_endings, copy_rows
from tailscope.reading.load import read
from tailscope.reading.reading import Reading
from tailscope.weights.auc import auc

Floats = NDArray[np.float64]

DRAWS = 20
"""Times the scale factor is drawn for each event, so that the wanted density is smooth."""
MIN_EVENTS = 100
PER_BIN = 500
"""Events in a bin of a density ratio, whose fluctuations become part of the flaw. With 100 a bin the AUC of
the exact weights of a smeared mass was 0.012 too high, with 500 it is 0.002."""


class Distortion(Protocol):
    """How often events should be taken."""

    def weights(self, values: Floats, random: np.random.Generator) -> Floats:
        """Give non-negative weights float64[n] for finite ``values`` of the observable."""
        ...


@dataclass(frozen=True)
class TailCut:
    """Only events with ``low <= observable < high``: the paper's tail cut is M < 0.17."""

    low: float | None = None
    high: float | None = None

    def weights(self, values: Floats, random: np.random.Generator) -> Floats:
        """1 inside, 0 outside."""
        inside = np.ones(len(values), dtype=bool)
        if self.low is not None:
            inside &= values >= self.low
        if self.high is not None:
            inside &= values < self.high
        return inside.astype(np.float64)


@dataclass(frozen=True)
class Scaled:
    """The observable times a Gaussian: (1, 0.25) is the paper's smearing, (1.1, 0.05) its shift."""

    mean: float
    sigma: float

    def weights(self, values: Floats, random: np.random.Generator) -> Floats:
        """Ratio of the densities of x * Gauss(mean, sigma) and of x, in bins of equally many events."""
        n_bins = int(np.clip(len(values) // PER_BIN, 10, 400))
        edges = np.unique(np.quantile(values, np.linspace(0, 1, n_bins + 1)))
        if len(edges) < 3:
            raise InputError("the observable hardly varies, so that scaling it has no effect")
        edges[-1] = np.nextafter(edges[-1], np.inf)  # the largest value belongs to the last bin
        bins = place(values, edges) - 1
        present = fill(values, edges).values
        wanted = np.zeros(len(edges) - 1)
        for _ in range(DRAWS):
            wanted += fill(values * random.normal(self.mean, self.sigma, len(values)), edges).values
        # What would lie beyond all events is lost: no event looks like it.
        ratio: Floats = (wanted / DRAWS / np.maximum(present, 1))[bins]
        return ratio


def smear(sigma: float = 0.25) -> Scaled:
    """Multiply by Gauss(1, sigma)."""
    return Scaled(1.0, sigma)


def shift(mean: float = 1.1, sigma: float = 0.05) -> Scaled:
    """Multiply by Gauss(mean, sigma)."""
    return Scaled(mean, sigma)


@dataclass(frozen=True)
class Distorted:
    """What `distort` wrote.

    Attributes
    ----------
    path: the distorted events.
    n_events: how many there are.
    n_repeated: how many of them are copies of another one.
    best_auc: the AUC of the exact weights, which are known here: no classifier finds more between the
        undistorted and the distorted distribution.
    mean: of the observable before and after.

    """

    path: Path
    n_events: int
    n_repeated: int
    best_auc: float
    mean: tuple[float, float]


def resampled(weights: Floats, n: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Choose n rows with expectation n w_i / sum(w): int64[n], in random order.

    Systematic resampling: a row occurs floor or ceil of its expectation times, so that hardly any is repeated
    as long as n is small enough.

    Raises
    ------
    InputError: weights that are all 0.

    """
    if not weights.sum() > 0:
        raise InputError("no event is left; choose a weaker distortion")
    order = random.permutation(len(weights))
    upto = np.cumsum(weights[order])
    at = (random.random() + np.arange(n)) * (upto[-1] / n)
    rows = order[np.minimum(np.searchsorted(upto, at, side="right"), len(order) - 1)]
    return random.permutation(rows).astype(np.int64)


def distort(
    source: str | Path,
    target: str | Path,
    observable: str,
    distortion: Distortion,
    *,
    events: int | None = None,
    reference: str | Path | None = None,
    seed: int = 0,
    domain: str | None = None,
    binning: str | Path | None = None,
) -> Distorted:
    """Write a distorted sample of the events in ``source``, in the same format.

    Parameters
    ----------
    source, target
        Files; ``target`` is replaced.
    observable
        A name, or an expression such as ``mass/pT``. Events in which it is undefined are kept as they are.
    distortion
        `TailCut`, `smear`, `shift`, or anything with ``weights(values, random)``.
    events
        How many to write; a quarter of those there are when None, which leaves few to be taken twice.
    reference
        A second file to write: half of the events, chosen at random and undistorted, which ``target`` then
        does not use. Without it the distorted events are some of ``source`` itself.
    seed
        The same seed gives the same files.
    domain, binning
        As `load` takes them.

    Raises
    ------
    InputError: too few events, an observable that does not exist, nothing left, an ending of another format.
    FormatError: as `load`.

    """
    source, target = Path(source), Path(target)
    if events is not None and events < 1:
        raise InputError(f"{events} events make no sample; choose at least 1")
    how = Reading(source, domain, None if binning is None else Path(binning))
    check_endings(how, target, *(() if reference is None else (Path(reference),)))
    values = read(how).evaluate(observable).astype(np.float64)
    n_events = len(values)
    random = np.random.default_rng(seed)
    rows = np.arange(n_events)
    if reference is not None:
        rows = random.permutation(rows)
        copy_rows(how, np.sort(rows[: n_events // 2]), reference)
        rows = rows[n_events // 2 :]
    defined = np.isfinite(values[rows])
    if defined.sum() < MIN_EVENTS:
        raise InputError(
            f"{source.name}: {observable} is defined for {int(defined.sum())} events, expected at least "
            f"{MIN_EVENTS}"
        )
    weights = np.ones(len(rows))
    weights[defined] = distortion.weights(values[rows][defined], random)
    n = len(rows) // (4 if reference is None else 2) if events is None else events
    chosen = rows[resampled(weights, max(1, n), random)]
    about = f"events of {source.name}, chosen so that {observable} is distorted: {distortion}, seed {seed}"
    copy_rows(how, chosen, target, about=about)
    return Distorted(
        target,
        len(chosen),
        len(chosen) - len(np.unique(chosen)),
        _best_auc(weights),
        (_mean(values), _mean(values[chosen])),
    )


def _mean(values: Floats) -> float:
    defined = values[np.isfinite(values)]
    return float(defined.mean()) if defined.size else float("nan")


def exact_log_weights(weights: Floats) -> Floats:
    """Log w = log p_reference/p_distorted of events that are taken as often as ``weights`` (float64[n]) say.

    That is mean(weights)/weights, the density ratio itself; inf where no event is taken.
    """
    with np.errstate(divide="ignore"):
        log_w: Floats = np.log(weights.mean()) - np.log(weights)
    return log_w


def _best_auc(weights: Floats) -> float:
    log_w, taken = exact_log_weights(weights), weights > 0
    return auc(log_w, log_w[taken], event_weights=(None, weights[taken]))
