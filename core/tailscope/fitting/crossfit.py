"""Cross-fitting: one training after the other, each fold scored by networks that never saw it.

Every epoch leaves a checkpoint in the cache, and every training its network: what was stopped goes on there.
"""

from __future__ import annotations

import logging
import platform
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tailscope.config import FitConfig, TrainingSettings
from tailscope.sample.sample import Sample
from tailscope.storage.cache import Cache, Entry, key_of

from .combine import combined
from .folds import Folds, assign_folds, held_out_part
from .progress import EpochDone, Listener

if TYPE_CHECKING:
    from tailscope import classifier

log = logging.getLogger(__name__)

BEST = "best"
"""In a network's cache entry, the states of its best epochs; see `watched` for the others."""


def watched(epoch: int) -> str:
    """In a network's cache entry, the state after an epoch that is watched."""
    return f"watch.{epoch}"


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

    ``epoch.<epoch>`` of each sample are the log weights after an epoch that is watched, float32;
    ``rows`` of each sample are those that are scored (all, but for the protocol "split"), in file order.
    ``data["networks"]`` are the keys under which the cache holds the networks.
    """
    config = config.for_sample(reference)
    folds = assign_folds(reference, generated, *hashes, config.folds)
    return _Fit(reference, generated, hashes, folds, config, store, key, tell).run()


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
        from tailscope import classifier

        started = time.perf_counter()
        device = classifier.choose_device(self.config.device)
        with classifier.refusing("all events do not fit"):
            pool = classifier.Pool(self.reference, self.generated, device)
        members = {
            kept: [
                np.empty((len(s), self.config.members * states * self.config.outputs), np.float32)
                for s in (self.reference, self.generated)
            ]
            for kept, states in self._kept_states().items()
        }
        trainings = [
            (fold, member)
            for fold in range(self.config.scored_folds)
            for member in range(self.config.members)
        ]
        history = [self._one_training(pool, fold, member, members) for fold, member in trainings]
        arrays: dict[str, NDArray[Any]] = {}
        for i, (side, fold_of) in enumerate(
            (("reference", self.folds.reference), ("generated", self.folds.generated))
        ):
            rows = np.flatnonzero(fold_of < self.config.scored_folds)
            scores = members[BEST][i][rows]
            arrays[f"{side}.rows"] = rows
            arrays[f"{side}.log_w"] = combined(scores, self.config.combine)
            arrays[f"{side}.members"] = scores if scores.shape[1] > 1 else scores[:, :0]
            arrays[f"{side}.fold"] = fold_of[rows]
            for epoch in self.config.watch_epochs:
                log_w = combined(members[watched(epoch)][i][rows], self.config.combine)
                arrays[f"{side}.epoch.{epoch}"] = log_w.astype(np.float32)
        networks = [self._network_key(fold, member) for fold, member in trainings]
        provenance = self._provenance(str(device), started, history)
        return arrays, {"history": history, "provenance": provenance, "networks": networks}

    def _kept_states(self) -> dict[str, int]:
        """How many states of each training are scored: the best ones, and one for each watched epoch."""
        return {BEST: self.config.best_epochs} | {watched(epoch): 1 for epoch in self.config.watch_epochs}

    def _network_key(self, fold: int, member: int) -> str:
        return key_of(fit=self.key, fold=fold, member=member)

    def _provenance(self, device: str, started: float, history: list[Mapping[str, Any]]) -> dict[str, Any]:
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
            "notes": self._notes(history),
            "seconds": round(time.perf_counter() - started, 1),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "versions": {p: version(p) for p in ("tailscope", "torch", "numpy")}
            | {"python": platform.python_version()},
        }

    def _notes(self, history: list[Mapping[str, Any]]) -> list[str]:
        """A sentence for each training that needed its second chance."""
        found = []
        for one in history:
            which = f"fold {one['fold'] + 1}, member {one['member'] + 1}"
            if one["restarted"]:
                found.append(f"{which} diverged; trained again with the rate {one['learning_rate']:g}")
            if one["batch_size"] < self.config.settings.batch_size:
                found.append(f"{which}: out of device memory; batches of {one['batch_size']} events")
        lost = sorted({i for one in history for i in one.get("squeezed", ())})
        if lost:
            numbers = ", ".join(str(i) for i in lost[:5]) + (", ..." if len(lost) > 5 else "")
            found.append(
                f"{len(lost)} of {self.reference.n_inputs} inputs "
                f"(number{'s' if lost[1:] else ''} {numbers}, counted from 0) have "
                "so huge values in a few events that the classifier sees next to nothing of the others; "
                "leave these events out"
            )
            log.warning(found[-1])
        return found

    def _one_training(
        self, pool: classifier.Pool, fold: int, member: int, members: dict[str, list[NDArray[np.float32]]]
    ) -> Mapping[str, Any]:
        """Train (or find trained) one network, score its fold, and return its history."""
        from tailscope import classifier

        network_key = self._network_key(fold, member)
        train_rows, validation_rows = self._split(fold, member)
        found = self.store.get("network", network_key)
        if found is None:
            found = self._train(pool, train_rows, validation_rows, fold, member, network_key)
        tensors, data = found
        network = classifier.network_of(pool.n_inputs, self.config.settings, pool.particles)
        network.to(pool.device).eval()
        s_ref, s_gen = pool.class_sums(classifier.as_tensors({"rows": train_rows})["rows"].to(pool.device))
        for kept, states in self._kept_states().items():
            for i, (sample, fold_of) in enumerate(
                ((self.reference, self.folds.reference), (self.generated, self.folds.generated))
            ):
                rows = np.flatnonzero(fold_of == fold)
                for state in range(states):
                    prefix = f"{kept}.{state}."
                    one = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
                    network.load_state_dict(classifier.as_tensors(one))
                    draws = classifier.outputs_of(network, self.config.outputs, data["seed"] + state)
                    with classifier.refusing("events could not be scored"):
                        logits = classifier.score_all(draws, sample, pool.device, rows)
                    first = (member * states + state) * self.config.outputs
                    columns = slice(first, first + self.config.outputs)
                    members[kept][i][rows, columns] = logits + np.log(s_gen / s_ref)
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
        from tailscope import classifier

        training = fold * self.config.members + member
        seed = self.config.seed * 1_000_003 + training

        def after_epoch(progress: classifier.Progress, settings: TrainingSettings) -> None:
            last = progress.history[-1]
            if progress.epoch < settings.epochs:
                arrays, data = classifier.packed(progress)
                self.store.put("checkpoint", network_key, arrays, data | {"settings": asdict(settings)})
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

        def train(settings: TrainingSettings) -> tuple[list[dict[str, Any]], classifier.Progress]:
            saved = self.store.get("checkpoint", network_key)
            return classifier.train(
                pool,
                train_rows,
                validation_rows,
                settings,
                seed,
                progress=classifier.unpacked(*saved) if saved else None,
                after_epoch=lambda progress: after_epoch(progress, settings),
            )

        (states, progress), settings = classifier.with_second_chance(
            train,
            self._settings(network_key),
            start_again=lambda: self.store.drop("checkpoint", network_key),
            say=lambda note: log.warning("fold %d, member %d: %s", fold + 1, member + 1, note),
        )
        data = {
            "fold": fold,
            "member": member,
            "seed": seed,
            "train_events": int(train_rows.size),
            "validation_events": int(validation_rows.size),
            "best_epoch": progress.best_epoch,
            "best_epochs": [epoch for epoch, _ in progress.best],
            "restarted": settings.learning_rate < self.config.settings.learning_rate,
            "learning_rate": settings.learning_rate,
            "batch_size": settings.batch_size,
            "squeezed": self._squeezed(states[0]["scale"].cpu().numpy()),
            "epochs": progress.history,
        }
        kept = {BEST: states} | {
            watched(e): [progress.state(f"watch.{e}.")] for e in self.config.watch_epochs
        }
        arrays = {
            f"{what}.{i}.{name}": array
            for what, some in kept.items()
            for i, state in enumerate(some)
            for name, array in classifier.as_arrays(state).items()
        }
        self.store.put("network", network_key, arrays, data)
        self.store.drop("checkpoint", network_key)
        return arrays, data

    def _squeezed(self, scale: NDArray[np.float32]) -> list[int]:
        """Inputs that a few huge values hide from a network that standardises all of them."""
        from tailscope import classifier

        if self.config.network == "particlenet-lite":
            return []
        return classifier.squeezed(self._central_ranges, scale)

    @cached_property
    def _central_ranges(self) -> NDArray[np.float64]:
        from tailscope import classifier

        return classifier.central_ranges((self.reference, self.generated))

    def _settings(self, network_key: str) -> TrainingSettings:
        """Settings with which a stopped training went on, maybe by its second chance; else the fit's."""
        saved = self.store.get("checkpoint", network_key)
        return TrainingSettings(**saved[1]["settings"]) if saved else self.config.settings
