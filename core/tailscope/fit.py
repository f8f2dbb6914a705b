"""From two samples to a study: folds, trainings, cache and resume."""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .cache import Cache, Entry, key_of
from .combine import combined
from .config import FitConfig
from .errors import PairError, TrainingError
from .folds import Folds, assign_folds, event_hashes, held_out_part
from .progress import EpochDone, Listener, listener
from .sample import Sample
from .study import Scores, Study, assemble, check_pair

if TYPE_CHECKING:
    from . import classifier

ALGORITHM = 3
"""Part of every key: raised whenever the same inputs and settings would give other weights."""


def fit(
    reference: Sample,
    generated: Sample,
    *,
    config: FitConfig | None = None,
    cache: Cache | Path | str | None = None,
    progress: bool | Listener = True,
    name: str = "",
) -> Study:
    """Learn the weight w = p_reference/p_generated of every event, out of fold.

    A fold's events are scored by classifiers trained on the other folds; a validation part of those
    chooses the epoch. With the logit l(x) of a training with sums of event weights S_ref and S_gen,

        log w(x) = l(x) + log(S_gen/S_ref)        (paper Eq. 1 for normalised densities),

    combined over the members of the fold. With the protocol "split" only the events of the first fold are
    scored, and the study holds these alone; its provenance says how many were left out.

    The weights are cached under the digests of both samples and the configuration, so that the second fit of
    the same takes seconds; a fit that was stopped goes on where its last epoch ended.

    Parameters
    ----------
    config: the settings; the preset "fast" when None.
    cache: a folder, or `Cache`; by default $TAILSCOPE_CACHE, else the user's cache folder.
    progress: True for a bar, False for silence, or a function that is called after each epoch.
    name: of the study.

    Raises
    ------
    PairError: samples of different domains, or identical ones.
    InputError: fewer events than the folds need.
    TrainingError: no such device, or a training that diverged twice.
    StudyError: the cache folder cannot be written.

    """
    config = config or FitConfig()
    store = cache if isinstance(cache, Cache) else Cache(cache)
    check_pair(reference, generated)
    config = config.for_sample(reference)
    hashes = event_hashes(reference, config.seed), event_hashes(generated, config.seed)
    _refuse_identical(reference, generated, hashes)
    key = _key(reference, generated, hashes, config)
    with store.lock("fit", key), listener(progress) as tell:
        entry = store.get("fit", key)
        if entry is None:
            entry = out_of_fold(reference, generated, hashes, config, store, key, tell)
            store.put("fit", key, *entry)
    arrays, data = entry
    results = tuple(
        Scores(arrays[f"{side}.log_w"], arrays[f"{side}.members"], arrays[f"{side}.fold"])
        for side in ("reference", "generated")
    )
    if config.protocol == "split":
        reference, generated = (
            sample.take(arrays[f"{side}.rows"], sample.name)
            for side, sample in (("reference", reference), ("generated", generated))
        )
    return assemble(
        reference,
        generated,
        (results[0], results[1]),
        name=name,
        config=config.to_dict(),
        history=tuple(data["history"]),
        provenance={**data["provenance"], "cache_key": key},
    )


def out_of_fold(
    reference: Sample,
    generated: Sample,
    hashes: tuple[NDArray[np.uint64], NDArray[np.uint64]],
    config: FitConfig,
    store: Cache,
    key: str,
    tell: Listener,
) -> Entry:
    """Train all networks of a fit and score every event: the arrays and data of its cache entry.

    ``rows`` of each sample are those that are scored (all, but for the protocol "split"), in file order.
    ``data["networks"]`` are the keys under which the cache holds the networks.
    """
    config = config.for_sample(reference)
    folds = assign_folds(reference, generated, *hashes, config.folds)
    return _Fit(reference, generated, hashes, folds, config, store, key, tell).run()


def fit_key(reference: Sample, generated: Sample, config: FitConfig) -> str:
    """Key of a fit in the cache: the same samples and settings, the same key."""
    config = config.for_sample(reference)
    hashes = event_hashes(reference, config.seed), event_hashes(generated, config.seed)
    return _key(reference, generated, hashes, config)


def null_pair(sample: Sample, *, seed: int = 0) -> tuple[Sample, Sample]:
    """Two disjoint random halves of one sample: what a fit finds between them is noise (paper Fig. 15).

    Raises
    ------
    InputError: fewer than two events.

    """
    rows = np.random.default_rng(seed).permutation(len(sample))
    half = len(sample) // 2
    first = sample.take(np.sort(rows[:half]), f"{sample.name} (first half)")
    return first, sample.take(np.sort(rows[half : 2 * half]), f"{sample.name} (second half)")


def _refuse_identical(reference: Sample, generated: Sample, hashes: tuple[NDArray[np.uint64], ...]) -> None:
    if np.array_equal(np.unique(hashes[0]), np.unique(hashes[1])):
        raise PairError(
            f"{reference.name} and {generated.name} hold the same events; a classifier has nothing to learn. "
            "`tailscope fit --null REF` compares two disjoint halves of one sample"
        )


def _key(
    reference: Sample, generated: Sample, hashes: tuple[NDArray[np.uint64], ...], config: FitConfig
) -> str:
    """Digests of files and of what the classifier sees of them, and all settings but the device."""
    assert reference.source is not None
    assert generated.source is not None  # set by Sample itself
    settings = config.to_dict()
    del settings["device"]
    return key_of(
        algorithm=ALGORITHM,
        files=[reference.source.sha256, generated.source.sha256],
        inputs=[hashlib.sha256(h.tobytes()).hexdigest() for h in hashes],
        event_weights=[
            None if s.event_weight is None else hashlib.sha256(s.event_weight.tobytes()).hexdigest()
            for s in (reference, generated)
        ],
        config=settings,
    )


@dataclass
class _Fit:
    """One fit that is not in the cache: all trainings, one after the other."""

    reference: Sample
    generated: Sample
    hashes: tuple[NDArray[np.uint64], NDArray[np.uint64]]
    folds: Folds
    config: FitConfig
    store: Cache
    key: str
    tell: Listener

    def run(self) -> Entry:
        """Arrays and data of the cache entry."""
        from . import classifier

        started = time.perf_counter()
        device = classifier.choose_device(self.config.device)
        pool = classifier.Pool(self.reference, self.generated, device)
        outputs = self.config.members * self.config.best_epochs
        members = [np.empty((len(s), outputs), np.float32) for s in (self.reference, self.generated)]
        trainings = [
            (fold, member)
            for fold in range(self.config.scored_folds)
            for member in range(self.config.members)
        ]
        history = [self._one_training(pool, fold, member, members) for fold, member in trainings]
        arrays: dict[str, NDArray[Any]] = {}
        for side, scores, fold_of in zip(
            ("reference", "generated"), members, (self.folds.reference, self.folds.generated), strict=True
        ):
            rows = np.flatnonzero(fold_of < self.config.scored_folds)
            arrays[f"{side}.rows"] = rows
            arrays[f"{side}.log_w"] = combined(scores[rows], self.config.combine)
            arrays[f"{side}.members"] = scores[rows] if outputs > 1 else scores[rows, :0]
            arrays[f"{side}.fold"] = fold_of[rows]
        networks = [self._network_key(fold, member) for fold, member in trainings]
        provenance = self._provenance(str(device), started)
        return arrays, {"history": history, "provenance": provenance, "networks": networks}

    def _network_key(self, fold: int, member: int) -> str:
        return key_of(fit=self.key, fold=fold, member=member)

    def _provenance(self, device: str, started: float) -> dict[str, Any]:
        split = self.config.protocol == "split"
        left_out = [
            int((fold_of >= self.config.scored_folds).sum())
            for fold_of in (self.folds.reference, self.folds.generated)
        ]
        inputs = {"features": self.reference.level} if self.reference.level else {}
        return {
            **inputs,
            "n_inputs": self.reference.n_inputs,
            "weights": "classifier, on its test sample" if split else "cross-fitted classifier",
            "left_out": dict(zip(("reference", "generated"), left_out, strict=True)),
            "shared_events": self.folds.shared,
            "device": device,
            "seconds": round(time.perf_counter() - started, 1),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "versions": {p: version(p) for p in ("tailscope", "torch", "numpy")}
            | {"python": platform.python_version()},
        }

    def _one_training(
        self, pool: classifier.Pool, fold: int, member: int, members: list[NDArray[np.float32]]
    ) -> Mapping[str, Any]:
        """Train (or find trained) one network, score its fold, and return its history."""
        from . import classifier

        network_key = self._network_key(fold, member)
        train_rows, validation_rows = self._split(fold, member)
        found = self.store.get("network", network_key)
        if found is None:
            found = self._train(pool, train_rows, validation_rows, fold, member, network_key)
        tensors, data = found
        network = classifier.network_of(pool.n_inputs, self.config.settings, pool.particles)
        network.to(pool.device).eval()
        s_ref, s_gen = pool.class_sums(classifier.as_tensors({"rows": train_rows})["rows"].to(pool.device))
        for scores, sample, fold_of in zip(
            members,
            (self.reference, self.generated),
            (self.folds.reference, self.folds.generated),
            strict=True,
        ):
            rows = np.flatnonzero(fold_of == fold)
            for rank in range(self.config.best_epochs):
                state = {
                    k.removeprefix(f"{rank}."): v for k, v in tensors.items() if k.startswith(f"{rank}.")
                }
                network.load_state_dict(classifier.as_tensors(state))
                logits = classifier.score(network, sample, pool.device, rows)
                scores[rows, member * self.config.best_epochs + rank] = logits + np.log(s_gen / s_ref)
        return data

    def _split(self, fold: int, member: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Training and validation rows of the pool: the other folds, split by hash, sample by sample."""
        training = fold * self.config.members + member
        train: list[NDArray[np.int64]] = []
        held: list[NDArray[np.int64]] = []
        for hashes, fold_of, offset in zip(
            self.hashes, (self.folds.reference, self.folds.generated), (0, len(self.reference)), strict=True
        ):
            rows = np.flatnonzero(fold_of != fold)
            chosen = held_out_part(hashes[rows] + np.uint64(training), self.config.validation)
            train.append(rows[~chosen] + offset)
            held.append(rows[chosen] + offset)
        return np.concatenate(train), np.concatenate(held)

    def _train(
        self,
        pool: classifier.Pool,
        train_rows: NDArray[np.int64],
        validation_rows: NDArray[np.int64],
        fold: int,
        member: int,
        network_key: str,
    ) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        from . import classifier

        settings = self.config.settings
        training = fold * self.config.members + member
        seed = self.config.seed * 1_000_003 + training

        def after_epoch(progress: classifier.Progress) -> None:
            last = progress.history[-1]
            over = progress.epoch == settings.epochs
            if not over:
                self.store.put("checkpoint", network_key, *classifier.packed(progress))
            self.tell(
                EpochDone(
                    training,
                    self.config.scored_folds * self.config.members,
                    progress.epoch,
                    settings.epochs,
                    last["train_loss"],
                    last["validation_loss"],
                )
            )

        saved = self.store.get("checkpoint", network_key)
        resumed = classifier.unpacked(*saved) if saved else None
        restarted = False
        try:
            states, progress = classifier.train(
                pool, train_rows, validation_rows, settings, seed, progress=resumed, after_epoch=after_epoch
            )
        except TrainingError:
            restarted = True
            settings = replace(settings, learning_rate=settings.learning_rate / 10)
            states, progress = classifier.train(
                pool, train_rows, validation_rows, settings, seed, after_epoch=after_epoch
            )
        data = {
            "fold": fold,
            "member": member,
            "seed": seed,
            "train_events": int(train_rows.size),
            "validation_events": int(validation_rows.size),
            "best_epoch": progress.best_epoch,
            "best_epochs": [epoch for epoch, _ in progress.best],
            "restarted": restarted,
            "learning_rate": settings.learning_rate,
            "epochs": progress.history,
        }
        arrays = {
            f"{rank}.{name}": array
            for rank, state in enumerate(states)
            for name, array in classifier.as_arrays(state).items()
        }
        self.store.put("network", network_key, arrays, data)
        self.store.drop("checkpoint", network_key)
        return arrays, data
