"""Dimuon observables from whichever columns there are, against each other and against `vector`."""

from __future__ import annotations

import numpy as np
import pytest
import vector

from helpers.muons import only, table
from tailscope.domains import Domain, dimuon

N = 60
TABLE = table(N, seed=6)


def of(columns: dict[str, np.ndarray]) -> tuple[Domain, dict[str, np.ndarray]]:
    domain = dimuon(dict.fromkeys(columns, ()))
    return domain, domain.observe(columns)


ALL, EVERYTHING = of(TABLE)


def test_nothing_is_left_out_of_a_full_table() -> None:
    assert ALL.left_out == ()
    assert ALL.first_row[:4] == ("M_mumu", "pT_mumu", "pT_mu1", "pT_mu2")


def test_the_first_rows_hold_nothing_that_the_classifier_does_not_see() -> None:
    assert ALL.unseen
    assert not set(ALL.first_row) & set(ALL.unseen)
    few, _ = of(only(TABLE, "pt"))
    assert few.first_row == ("pT_mu1", "pT_mu2")


@pytest.mark.parametrize("kinds", [("E", "px", "py", "pz"), ("px", "py", "pz"), ("pt", "eta", "phi")])
def test_the_same_numbers_from_either_set_of_columns(kinds: tuple[str, ...]) -> None:
    domain, columns = of(only(TABLE, *kinds))
    assert set(domain.left_out) == {f"{name}_{i}" for name in ("Q", "dxy", "iso") for i in ("mu1", "mu2")} | {
        "Q_product"
    }
    for name, column in columns.items():
        np.testing.assert_allclose(column, EVERYTHING[name], rtol=1e-5, atol=1e-5, err_msg=name)


def test_kinematics_against_vector() -> None:
    mass = np.full(N, 0.1056584)
    muons = [
        vector.array(
            {
                "pt": TABLE[f"pt{i}"],
                "eta": TABLE[f"eta{i}"],
                "phi": TABLE[f"phi{i}"],
                "mass": mass,
            }
        )
        for i in (1, 2)
    ]
    pair = muons[0] + muons[1]
    for name, expected in (
        ("M_mumu", pair.mass),
        ("pT_mumu", pair.pt),
        ("y_mumu", pair.rapidity),
        ("phi_mumu", pair.phi),
        ("dR_mu1mu2", muons[0].deltaR(muons[1])),
        ("dPhi_mu1mu2", muons[0].deltaphi(muons[1])),
    ):
        np.testing.assert_allclose(EVERYTHING[name], expected, rtol=1e-5, atol=1e-5, err_msg=name)
    np.testing.assert_allclose(EVERYTHING["M_mumu"], TABLE["M"], rtol=1e-5)


def test_what_old_files_lack_is_named() -> None:
    domain, columns = of(only(TABLE, "pt", "eta", "Q"))
    assert {"pT_mu1", "eta_mu2", "dEta_mu1mu2", "Q_product"} <= set(columns)
    assert {"M_mumu", "pT_mumu", "phi_mu1", "dR_mu1mu2", "dPhi_mu1mu2", "iso_mu1"} <= set(domain.left_out)
    assert set(columns) | set(domain.left_out) == set(EVERYTHING)
    assert domain.features(only(TABLE, "pt", "eta", "Q")).shape == (N, 6)


def test_the_mass_of_the_file_where_momenta_are_missing() -> None:
    _, columns = of(only(TABLE, "pt", "eta", "M"))
    np.testing.assert_array_equal(columns["M_mumu"], TABLE["M"].astype(np.float32))


def test_features_do_not_change_with_a_rotation_about_the_beam() -> None:
    columns = only(TABLE, "pt", "eta", "phi", "Q")
    turned = columns | {f"phi{i}": (columns[f"phi{i}"] + 2 + np.pi) % (2 * np.pi) - np.pi for i in (1, 2)}
    domain, _ = of(columns)
    np.testing.assert_allclose(domain.features(turned), domain.features(columns), atol=1e-5)
