"""Which pairs of observables are worth a look: what the weights miss of them, and what they see in them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from tailscope.counting.binning import UNDEFINED
from tailscope.counting.code_kernels import Codes, Floats, jit

from .closure import ENOUGH
from .events import SAMPLES, SPREAD
from .pair import WeightedPair

MOST_EVENTS = 100_000
"""Of each sample; of more, some are drawn, always the same."""
MOST_OBSERVABLES = 60
"""In the order of the study: 1,770 pairs."""
PARTS = 8
"""Of each observable, of as many reference events each: 64 bins of a pair."""
ROUNDS = 60
"""Of the fits to the margins; most are done after ten."""
ALONE = 2.0
"""A part of an observable where reweighted events are off by as much alone says nothing of a pair."""
LEAST = 1e-6
"""Variation of log w that is none: rounding."""
SIGMAS = 3.0
"""What is less than that beyond noise is not suggested."""

P, P2, Q, Q2, U, UL, U2, ULL = range(8)
"""Sums in a bin: reference, reweighted generated events, and log w over both samples; see `_fill`."""


@dataclass(frozen=True)
class Ranked:
    """A pair of observables and how much there is in it beyond what either says alone.

    Attributes
    ----------
    names: of the two.
    z: of a normal number as rare as what was found, were it noise.
    size: how much; see `PairRanking`.
    bins: groups of bins that were compared.

    """

    names: tuple[str, str]
    z: float
    size: float
    bins: int


@dataclass(frozen=True)
class PairRanking:
    """Pairs of observables, those with most in them first: by ``z`` what is missed, by ``size`` what is seen.

    Attributes
    ----------
    missed: by what reweighted generated events differ from the reference in the plane of two observables,
        once each is brought to agree alone: what the weights miss of the correlation. ``size`` is the
        relative difference of a bin, as root mean square.
    seen: by how much mean log w varies in the plane beyond a sum of what each observable says: what the
        classifier sees of the correlation. ``size`` is the standard deviation, in units of log w.
    events: of each sample, that were looked at; of all, or of some drawn with a fixed seed.
    pairs: that were looked at.

    """

    missed: tuple[Ranked, ...]
    seen: tuple[Ranked, ...]
    events: tuple[int, int]
    pairs: int

    def suggested(self, most: int) -> tuple[tuple[Ranked, ...], tuple[Ranked, ...]]:
        """The first of both lists, of those that are beyond noise by `SIGMAS` for one pair of so many."""
        # sqrt(2 ln n) is how far the largest of n standard normal numbers lies.
        least = sqrt(SIGMAS**2 + 2 * np.log(max(self.pairs, 1)))
        kept = [[one for one in found if one.z > least][:most] for found in (self.missed, self.seen)]
        return tuple(kept[0]), tuple(kept[1])


def pair_ranking(study: WeightedPair) -> PairRanking:
    """Rank all pairs of a study's observables by `PairRanking.missed` and by `PairRanking.seen`.

    For ``missed``, the table of reweighted events is multiplied by a factor for each row and each column
    until its margins are those of the reference (iterative proportional fitting, Deming and Stephan 1940):
    what a single observable lacks is no matter here, and rows and columns that lack half of what is due
    or have twice as much are left out. What differs then is divided by its errors and squared,
    which makes a chi2. Bins of less than `ENOUGH` effective events of either sample are taken
    together, so that sparse ones count as what they are.

    For ``seen``, a sum of a number for each row and each column is fitted to the table of mean log w. Mean
    and events as in `Plane.mean_log_w`; what it leaves is compared with what noise alone would leave.
    """
    rng = np.random.default_rng(0)
    names = [o.name for o in study.observables if o.name != SPREAD][:MOST_OBSERVABLES]
    rows = {s: _drawn(rng, len(study.sample(s))) for s in SAMPLES}
    events = rows["reference"].size, rows["generated"].size
    pairs = np.array(list(combinations(range(len(names)), 2)), np.int64).reshape(-1, 2)
    if not len(pairs) or not min(events):
        return PairRanking((), (), events, len(pairs))
    codes = {s: np.empty((rows[s].size, len(names)), np.uint8) for s in SAMPLES}
    for number, name in enumerate(names):
        columns = [np.asarray(study.sample(s).observables[name])[rows[s]] for s in SAMPLES]
        for sample, code in zip(SAMPLES, _parts(*columns), strict=True):
            codes[sample][:, number] = code
    tables = np.zeros((len(pairs), PARTS, PARTS, 8))
    for sample in SAMPLES:
        side = study.sample(sample)
        v, log_w = side.v[rows[sample]], np.ascontiguousarray(side.log_w[rows[sample]])
        _fill(codes[sample], pairs, v, log_w, v.sum() or 1.0, sample == "reference", tables)
    both = [tuple(names[i] for i in pair) for pair in pairs.tolist()]
    return PairRanking(
        _sorted(both, *(missed := _missed(tables)), missed[0]),
        _sorted(both, *(seen := _seen(tables)), seen[1]),
        events,
        len(pairs),
    )


def _drawn(rng: np.random.Generator, n: int) -> NDArray[np.int64]:
    rows = np.arange(n)
    return rows if n <= MOST_EVENTS else np.sort(rng.choice(rows, MOST_EVENTS, replace=False))


def _parts(reference: NDArray[np.floating], generated: NDArray[np.floating]) -> tuple[Codes, Codes]:
    """Part of each event, 0 to `PARTS` - 1, or `UNDEFINED`: quantiles of the reference."""
    defined = reference[~np.isnan(reference)]
    edges = (
        np.unique(np.quantile(defined, np.linspace(0, 1, PARTS + 1)[1:-1])) if defined.size else np.empty(0)
    )
    first, second = (
        np.where(np.isnan(values), UNDEFINED, np.searchsorted(edges, values, side="right")).astype(np.uint8)
        for values in (reference, generated)
    )
    return first, second


@jit
def _fill(
    codes: Codes,
    pairs: NDArray[np.int64],
    v: Floats,
    log_w: Floats,
    total: float,
    is_reference: bool,
    tables: Floats,
) -> None:
    """Add a sample to the tables of all pairs: float64[n_pairs, PARTS, PARTS, 8].

    With u = v/total: v and v^2 of the reference or v w and its square of the generated events; u, u log w,
    u^2 and u log^2 w of finite log w.
    """
    for i in range(len(codes)):
        level = log_w[i]
        weight = v[i]
        if not is_reference:
            weight = v[i] * np.exp(level) if level <= 300.0 else 0.0
        u = v[i] / total if np.isfinite(level) else 0.0
        finite = level if np.isfinite(level) else 0.0
        for k in range(len(pairs)):
            a, b = codes[i, pairs[k, 0]], codes[i, pairs[k, 1]]
            if max(a, b) == UNDEFINED:
                continue
            cell = tables[k, a, b]
            if is_reference:
                cell[P] += weight
                cell[P2] += weight * weight
            else:
                cell[Q] += weight
                cell[Q2] += weight * weight
            cell[U] += u
            cell[UL] += u * finite
            cell[U2] += u * u
            cell[ULL] += u * finite * finite


def _missed(tables: Floats) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """z, size and bins of each pair: float64[n_pairs], float64[n_pairs], int64[n_pairs]."""
    p, p2, q, q2 = (np.clip(tables[..., column], 0, None) for column in (P, P2, Q, Q2))
    for axis in (1, 2):
        shares = [_over(part.sum(axis=axis, keepdims=True), _whole(part)) for part in (p, q)]
        off = _over(np.maximum(*shares), np.minimum(*shares))
        p, p2, q, q2 = (part * ((off > 0) & (off < ALONE)) for part in (p, p2, q, q2))
    p, p2, q, q2 = (
        _over(p, _whole(p)), _over(p2, _whole(p) ** 2), _over(q, _whole(q)), _over(q2, _whole(q) ** 2)
    )  # fmt: skip
    factor = np.ones_like(q)
    for _ in range(ROUNDS):
        for axis in (1, 2):
            factor *= _over(p.sum(axis=axis, keepdims=True), (factor * q).sum(axis=axis, keepdims=True))
    difference, variance = p - factor * q, p2 + factor**2 * q2
    good = (_effective(p, p2) >= ENOUGH) & (_effective(q, q2) >= ENOUGH)
    # Whatever is left over is one bin more, if that has enough events.
    left, its_variance, its_p, its_p2, its_q, its_q2 = (
        np.where(good, 0, part).sum(axis=(1, 2)) for part in (difference, variance, p, p2, q, q2)
    )
    counts = (_effective(its_p, its_p2) >= ENOUGH) & (_effective(its_q, its_q2) >= ENOUGH)
    squares = np.where(good, _over(difference**2, variance), 0).sum(axis=(1, 2))
    squares += np.where(counts, _over(left**2, its_variance), 0)
    bins = good.sum(axis=(1, 2)) + counts
    # The mean square of d/p of all bins, weighted by p, without what its variances make of nothing.
    excess = np.where(good, _over(difference**2 - variance, p), 0).sum(axis=(1, 2))
    excess += np.where(counts, _over(left**2 - its_variance, its_p), 0)
    return _z(squares, bins - _margins(p, good)), np.sqrt(np.clip(excess, 0, None)), bins


def _seen(tables: Floats) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """The same of mean log w."""
    u, ul, u2, ull = (tables[..., column] for column in (U, UL, U2, ULL))
    good = (u > 0) & (_effective(u, u2) >= ENOUGH)
    weight = np.where(good, u, 0)
    mean = np.where(good, _over(ul, u), 0)
    rest = mean.copy()
    for _ in range(ROUNDS):
        for axis in (1, 2):
            rest -= _over((weight * rest).sum(axis=axis, keepdims=True), weight.sum(axis=axis, keepdims=True))
    # What noise alone would leave, of a table whose shares are products of those of its margins.
    variance = np.clip(_over(ull, u) - mean**2, 0, None) * _over(u2, u**2) * good
    noise = _kept(weight.sum(axis=2)) @ variance @ np.swapaxes(_kept(weight.sum(axis=1)), 1, 2)
    excess = (weight * (rest**2 - noise) * good).sum(axis=(1, 2))
    # A sum of squares of unlike variances is about a chi2 of fewer degrees (Satterthwaite 1946).
    mean_noise = (weight * noise).sum(axis=(1, 2))
    ndf = _over(mean_noise**2, ((weight * noise) ** 2).sum(axis=(1, 2)))
    z = _z(ndf * (1 + _over(excess, mean_noise)), ndf)
    z = np.where((ndf == 0) & (excess > LEAST**2), np.inf, z)
    size = np.sqrt(np.clip(_over(excess, weight.sum(axis=(1, 2))), 0, None))
    return z, np.where(size > LEAST, size, 0.0), good.sum(axis=(1, 2))


def _kept(margin: Floats) -> Floats:
    """Squares of what is left of each bin once the mean along an axis is gone: float64[n, PARTS, PARTS]."""
    shares = _over(margin, margin.sum(axis=1, keepdims=True))
    squares: Floats = (np.eye(margin.shape[1]) - shares[:, None, :]) ** 2
    return squares


def _margins(filled: Floats, good: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Numbers that a fit of the margins takes from the bins: rows and columns that have any, less one."""
    used = good & (filled > 0)
    count: NDArray[np.int64] = used.any(axis=1).sum(axis=1) + used.any(axis=2).sum(axis=1) - 1
    return count


def _z(squares: Floats, ndf: Floats) -> Floats:
    """Standard deviations of a normal number as rare as a chi2 (Wilson and Hilferty 1931); 0 without ndf."""
    spread = 2 / (9 * np.maximum(ndf, 1e-9))
    z = (np.cbrt(_over(squares, ndf)) - 1 + spread) / np.sqrt(spread)
    return np.where(ndf > 0, z, 0.0)


def _whole(table: Floats) -> Floats:
    """Sum of each pair: float64[n_pairs, 1, 1]."""
    found: Floats = table.sum(axis=(1, 2), keepdims=True)
    return found


def _effective(total: Floats, squares: Floats) -> Floats:
    return _over(total**2, squares)


def _over(top: Floats, bottom: Floats) -> Floats:
    """Divide; 0 where the bottom is 0."""
    return np.divide(
        top, bottom, out=np.zeros(np.broadcast_shapes(top.shape, bottom.shape)), where=bottom != 0
    )


def _sorted(
    names: list[tuple[str, ...]], z: Floats, size: Floats, bins: NDArray[np.int64], by: Floats
) -> tuple[Ranked, ...]:
    order = np.argsort(-by, kind="stable").tolist()
    return tuple(Ranked((names[k][0], names[k][1]), float(z[k]), float(size[k]), int(bins[k])) for k in order)
