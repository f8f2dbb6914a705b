"""From where on inputs are best compressed: voxels, and the few inputs of events (docs/weights.md).

The default preset with the logarithm of `compress` from 0, 2 and 3 standard deviations on, and without it
("off"), cross-fitted on the same folds: cross-entropy (ln 2 = 0.6931 is that of guessing) and AUC of unseen
events, with the errors s/sqrt(K) of K folds, and the cross-entropy less that with the logarithm from 3 on,
fold by fold. Of the table with long tails the exact ratio is known.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from pairs import PAIRS
from scipy.stats import expon, lognorm

import tailscope as ts
from tailscope.classifier import standardise
from tailscope.weights.auc import auc

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from helpers.toys import TOYS, sample

Floats = NDArray[np.float64]
Pair = tuple[ts.Sample, ts.Sample]
BEGINNINGS = (3.0, 0.0, 2.0, np.inf)
"""Standard deviations from where the logarithm begins; the first is what the others are compared with."""
LONG, LONGER = 1.0, 1.15
"""Widths of log x0 in the reference and in the generated table; x1 falls as exp(-x1) and exp(-x1/1.15)."""


def long_tails(n: int) -> Pair:
    """Tables of two log-normal, two exponential and one constant-width Gaussian column."""
    rng = np.random.default_rng(0)
    found = []
    for name, width in (("reference", LONG), ("generated", LONGER)):
        columns = [
            np.exp(rng.normal(0, width, n)), rng.exponential(width, n), np.exp(rng.normal(0, 1, n)),
            rng.exponential(1, n), rng.normal(0, 1, n),
        ]  # fmt: skip
        found.append(sample(name, np.stack(columns, axis=1).astype(np.float32)))
    return found[0], found[1]


def long_tails_log_ratio(x: Floats) -> Floats:
    """Exact log w of rows of `long_tails`."""
    ratio: Floats = lognorm.logpdf(x[:, 0], LONG) - lognorm.logpdf(x[:, 0], LONGER)
    return ratio + expon.logpdf(x[:, 1]) - expon.logpdf(x[:, 1], scale=LONGER)


def pair(name: str, n: int) -> Pair:
    """Reference and generated events, n of each at the most."""
    if name == "long tails":
        return long_tails(n)
    if name in TOYS:
        return TOYS[name].pair(n)
    features = "both" if name == "jets" else None
    ref, gen = (ts.load(path, max_events=n, features=features) for path in PAIRS[name])
    return ref, gen


def by_fold(study: ts.Study, log_w: tuple[Floats, Floats]) -> NDArray[np.float64]:
    """Cross-entropy of both samples alike, and AUC, of each fold: float64[K, 2]."""
    folds = [study.reference.fold, study.generated.fold]
    found = []
    for fold in np.unique(folds[0]):
        ref, gen = (w[f == fold] for w, f in zip(log_w, folds, strict=True))
        entropy = 0.5 * (np.logaddexp(0, -ref).mean() + np.logaddexp(0, gen).mean())
        found.append((entropy, auc(ref, gen)))
    return np.array(found)


def value(found: Floats, digits: int = 4) -> str:
    """Mean over folds with its error."""
    return f"{found.mean():.{digits}f} ± {found.std(ddof=1) / np.sqrt(found.size):.{digits}f}"


def fitted(samples: Pair, beginning: float, folds: int) -> ts.Study:
    """A study whose inputs are compressed from ``beginning`` on, however many there are."""
    config = ts.FitConfig(compress=bool(np.isfinite(beginning)), network="mlp", folds=folds, device="cpu")
    usual = standardise.compressed_beyond
    standardise.compressed_beyond = lambda n_inputs: beginning
    try:
        with tempfile.TemporaryDirectory() as cache:
            return ts.fit(*samples, config=config, cache=cache, progress=False)
    finally:
        standardise.compressed_beyond = usual


def main() -> None:
    """Fit, and print a table in Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = ["photons", "jets", "dimuon", "long tails", *TOYS]
    parser.add_argument("--pair", action="append", choices=names, help="only this one; may be repeated")
    parser.add_argument("--events", type=int, default=5_000, help="of each sample (default: %(default)s)")
    parser.add_argument("--folds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print("| events | inputs | from | cross-entropy | AUC | less that from 3 |\n|---|--:|--:|--:|--:|--:|")
    for name in options.pair or names[:4]:
        samples, found = pair(name, options.events), {}
        for beginning in BEGINNINGS:
            study = fitted(samples, beginning, options.folds)
            found[beginning] = by_fold(study, (study.reference.log_w, study.generated.log_w))
            gain = value(found[beginning][:, 0] - found[BEGINNINGS[0]][:, 0], 5) if len(found) > 1 else ""
            entropy, area = (value(column) for column in found[beginning].T)
            word = f"{beginning:g}" if np.isfinite(beginning) else "off"
            print(f"| {name} | {samples[0].n_inputs} | {word} | {entropy} | {area} | {gain} |", flush=True)
        if name == "long tails":
            exact = by_fold(study, tuple(long_tails_log_ratio(s.features[:]) for s in samples))  # type: ignore[arg-type]
            print(f"| {name} | | exact | {value(exact[:, 0])} | {value(exact[:, 1])} | |", flush=True)


if __name__ == "__main__":
    main()
