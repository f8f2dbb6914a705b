"""Jets in arrays without known names: what the columns are is told from the numbers, or refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

import tailscope as ts
from helpers import particles
from helpers.constituents import lab_jets, momenta, truth
from tailscope.errors import FormatError
from tailscope.formats import open_events
from tailscope.formats.bare_jets import readings
from tailscope.reading.copy import copy_rows
from tailscope.reading.load import load

N = 200
LAB = lab_jets(N)
PT, ETA, PHI, MASS = LAB.values()
MASSLESS = momenta(LAB | {"mass": 0 * PT})
RELATIVE = particles.jets(N)["particle_features"]
RNG = np.random.default_rng(5)
THERE = PT > 0
PID = RNG.choice([22, 211, -211, 130, 2112, -13], PT.shape) * THERE
CODE = RNG.choice([0.0, 0.1, 0.2, 0.5, 0.6, 1.3], PT.shape) * THERE
POSITIVE = np.where(THERE, PHI % (2 * np.pi), 0)
"""EnergyFlow's phi."""


def stack(*columns: np.ndarray) -> np.ndarray:
    """The columns of some constituents."""
    return np.stack(columns, axis=-1)


def centred() -> tuple[np.ndarray, np.ndarray]:
    """eta_rel and phi_rel of `LAB`."""
    particles, _ = truth(MASSLESS)
    return particles[..., 0], particles[..., 1]


RELATIVES = {
    "(eta_rel, phi_rel, pT_rel)": RELATIVE[..., :3],
    "(eta_rel, phi_rel, pT_rel, mask)": RELATIVE,
    "(pT_rel, eta_rel, phi_rel)": RELATIVE[..., [2, 0, 1]],
    "(pT_rel, eta_rel, phi_rel, mask)": RELATIVE[..., [2, 0, 1, 3]],
    "(pT_rel, y_rel, phi_rel, pid)": np.concatenate(
        [RELATIVE[..., [2, 0, 1]], 211 * RELATIVE[..., 3:]], axis=-1
    ),
}
ABSOLUTES = {
    "(pT, eta, phi)": (stack(PT, ETA, PHI), MASSLESS),
    "(eta, phi, pT)": (stack(ETA, PHI, PT), MASSLESS),
    "(pT, y, phi, pid)": (stack(PT, ETA, POSITIVE, PID), MASSLESS),
    "(pT, eta, phi, mass)": (stack(PT, ETA, PHI, MASS), momenta(LAB)),
    "(pT, eta, phi, E)": (stack(PT, ETA, PHI, momenta(LAB)[..., 0]), momenta(LAB)),
    "(pT, eta, phi, mask)": (stack(PT, ETA, PHI, THERE), MASSLESS),
    "(E, px, py, pz)": (momenta(LAB), momenta(LAB)),
    "(px, py, pz, E)": (momenta(LAB)[..., [1, 2, 3, 0]], momenta(LAB)),
}


def hdf5(path: Path, **arrays: np.ndarray) -> None:
    """One dataset an array."""
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file[name] = values


WRITERS: dict[str, Callable[[Path, np.ndarray], object]] = {
    "a.npy": np.save,
    "a.npz": lambda path, values: np.savez(path, X=values, y=np.zeros(len(values))),
    "a.h5": lambda path, values: hdf5(path, jets=values, label=np.zeros(len(values))),
}


@pytest.mark.parametrize("filename", WRITERS)
@pytest.mark.parametrize("said", ABSOLUTES)
def test_constituents_in_the_laboratory_become_jets(tmp_path: Path, filename: str, said: str) -> None:
    values, expected = ABSOLUTES[said]
    WRITERS[filename](tmp_path / filename, values.astype(np.float32))
    with open_events(tmp_path / filename) as events:
        assert events.title.endswith(f", read as {said}")
        assert (events.domain, events.n_events) == ("jets", N)
        assert events.shapes == {"particle_features": (30, 4), "jet_features": (4,)}
        assert [d.name for d in events.datasets if d.used] == [
            {"y": "array", "z": "X"}.get(filename[-1], "jets")
        ]
        (_, arrays), *_ = events.chunks()
    relative, jets = truth(expected)
    np.testing.assert_allclose(arrays["particle_features"], relative, rtol=1e-4, atol=2e-5)
    np.testing.assert_allclose(arrays["jet_features"][:, [0, 1, 3]], jets[:, [0, 1, 3]], rtol=1e-5, atol=1e-5)
    # The mass is what is left of two large numbers that float32 rounded.
    np.testing.assert_allclose(arrays["jet_features"][:, 2], jets[:, 2], rtol=5e-3, atol=0.5)


@pytest.mark.parametrize("filename", WRITERS)
@pytest.mark.parametrize("said", RELATIVES)
def test_relative_constituents_are_jetnets(tmp_path: Path, filename: str, said: str) -> None:
    WRITERS[filename](tmp_path / filename, RELATIVES[said])
    with open_events(tmp_path / filename) as events:
        assert events.title.endswith(f", read as {said}")
        assert events.shapes == {"particle_features": (30, 4)}
        (_, arrays), *_ = events.chunks()
    np.testing.assert_array_equal(arrays["particle_features"], RELATIVE)


def test_energyflows_particles_as_numbers_below_2(tmp_path: Path) -> None:
    np.savez(tmp_path / "qg.npz", X=stack(PT, ETA, POSITIVE, CODE), y=np.arange(N) % 2)
    with open_events(tmp_path / "qg.npz") as events:
        assert events.title.endswith("jets of the constituents in X (npz), read as (pT, y, phi, pid)")
        assert {d.name: d.used for d in events.datasets} == {"X": True, "y": False}


def test_jet_features_beside_bare_constituents_are_read(tmp_path: Path) -> None:
    made = particles.jets(N)
    np.savez(tmp_path / "a.npz", gen=made["particle_features"][..., :3], jet_features=made["jet_features"])
    with open_events(tmp_path / "a.npz") as events:
        assert set(events.columns) == {"particle_features", "jet_features"}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n", [1, 30])
def test_one_reading_fits_whatever_the_jets_are(n: int, seed: int) -> None:
    """Also of few jets, narrow or wide, hard or soft."""
    rng = np.random.default_rng(seed)
    jets = lab_jets(n, slots=60, seed=seed)
    pt, eta, phi, mass = jets.values()
    eta, phi = eta + 1.2 * (pt > 0), (phi + 2) * (pt > 0)
    pt = pt * rng.uniform(0.3, 5)
    jets |= {"pt": pt, "eta": eta, "phi": phi}
    pid = rng.choice([22, 211, -211], pt.shape) * (pt > 0)
    cases = {
        "(pT, eta, phi)": stack(pt, eta, phi),
        "(pT, y, phi, pid)": stack(pt, eta, phi, pid),
        "(pT, eta, phi, mass)": stack(pt, eta, phi, mass),
        "(E, px, py, pz)": momenta(jets),
    }
    for said, values in cases.items():
        assert [str(columns) for columns in readings(values)] == [said]


NONE = {
    "hits": RNG.normal(0, 30, (N, 20, 3)),
    "hits with energies": np.concatenate(
        [RNG.normal(0, 30, (N, 20, 3)), RNG.exponential(1, (N, 20, 1))], axis=2
    ),
    "normal": RNG.normal(0, 1, (N, 30, 4)),
    "zeros": np.zeros((N, 30, 3)),
    "particles of whole events": stack(PT, RNG.normal(0, 2, PT.shape), RNG.uniform(-3, 3, PT.shape)),
    "degrees": stack(PT, ETA, np.degrees(PHI)),
    "charges": stack(PT, ETA, PHI, RNG.choice([-1, 0, 1], PT.shape)),
    "standardised": (RELATIVE[..., :3] - RELATIVE[..., :3].mean()) / RELATIVE[..., :3].std(),
}


@pytest.mark.parametrize("kind", NONE)
def test_what_is_no_jet_is_refused(tmp_path: Path, kind: str) -> None:
    np.save(tmp_path / "a.npy", NONE[kind])
    with pytest.raises(FormatError, match=r"a.npy: dataset array .* is none of what jets' constituents") as e:
        load(tmp_path / "a.npy")
    # Following the advice leads to JetNet's checks, not to a fit.
    assert "save (eta_rel, phi_rel, pT_rel) under the name particle_features" in str(e.value)
    np.savez(tmp_path / "a.npz", particle_features=NONE[kind])
    with pytest.raises(FormatError, match="dataset particle_features"):
        load(tmp_path / "a.npz")


def test_half_relative_constituents_are_refused_and_the_advice_works(tmp_path: Path) -> None:
    eta, phi = centred()
    np.save(tmp_path / "a.npy", stack(PT, eta, phi))
    with pytest.raises(FormatError, match=r"looks like \(pT, eta, phi\) with eta and phi relative .* divide"):
        load(tmp_path / "a.npy")
    np.savez(tmp_path / "a.npz", particle_features=stack(eta, phi, PT / PT.sum(axis=1, keepdims=True)))
    assert load(tmp_path / "a.npz").domain == "jets"


def test_two_readings_are_one_too_many(tmp_path: Path) -> None:
    """Images; and few hard particles at small angles, which may be E, px, py, pz of light jets."""
    pt = np.full((N, 8), 6.0)
    eta, phi = RNG.uniform(3.8, 4, (2, N, 8))
    either = stack(pt, eta, phi, np.full((N, 8), 2.05))
    assert {"(pT, eta, phi, mass)", "(E, px, py, pz)"} < {str(columns) for columns in readings(either)}
    for values in (either, RNG.random((N, 28, 3))):
        np.save(tmp_path / "a.npy", values)
        with pytest.raises(FormatError, match=r"a.npy: .* can be read as \(.* or as \(.*, so that it is not"):
            load(tmp_path / "a.npy")


def test_several_arrays_are_not_guessed_between(tmp_path: Path) -> None:
    hdf5(tmp_path / "a.h5", gen=RELATIVE, ref=RELATIVE)
    with pytest.raises(FormatError, match=r"there are 2 arrays that may be .*gen \(200, 30, 4\), ref"):
        load(tmp_path / "a.h5")
    hdf5(tmp_path / "b.h5", gen=RELATIVE, particle_features=RELATIVE)
    assert len(load(tmp_path / "b.h5")) == N


def test_what_only_later_jets_have_is_refused(tmp_path: Path) -> None:
    many = np.concatenate([ABSOLUTES["(pT, eta, phi)"][0]] * 6)
    many[1100, 0, 0] = -1
    np.save(tmp_path / "a.npy", many)
    with pytest.raises(
        FormatError, match=r"a.npy: dataset array: jet 1100 has a constituent with negative pT"
    ):
        load(tmp_path / "a.npy")
    many[1100, 0, 0], many[1150, 0, 2] = 1, 90
    np.save(tmp_path / "a.npy", many)
    with pytest.raises(FormatError, match="jet 1150 has a constituent with an eta beyond 20 or a phi"):
        load(tmp_path / "a.npy")


def test_mev_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", stack(1000 * PT, ETA, PHI))
    with pytest.raises(
        FormatError, match=r"a.npy: dataset array: the median pT is \d.*MeV: divide pT and mass"
    ):
        load(tmp_path / "a.npy")
    np.save(tmp_path / "a.npy", stack(PT, ETA, PHI))
    assert 400 < np.median(load(tmp_path / "a.npy").observable("pT")) < 700


def test_the_hardest_constituents_are_those_of_a_smaller_file(tmp_path: Path) -> None:
    """150 slots against 30, as JetNet and top tagging come."""
    np.save(tmp_path / "all.npy", stack(PT, ETA, PHI))
    np.save(tmp_path / "few.npy", stack(PT, ETA, PHI)[:, :8])
    with (
        open_events(tmp_path / "all.npy", most_particles=8) as many,
        open_events(tmp_path / "few.npy") as few,
    ):
        assert many.shapes == few.shapes
        for (_, cut), (_, whole) in zip(many.chunks(), few.chunks(), strict=True):
            for name in cut:
                np.testing.assert_array_equal(cut[name], whole[name])
    np.savez(tmp_path / "jetnet.npz", **particles.jets(N))
    with open_events(tmp_path / "jetnet.npz", most_particles=10) as events:
        (_, arrays), *_ = events.chunks()
        pt = np.sort(RELATIVE[..., 2], axis=1)[:, :-11:-1]
        np.testing.assert_array_equal(arrays["particle_features"][..., 2], pt)
        np.testing.assert_array_equal(arrays["jet_features"], particles.jets(N)["jet_features"])
    with open_events(tmp_path / "jetnet.npz", most_particles=99) as events:
        assert events.shapes["particle_features"] == (30, 4)


def test_rows_are_copied_and_looked_up(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", RELATIVE)
    copy_rows(tmp_path / "a.npy", np.array([7, 3, 3]), tmp_path / "b.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "b.npy"), RELATIVE[[7, 3, 3]])
    with open_events(tmp_path / "a.npy") as events:
        np.testing.assert_array_equal(events.at(np.array([2, 150]))["particle_features"], RELATIVE[[2, 150]])


def test_a_domain_is_taken_at_its_word(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", RELATIVE)
    assert ts.load(tmp_path / "a.npy", domain="jets").domain == "jets"
    with pytest.raises(
        FormatError, match="an array without names, of which jets are read, not events events"
    ):
        ts.load(tmp_path / "a.npy", domain="events")
