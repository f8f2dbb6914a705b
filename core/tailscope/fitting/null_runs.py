"""Refits with permuted labels, which make the null band.

The pooled events get permuted labels, as many of each as there were, and the whole fit is made again.
Whatever weights come out are noise of this classifier on samples of these sizes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.config import FitConfig
from tailscope.errors import ConfigError, InputError
from tailscope.sample.pairing import matched
from tailscope.sample.sample import Sample
from tailscope.storage.cache import Cache, key_of
from tailscope.weights.auc import auc
from tailscope.weights.events import SAMPLES, Floats
from tailscope.weights.null_band import GRID, NullBand, cumulative
from tailscope.weights.pair import Pair
from tailscope.weights.recalibration import crossfitted

from .fit import fit_key
from .folds import event_hashes
from .plan import Labels, Plan, check_at_once, plan_of
from .progress import Listener, listener
from .repeats import discrete

FEWEST_RUNS = 2

Counts = dict[str, Floats]
"""Cumulative counts of one run, as `NullBand` has them."""


def null_band(
    reference: Sample,
    generated: Sample,
    config: FitConfig | None = None,
    *,
    runs: int = 20,
    before: NullBand | None = None,
    cache: Cache | Path | str | None = None,
    progress: bool | Listener = True,
    at_once: int | None = None,
    stacked: bool | None = None,
) -> NullBand:
    """Refit with permuted labels, ``runs`` times, with the same sizes and the same configuration.

    All trainings of all runs are scheduled together. Each run is cached when it is done: what was stopped
    goes on where it was, and more runs later only add what is missing. `attach` puts the band into a study.

    Parameters
    ----------
    config: of the fit whose noise is wanted; the preset "fast" when None.
    runs: 20 give the 16% and 84% points to about 0.3 standard deviations.
    before: the first of these runs, where they are known, as of a study that has fewer.
    at_once, stacked: as `fit` takes them; networks of all runs go into one stack.

    Raises
    ------
    ConfigError: fewer than two runs, or than one training at once.
    PairError, InputError, TrainingError, StudyError: as `fit`.

    """
    config = (config or FitConfig()).with_(watch_epochs=())
    if runs < FEWEST_RUNS:
        raise ConfigError(f"a null band needs at least {FEWEST_RUNS} runs, not {runs}; 20 are usual")
    check_at_once(at_once)
    reference, generated = matched(reference, generated)
    store = cache if isinstance(cache, Cache) else Cache(cache)
    null = _Null(reference, generated, config.for_sample(reference, generated), store)
    known = {} if before is None else {run: _counts_of(before, run) for run in range(min(runs, len(before)))}
    with listener(progress) as tell:
        found = known | null.found(set(range(runs)) - set(known))
        if missing := [run for run in range(runs) if run not in found]:
            found |= null.carried_out(missing, tell, at_once, stacked)
    counts = [found[run] for run in range(runs)]
    return NullBand(
        np.stack([one["reference"] for one in counts]),
        np.stack([one["generated"] for one in counts]),
        np.array([float(one["auc"][0]) for one in counts]),
    )


def attach(study: Pair, band: NullBand) -> Pair:
    """The study with its null band, which `Study.save` writes into the file.

    Raises
    ------
    InputError: a band of samples of other sizes.

    """
    for name in SAMPLES:
        events = study.sample(name)
        total = float(events.v.sum())
        counts = band.reference if name == "reference" else band.generated
        if events.event_weight is None and not np.allclose(counts[:, -1], total):
            raise InputError(
                f"the null band was made for {counts[0, -1]:,.0f} {name} events; the study has {total:,.0f}"
            )
    return replace(study, null=band)


def _counts_of(band: NullBand, run: int) -> Counts:
    """One run of a band."""
    return {
        "reference": band.reference[run],
        "generated": band.generated[run],
        "auc": band.auc[run : run + 1],
    }


class _Null:
    """Refits of one pair: their plans, and what the cache holds of each."""

    def __init__(self, reference: Sample, generated: Sample, config: FitConfig, store: Cache) -> None:
        self._samples, self._config, self._store = (reference, generated), config, store
        self._labels = Labels.of(reference, generated)
        self._parent = fit_key(reference, generated, config)

    def found(self, runs: Iterable[int]) -> dict[int, Counts]:
        """Those of the runs that are in the cache."""
        entries = {run: self._store.get("null", self._key(run)) for run in runs}
        return {run: entry[0] for run, entry in entries.items() if entry is not None}

    def carried_out(
        self, runs: Sequence[int], tell: Listener, at_once: int | None, stacked: bool | None
    ) -> dict[int, Counts]:
        """Train these runs, each under its lock; what another process trains meanwhile is read."""
        # torch is optional, and takes seconds to load.
        from .bench import Bench
        from .together import carried_out

        bench = Bench(*self._samples, self._config)
        found: dict[int, Counts] = {}
        running: dict[str, tuple[int, ExitStack]] = {}

        trainings = self._config.trainings

        def plans() -> Iterator[tuple[int, Plan]]:
            for i, run in enumerate(runs):
                key = self._key(run)
                lock = ExitStack()
                lock.enter_context(self._store.lock("null", key))
                running[key] = run, lock
                if by_another := self.found([run]):
                    running.pop(key)[1].close()
                    found.update(by_another)
                    continue
                yield i * trainings, self._plan(run)

        try:
            of = len(runs) * trainings
            for done in carried_out(plans(), of, bench, self._store, tell, at_once, stacked):
                run, lock = running.pop(done.plan.key)
                with lock:
                    found[run] = self._counts(done.plan, done.arrays())
                    self._store.put("null", done.plan.key, found[run], {"run": run})
                    for training in done.plan.trainings():
                        self._store.drop("network", training.key)
        finally:
            for _, lock in running.values():
                lock.close()
        return found

    def _key(self, run: int) -> str:
        method = self._config.recalibrate
        mapped: dict[str, str] = {} if method == "none" else {"recalibrate": method}
        return key_of(null_of=self._parent, run=run, grid=[GRID[0], GRID[-1], GRID.size], **mapped)

    def _plan(self, run: int) -> Plan:
        # Folds, initialisation and order differ from run to run, as they would in another fit.
        seeded = self._config.with_(seed=self._config.seed + 7919 * (run + 1))
        labels = self._labels.permuted(np.random.default_rng([self._config.seed, run]))
        hashes = [event_hashes(sample, seeded.seed) for sample in self._samples]
        # The labels that events have tell which of them are copies; permuted ones know nothing of it.
        return plan_of(
            ("permuted reference", "permuted generated"),
            labels,
            np.concatenate(hashes),
            np.concatenate(discrete(*hashes)),
            seeded,
            self._key(run),
        )

    def _counts(self, plan: Plan, arrays: Mapping[str, NDArray[Any]]) -> Counts:
        """Cumulative counts of one run, in the units of the samples' event weights."""
        labels, sides = plan.labels, []
        for name, is_side in zip(SAMPLES, (labels.is_reference, ~labels.is_reference), strict=True):
            v = None if labels.weight is None else labels.weight[is_side][arrays[f"{name}.rows"]]
            sides.append((arrays[f"{name}.log_w"], arrays[f"{name}.fold"], v))
        (log_ref, fold_ref, v_ref), (log_gen, fold_gen, v_gen) = sides
        log_w = log_ref, log_gen
        if self._config.recalibrate != "none":
            log_w = crossfitted(log_w, (fold_ref, fold_gen), (v_ref, v_gen), self._config.recalibrate)
        counts = {
            name: cumulative(values, v) * _scale(v, sample)
            for name, values, v, sample in zip(SAMPLES, log_w, (v_ref, v_gen), self._samples, strict=True)
        }
        return counts | {"auc": np.array([auc(*log_w, event_weights=(v_ref, v_gen))])}


def _scale(weight: Floats | None, sample: Sample) -> float:
    """Factor that gives permuted events the mean event weight of the sample that they stand for."""
    unit = 1.0 if sample.event_weight is None else float(sample.event_weight.mean())
    return unit if weight is None else unit / float(weight.mean())
