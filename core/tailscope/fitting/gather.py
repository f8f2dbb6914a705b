"""From what trainings leave to the weights of a fit, and its entry in the cache."""

from __future__ import annotations

import logging
import platform
import time
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.record import LeftOut, Provenance, TrainingRecord, plain
from tailscope.storage.cache import Entry
from tailscope.weights.events import SAMPLES

from .combine import combined
from .plan import BEST, Plan, watched
from .stacking import stacked
from .training import Trained

log = logging.getLogger(__name__)


class Gathering:
    """The scores of a plan's trainings, in whatever order they come in."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._started = time.perf_counter()
        self._records: dict[tuple[int, int], TrainingRecord] = {}
        self._scores: dict[str, NDArray[np.float32]] = {}
        self._shares: NDArray[np.float64] | None = None

    def add(self, trained: Trained) -> None:
        """Take what one training left."""
        fold, config = trained.record.fold, self.plan.config
        rows = np.flatnonzero(self.plan.fold == fold)
        candidate = config.kinds.index(trained.record.kind) if config.kinds else 0
        place = candidate * config.members_each + trained.record.member
        for kept, scores in trained.scores.items():
            width = scores.shape[1]
            if kept not in self._scores:
                shape = self.plan.fold.size, config.networks * width
                self._scores[kept] = np.empty(shape, np.float32)
            self._scores[kept][rows, place * width : (place + 1) * width] = scores
        self._records[fold, place] = trained.record

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return len(self._records) == self.plan.config.trainings

    @property
    def history(self) -> tuple[TrainingRecord, ...]:
        """What happened in each training, in the order of the plan."""
        return tuple(record for _, record in sorted(self._records.items()))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The weights of both samples, for the cache.

        Of each sample ``rows`` are the numbers of its events that are scored (all, but for the protocol
        "split"), ascending, ``log_w``, ``members`` and ``fold`` are theirs, and ``epoch.<epoch>`` their log
        weights after an epoch that is watched, float32.
        """
        plan, config = self.plan, self.plan.config
        best = self._members()
        arrays: dict[str, NDArray[Any]] = {}
        for name, is_side in zip(SAMPLES, (plan.labels.is_reference, ~plan.labels.is_reference), strict=True):
            side = np.flatnonzero(is_side)
            rows = np.flatnonzero(plan.fold[side] < config.scored_folds)
            scored = side[rows]
            members = best[scored]
            arrays[f"{name}.rows"] = rows
            arrays[f"{name}.log_w"] = combined(members, config.combine)
            members = members.astype(np.float32)
            arrays[f"{name}.members"] = members if members.shape[1] > 1 else members[:, :0]
            arrays[f"{name}.fold"] = plan.fold[scored]
            for epoch in config.watch_epochs:
                log_w = combined(self._scores[watched(epoch)][scored], config.combine)
                arrays[f"{name}.epoch.{epoch}"] = log_w.astype(np.float32)
        return arrays

    def _members(self) -> NDArray[np.floating]:
        """Log weights by each member, float[n_pool, n_members]: of several candidates, stacked."""
        config, scores = self.plan.config, self._scores[BEST]
        if not config.kinds:
            return scores
        scored = self.plan.fold < config.scored_folds
        weight = self.plan.labels.weight
        members, self._shares = stacked(
            scores[scored].reshape(-1, len(config.kinds), config.members_each),
            self.plan.labels.is_reference[scored],
            None if weight is None else weight[scored],
            self.plan.fold[scored],
        )
        result = np.empty((scored.size, members.shape[1]))
        result[scored] = members
        return result

    def entry(self, device: str, level: str, n_inputs: int) -> Entry:
        """Arrays and data of the fit's entry in the cache.

        Parameters
        ----------
        device: it was trained on.
        level, n_inputs: what the classifier saw.

        """
        arrays = self.arrays()
        provenance = self._provenance(device, level, n_inputs)
        return arrays, {"history": plain(self.history), "provenance": plain(provenance)}

    def _provenance(self, device: str, level: str, n_inputs: int) -> Provenance:
        plan = self.plan
        left_out = plan.fold >= plan.config.scored_folds
        split = plan.config.protocol == "split"
        return Provenance(
            weights="classifier, on its test sample" if split else "cross-fitted classifier",
            features=level,
            n_inputs=n_inputs,
            left_out=LeftOut(
                reference=int((left_out & plan.labels.is_reference).sum()),
                generated=int((left_out & ~plan.labels.is_reference).sum()),
            ),
            shares={}
            if self._shares is None
            else dict(zip(plan.config.kinds, self._shares.mean(axis=0).round(3).tolist(), strict=True)),
            shared_events=plan.shared,
            device=device,
            notes=tuple(self._notes(n_inputs)),
            seconds=round(time.perf_counter() - self._started, 1),
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
            versions={p: version(p) for p in ("tailscope", "torch", "scikit-learn", "numpy")}
            | {"python": platform.python_version()},
        )

    def _notes(self, n_inputs: int) -> list[str]:
        """A sentence for each training that needed its second chance, and for inputs that are hidden."""
        found = []
        for one in self.history:
            which = f"fold {one.fold + 1}, {one.kind} member {one.member + 1}".replace(",  ", ", ")
            if one.restarted:
                found.append(f"{which} diverged; trained again with the rate {one.learning_rate:g}")
            if 0 < one.batch_size < self.plan.config.settings.batch_size:
                found.append(f"{which}: out of device memory; batches of {one.batch_size} events")
        lost = sorted({i for one in self.history for i in one.squeezed})
        if lost:
            numbers = ", ".join(str(i) for i in lost[:5]) + (", ..." if len(lost) > 5 else "")
            found.append(
                f"{len(lost)} of {n_inputs} inputs "
                f"(number{'s' if lost[1:] else ''} {numbers}, counted from 0) have "
                "so huge values in a few events that the classifier sees next to nothing of the others; "
                "leave these events out"
            )
            log.warning(found[-1])
        return found
