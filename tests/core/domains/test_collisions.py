"""Observables of Z+jets against a loop over events, and against the `vector` package."""

from __future__ import annotations

import math

import numpy as np
import pytest
import vector

from helpers.particles import four_momentum, zjets
from tailscope.domains import zjets as domain_of_zjets

N = 120
ARRAYS = {"momenta": zjets(N, seed=4)["momenta"]}
DOMAIN = domain_of_zjets({})
COLUMNS = DOMAIN.observe(ARRAYS)
NAMES = ("mu1", "mu2", "j1", "j2", "j3")


def by_hand(event: np.ndarray) -> dict[str, float]:
    """All observables of one event, particle by particle in plain Python."""
    there = {name: p for name, p in zip(NAMES, event.tolist(), strict=True) if p[0] > 0}
    result: dict[str, float] = {"n_jets": sum(name.startswith("j") for name in there)}
    eta, phi = {}, {}
    for name, (energy, px, py, pz) in there.items():
        p = math.sqrt(px**2 + py**2 + pz**2)
        result[f"pT_{name}"] = math.sqrt(px**2 + py**2)
        result[f"eta_{name}"] = eta[name] = 0.5 * math.log((p + pz) / (p - pz))
        result[f"phi_{name}"] = phi[name] = math.atan2(py, px)
        if name.startswith("j"):
            result[f"M_{name}"] = math.sqrt(energy**2 - p**2)
    energy, px, py, pz = (a + b for a, b in zip(there["mu1"], there["mu2"], strict=True))
    result["M_mumu"] = math.sqrt(energy**2 - px**2 - py**2 - pz**2)
    result["pT_Z"], result["phi_Z"] = math.sqrt(px**2 + py**2), math.atan2(py, px)
    result["y_Z"] = 0.5 * math.log((energy + pz) / (energy - pz))
    for i, first in enumerate(NAMES):
        for second in NAMES[i + 1 :]:
            if first in there and second in there:
                pair = first + second
                d_phi = (phi[first] - phi[second] + math.pi) % (2 * math.pi) - math.pi
                result[f"dEta_{pair}"], result[f"dPhi_{pair}"] = eta[first] - eta[second], d_phi
                result[f"dR_{pair}"] = math.sqrt((eta[first] - eta[second]) ** 2 + d_phi**2)
    return result


def test_every_observable_against_a_loop() -> None:
    for i, event in enumerate(ARRAYS["momenta"].astype(np.float64)):
        expected = by_hand(event)
        for name, column in COLUMNS.items():
            if name in expected:
                assert column[i] == pytest.approx(expected[name], rel=1e-5, abs=2e-6), name
            else:
                assert np.isnan(column[i]), name


def test_kinematics_against_vector() -> None:
    e, x, y, z = ARRAYS["momenta"].astype(np.float64).transpose(2, 1, 0)
    particles = [vector.array({"px": x[i], "py": y[i], "pz": z[i], "E": e[i]}) for i in range(5)]
    three = e[4] > 0
    np.testing.assert_allclose(COLUMNS["M_mumu"], (particles[0] + particles[1]).mass, rtol=1e-6)
    np.testing.assert_allclose(COLUMNS["y_Z"], (particles[0] + particles[1]).rapidity, rtol=1e-5, atol=1e-6)
    for name, i, k in (("j1j2", 2, 3), ("j1j3", 2, 4), ("mu1j2", 0, 3)):
        np.testing.assert_allclose(
            COLUMNS[f"dR_{name}"][three], particles[i].deltaR(particles[k])[three], rtol=1e-6
        )
        np.testing.assert_allclose(
            COLUMNS[f"dPhi_{name}"][three], particles[i].deltaphi(particles[k])[three], atol=1e-6
        )


def test_a_z_at_rest() -> None:
    """Two muons back to back with 45.595 GeV each: M = 91.19 GeV, pT_Z = 0, Delta phi = pi."""
    momenta = np.zeros((1, 5, 4))
    momenta[0, 0], momenta[0, 1] = (45.595, 45.595, 0, 0), (45.595, -45.595, 0, 0)
    momenta[0, 2] = four_momentum(np.array(30.0), np.array(1.5), np.array(0.5), np.array(7.0))
    values = {k: float(v[0]) for k, v in DOMAIN.observe({"momenta": momenta.astype(np.float32)}).items()}
    assert values["M_mumu"] == pytest.approx(91.19)
    assert values["pT_Z"] == 0
    assert abs(values["dPhi_mu1mu2"]) == pytest.approx(math.pi)
    assert (values["eta_j1"], values["phi_j1"], values["M_j1"]) == pytest.approx((1.5, 0.5, 7.0), rel=1e-5)
    assert values["dR_mu1j1"] == pytest.approx(math.hypot(1.5, 0.5))


def test_features_are_those_of_eq_8() -> None:
    features = dict(enumerate(DOMAIN.features(ARRAYS).T))
    three, one = np.flatnonzero(COLUMNS["n_jets"] == 3), np.flatnonzero(COLUMNS["n_jets"] == 1)
    np.testing.assert_allclose(features[4][three], np.log(COLUMNS["pT_j3"][three]), rtol=1e-5)
    np.testing.assert_allclose(features[7], COLUMNS["eta_j1"], rtol=1e-5)
    np.testing.assert_allclose(features[11][three], COLUMNS["dPhi_mu2j1"][three], atol=1e-5)
    np.testing.assert_allclose(features[14], np.log1p(COLUMNS["M_j1"]), rtol=1e-4)
    np.testing.assert_allclose(features[17], COLUMNS["M_mumu"], rtol=1e-6)
    np.testing.assert_allclose(features[18][three], 1 / COLUMNS["dR_j1j2"][three], rtol=1e-5)
    assert all((features[i][one] == 0).all() for i in (3, 4, 8, 9, 12, 13, 15, 16, 18, 19, 20, 21, 22))


def test_what_is_closer_than_a_twentieth_looks_the_same() -> None:
    momenta = zjets(3)["momenta"][2:]
    for distance in (0.03, 1e-6, 0):
        for k in (3, 4):
            eta = np.array(1.0 + distance * (k - 3))
            momenta[0, k] = four_momentum(np.array(25.0), eta, np.array(0.4), np.array(3.0))
        assert DOMAIN.features({"momenta": momenta})[0, 20] == 20


def test_there_is_a_bin_for_each_number_of_jets() -> None:
    count = next(o for o in DOMAIN.observables if o.name == "n_jets").binning.of(COLUMNS["n_jets"])
    assert count.digitise([0, 1, 2, 3]).tolist() == [0, 1, 2, 3]
    assert len(count) == 3
