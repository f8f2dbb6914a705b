"""Jet observables against known jets, sums as they are defined, and FastJet (itself in the slow suite)."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from helpers.particles import jets as made_up
from helpers.places import RESOURCES
from resources.fastjet_answers import answers
from tailscope.domains import jets as domain_of_jets

ARRAYS = made_up(40, seed=3)
DOMAIN = domain_of_jets({name: values.shape[1:] for name, values in ARRAYS.items()})
COLUMNS = DOMAIN.observe(ARRAYS)


def of(*constituents: tuple[float, float, float]) -> dict[str, float]:
    """Observables of a jet with these (eta, phi, pT)."""
    particles = np.zeros((1, 8, 4), np.float32)
    for i, (eta, phi, pt) in enumerate(constituents):
        particles[0, i] = eta, phi, pt, 1
    domain = domain_of_jets({"particle_features": (8, 4)})
    return {k: float(v[0]) for k, v in domain.observe({"particle_features": particles}).items()}


def test_one_particle() -> None:
    jet = of((0.1, -0.2, 1.0))
    assert (jet["n_constituents"], jet["mass_rel"], jet["tau1"]) == pytest.approx((1, 0, 0), abs=1e-6)
    assert np.isnan([jet["tau21"], jet["tau32"]]).all()
    assert (jet["pTD"], jet["girth"]) == pytest.approx((1, math.hypot(0.1, 0.2)))


def test_two_particles() -> None:
    """M^2 = 2 pT_1 pT_2 (cosh(Delta eta) - cos(Delta phi)); two axes leave nothing over."""
    jet = of((0.2, 0.1, 0.6), (-0.3, -0.1, 0.4))
    assert jet["mass_rel"] == pytest.approx(math.sqrt(2 * 0.24 * (math.cosh(0.5) - math.cos(0.2))), rel=1e-6)
    assert jet["ecf2"] == pytest.approx(0.24 * math.hypot(0.5, 0.2), rel=1e-6)
    assert jet["tau21"] == pytest.approx(0, abs=1e-6)
    assert jet["tau1"] > 0.2


def test_three_prongs() -> None:
    """Three pairs of close particles: tau_3 is small, tau_2 is not."""
    prongs = [(0.3, 0.0), (-0.2, 0.3), (-0.2, -0.3)]
    jet = of(*((x + d, y, 0.16) for x, y in prongs for d in (-0.01, 0.01)))
    assert jet["tau32"] < 0.1
    assert jet["tau3"] == pytest.approx(0.01, rel=1e-3)


def test_mass_and_substructure_come_first() -> None:
    shapes: dict[str, tuple[int, ...]] = {"particle_features": (30, 4), "jet_features": (4,)}
    assert domain_of_jets(shapes).first_row[:4] == ("mass", "mass_rel", "tau21", "tau32")
    del shapes["jet_features"]
    assert domain_of_jets(shapes).first_row[:3] == ("mass_rel", "tau21", "tau32")


def test_what_the_file_says_of_the_jet() -> None:
    for i, name in enumerate(("pT", "eta", "mass")):
        np.testing.assert_array_equal(COLUMNS[name], ARRAYS["jet_features"][:, i])
    alone = domain_of_jets({"particle_features": (30, 4)})
    assert {"pT", "eta", "mass"}.isdisjoint(o.name for o in alone.observables)


def _columns(i: int) -> np.ndarray:
    """(eta, phi, pT) of the constituents of a jet: float64[3, n]."""
    particles = ARRAYS["particle_features"][i].astype(np.float64)
    return particles[particles[:, 2] > 0, :3].T


def slow_tau(particles: np.ndarray, n_axes: int) -> float:
    """N-subjettiness with exclusive kT axes, by comparing every pair at every step."""
    jets = []
    for eta, phi, pt, _ in particles[particles[:, 2] > 0].astype(np.float64):
        jets.append(np.array([pt * np.cosh(eta), pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)]))
    original = list(jets)

    def at(p: np.ndarray) -> tuple[float, float, float]:
        return float(np.arctanh(p[3] / p[0])), float(np.arctan2(p[2], p[1])), float(np.hypot(p[1], p[2]))

    def d_r(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.hypot(at(a)[0] - at(b)[0], (at(a)[1] - at(b)[1] + np.pi) % (2 * np.pi) - np.pi))

    while len(jets) > n_axes:
        pairs = [(i, k) for i in range(len(jets)) for k in range(i)]
        i, k = min(
            pairs, key=lambda p: min(at(jets[p[0]])[2], at(jets[p[1]])[2]) * d_r(jets[p[0]], jets[p[1]])
        )
        merged = jets[i] + jets[k]
        jets = [jet for j, jet in enumerate(jets) if j not in {i, k}] + [merged]
    pt = [at(p)[2] for p in original]
    return sum(a * min(d_r(p, axis) for axis in jets) for a, p in zip(pt, original, strict=True)) / sum(pt)


@pytest.mark.parametrize("n_axes", [1, 2, 3])
def test_subjettiness_against_a_slow_clustering(n_axes: int) -> None:
    particles = ARRAYS["particle_features"]
    few = np.argsort(COLUMNS["n_constituents"])[:6]
    for i in few:
        assert COLUMNS[f"tau{n_axes}"][i] == pytest.approx(slow_tau(particles[i], n_axes), rel=1e-5)


def test_sums_against_a_loop() -> None:
    for i, particles in enumerate(ARRAYS["particle_features"].astype(np.float64)):
        there = [(eta, phi, pt) for eta, phi, pt, mask in particles if mask]
        total = sum(pt for *_, pt in there)
        squared = sum(a * b * (math.cosh(e - g) - math.cos(p - q)) for e, p, a in there for g, q, b in there)
        assert COLUMNS["mass_rel"][i] == pytest.approx(math.sqrt(squared), rel=1e-5)
        assert COLUMNS["girth"][i] == pytest.approx(sum(c * math.hypot(a, b) for a, b, c in there) / total)
        assert COLUMNS["n_constituents"][i] == len(there)
        pair = sum(a * b * math.hypot(e - g, p - q) for e, p, a in there for g, q, b in there) / 2
        assert COLUMNS["ecf2"][i] == pytest.approx(pair / total**2, rel=1e-5)


def test_the_order_of_constituents_does_not_matter() -> None:
    shuffled = dict(ARRAYS)
    order = np.random.default_rng(0).permutation(30)
    shuffled["particle_features"] = ARRAYS["particle_features"][:, order]
    np.testing.assert_array_equal(DOMAIN.features(shuffled)[:, :120], DOMAIN.features(ARRAYS)[:, :120])
    for name, column in DOMAIN.observe(shuffled).items():
        np.testing.assert_allclose(column, COLUMNS[name], rtol=1e-5, atol=1e-7)


def test_correlations_and_flows_against_sums_over_all_particles() -> None:
    """As they are defined: every index over every particle, as in arXiv:1305.0007 and arXiv:1712.07124."""
    flows = {
        "ecf2": ("i,j,ij->", 1 / 2),
        "ecf3": ("i,j,k,ij,jk,ik->", 1 / 6),
        "efp_double": ("i,j,ij,ij->", 1),
        "efp_wedge": ("i,j,k,ij,jk->", 1),
        "efp_star": ("i,j,k,l,ij,ik,il->", 1),
        "efp_path": ("i,j,k,l,ij,jk,kl->", 1),
    }
    for i in np.argsort(COLUMNS["n_constituents"])[:12]:
        eta, phi, pt = _columns(i)
        z = pt / pt.sum()
        d_phi = (phi[:, None] - phi + np.pi) % (2 * np.pi) - np.pi
        theta = np.hypot(eta[:, None] - eta, d_phi)
        for name, (indices, factor) in flows.items():
            terms = [z if len(term) == 1 else theta for term in indices[:-2].split(",")]
            expected = factor * np.einsum(indices, *terms, optimize=True)
            assert COLUMNS[name][i] == pytest.approx(expected, rel=1e-5), name
        e2, e3 = COLUMNS["ecf2"][i], COLUMNS["ecf3"][i]
        assert (COLUMNS["C2"][i], COLUMNS["D2"][i]) == pytest.approx((e3 / e2**2, e3 / e2**3), rel=1e-4)


def test_flows_of_few_particles() -> None:
    """One particle correlates with nothing, two make no triangle, equal masses at corners of one do."""
    one, two = of((0, 0, 1)), of((0.3, 0, 0.5), (-0.3, 0, 0.5))
    assert (one["ecf2"], one["efp_star"], one["ecf3"]) == (0, 0, 0)
    assert np.isnan([one["C2"], one["D2"]]).all()
    assert (two["ecf3"], two["C2"], two["D2"]) == (0, 0, 0)
    # theta = 0.6, s = 0.3 for both.
    assert two["efp_double"] == pytest.approx(2 * 0.25 * 0.36, rel=1e-6)
    assert (two["efp_wedge"], two["efp_star"]) == pytest.approx((0.09, 0.027), rel=1e-6)
    assert two["efp_path"] == pytest.approx(2 * 0.25 * 0.6 * 0.09, rel=1e-6)
    height = 0.4 * math.sqrt(3) / 2
    three = of((0, height, 1), (-0.2, 0, 1), (0.2, 0, 1))
    assert three["ecf3"] == pytest.approx(0.4**3 / 27, rel=1e-5)
    assert three["D2"] == pytest.approx(0.4**3 / 27 / (0.4 / 3) ** 3, rel=1e-5)


def test_flows_do_not_change_under_soft_and_collinear_emissions() -> None:
    """Infrared and collinear safe: so are all energy flow polynomials (arXiv:1712.07124, Sec. 2)."""
    jet = [(0.3, 0.1, 0.5), (-0.2, 0.2, 0.3), (0.0, -0.3, 0.2)]
    split = [*jet[1:], (0.3, 0.1, 0.2), (0.3, 0.1, 0.3)]
    soft = [*jet, (1.0, 1.0, 1e-9)]
    before = of(*jet)
    for after in (of(*split), of(*soft)):
        for name in before:
            if name.startswith(("ecf", "efp")) or name in {"C2", "D2", "mass_rel"}:
                assert after[name] == pytest.approx(before[name], rel=1e-5), name


def test_against_what_fastjet_said() -> None:
    """Mass, subjettiness and correlations of PYTHIA's jets; resources/fastjet_answers.py wrote the table."""
    table = json.loads((RESOURCES / "fastjet.json").read_text())
    particles = np.zeros((len(table), 30, 4), np.float32)
    for i, jet in enumerate(table):
        particles[i, : len(jet["constituents"]), :3] = jet["constituents"]
        particles[i, : len(jet["constituents"]), 3] = 1
    columns = domain_of_jets({"particle_features": (30, 4)}).observe({"particle_features": particles})
    assert len(table) == 6
    for i, jet in enumerate(table):
        for name, expected in jet["fastjet"].items():
            assert columns[name][i] == pytest.approx(expected, rel=2e-5), name


@pytest.mark.slow
def test_fastjet_still_says_so() -> None:
    pytest.importorskip("fastjet")
    table = json.loads((RESOURCES / "fastjet.json").read_text())
    for jet in table:
        assert answers(np.array(jet["constituents"])) == pytest.approx(jet["fastjet"], rel=1e-12)
    for i in range(20):
        eta, phi, pt = _columns(i)
        for name, expected in answers(np.stack([eta, phi, pt], axis=1)).items():
            assert COLUMNS[name][i] == pytest.approx(expected, rel=2e-5), name
