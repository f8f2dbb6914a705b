from __future__ import annotations

import hashlib
import threading
import tracemalloc
from pathlib import Path

import h5py
import numpy as np
import pytest

import tailscope as ts
from helpers.particles import jets, zjets
from helpers.showers import made_up, write
from tailscope.domains import CALORIMETER
from tailscope.errors import FormatError, InputError, PairError
from tailscope.formats import ranges
from tailscope.storage import memory
from tailscope.storage.scratch import ScratchRows

N = 500


@pytest.fixture
def showers(tmp_path: Path) -> Path:
    return write(tmp_path / "photons.geant4.hdf5", made_up(N), compression="gzip", chunks=True)


def test_a_calogan_file_becomes_a_sample(showers: Path) -> None:
    arrays, sample = made_up(N), ts.load(showers)
    assert (len(sample), sample.name, sample.domain) == (N, "photons.geant4", "calorimeter")
    assert [o.name for o in sample.specs] == [o.name for o in CALORIMETER.shown]
    assert all(o.seen for o in sample.specs)
    assert sample.n_inputs == 504 + 3 + len(CALORIMETER.observables) + 1  # the condition
    expected = arrays["layer_1"].sum(axis=(1, 2), dtype=np.float64)
    np.testing.assert_allclose(sample.observable("E_1"), expected, rtol=1e-6)
    np.testing.assert_array_equal(sample.features[:, : 504 + 3], CALORIMETER.features(arrays))
    np.testing.assert_allclose(sample.condition, np.log(arrays["energy"]), rtol=1e-6)


def test_the_source_is_the_file_itself(showers: Path) -> None:
    source = ts.load(showers).source
    assert source is not None
    assert source.path == str(showers)
    assert source.sha256 == hashlib.sha256(showers.read_bytes()).hexdigest()
    assert source.format == "calogan"


def test_chunks_change_nothing(showers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ts.load(showers)
    monkeypatch.setattr(ranges, "CHUNK_BYTES", 100_000)
    parts = ts.load(showers)
    np.testing.assert_array_equal(whole.features[:], parts.features[:])
    for name, column in whole.observables.items():
        np.testing.assert_array_equal(column, parts.observable(name))


def test_the_first_events_only(showers: Path) -> None:
    whole, first = ts.load(showers), ts.load(showers, max_events=7, name="first")
    assert (len(first), first.name) == (7, "first")
    np.testing.assert_array_equal(first.observable("E_tot"), whole.observable("E_tot")[:7])
    assert len(ts.load(showers, max_events=10 * N)) == N
    with pytest.raises(InputError, match="max_events is 0, expected at least 1"):
        ts.load(showers, max_events=0)


def test_progress_counts_to_the_end(showers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "CHUNK_BYTES", 1_000_000)
    seen: list[tuple[int, int]] = []
    ts.load(showers, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (N, N)
    assert len(seen) > 1
    assert seen == sorted(seen)


def test_stopping_half_way_leaves_nothing_open(showers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "CHUNK_BYTES", 200_000)

    class StopError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise StopError

    with pytest.raises(StopError):
        ts.load(showers, progress=stop)
    assert not any(thread.name.startswith("ThreadPool") for thread in threading.enumerate())
    with h5py.File(showers, "a") as file:  # HDF5 refuses to write to a file that is open for reading
        file["more"] = 1


def test_a_domain_can_be_forced(showers: Path, tmp_path: Path) -> None:
    sample = ts.load(showers, domain="table")
    assert (sample.domain, list(sample.observables)) == ("table", ["energy"])
    with pytest.raises(InputError, match="there is no domain 'rockets'; choose one of calorimeter, "):
        ts.load(showers, domain="rockets")
    csv = tmp_path / "t.csv"
    csv.write_text("energy\n1\n")
    with pytest.raises(FormatError, match=r"t.csv: it is a table, which has no calorimeter events"):
        ts.load(csv, domain="calorimeter")
    assert ts.load(csv, domain="table").observable("energy").tolist() == [1]
    with pytest.raises(FormatError, match=r"dataset energy .* is missing"):
        ts.load(write(tmp_path / "x.h5", {"x": np.ones(4)}), domain="calorimeter")


def test_a_table_becomes_a_sample(tmp_path: Path) -> None:
    path = tmp_path / "dimuon.csv"
    path.write_text("M_mumu,pT_mu1,comment\n91.2,40,a\n90.1,45,b\n")
    sample = ts.load(path)
    assert (sample.domain, sample.condition) == ("table", None)
    np.testing.assert_allclose(sample.features[:], [[91.2, 40], [90.1, 45]], rtol=1e-6)
    np.testing.assert_allclose(sample.observable("M_mumu"), [91.2, 90.1], rtol=1e-6)


def test_memory_holds_the_sample_and_some_chunks(tmp_path: Path) -> None:
    n = 20_000
    block = made_up(1000)
    path = write(tmp_path / "large.h5", {k: np.tile(v, (20, *[1] * (v.ndim - 1))) for k, v in block.items()})
    kept = 4 * n * (CALORIMETER.n_features + 1 + len(CALORIMETER.observables))
    tracemalloc.start()
    sample = ts.load(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(sample) == n
    # A second copy of the features would add 40 MB; chunks and their sums are a few MB each.
    assert peak < kept + 25e6


def test_more_events_than_memory_are_refused_before_reading(
    showers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "usable", lambda: 7e4)
    with pytest.raises(InputError, match=r"500 events need 0.0 GB of memory.*read fewer with max_events$"):
        ts.load(showers)
    with pytest.raises(InputError, match=r"or leave the features on disk \(--on-disk, in_memory=False\)"):
        ts.load(showers, in_memory=True)


def test_features_too_many_for_the_memory_stay_on_disk(
    showers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ts.load(showers)
    assert isinstance(whole.features, np.ndarray)
    needed = whole.features.nbytes
    for allowed, on_disk in ((4 * needed, False), (4 * needed - 1, True)):
        monkeypatch.setattr(memory, "usable", lambda allowed=allowed: allowed)
        sample = ts.load(showers, cache=tmp_path / "cache")
        assert isinstance(sample.features, ScratchRows) == on_disk
        np.testing.assert_array_equal(sample.features[:], whole.features)
        assert sample.features.shape == whole.features.shape
        np.testing.assert_array_equal(sample.inputs([3, 1]), whole.inputs([3, 1]))
    # Forced, and the other way round.
    assert isinstance(ts.load(showers, in_memory=True).features, np.ndarray)
    monkeypatch.undo()
    assert isinstance(ts.load(showers, in_memory=False, cache=tmp_path / "cache").features, ScratchRows)
    # The file that holds them has no name that could outlive the process.
    assert list((tmp_path / "cache" / "scratch").iterdir()) == []


def test_what_the_classifier_sees_can_be_chosen(showers: Path) -> None:
    low, high, both = (ts.load(showers, features=level) for level in ("low", "high", "both"))
    assert [s.level for s in (low, high, both, ts.load(showers))] == ["low", "high", "both", "both"]
    assert high.features.shape == (N, len(CALORIMETER.observables))
    np.testing.assert_array_equal(both.features[:], np.concatenate([low.features, high.features], axis=1))
    with pytest.raises(InputError, match=r"features 'voxels' do not exist; choose one of low, high, both"):
        ts.load(showers, features="voxels")
    with pytest.raises(PairError, match=r"was read with low features and photons.geant4 with high ones"):
        ts.Study.from_weights(low, high, np.zeros(N), np.zeros(N))


def test_particles_are_only_where_the_features_are_theirs(tmp_path: Path) -> None:
    path = write(tmp_path / "j.h5", jets(20))
    low, high, both = (ts.load(path, features=level) for level in ("low", "high", "both"))
    assert low.particles == both.particles is not None
    assert high.particles is None
    width = low.particles.width
    np.testing.assert_array_equal(low.features[:, :width], both.features[:, :width])


def test_own_observables_know_what_they_are_made_of(tmp_path: Path) -> None:
    path = write(tmp_path / "z.h5", zjets(N))
    own = {"dM [GeV]": "M_mumu - 91.19", "turn": "phi_Z/pi", "mix": "abs(phi_Z)*M_mumu"}
    sample = ts.load(path, observables=own)
    by_name = {o.name: o for o in sample.specs}
    assert (by_name["dM"].expression, by_name["dM"].unit) == ("M_mumu - 91.19", "GeV")
    assert [by_name[n].seen for n in ("dM", "M_mumu", "turn", "mix")] == [True, True, False, False]
    function = sample.with_observable("made", lambda columns: columns["M_mumu"] * 2)
    assert (function.specs[-1].expression, function.specs[-1].seen) == ("a Python function", None)
    with pytest.raises(InputError, match="there is no observable 'M_mu'; the closest are M_mumu"):
        ts.load(path, observables={"x": "M_mu"})
