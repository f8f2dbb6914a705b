"""Codecs invert themselves; every model learns every kind of event and writes files that `load` reads."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
import safetensors.numpy
import torch

import tailscope as ts
from helpers.kinds import KINDS, write_kind
from helpers.showers import write
from tailscope.baselines import MODELS, Settings, load_generator, train
from tailscope.baselines.generator import _train
from tailscope.baselines.kind import read_arrays
from tailscope.baselines.vae import VAE
from tailscope.errors import ConfigError, InputError, TrainingError
from tailscope.reading.reading import Reading
from tailscope.sample.pairing import matched

N = 400
QUICK = {"epochs": 1, "hidden": 16, "batch_size": 128}


def turned(name: str) -> bool:
    """Whether an observable is an azimuth about the beam, which generators draw."""
    return name.startswith("phi_")


@pytest.mark.parametrize("kind", KINDS)
def test_decoding_inverts_encoding(tmp_path: Path, kind: str) -> None:
    path = write_kind(tmp_path / "a.h5", kind, N)
    found, arrays = read_arrays(Reading(path))
    constants = found.codec.learn(arrays)
    numbers = found.codec.encode(arrays, constants)
    decoded = found.codec.decode(numbers, constants, np.random.default_rng(0))
    before, after = ts.load(path), ts.load(write(tmp_path / "b.h5", decoded))
    assert set(after.observables) == set(before.observables)
    for name, column in before.observables.items():
        if not turned(name) and name not in {"Run", "Event"}:
            scale = np.nanmax(np.abs(column), initial=1e-3)
            np.testing.assert_allclose(after.observables[name], column, rtol=2e-4, atol=2e-4 * scale)


def test_without_the_resonance_plain_momenta_are_learned_and_kept(tmp_path: Path) -> None:
    path = write_kind(tmp_path / "z.h5", "zjets", N)
    found, arrays = read_arrays(Reading(path))
    plain = replace(found, resonance=False)
    constants = plain.codec.learn(arrays)
    numbers = plain.codec.encode(arrays, constants)
    events = ts.load(path)
    for column, name in ((0, "pT_mu1"), (1, "pT_mu2")):
        np.testing.assert_allclose(numbers.values[:, column], events.observable(name), rtol=1e-5)
    told = found.codec.encode(arrays, constants).values
    np.testing.assert_allclose(told[:, 1], events.observable("M_mumu"), rtol=1e-2)  # muons have no mass there
    assert plain.codec.possible(numbers, constants).all()
    decoded = ts.load(
        write(tmp_path / "b.h5", plain.codec.decode(numbers, constants, np.random.default_rng(0)))
    )
    for name in ("pT_mu2", "M_mumu", "pT_j1"):
        np.testing.assert_allclose(decoded.observable(name), events.observable(name), rtol=2e-4)
    generator = train(path, Settings("vae", **QUICK, resonance=False))
    kept = load_generator(generator.save(tmp_path / "vae.safetensors"))
    assert kept.kind == generator.kind
    assert not kept.kind.resonance
    np.testing.assert_array_equal(kept.sample(30)["momenta"], generator.sample(30)["momenta"])
    with pytest.raises(ConfigError, match=r"t.h5: only Z \+ jets can be learned without their resonance"):
        train(write_kind(tmp_path / "t.h5", "table", N), Settings("vae", **QUICK, resonance=False))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("kind", ["table", "zjets", "calogan", "jets"])
def test_every_model_writes_what_can_be_fitted(tmp_path: Path, kind: str, model: str) -> None:
    path = write_kind(tmp_path / "ref.h5", kind, N)
    losses: list[float] = []
    generator = train(
        path, Settings(model, **QUICK), seed=2, report=lambda done, of, loss: losses.append(loss)
    )
    reference = ts.load(path)
    made = ts.load(generator.write(tmp_path / "made.h5", 300, seed=1))
    matched(reference, made)
    assert len(made) == 300
    assert len(losses) == 1
    assert np.isfinite(losses).all()
    assert set(made.observables) == set(reference.observables)


@pytest.mark.parametrize(
    "kind", ["calochallenge", "jets without their pT", "dimuon", "dimuon in angles", "old dimuon"]
)
def test_every_kind_of_file_is_written_as_it_was(tmp_path: Path, kind: str) -> None:
    path = write_kind(tmp_path / "ref.h5", kind, N)
    made = train(path, Settings("vae", **QUICK)).write(tmp_path / "made.h5", 200)
    reference, generated = ts.load(path), ts.load(made)
    matched(reference, generated)
    assert generated.source.format == reference.source.format
    assert set(generated.observables) == set(reference.observables)


def test_constraints_hold_even_when_nothing_was_learned(tmp_path: Path) -> None:
    zjets = train(write_kind(tmp_path / "z.h5", "zjets", N), Settings("gan", **QUICK)).sample(500)["momenta"]
    energy, px, py, pz = zjets.astype(np.float64).transpose(2, 0, 1)
    muons, jets = slice(0, 2), slice(2, 5)
    assert (energy >= np.sqrt(px**2 + py**2 + pz**2) * (1 - 1e-6)).all()
    there = energy > 0
    assert there[:, muons].all()
    before = KINDS["zjets"](N)["momenta"].astype(np.float64)
    assert np.hypot(px, py)[:, 1].min() > np.hypot(*before[:, 1, 1:3].T).min() * 0.9999
    assert (np.hypot(px, py)[:, jets][there[:, jets]] > 19.99).all()
    showers = train(write_kind(tmp_path / "s.h5", "calogan", N), Settings("gan", **QUICK)).sample(500)
    assert all((values >= 0).all() for values in showers.values())
    deposited = sum(showers[f"layer_{i}"].sum(axis=(1, 2), dtype=np.float64) for i in range(3))
    assert (deposited <= 1000 * showers["energy"] * 1.01).all()
    particles = train(write_kind(tmp_path / "j.h5", "jets", N), Settings("gan", **QUICK)).sample(500)
    pt = particles["particle_features"][:, :, 2]
    assert (np.diff(pt, axis=1) <= 0).all()
    assert ((pt > 0) == (particles["particle_features"][:, :, 3] == 1)).all()


def test_jets_keep_away_from_muons_where_those_of_the_training_events_do(tmp_path: Path) -> None:
    def nearest(path: Path) -> np.ndarray:
        pairs = [f"dR_mu{i}j{k}" for i in (1, 2) for k in (1, 2, 3)]
        events = ts.load(path)
        return np.nanmin([events.observable(name) for name in pairs], axis=0)

    events = KINDS["zjets"](3 * N)
    apart = nearest(write(tmp_path / "all.h5", events)) > 0.4
    assert 0.1 < apart.mean() < 0.95
    path = write(tmp_path / "ref.h5", {name: values[apart] for name, values in events.items()})
    made = train(path, Settings("vae", **QUICK)).write(tmp_path / "made.h5", 500)
    assert nearest(made).min() > 0.4 - 1e-4


def test_a_flow_learns_a_correlation(tmp_path: Path) -> None:
    path = write_kind(tmp_path / "ref.h5", "table", 4_000)
    settings = Settings("flow", epochs=8, hidden=32)
    made, ref = train(path, settings, seed=1).sample(4_000), KINDS["table"](4_000)
    assert np.corrcoef(made["x"], made["y"])[0, 1] == pytest.approx(
        np.corrcoef(ref["x"], ref["y"])[0, 1], abs=0.03
    )
    np.testing.assert_allclose(
        np.bincount(made["count"].astype(int)) / 4_000,
        np.bincount(ref["count"])[: made["count"].max().astype(int) + 1] / 4_000,
        atol=0.06,
    )
    assert (made["one"] == 1).all()


def test_the_same_seed_gives_the_same_events_and_a_kept_network_too(tmp_path: Path) -> None:
    path = write_kind(tmp_path / "ref.h5", "zjets", N)
    first, again = (train(path, Settings("flow", **QUICK), seed=3) for _ in range(2))
    events = first.sample(50, seed=4)["momenta"]
    assert (events == again.sample(50, seed=4)["momenta"]).all()
    assert (events != first.sample(50, seed=5)["momenta"]).any()
    kept = load_generator(first.save(tmp_path / "flow.safetensors"))
    assert (events == kept.sample(50, seed=4)["momenta"]).all()
    assert kept.settings == first.settings


def test_what_cannot_be_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_kind(tmp_path / "ref.h5", "table", N)
    with pytest.raises(ConfigError, match="no model 'diffusion'; choose one of flow, vae, gan"):
        Settings("diffusion")
    with pytest.raises(ConfigError, match="epochs = 0"):
        Settings(epochs=0)
    with pytest.raises(InputError, match="20 events are too few to learn from, expected at least 100"):
        train(path, max_events=20)
    with pytest.raises(InputError, match="0 events cannot be drawn"):
        train(path, Settings("vae", **QUICK)).sample(0)
    with pytest.raises(
        TrainingError, match="the training of the vae diverged in epoch 1; lower the learning"
    ):
        _train(
            VAE(2, 0, 8),
            torch.full((200, 2), torch.inf),
            torch.empty(200, 0),
            Settings("vae"),
            lambda *_: None,
        )
    with pytest.raises(InputError, match="it is not a generator that tailscope saved"):
        load_generator(path)
    other = tmp_path / "other.safetensors"
    safetensors.numpy.save_file({"x": np.ones(3)}, other)
    with pytest.raises(InputError, match="expected 'tailscope-baseline-1'"):
        load_generator(other)
    monkeypatch.setitem(sys.modules, "zuko.flows", None)
    with pytest.raises(ConfigError, match=r"zuko: pip install 'tailscope\[baselines\]', or choose the vae"):
        train(path)


def test_too_many_numbers_are_refused(tmp_path: Path) -> None:
    showers = write(
        tmp_path / "ds2.h5", {"incident_energies": np.full((120, 1), 1e3), "showers": np.ones((120, 6480))}
    )
    with pytest.raises(
        ConfigError, match="6,525 numbers, a flow takes at most 2,000; choose the vae or the gan"
    ):
        train(showers)


def test_the_file_says_who_made_it(tmp_path: Path) -> None:
    path = write_kind(tmp_path / "ref.h5", "table", N)
    made = train(path, Settings("vae", **QUICK), seed=8).write(tmp_path / "made.h5", 10)
    with h5py.File(made) as file:
        assert '"model": "vae"' in file.attrs["generator"]
        assert "seed 8" in file.attrs["generator"]


def test_names_with_slashes_are_written_as_they_are(tmp_path: Path) -> None:
    names = ("mu1/pt", "mu2/pt", "x/", "x", "p T")
    values = np.random.default_rng(0).normal(size=(300, len(names)))
    np.savetxt(tmp_path / "ref.csv", values, delimiter=",", header=",".join(names), comments="")
    train(tmp_path / "ref.csv", Settings("vae", **QUICK)).write(tmp_path / "gen.h5", 50)
    with h5py.File(tmp_path / "gen.h5") as file:
        assert list(file) == ["table"]
        assert file["table"].dtype.names == names
        assert all(np.isfinite(file["table"][name]).all() and len(file["table"]) == 50 for name in names)
