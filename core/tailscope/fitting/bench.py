"""Bench: what all trainings of a pair read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tailscope import classifier
from tailscope.config import MANY_INPUTS, SOLVED, FitConfig
from tailscope.errors import TrainingError
from tailscope.memo import Memo
from tailscope.optional import needing
from tailscope.sample.sample import Sample

from .plan import Training
from .sight import as_in_paper

with needing("torch", "fitting", TrainingError):
    import torch

WHITENED = 3
"""Whitened copies of the events that are kept: the candidates and members of a fold share one."""
NOT_A_NUMBER = -3e38
"""What stands for NaN where values are ranked."""


class Bench:
    """Both samples on one device: what all trainings read and none changes.

    Attributes
    ----------
    samples: reference and generated, as the classifier sees them.
    pool: the same as one pool of rows.
    threads: that each training takes, however many run at once.

    Raises
    ------
    TrainingError: no such device, or one with too little memory for the events.

    """

    def __init__(self, reference: Sample, generated: Sample, config: FitConfig) -> None:
        if config.inputs == "paper":
            reference, generated = as_in_paper(reference), as_in_paper(generated)
        self.samples = reference, generated
        device = classifier.choose_device(config.device)
        with classifier.refusing("all events do not fit"):
            self.pool = classifier.Pool(reference, generated, device, standardised=config.inputs == "all")
        self.threads = torch.get_num_threads()
        if device.type == "cuda":  # for what is no network, several at once
            self.threads = max(1, classifier.processors() // config.trainings)
        if device.type == "cpu":
            settings = [config.settings_of(kind) for kind in config.kinds or ("",)]
            products = [
                classifier.blank_network(self.pool, one).products
                for one in settings
                if one.network not in SOLVED
            ]
            if products:  # what is no network takes all threads
                largest = max(products) * config.settings.batch_size
                self.threads = classifier.threads_each(largest, config.trainings)
        self._memo, self._whitened = Memo(), Memo(WHITENED)

    @property
    def central_ranges(self) -> NDArray[np.float64]:
        """Width of the central 98% of each input, float64[n_inputs]."""
        return self._memo.get("ranges", lambda: classifier.central_ranges(self.samples))

    def rows_for(self, training: Training) -> classifier.Rows:
        """The pool as the network of a training sees it: whitened by the events that it may learn from."""
        if not training.settings.whiten:
            return self.pool
        rows = _learned_from(training)
        with classifier.no_capture(self.pool.device):
            return self._whitened.get(self.sight_of(training), lambda: classifier.Whitened(self.pool, rows))

    @property
    def is_resident(self) -> bool:
        """Whether all inputs lie on the device, or can on the CPU."""
        return self.pool.device.type == "cpu" or self.pool.resident is not None

    def sight_of(self, training: Training) -> bytes:
        """Equal for trainings that see the same inputs; see `rows_for`."""
        if not training.settings.whiten:
            return b""
        return _digest(training)

    @property
    def for_trees(self) -> NDArray[np.float32]:
        """What trees look at, float32[n_pool, n_columns]: all inputs, or observables where they are many."""
        return self._memo.get("trees", lambda: np.concatenate([_columns(sample) for sample in self.samples]))

    def normal_scores(self, training: Training) -> Callable[[NDArray[np.int64]], NDArray[np.float32]]:
        """For rows the normal scores of what trees look at, float32[n_rows, n_columns].

        By the ranks of events that the training may learn from. What is not finite has the lowest rank.
        """
        columns = self.for_trees
        knots = classifier.Knots(_finite(columns[classifier.spread(_learned_from(training))]))
        return lambda rows: knots.normal_scores(_finite(columns[rows])).numpy()


def _finite(columns: NDArray[np.float32]) -> torch.Tensor:
    return torch.from_numpy(np.nan_to_num(columns, nan=NOT_A_NUMBER))


def _digest(training: Training) -> bytes:
    return hashlib.sha256(_learned_from(training).tobytes()).digest()


def _learned_from(training: Training) -> NDArray[np.int64]:
    """Rows that a training may learn from, ascending."""
    return np.sort(np.concatenate([training.train, training.validation]))


def _columns(sample: Sample) -> NDArray[np.float32]:
    """Classifier inputs of all events; from `MANY_INPUTS` on observables and conditions in their place."""
    if sample.n_inputs < MANY_INPUTS:
        return sample.inputs(np.arange(len(sample)))
    columns = [sample.observable(name) for name in sample.observables]
    if sample.condition is not None:
        columns += list(sample.condition.T)
    return np.stack(columns, axis=1).astype(np.float32)
