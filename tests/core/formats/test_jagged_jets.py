"""JetClass's and ParticleNet's trees: jets with lists of constituents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from helpers import muons
from helpers.constituents import lab_jets, momenta, truth, write_jagged
from tailscope.errors import FormatError
from tailscope.formats import open_events
from tailscope.reading.load import load

N = 120
LAB = lab_jets(N, slots=20)
PT, ETA, PHI, MASS = LAB.values()
MOMENTA, MASSLESS = momenta(LAB), momenta(LAB | {"mass": 0 * PT})
CARTESIAN = {f"part_{name}": MOMENTA[..., 1 + k] for k, name in enumerate(("px", "py", "pz"))}
ANGLES = {"part_pt": PT, "part_eta": ETA, "part_phi": PHI}
_, JETS = truth(MASSLESS)
EXTRAS = {"jet_pt": JETS[:, 0], "label_QCD": np.arange(N) % 2, "jet_sdmass": JETS[:, 2]}
CASES = {
    "(px, py, pz, energy)": (CARTESIAN | {"part_energy": MOMENTA[..., 0]}, MOMENTA),
    "(pt, eta, phi, mass)": (ANGLES | {"part_mass": MASS}, MOMENTA),
    "(pt, eta, phi, energy)": (ANGLES | {"part_energy": MOMENTA[..., 0]}, MOMENTA),
    "(pt, eta, phi), massless": (ANGLES, MASSLESS),
    "(px, py, pz), massless": (CARTESIAN, MASSLESS),
}


def read(path: Path, **options: int) -> dict[str, np.ndarray]:
    """Everything that a file gives."""
    with open_events(path, **options) as events:
        chunks = list(events.chunks())
        assert [start for start, _ in chunks] == [
            sum(len(part["particle_features"]) for _, part in chunks[:i]) for i in range(len(chunks))
        ]
        return {name: np.concatenate([part[name] for _, part in chunks]) for name in events.columns}


@pytest.mark.parametrize("said", CASES)
def test_lists_of_constituents_become_jets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setattr("tailscope.formats.trees.CHUNK_BYTES", 6000)
    branches, expected = CASES[said]
    write_jagged(tmp_path / "a.root", branches | EXTRAS, basket=30)
    with open_events(tmp_path / "a.root") as events:
        assert events.title == f"jets of the constituents in tree tree (ROOT), read as {said}"
        assert (events.domain, events.n_events) == ("jets", N)
        assert {d.name for d in events.datasets if d.used} == set(branches)
        assert {d.name for d in events.datasets if not d.used} >= set(EXTRAS)
        assert len(list(events.chunks())) > 1
        assert [start for start, _ in events.chunks(stop=1)] == [0]
        picked = events.at(np.array([5, 100]))
    arrays = read(tmp_path / "a.root")
    relative, jets = truth(expected)
    np.testing.assert_allclose(arrays["particle_features"], relative, rtol=1e-4, atol=2e-5)
    np.testing.assert_allclose(arrays["jet_features"][:, [0, 1, 3]], jets[:, [0, 1, 3]], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(arrays["jet_features"][:, 2], jets[:, 2], rtol=5e-3, atol=0.5)
    np.testing.assert_array_equal(picked["jet_features"], arrays["jet_features"][[5, 100]])


@pytest.mark.parametrize("weight", ["jet_energy", "jet_mass", None])
def test_where_all_is_relative_jets_are_as_stated(tmp_path: Path, weight: str | None) -> None:
    relative, jets = truth(MASSLESS)
    whole = {"jet_pt": jets[:, 0], "jet_eta": jets[:, 1]}
    if weight:
        energy = np.sqrt((jets[:, 0] * np.cosh(jets[:, 1])) ** 2 + jets[:, 2] ** 2)
        whole[weight] = energy if weight == "jet_energy" else jets[:, 2]
    lists = {"part_pt": PT, "part_deta": relative[..., 0], "part_dphi": relative[..., 1]}
    write_jagged(tmp_path / "a.root", lists | whole)
    with open_events(tmp_path / "a.root") as events:
        assert events.title.endswith("read as (pt over jet_pt, deta, dphi), massless")
    arrays = read(tmp_path / "a.root")
    np.testing.assert_allclose(arrays["particle_features"], relative, rtol=1e-5, atol=1e-6)
    assert ("jet_features" in arrays) == (weight is not None)
    if weight:
        np.testing.assert_allclose(arrays["jet_features"], jets, rtol=1e-5, atol=1e-3)


def test_four_momenta_win_over_what_is_mirrored(tmp_path: Path) -> None:
    """JetClass has both, and mirrors part_deta of half of the jets."""
    write_jagged(
        tmp_path / "a.root",
        CASES["(px, py, pz, energy)"][0] | {"part_deta": -ETA, "part_dphi": PHI} | ANGLES | EXTRAS,
    )
    with open_events(tmp_path / "a.root") as events:
        assert events.title.endswith("read as (px, py, pz, energy)")


def test_jets_without_constituents_are_passed_over_and_counted(tmp_path: Path) -> None:
    there = np.where(np.arange(N) % 3 == 1, 0, 1)[:, None]
    write_jagged(tmp_path / "a.root", {name: values * there for name, values in ANGLES.items()}, basket=40)
    with open_events(tmp_path / "a.root") as events:
        assert events.title.endswith("massless; 40 of 120 without constituents are passed over")
        assert events.n_events == 80
    relative, _ = truth(MASSLESS[np.arange(N) % 3 != 1])
    np.testing.assert_allclose(read(tmp_path / "a.root")["particle_features"], relative, rtol=1e-4, atol=2e-5)


def test_jets_with_undefined_numbers_are_left_out_on_request(tmp_path: Path) -> None:
    """As the sentence about them says."""
    eta = np.where((np.arange(N) % 40 == 7)[:, None], np.nan, ETA)
    write_jagged(tmp_path / "a.root", ANGLES | {"part_eta": eta})
    with pytest.raises(FormatError, match=r"branch part_eta: event 7 has nan .* --drop-undefined"):
        load(tmp_path / "a.root")
    sample = load(tmp_path / "a.root", drop_undefined=True)
    np.testing.assert_array_equal(sample.rows, np.flatnonzero(np.arange(N) % 40 != 7))
    assert "3 of the first 120 events left out, as a number is undefined" in sample.remarks[0]
    relative, _ = truth(MASSLESS[np.arange(N) % 40 != 7])
    arrays = read(tmp_path / "a.root", drop_undefined=True)
    np.testing.assert_allclose(arrays["particle_features"], relative, rtol=1e-4, atol=2e-5)


def test_branches_that_are_left_alone_can_be_asked_for(tmp_path: Path) -> None:
    there = np.where(np.arange(N) % 3 == 1, 0, 1)[:, None]
    write_jagged(tmp_path / "a.root", {name: values * there for name, values in ANGLES.items()} | EXTRAS)
    label = EXTRAS["label_QCD"][np.arange(N) % 3 != 1]
    assert len(load(tmp_path / "a.root", where="label_QCD == 1")) == label.sum()
    with open_events(tmp_path / "a.root") as events:
        np.testing.assert_array_equal(events.named("label_QCD", 9), label[:9])
        with pytest.raises(FormatError, match=r"there is no branch label in tree tree; .* name is label_QCD"):
            events.named("label", 9)


def test_several_files_have_room_for_the_longest_jet(tmp_path: Path) -> None:
    for i, width in enumerate((5, 20)):
        write_jagged(tmp_path / f"{i}.root", {name: values[:, :width] for name, values in ANGLES.items()})
    paths = [tmp_path / "0.root", tmp_path / "1.root"]
    with open_events(paths) as events:
        assert (events.n_events, events.shapes["particle_features"]) == (2 * N, (20, 4))
        assert sum(len(arrays["jet_features"]) for _, arrays in events.chunks()) == 2 * N
    with open_events(paths, most_particles=4) as events:
        assert {arrays["particle_features"].shape[1] for _, arrays in events.chunks()} == {4}


def test_the_hardest_are_kept(tmp_path: Path) -> None:
    write_jagged(tmp_path / "a.root", ANGLES)
    arrays = read(tmp_path / "a.root", most_particles=7)
    relative, jets = truth(MASSLESS, slots=7)
    np.testing.assert_allclose(arrays["particle_features"], relative, rtol=1e-4, atol=2e-5)
    np.testing.assert_allclose(arrays["jet_features"][:, 0], jets[:, 0], rtol=1e-5)


def test_muons_are_still_muons(tmp_path: Path) -> None:
    muons.write_nanoaod(tmp_path / "mu.root", muons.table(20))
    with open_events(tmp_path / "mu.root") as events:
        assert events.domain == "dimuon"
    write_jagged(tmp_path / "a.root", ANGLES)
    with pytest.raises(FormatError, match="tree Events is missing; there is tree"):
        load(tmp_path / "a.root", domain="dimuon")
