"""Studies whose fit can be made again from two files, and was never made: their weights are exact."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import tailscope as ts
from helpers.toys import gaussian_log_ratio, gaussian_pair
from tailscope.fitting.fit import fit_key
from tailscope.record import Provenance

QUICK = ts.FitConfig(network="mlp", folds=2, epochs=2, hidden=16, layers=1, device="cpu")


def files(folder, n=300):
    """Two files of events of the Gaussian pair."""
    paths = []
    for sample in gaussian_pair(n):
        paths.append(folder / f"{sample.name}.npz")
        np.savez(paths[-1], **sample.observables)
    return paths


def study_of(reference, generated, config=QUICK, **about):
    """The study of two samples that a fit with these settings would leave, but for its weights."""
    key = fit_key(reference, generated, config)
    log_w = [gaussian_log_ratio(sample.features) for sample in (reference, generated)]
    study = ts.Study.from_weights(reference, generated, *log_w, name="refitted")
    return replace(
        study,
        config=config.for_sample(reference, generated),
        provenance=Provenance(**{"cache_key": key, "seconds": 2.0} | about),
    )


def study_file(folder, config=QUICK, n=300, **about):
    """The same of two files, beside them."""
    reference, generated = (ts.load(path) for path in files(folder, n))
    return study_of(reference, generated, config, **about).save(folder / "refitted.study.h5")
