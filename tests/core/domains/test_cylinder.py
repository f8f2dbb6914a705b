"""Showers in cylindrical voxels: known ones, and every observable against a loop over voxels."""

from __future__ import annotations

import math

import numpy as np
import pytest

from helpers.showers import challenge
from tailscope.domains import Inputs, cylinder
from tailscope.formats.binning import shipped
from tailscope.sample.geometry import Geometry, Layer

GEOMETRY = shipped()[533]
ARRAYS = challenge(25, 533, seed=8)
ARRAYS["showers"][3, 108:] = 0  # all layers from the third on are empty
DOMAIN = cylinder(GEOMETRY)
COLUMNS = DOMAIN.observe(ARRAYS)


def by_hand(shower: np.ndarray, layer: Layer, start: int) -> dict[str, float]:
    """Observables of one layer, voxel by voxel."""
    voxels = []
    for a in range(layer.n_alpha):
        alpha = -math.pi + 2 * math.pi * (a + 0.5) / layer.n_alpha
        for k in range(len(layer.r_edges) - 1):
            r = (layer.r_edges[k] + layer.r_edges[k + 1]) / 2
            voxels.append((float(shower[start + len(voxels)]), r * math.cos(alpha), r * math.sin(alpha), r))
    energy = sum(v[0] for v in voxels)
    active = sum(v[0] > 0 for v in voxels)
    result = {"E": energy, "sparsity": 1 - active / len(voxels)}
    if energy == 0:
        return result
    result["brightest"] = max(v[0] for v in voxels) / energy
    for i, name in enumerate(("eta", "phi", "r"), start=1):
        result[name] = mean = sum(v[0] * v[i] for v in voxels) / energy
        result[f"width_{name}"] = math.sqrt(sum(v[0] * (v[i] - mean) ** 2 for v in voxels) / energy)
    return result


def test_every_layer_against_a_loop() -> None:
    starts = GEOMETRY.starts()
    tried = 0
    for event, shower in enumerate(ARRAYS["showers"]):
        for place, layer in enumerate(GEOMETRY.layers):
            expected = by_hand(shower, layer, starts[place])
            for kind in (
                "E",
                "sparsity",
                "brightest",
                "r",
                "width_r",
                "eta",
                "phi",
                "width_eta",
                "width_phi",
            ):
                name = f"{kind}_{layer.id}"
                if name in COLUMNS and kind in expected:
                    assert COLUMNS[name][event] == pytest.approx(expected[kind], rel=1e-5, abs=1e-4), name
                    tried += 1
                elif name in COLUMNS:
                    assert np.isnan(COLUMNS[name][event])
    assert tried > 1000


def test_numbers_of_the_shower() -> None:
    energies = np.stack([COLUMNS[f"E_{layer.id}"] for layer in GEOMETRY.layers]).astype(np.float64)
    total = energies.sum(axis=0)
    np.testing.assert_allclose(COLUMNS["E_tot"], total, rtol=1e-6)
    incident = ARRAYS["incident_energies"][:, 0]
    np.testing.assert_allclose(COLUMNS["E_tot_over_E_inc"], total / incident, rtol=1e-5)
    place = np.arange(7)
    depth = (energies * place[:, None]).sum(axis=0) / total
    np.testing.assert_allclose(COLUMNS["depth"], depth, rtol=1e-5)
    np.testing.assert_allclose(COLUMNS["f_13"], energies[5] / total, rtol=1e-5)
    active = (ARRAYS["showers"] > 0).mean(axis=1)
    np.testing.assert_allclose(COLUMNS["sparsity"], 1 - active, rtol=1e-5)


def test_one_voxel() -> None:
    """A single voxel: its place is the centre, all widths are 0."""
    geometry = Geometry("two rings", (Layer(4, (0.0, 10.0, 20.0), 2),))
    showers = np.array([[0, 0, 0, 7]], dtype=np.float32)  # outer ring, alpha = +90 degrees
    one = {"incident_energies": np.array([14.0], np.float32), "showers": showers}
    values = {name: float(column[0]) for name, column in cylinder(geometry).observe(one).items()}
    assert (values["E_4"], values["brightest_4"], values["E_tot_over_E_inc"]) == (7, 1, 0.5)
    assert (values["eta_4"], values["phi_4"], values["r_4"]) == pytest.approx((0, 15, 15), abs=1e-5)
    assert values["width_eta_4"] == values["width_phi_4"] == values["width_r_4"] == 0
    assert values["sparsity_4"] == 0.75


def test_features_are_logarithms_of_voxels_and_layers() -> None:
    features = DOMAIN.features(ARRAYS)
    np.testing.assert_allclose(features[:, :533], np.log1p(ARRAYS["showers"]), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(features[:, 533], np.log1p(COLUMNS["E_0"]), rtol=1e-5)
    assert DOMAIN.condition is not None
    np.testing.assert_allclose(DOMAIN.condition(ARRAYS)[:, 0], np.log(COLUMNS["E_inc"]), rtol=1e-5, atol=1e-6)


def test_with_many_voxels_the_observables_are_seen() -> None:
    few, many = (Inputs.of(cylinder(shipped()[n]), None) for n in (6480, 40500))
    assert (few.level, few.domain.reason) == ("both", "")
    assert few.n == 6480 + 45 + len(few.domain.observables)
    assert Inputs.of(few.domain, "low").n == 6480 + 45
    assert (many.level, many.n) == ("high", len(many.domain.observables))
    assert "40500 voxels are many" in many.domain.reason
    arrays = challenge(4, 40500)
    features, _, columns = many.computed(arrays)
    at = many.high.index
    np.testing.assert_allclose(features[:, at("E_7")], np.log(columns["E_7"] + 1e-4), rtol=1e-5)
    np.testing.assert_allclose(features[:, at("width_r_44")], columns["width_r_44"], rtol=1e-5)
    assert Inputs.of(many.domain, "both").n == 40500 + 45 + many.n
