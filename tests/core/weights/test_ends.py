"""Single values beyond the bins of a study, also of one that was written and read."""

from dataclasses import replace

import numpy as np

import tailscope as ts
from tailscope.weights.ends import single_ends


def study_of(specs=()):
    rng = np.random.default_rng(5)

    def sample(name, scale):
        f = np.where(rng.random(500) < 0.2, 0, rng.exponential(scale, 500)).astype(np.float32)
        g = np.where(f == 0, 1, 0.9 * rng.random(500)).astype(np.float32)
        return ts.Sample(name, f, {"f": f, "g": g}, specs)

    return ts.Study.from_weights(sample("a", 1.0), sample("b", 1.2), np.zeros(500), np.zeros(500))


def test_a_file_keeps_the_bins_and_with_them_what_is_apart(tmp_path):
    study = study_of()
    study.save(tmp_path / "a.h5")
    again = ts.open(tmp_path / "a.h5")
    for name, ends in (("f", (0, None)), ("g", (None, 1))):
        assert again.observable(name).binning == study.observable(name).binning
        assert single_ends(study, name) == single_ends(again, name) == ends
        for sample in ("reference", "generated"):
            h = again.histogram(name, sample)
            assert (h.underflow or h.overflow) == np.count_nonzero(again.sample(sample).observables["f"] == 0)


def test_bins_that_were_given_stay_as_they_are():
    """So do those of older files: zeros with other values beyond the bins are underflow, and no box."""
    given = ts.Binning([0.05, 0.5, 1, 5])
    study = study_of(tuple(ts.Observable(name, binning=given, label=name) for name in "fg"))
    assert study.observable("f").binning == given
    assert study.histogram("f", "reference").underflow > 0
    assert single_ends(study, "f") == (None, None)
    inside = replace(given, edges=[0, 1, 9])
    study = study_of(tuple(ts.Observable(name, binning=inside, label=name) for name in "fg"))
    assert single_ends(study, "f") == (None, None)
