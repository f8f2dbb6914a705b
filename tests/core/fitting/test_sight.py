"""What enters the networks of the paper's presets, and that other fits see what they saw."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.modules.module import register_module_forward_pre_hook

import tailscope as ts
from helpers import toys
from helpers.particles import jets
from helpers.showers import challenge, made_up, write
from tailscope.errors import InputError
from tailscope.fitting.bench import Bench
from tailscope.fitting.fit import fit_key
from tailscope.fitting.sight import as_in_paper
from tailscope.sample.voxels import Voxels

N, COUNT = 60, 12
CALO = ts.FitConfig(preset="paper-calo", hidden=8, epochs=1, folds=2, device="cpu")
JETS = ts.FitConfig(preset="paper-jets", epochs=1, folds=2, batch_size=64, device="cpu")


def of_files(
    folder: Path, arrays: Callable[..., dict[str, np.ndarray]], **how
) -> tuple[ts.Sample, ts.Sample]:
    """Two samples of made-up events, read from files."""
    return tuple(
        ts.load(write(folder / f"{name}.h5", arrays(N, seed=seed)), **how)
        for seed, name in enumerate(("reference", "generated"))
    )


def what_enters(
    pair: tuple[ts.Sample, ts.Sample], config: ts.FitConfig, cache: Path
) -> dict[int, np.ndarray]:
    """Rows (n, width) that the linear layers of events had as inputs in a fit, by their width."""
    seen: dict[int, list[np.ndarray]] = {}

    def look(layer: torch.nn.Module, args: tuple[torch.Tensor, ...]) -> None:
        if isinstance(layer, torch.nn.Linear) and args[0].ndim == 2:
            seen.setdefault(layer.in_features, []).append(args[0].detach().numpy().copy())

    with register_module_forward_pre_hook(look):
        ts.fit(*pair, config=config, cache=cache, progress=False, at_once=1)
    return {width: np.concatenate(parts) for width, parts in seen.items()}


def sorted_rows(x: np.ndarray) -> np.ndarray:
    """Each event once, by its incident energy."""
    rows = np.unique(x, axis=0)
    return rows[np.argsort(rows[:, -1])]


def of_paper(arrays: dict[str, np.ndarray]) -> np.ndarray:
    """The same from the energies themselves: MeV, and GeV of what came in."""
    grids = [arrays[f"layer_{i}"].reshape(N, -1).astype(np.float64) for i in range(3)]
    layers = np.stack([grid.sum(axis=1) for grid in grids], axis=1)
    incident = np.log10(arrays["energy"].reshape(N, 1).astype(np.float64) / 10)
    return np.concatenate(
        [*(grid / 1e5 for grid in grids), np.log10(layers / 1e5 + 1e-8) + 2, incident], axis=1
    )


@pytest.mark.parametrize("level", ["low", "both"])
def test_of_showers_it_is_the_energies_of_voxels_as_they_are(tmp_path: Path, level: str) -> None:
    pair = of_files(tmp_path, made_up, features=level)
    found = sorted_rows(what_enters(pair, CALO, tmp_path)[508])
    wanted = sorted_rows(np.concatenate([of_paper(made_up(N, seed=seed)) for seed in range(2)]))
    assert found.shape == wanted.shape
    # The logarithms that samples hold are right to an eV.
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=2e-5)
    np.testing.assert_allclose(found[:, :504], wanted[:, :504], rtol=1e-5, atol=1e-11)


def test_of_other_detectors_it_is_the_same(tmp_path: Path) -> None:
    pair = of_files(tmp_path, challenge)
    found, arrays = as_in_paper(pair[0]), challenge(N, seed=0)
    voxels = arrays["showers"].astype(np.float64)
    np.testing.assert_allclose(found.features[:, : voxels.shape[1]], voxels / 1e5, rtol=1e-5, atol=1e-11)
    layers = 10 ** (found.features[:, voxels.shape[1] :].astype(np.float64) - 2)
    np.testing.assert_allclose(layers.sum(axis=1), voxels.sum(axis=1) / 1e5, rtol=1e-4, atol=1e-7)
    incident = arrays["incident_energies"].reshape(-1) / 1e4
    np.testing.assert_allclose(found.condition[:, 0], np.log10(incident), atol=1e-6)


def test_of_jets_it_is_the_particles_alone(tmp_path: Path) -> None:
    pair = of_files(tmp_path, lambda n, seed: jets(n, COUNT, seed=seed))
    of_jet = pair[0].n_inputs - pair[0].particles.width
    assert of_jet > 20  # the jet's own numbers, and its observables
    # The layer behind the mean over the 64 numbers of each particle, and nothing beside these.
    assert set(what_enters(pair, JETS, tmp_path)) == {64, 128}
    beside = what_enters(pair, JETS.with_(inputs="all"), tmp_path)
    assert set(beside) == {64 + of_jet, 128}


@pytest.mark.parametrize(
    ("arrays", "config"),
    [
        (made_up, CALO.with_(inputs="all")),
        (made_up, ts.FitConfig(preset="paper-events", hidden=8, epochs=1, folds=2, device="cpu")),
        (lambda n, seed: jets(n, COUNT, seed=seed), JETS.with_(network="mlp")),
        (lambda n, seed: jets(n, COUNT, seed=seed), CALO.with_(network="mlp")),
        (lambda n, seed: jets(n, COUNT, seed=seed), ts.FitConfig(network="particlenet-lite")),
    ],
    ids=["asked for", "events", "perceptron on jets", "showers' preset on jets", "default preset"],
)
def test_other_fits_see_all_and_perceptrons_standardise_it(arrays, config, tmp_path: Path) -> None:
    pair = of_files(tmp_path, arrays)
    config = config.for_sample(*pair)
    assert config.inputs == "all"
    bench = Bench(*pair, config)
    assert bench.samples == pair
    assert (bench.pool.scaling(torch.arange(N))[1] != 1).any()


def test_what_has_neither_voxels_nor_particles_is_seen_as_ever(tmp_path: Path) -> None:
    high = of_files(tmp_path, made_up, features="high")
    for pair in (high, toys.gaussian_pair(N)):
        assert CALO.for_sample(*pair).inputs == "all"
    low = of_files(tmp_path, made_up, features="low")
    assert CALO.for_sample(*low).inputs == "paper"
    assert CALO.with_(whiten=True).for_sample(*low).inputs == "all"


def test_fits_that_see_other_inputs_are_other_fits(tmp_path: Path) -> None:
    pair = of_files(tmp_path, made_up)
    assert fit_key(*pair, CALO) != fit_key(*pair, CALO.with_(inputs="all"))


def test_a_file_says_what_was_seen_and_older_ones_saw_all(tmp_path: Path) -> None:
    pair = of_files(tmp_path, made_up)
    study = ts.fit(*pair, config=CALO, cache=tmp_path, progress=False)
    assert (study.config.inputs, study.provenance.n_inputs) == ("paper", 508)
    assert ts.open(study.save(tmp_path / "a.study.h5")).config.inputs == "paper"


def test_what_lies_on_disk_stays_there(tmp_path: Path) -> None:
    memory = as_in_paper(of_files(tmp_path, made_up)[0])
    disk = as_in_paper(of_files(tmp_path, made_up, in_memory=False, cache=tmp_path)[0])
    assert isinstance(memory.features, np.ndarray)
    assert not isinstance(disk.features, np.ndarray)
    rows = np.array([3, 1, 3])
    np.testing.assert_array_equal(disk.inputs(rows), memory.inputs(rows))
    np.testing.assert_array_equal(disk.inputs(slice(4, 9)), memory.inputs(slice(4, 9)))


def test_layouts_that_cannot_be_are_refused() -> None:
    x = np.ones((3, 4), np.float32)
    with pytest.raises(InputError, match="4 voxels and 1 layers need 5 features"):
        ts.Sample("showers", x, {}, condition=x[:, :1], voxels=Voxels(4, 1))
    with pytest.raises(InputError, match="but there are 4 features and no condition"):
        ts.Sample("showers", x, {}, voxels=Voxels(3, 1))
