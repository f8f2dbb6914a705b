"""What `tailscope show` tells of a file: everything in it, its units and ranges, and what would be done."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

import tailscope as ts
from helpers.muons import only, table, write_nanoaod
from helpers.particles import jets, pandas_fixed, zjets
from helpers.showers import SHAPES, challenge, made_up, write
from tailscope.domains import CALORIMETER
from tailscope.errors import FormatError, InputError
from tailscope.formats.binning import SHIPPED

N = 300


def test_describe_says_what_is_in_a_file(tmp_path: Path) -> None:
    arrays = made_up(N)
    path = write(tmp_path / "a.hdf5", arrays | {"row": np.arange(N)})
    told = ts.describe(path)
    assert (told.format, told.title, told.domain) == ("calogan", "CaloGAN showers in HDF5", "calorimeter")
    assert (told.n_events, told.size, told.n_inputs) == (N, path.stat().st_size, 537)
    assert told.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert [(d.name, d.shape, d.unit, d.used) for d in told.datasets] == [
        ("energy", (N, 1), "GeV", True),
        ("layer_0", (N, 3, 96), "MeV", True),
        ("layer_1", (N, 12, 12), "MeV", True),
        ("layer_2", (N, 12, 6), "MeV", True),
        ("row", (N,), "", False),
    ]
    assert set(told.ranges) == {"energy", *SHAPES}
    for name, values in told.ranges.items():
        assert (values.low, values.high) == (arrays[name].min(), arrays[name].max())
    assert told.observables == CALORIMETER.shown
    assert (told.level, told.reason, told.left_out, told.unseen) == ("both", "", (), ())
    assert told.inputs == {"low": 508, "high": 30, "both": 537}
    assert "504 voxels and 3 layers" in told.low_level


@pytest.mark.parametrize("kind", ["momenta", "pandas"])
def test_quantities_that_share_an_array_have_their_own_ranges(tmp_path: Path, kind: str) -> None:
    momenta = zjets(N)["momenta"]
    arrays = {"momenta": momenta} if kind == "momenta" else pandas_fixed(momenta.reshape(N, 20))
    told = ts.describe(write(tmp_path / "z.h5", arrays))
    parts = told.parts["momenta"]
    assert [(p.name, p.unit) for p in parts] == [("E", "GeV"), ("px", "GeV"), ("py", "GeV"), ("pz", "GeV")]
    for i, part in enumerate(parts):
        assert (part.range.low, part.range.high) == (momenta[:, :, i].min(), momenta[:, :, i].max())
    assert set(told.unseen) == {"phi_Z", *(f"phi_{p}" for p in ("mu1", "mu2", "j1", "j2", "j3"))}


def test_jets_have_units_where_they_have_some(tmp_path: Path) -> None:
    told = ts.describe(write(tmp_path / "j.h5", jets(N)))
    units = {name: [(p.name, p.unit) for p in parts] for name, parts in told.parts.items()}
    assert units["jet_features"] == [("pT", "GeV"), ("eta", ""), ("mass", "GeV"), ("n", "")]
    assert [name for name, _ in units["particle_features"]] == ["eta_rel", "phi_rel", "pT_rel", "mask"]


def test_what_a_file_lacks_is_named(tmp_path: Path) -> None:
    columns = only(table(N), "pt", "eta", "phi")
    told = ts.describe(write(tmp_path / "mu.h5", columns))
    assert {"Q_product", "Q_mu1", "dxy_mu2", "iso_mu1"} <= set(told.left_out)
    assert told.unseen == ("phi_mumu", "phi_mu1", "phi_mu2")


def test_columns_that_are_made_of_branches_have_ranges(tmp_path: Path) -> None:
    write_nanoaod(tmp_path / "mu.root", table(30))
    told = ts.describe(tmp_path / "mu.root")
    assert {"pt1", "eta2"} <= set(told.ranges)
    assert told.parts == {}


def test_own_observables_are_tried(tmp_path: Path) -> None:
    path = write(tmp_path / "z.h5", zjets(N))
    own = {"ratio": "pT_j2/pT_j1", "nothing": "log(0*M_mumu)"}
    told, sample = ts.describe(path, observables=own), ts.load(path, observables=own)
    column = sample.observable("ratio")
    found = told.own["ratio"]
    assert found.range is not None
    assert (found.range.low, found.range.high) == (np.nanmin(column), np.nanmax(column))
    assert found.undefined == np.isnan(column).sum() == N // 3
    assert (told.own["nothing"].range, told.own["nothing"].undefined) == (None, N)
    with pytest.raises(InputError, match="there is no observable 'pT'"):
        ts.describe(path, observables={"x": "pT/2"})


def test_layers_of_voxels_and_a_binning_of_ones_own(tmp_path: Path) -> None:
    path = write(tmp_path / "c.h5", challenge(20, 368))
    told = ts.describe(path)
    assert told.layers == (
        "0: 8 radii; 1: 16 radii x 10 angles; 2: 19 radii x 10 angles; 3: 5 radii; 12: 5 radii"
    )
    xml = (SHIPPED / "dataset_1_photons.xml").read_text().replace('id="12"', 'id="7"')
    (tmp_path / "own.xml").write_text(xml)
    own = ts.describe(path, binning=tmp_path / "own.xml")
    assert own.layers.endswith("; 7: 5 radii")
    assert "E_7" in {o.name for o in own.observables}
    with pytest.raises(FormatError, match=r"z.h5: a binning says where CaloChallenge's voxels lie, but this"):
        ts.describe(write(tmp_path / "z.h5", zjets(20)), binning=tmp_path / "own.xml")
