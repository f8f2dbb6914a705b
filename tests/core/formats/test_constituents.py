"""Jets made of constituents: against the same sums, one number at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.constituents import lab_jets, momenta, truth
from tailscope.domains.jets import Jets
from tailscope.errors import FormatError
from tailscope.formats.constituents import JETS, PARTICLES, jets_of, momenta_of

LAB = lab_jets(200)


@pytest.mark.parametrize("slots", [30, 8, 40])
def test_jets_are_the_sums_of_their_constituents(slots: int) -> None:
    made = jets_of("a.h5", momenta(LAB), slots, 0)
    particles, jets = truth(momenta(LAB), slots)
    np.testing.assert_allclose(made[PARTICLES], particles, rtol=2e-6, atol=2e-7)
    np.testing.assert_allclose(made[JETS], jets, rtol=1e-6, atol=1e-6)
    assert made[PARTICLES].dtype == made[JETS].dtype == np.float32
    assert np.abs(made[PARTICLES][:, :, 1]).max() < 2  # across phi = pi, too


def test_their_order_does_not_matter() -> None:
    shuffled = np.random.default_rng(3).permuted(np.arange(30)[None].repeat(200, 0), axis=1)
    mixed = np.take_along_axis(momenta(LAB), shuffled[:, :, None], axis=1)
    for name, values in jets_of("a.h5", momenta(LAB), 12, 0).items():
        np.testing.assert_allclose(jets_of("a.h5", mixed, 12, 0)[name], values, rtol=1e-5, atol=1e-6)


def test_without_masses_the_domain_finds_the_mass_of_the_jet() -> None:
    """Two ways to M/pT: from the sum here, from relative massless constituents there."""
    massless = momenta_of(LAB["pt"], LAB["eta"], LAB["phi"])
    np.testing.assert_allclose(massless, momenta(LAB | {"mass": 0 * LAB["pt"]}), rtol=1e-12)
    made = jets_of("a.h5", massless, 30, 0)
    mass_rel = Jets.of({PARTICLES: made[PARTICLES]}).mass_rel
    np.testing.assert_allclose(mass_rel, made[JETS][:, 2] / made[JETS][:, 0], rtol=1e-4, atol=1e-5)


@given(
    eta=st.floats(-5, 5),
    phi=st.floats(-10, 10),
    turn=st.floats(-0.4, 0.4),
    shift=st.floats(-0.4, 0.4),
)
def test_turning_and_boosting_a_jet_changes_its_axis_alone(
    eta: float, phi: float, turn: float, shift: float
) -> None:
    def made(eta: float, phi: float) -> dict[str, np.ndarray]:
        etas, phis = np.array([[eta, eta + shift, eta]]), np.array([[phi, phi, phi + turn]])
        return jets_of("a.h5", momenta_of(np.array([[200.0, 50.0, 20.0]]), etas, phis), 3, 0)

    here, there = made(0, 0), made(eta, phi)
    np.testing.assert_allclose(there[JETS][:, [0, 2, 3]], here[JETS][:, [0, 2, 3]], rtol=1e-4, atol=0.05)
    np.testing.assert_allclose(there[PARTICLES][..., 1:], here[PARTICLES][..., 1:], atol=1e-5)
    # A boost shifts all eta alike, but that of a jet, which has a mass, not quite.
    differences = np.diff(there[PARTICLES][..., 0])
    np.testing.assert_allclose(differences, np.diff(here[PARTICLES][..., 0]), atol=1e-5)


@pytest.mark.parametrize(
    ("jet", "sentence"),
    [
        (
            [[5, 10, 0, 0], [20, 1, 2, 3]],
            r"a.h5: jet 7 has a constituent with \|p\| above E; check the order",
        ),
        ([[10, 0, 0, 10], [20, 1, 2, 3]], "jet 7 has a constituent along the beam"),
        (
            [[0, 0, 0, 0], [0, 0, 0, 0]],
            "jet 7 has zero momentum: no constituent with pT above 0; remove such",
        ),
        ([[-5, 0, 0, 0], [20, 1, 2, 3]], r"jet 7 has a constituent with \|p\| above E"),
    ],
)
def test_what_no_jet_is_made_of_is_refused(jet: list[list[float]], sentence: str) -> None:
    good = momenta(LAB)[:2, :2]
    with pytest.raises(FormatError, match=sentence) as caught:
        jets_of("a.h5", np.concatenate([good, np.array([jet], dtype=float)]), 2, 5)
    assert "(1 such jets in 5 to 7)" in str(caught.value)


def test_rounding_to_float32_is_no_reason_to_refuse() -> None:
    rounded = momenta(LAB | {"mass": 0 * LAB["pt"]}).astype(np.float32).astype(np.float64)
    made = jets_of("a.h5", rounded, 30, 0)
    assert made[JETS][:, 2].min() >= 0
    assert math.isfinite(made[JETS].sum())
