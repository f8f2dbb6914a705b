"""From two samples to a study: checks, cache, and what becomes of the weights."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tailscope.config import FitConfig
from tailscope.errors import PairError
from tailscope.record import BothSamples, Distinct, Provenance, TrainingRecord, plain, typed
from tailscope.sample.pairing import matched
from tailscope.sample.sample import Sample
from tailscope.storage.cache import Cache, key_of
from tailscope.study.assembly import Scores, assemble
from tailscope.study.study import Study
from tailscope.weights.epochs import EpochWeights
from tailscope.weights.events import SAMPLES

from .folds import event_hashes
from .plan import Labels, check_at_once, plan_of
from .progress import Listener, listener
from .repeats import discrete
from .second_look import with_second_look

ALGORITHM = 10
"""Part of every key: raised whenever the same inputs and settings would give other weights."""


def fit(
    reference: Sample,
    generated: Sample,
    *,
    config: FitConfig | None = None,
    cache: Cache | Path | str | None = None,
    progress: bool | Listener = True,
    name: str = "",
    at_once: int | None = None,
    stacked: bool | None = None,
    common: bool = False,
) -> Study:
    """Learn the weight w = p_reference/p_generated of every event, out of fold.

    A fold's events are scored by classifiers trained on the other folds; a validation part of those
    chooses the epoch. With the logit l(x) of a training with sums of event weights S_ref and S_gen,

        log w(x) = l(x) + log(S_gen/S_ref)        (paper Eq. 1 for normalised densities),

    combined over the members of the fold. Classifier inputs that have names are matched by name
    (`pairing.matched`). With the protocol "split" only the events of the first fold are
    scored, and the study holds these alone; its provenance says how many were left out.

    The weights are cached under the digests of both samples and the configuration, so that the second fit of
    the same takes seconds; a fit that was stopped goes on where its last epoch ended.

    Parameters
    ----------
    config: the settings; the preset "fast" when None.
    cache: a folder, or `Cache`; by default $TAILSCOPE_CACHE, else the user's cache folder.
    progress: True for a bar, False for silence, or a function that is called after each epoch.
    name: of the study.
    at_once: trainings that run at the same time on a CPU, by default as many as there are processors; the
        weights are the same to the last bit.
    stacked: whether perceptrons with the same settings are trained as one stack (`classifier.Stack`): a GPU
        then is busy, and a CPU gains nothing. None for on CUDA alone. Dropout draws other numbers, so that
        the weights are those of another seed.
    common: compare the inputs that both samples have, where else names without counterpart are refused.

    Raises
    ------
    PairError: samples of different domains, inputs without counterpart, or identical samples.
    InputError: fewer events than the folds need.
    TrainingError: no such device, or a training that diverged twice.
    StudyError: the cache folder cannot be written.
    ConfigError: fewer than one training at once.

    """
    config = config or FitConfig()
    check_at_once(at_once)
    store = cache if isinstance(cache, Cache) else Cache(cache)
    reference, generated = matched(reference, generated, common=common)
    config = config.for_sample(reference, generated)
    hashes = event_hashes(reference, config.seed), event_hashes(generated, config.seed)
    is_discrete = discrete(*hashes)
    _refuse_identical(reference, generated, hashes, is_discrete)
    key = _key(reference, generated, hashes, config)
    with store.lock("fit", key), listener(progress) as tell:
        entry = store.get("fit", key)
        if entry is None:
            # torch is optional, and takes seconds to load.
            from .together import out_of_fold

            names = reference.name, generated.name
            plan = plan_of(
                names,
                Labels.of(reference, generated),
                np.concatenate(hashes),
                np.concatenate(is_discrete),
                config,
                key,
            )
            entry = out_of_fold(reference, generated, plan, store, tell, at_once, stacked)
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
    pair = assemble(
        reference,
        generated,
        (results[0], results[1]),
        name=name,
        config=config,
        history=typed(data["history"], tuple[TrainingRecord, ...]),
        provenance=typed(
            data["provenance"] | {"cache_key": key, "repeated": plain(_distinct(hashes, is_discrete))},
            Provenance,
        ),
        epochs=tuple(
            EpochWeights(epoch, {side: arrays[f"{side}.epoch.{epoch}"] for side in SAMPLES})
            for epoch in config.watch_epochs
        ),
    )
    study = Study.of(pair)
    study = study if config.recalibrate == "none" else study.recalibrated(config.recalibrate)
    return with_second_look(study, reference, generated, store)


def fit_key(reference: Sample, generated: Sample, config: FitConfig) -> str:
    """Key of a fit in the cache: the same samples and settings, the same key; inputs as `matched` gives."""
    config = config.for_sample(reference, generated)
    hashes = event_hashes(reference, config.seed), event_hashes(generated, config.seed)
    return _key(reference, generated, hashes, config)


def _distinct(
    hashes: tuple[NDArray[np.uint64], ...], is_discrete: tuple[NDArray[np.bool_], ...]
) -> BothSamples[Distinct]:
    """How many events of each sample differ; of a fit that the cache holds, too."""
    reference, generated = (
        Distinct(distinct=np.unique(h).size, of=h.size, discrete=int(found.sum()))
        for h, found in zip(hashes, is_discrete, strict=True)
    )
    return BothSamples(reference=reference, generated=generated)


def _refuse_identical(
    reference: Sample,
    generated: Sample,
    hashes: tuple[NDArray[np.uint64], NDArray[np.uint64]],
    is_discrete: tuple[NDArray[np.bool_], NDArray[np.bool_]],
) -> None:
    """Refuse the same events as often, and the same ones however often where no value is discrete."""
    one, other = hashes
    same = np.array_equal(np.sort(one), np.sort(other))
    if same or (np.array_equal(np.unique(one), np.unique(other)) and not is_discrete[0].any()):
        raise PairError(
            f"{reference.name} and {generated.name} hold the same events; a classifier has nothing to learn. "
            "`tailscope fit --null REF` compares two disjoint halves of one sample; two parts of one file "
            "are compared with --where 'reference:label == 0' --where 'generated:label == 1'"
        )


def _key(
    reference: Sample, generated: Sample, hashes: tuple[NDArray[np.uint64], ...], config: FitConfig
) -> str:
    """Digests of files and of what the classifier sees of them, and all settings that trainings depend on."""
    assert reference.source is not None
    assert generated.source is not None  # set by Sample itself
    settings = plain(config)
    del settings["device"], settings["recalibrate"]
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
