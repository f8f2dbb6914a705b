"""Showers whose numbers are known by hand, and a slow loop over events that shares no code."""

from __future__ import annotations

import math

import numpy as np
import pytest

from helpers.showers import SHAPES, empty, made_up
from tailscope.domains import CALORIMETER

SPECS = {o.name: o for o in CALORIMETER.observables}


def observe(arrays: dict[str, np.ndarray]) -> dict[str, float]:
    """Observables of a single shower."""
    return {name: float(column[0]) for name, column in CALORIMETER.observe(arrays).items()}


def test_the_names_of_the_public_contract() -> None:
    by_layer = ("E", "f", "brightest", "sparsity", "eta", "phi", "width_eta", "width_phi")
    expected = {f"{kind}_{i}" for kind in by_layer for i in range(3)}
    expected |= {"E_tot", "E_inc", "E_tot_over_E_inc", "depth", "depth_width"}
    assert set(SPECS) == expected


def test_the_first_row_is_the_papers_figure_5_and_three_more() -> None:
    assert CALORIMETER.first_row == (
        *("E_0", "E_1", "E_2", "brightest_0", "brightest_1", "brightest_2"),
        *("sparsity_0", "sparsity_1", "sparsity_2", "E_inc", "E_tot_over_E_inc", "depth"),
    )


def test_a_single_voxel() -> None:
    shower = empty(1)
    shower["layer_1"][0, 9, 4] = 8000  # row 9 along phi, cell 4 along eta: 40 mm each
    got = observe(shower)
    assert got["E_1"] == 8000
    assert (got["E_tot"], got["E_inc"]) == (8000, 10)
    assert got["E_tot_over_E_inc"] == pytest.approx(0.8)
    assert (got["f_0"], got["f_1"], got["f_2"]) == (0, 1, 0)
    assert got["brightest_1"] == 1
    assert got["sparsity_1"] == pytest.approx(143 / 144)
    assert (got["sparsity_0"], got["sparsity_2"]) == (1, 1)
    assert got["eta_1"] == pytest.approx(-60)
    assert got["phi_1"] == pytest.approx(140)
    assert (got["width_eta_1"], got["width_phi_1"]) == (0, 0)
    assert (got["depth"], got["depth_width"]) == (1, 0)
    for name in ("brightest", "eta", "phi", "width_eta", "width_phi"):
        assert math.isnan(got[f"{name}_0"])
        assert math.isnan(got[f"{name}_2"])


def test_two_voxels() -> None:
    shower = empty(1)
    shower["layer_0"][0, 0, 0] = 100  # phi -160 mm, eta -237.5 mm
    shower["layer_0"][0, 2, 95] = 300  # phi +160 mm, eta +237.5 mm
    shower["layer_2"][0, 11, 5] = 400
    got = observe(shower)
    assert (got["E_0"], got["E_2"], got["E_tot"]) == (400, 400, 800)
    assert got["brightest_0"] == 0.75
    assert got["sparsity_0"] == pytest.approx(286 / 288)
    assert got["eta_0"] == pytest.approx(237.5 / 2)
    assert got["phi_0"] == pytest.approx(80)
    assert got["width_eta_0"] == pytest.approx(math.sqrt(3) / 2 * 237.5)
    assert got["width_phi_0"] == pytest.approx(math.sqrt(3) / 2 * 160)
    assert (got["eta_2"], got["phi_2"]) == (200, 220)
    assert (got["depth"], got["depth_width"]) == (1, 1)


def test_an_empty_shower() -> None:
    got = observe(empty(1))
    assert (got["E_tot"], got["E_tot_over_E_inc"], got["sparsity_0"]) == (0, 0, 1)
    for name in ("f_0", "f_1", "f_2", "depth", "depth_width", "brightest_0"):
        assert math.isnan(got[name])


def test_an_even_layer() -> None:
    """Centre 0, and the width of a uniform distribution over cells: side sqrt((1 - 1/n^2)/12)."""
    shower = empty(1)
    shower["layer_2"][:] = 2.0
    got = observe(shower)
    assert got["sparsity_2"] == 0
    assert got["brightest_2"] == pytest.approx(1 / 72)
    assert got["eta_2"] == pytest.approx(0, abs=1e-9)
    assert got["width_eta_2"] == pytest.approx(480 * math.sqrt((1 - 1 / 36) / 12))
    assert got["width_phi_2"] == pytest.approx(480 * math.sqrt((1 - 1 / 144) / 12))


def slowly(shower: dict[str, np.ndarray]) -> dict[str, float]:
    """The same observables of one shower, by their definitions, voxel by voxel."""
    result = {"E_inc": float(shower["energy"].item())}
    energies = []
    for i, (name, (rows, cells)) in enumerate(SHAPES.items()):
        voxels = [
            (float(shower[name][r, c]), -240 + 480 / cells * (c + 0.5), -240 + 480 / rows * (r + 0.5))
            for r in range(rows)
            for c in range(cells)
        ]
        total = math.fsum(e for e, _, _ in voxels)
        energies.append(total)
        result[f"E_{i}"] = total
        result[f"sparsity_{i}"] = 1 - sum(e > 0 for e, _, _ in voxels) / len(voxels)
        result[f"brightest_{i}"] = max(e for e, _, _ in voxels) / total if total else math.nan
        for axis, label in ((1, "eta"), (2, "phi")):
            mean = math.fsum(v[0] * v[axis] for v in voxels) / total if total else math.nan
            square = math.fsum(v[0] * (v[axis] - mean) ** 2 for v in voxels) / total if total else math.nan
            result[f"{label}_{i}"], result[f"width_{label}_{i}"] = mean, math.sqrt(square)
    total = result["E_tot"] = math.fsum(energies)
    result["E_tot_over_E_inc"] = total / 1000 / result["E_inc"]
    for i, energy in enumerate(energies):
        result[f"f_{i}"] = energy / total if total else math.nan
    depth = result["depth"] = math.fsum(i * f for i, f in enumerate(energies)) / total if total else math.nan
    square = math.fsum((i - depth) ** 2 * f for i, f in enumerate(energies)) / total if total else math.nan
    result["depth_width"] = math.sqrt(square)
    return result


def test_every_observable_against_a_loop_over_events() -> None:
    arrays = made_up(40, seed=3)
    arrays["layer_2"][::3] = 0
    arrays["layer_2"][1, :, :] = 0
    arrays["layer_2"][1, 3, 3] = 1e-24  # far below anything a float32 sum keeps
    arrays["layer_0"][5] = 0
    for layer in SHAPES:
        arrays[layer][7] = 0
    fast = CALORIMETER.observe(arrays)
    slow = [slowly({name: values[i] for name, values in arrays.items()}) for i in range(40)]
    for name, column in fast.items():
        expected = np.array([shower[name] for shower in slow])
        np.testing.assert_allclose(column, expected, rtol=1e-6, atol=1e-5, err_msg=name)


def test_features_are_logarithms_of_voxels_and_layers() -> None:
    arrays = made_up(30, seed=4)
    arrays["layer_1"][0, 0, 0] = 1e-6
    features = CALORIMETER.features(arrays)
    voxels = np.concatenate([arrays[name].reshape(30, -1) for name in SHAPES], axis=1).astype(np.float64)
    layers = np.stack([arrays[name].sum(axis=(1, 2), dtype=np.float64) for name in SHAPES], axis=1)
    expected = np.log1p(np.concatenate([voxels, layers], axis=1))
    np.testing.assert_allclose(features, expected, rtol=1e-6, atol=1e-7)
    assert (features[:, :504][voxels == 0] == 0).all()


def test_the_condition_is_the_log_of_the_incident_energy() -> None:
    arrays = made_up(10)
    assert CALORIMETER.condition is not None
    np.testing.assert_allclose(CALORIMETER.condition(arrays), np.log(arrays["energy"]), rtol=1e-6)


@pytest.mark.parametrize("name", ["brightest_0", "sparsity_0", "sparsity_1", "sparsity_2", "f_0"])
def test_exactly_one_and_exactly_zero_are_in_visible_bins(name: str) -> None:
    binning = SPECS[name].binning.of(np.zeros(1))
    codes = binning.digitise(np.array([0.0, 1.0], dtype=np.float32))
    assert codes.tolist() == [1, len(binning)]


@pytest.mark.parametrize(("layer", "voxels"), [(0, 288), (1, 144), (2, 72)])
def test_each_sparsity_bin_holds_as_many_possible_values(layer: int, voxels: int) -> None:
    """Otherwise an even distribution over numbers of active voxels would look like a comb."""
    binning = SPECS[f"sparsity_{layer}"].binning.of(np.zeros(1))
    possible = (1 - np.arange(voxels + 1) / voxels).astype(np.float32)
    counts = np.bincount(binning.digitise(possible), minlength=len(binning) + 1)[1:]
    assert len(set(counts[1:])) == 1
    assert 0 < counts[0] <= counts[1]
    assert counts.sum() == voxels + 1
