"""Voxels below a threshold are empty, in features, observables and pictures alike."""

from __future__ import annotations

import numpy as np
import pytest

import tailscope as ts
from helpers.showers import challenge, made_up, write
from tailscope.errors import FormatError, InputError
from tailscope.formats.thresholded import energy_in_mev
from tailscope.looking.originals import arrays_of
from tailscope.reading.reading import Reading


@pytest.mark.parametrize("make", [challenge, made_up], ids=["CaloChallenge", "CaloGAN"])
def test_it_is_what_the_file_without_these_voxels_gives(make, tmp_path):
    arrays = make(60)
    voxels = [name for name, values in arrays.items() if values.size > 60]
    threshold = float(np.median(np.concatenate([arrays[n][arrays[n] > 0].ravel() for n in voxels])))
    cut = {n: np.where(v < threshold, 0, v) if n in voxels else v for n, v in arrays.items()}
    path, by_hand = write(tmp_path / "a.hdf5", arrays), write(tmp_path / "b.hdf5", cut)
    sample, expected = ts.load(path, threshold=f"{threshold * 1e3!r} keV"), ts.load(by_hand)
    np.testing.assert_array_equal(sample.features, expected.features)
    for name, values in expected.observables.items():
        np.testing.assert_array_equal(sample.observables[name], values)
    assert not np.array_equal(sample.features, ts.load(path).features)
    assert "voxels below" in sample.remarks[0]
    # What is looked at later was read in the same way.
    study = ts.Study.from_weights(sample, expected, np.zeros(60), np.zeros(60))
    study = ts.open(study.save(tmp_path / "s.study.h5"))
    assert Reading.of(study.reference.source).threshold == pytest.approx(threshold)
    (block,) = arrays_of(study, "reference").blocks(np.arange(60), 100)
    for name in voxels:
        np.testing.assert_array_equal(
            block[name].reshape(60, -1), cut[name].reshape(60, -1).astype(np.float32)
        )


def test_an_energy_has_a_unit_and_only_voxels_have_a_threshold(tmp_path):
    assert energy_in_mev("15.15 keV") == pytest.approx(0.01515)
    assert energy_in_mev("1e-3GeV") == 1
    for text in ("15.15", "keV", "-1 MeV", "0 MeV", "3 furlongs", "nan MeV"):
        with pytest.raises(InputError, match=r"no energy with its unit; write it like '15\.15 keV'"):
            energy_in_mev(text)
    np.savez(tmp_path / "t.npz", x=np.random.default_rng(0).normal(size=50))
    with pytest.raises(
        FormatError, match=r"t\.npz: a threshold is one of voxels, but .* table .* leave it out"
    ):
        ts.load(tmp_path / "t.npz", threshold="1 keV")
