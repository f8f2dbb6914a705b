"""CaloChallenge files and the binning files that say where their voxels lie."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import tailscope as ts
from helpers.showers import challenge, write
from resources.invalid.challenge import BINNINGS
from tailscope.errors import FormatError
from tailscope.formats.binning import shipped


def test_the_geometries_of_the_challenge() -> None:
    """Voxels and layers as in arXiv:2410.21611, Table 1."""
    layers = {n: [layer.id for layer in geometry.layers] for n, geometry in shipped().items()}
    assert layers == {
        368: [0, 1, 2, 3, 12],
        533: [0, 1, 2, 3, 12, 13, 14],
        6480: list(range(45)),
        40500: list(range(45)),
    }
    assert {layer.n_voxels for layer in shipped()[6480].layers} == {16 * 9}
    assert {layer.n_voxels for layer in shipped()[40500].layers} == {50 * 18}


def test_voxels_are_ordered_radius_angle_layer() -> None:
    layer = shipped()[368].layers[1]
    eta, phi, r = layer.centres()
    np.testing.assert_allclose(r[:3], [1, 3, 5])
    np.testing.assert_allclose(r[16:18], [1, 3])
    np.testing.assert_allclose(np.arctan2(phi, eta)[[0, 15, 16]], np.pi * np.array([-0.9, -0.9, -0.7]))


@pytest.mark.parametrize(
    ("n_voxels", "n_low", "n_default"),
    [(368, 374, 374 + 44), (533, 541, 541 + 64), (6480, 6526, 6526 + 366), (40500, 40546, 367)],
)
def test_each_dataset_is_known_by_its_voxels(
    tmp_path: Path, n_voxels: int, n_low: int, n_default: int
) -> None:
    """The classifier sees voxels and observables, but for the largest, of which it sees observables alone."""
    arrays = challenge(5, n_voxels)
    path = write(tmp_path / "showers.hdf5", arrays, compression="gzip")
    sample = ts.load(path)
    assert (sample.domain, sample.n_inputs, len(sample)) == ("calorimeter", n_default, 5)
    assert ts.load(path, features="low").n_inputs == n_low
    np.testing.assert_allclose(sample.observable("E_tot"), arrays["showers"].sum(axis=1), rtol=1e-5)
    np.testing.assert_allclose(sample.observable("E_inc"), arrays["incident_energies"][:, 0] / 1000)
    assert ("f_0" in sample.observables) == (n_voxels < 1000)


def test_a_binning_file_of_ones_own(tmp_path: Path) -> None:
    """Two particles in one file, an absent layer, numbers that skip."""
    (tmp_path / "mine.xml").write_text(
        '<Bins><Bin name="a"><Layer id="0" r_edges="0,1" n_bin_alpha="1"/></Bin><Bin name="b">'
        '<Layer id="0" r_edges="0,5,10" n_bin_alpha="1"/><Layer id="1" r_edges="0" n_bin_alpha="1"/>'
        '<Layer id="7" r_edges="0,20" n_bin_alpha="4"/></Bin></Bins>'
    )
    path = write(tmp_path / "a.h5", challenge(9, 6))
    sample = ts.load(path, binning=tmp_path / "mine.xml")
    assert {"E_0", "E_7", "eta_7"} <= set(sample.observables)
    assert {"E_1", "eta_0"}.isdisjoint(sample.observables)
    assert "mine b" in ts.describe(path, binning=tmp_path / "mine.xml").title
    with pytest.raises(FormatError, match="has 6 voxels a shower, expected 368"):
        ts.load(path)
    with pytest.raises(FormatError, match=r"none.xml: the binning file cannot be opened"):
        ts.load(path, binning=tmp_path / "none.xml")


@pytest.mark.parametrize(("text", "sentence"), BINNINGS.values(), ids=BINNINGS)
def test_a_bad_binning_file_gives_its_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "binning.xml").write_text(text)
    path = write(tmp_path / "a.h5", challenge(9))
    with pytest.raises(FormatError, match=re.compile(sentence)) as caught:
        ts.load(path, binning=tmp_path / "binning.xml")
    assert "binning.xml" in str(caught.value)
    assert "\n" not in str(caught.value)
