"""The samples of a fit, read again for its study, and null runs that are added to it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from tailscope.config import FitConfig
from tailscope.errors import InputError, TrainingError
from tailscope.looking.originals import files_of as originals_of
from tailscope.optional import missing
from tailscope.reading.load import read
from tailscope.reading.reading import Reading
from tailscope.sample.pairing import matched
from tailscope.sample.sample import Sample
from tailscope.storage.cache import Cache
from tailscope.weights.events import SAMPLES, WeightedEvents
from tailscope.weights.pair import Pair, WeightedPair

from .fit import fit_key
from .null_runs import attach, null_band
from .progress import Listener

ADVICE = (
    "say where it is with `tailscope serve STUDY --events FILE_OR_FOLDER` or Dashboard(study, events=[...])"
)


def config_of(study: WeightedPair) -> FitConfig:
    """The settings of the fit that made a study's weights.

    Raises
    ------
    InputError: no fit made them, or only the first epochs of one.

    """
    if study.config is None:
        raise InputError("these weights were imported, so that the classifier that made them is not known")
    if study.config.watch_epochs and not study.epochs:
        raise InputError("these are the weights after one epoch, not those that the fit ended with")
    return study.config


def files_of(
    study: WeightedPair, places: Sequence[str | Path] = ()
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """The files of the reference and of the generated sample that a study was fitted to.

    Parameters
    ----------
    places: files and folders where they may be now, beside where they were and where the study is.

    Raises
    ------
    InputError: imported weights, events that were given as arrays, a file that has changed or is not there.
    TrainingError: PyTorch is not installed.

    """
    config_of(study)
    if find_spec("torch") is None:
        raise TrainingError(missing("torch", "fitting"))
    reference, generated = (originals_of(study.sample(name), name, places, advice=ADVICE) for name in SAMPLES)
    return reference, generated


def samples_of(study: WeightedPair, places: Sequence[str | Path] = ()) -> tuple[Sample, Sample]:
    """Read the samples that a study was fitted to, to the last bit the same; ``places`` as in `files_of`.

    Raises
    ------
    InputError, TrainingError: as `files_of`; samples or settings that this version would fit otherwise.
    FormatError: a file that cannot be read.

    """
    config = config_of(study)
    reference, generated = (
        _sample(study.sample(name), paths, study.domain, whole=config.protocol == "split")
        for name, paths in zip(SAMPLES, files_of(study, places), strict=True)
    )
    wanted = any(study.sample(name).source.reading.common for name in SAMPLES)
    reference, generated = matched(reference, generated, common=wanted)
    if fit_key(reference, generated, config) != study.provenance.cache_key:
        raise InputError(
            "the fit that made these weights cannot be made again, as one of another version of tailscope or "
            "of events that were chosen in Python; fit the samples again with --null-runs"
        )
    return reference, generated


def with_null_runs(
    study: Pair,
    more: int,
    *,
    places: Sequence[str | Path] = (),
    cache: Cache | Path | str | None = None,
    progress: bool | Listener = True,
    at_once: int | None = None,
) -> Pair:
    """The study with so many null runs more, refits of its samples as its own fit was made.

    Parameters
    ----------
    more: runs beyond those that the study has, which are kept as they are.
    places: as in `files_of`; the others as in `null_band`.

    Raises
    ------
    InputError, TrainingError, FormatError: as `samples_of`.
    ConfigError, PairError, StudyError: as `null_band`.

    """
    reference, generated = samples_of(study, places)
    band = null_band(
        reference,
        generated,
        config_of(study),
        runs=(0 if study.null is None else len(study.null)) + more,
        before=study.null,
        cache=cache,
        progress=progress,
        at_once=at_once,
    )
    return attach(study, band)


def _sample(events: WeightedEvents, paths: Sequence[Path], domain: str, *, whole: bool) -> Sample:
    """The sample that events are of: all of what is read, or those of its events that have these rows."""
    sample = read(Reading.of(events.source, paths, domain=domain))
    rows = np.arange(len(sample)) if sample.rows is None else sample.rows
    if whole or events.rows is None or np.array_equal(events.rows, rows):
        return sample
    # Of a null pair each sample is one half of what is read.
    return sample.take(np.flatnonzero(np.isin(rows, events.rows)), events.name)
