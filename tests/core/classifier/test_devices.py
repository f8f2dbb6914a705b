"""Where trainings run: what never waits for the device, and what happens when its memory is too small."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

import tailscope as ts
from helpers import toys
from helpers.pools import labelled
from tailscope.classifier import Pool, refusing, with_second_chance
from tailscope.classifier.attempts import DivergedError
from tailscope.classifier.randomness import RandomStream
from tailscope.classifier.training import Run
from tailscope.errors import TrainingError
from tailscope.sample.particles import COORDINATES, Particles

SETTINGS = ts.FitConfig(network="mlp", hidden=32, layers=2).settings


class WithoutValues(Pool):
    """On torch's meta device, which knows shapes and no values: whatever asks for a value fails."""

    def scaling(self, rows):
        return torch.zeros(self.n_inputs), torch.ones(self.n_inputs)


def pair(*, weighted=False):
    ref, gen = toys.gaussian_pair(1_500)
    if not weighted:
        return ref, gen
    return toys.sample("weighted", ref.features, event_weight=np.linspace(0.5, 2, 1_500)), gen


def particle_pair(n):
    """Five particles with nothing but their coordinates, and a sixth that is padding."""
    layout = Particles(6, COORDINATES)
    rng = np.random.default_rng(0)
    features = rng.random((2, n, 6, 3), dtype=np.float32)
    features[:, :, 5] = 0
    return tuple(
        ts.Sample(name, x.reshape(n, 18), {"x": x[:, 0, 0]}, particles=layout)
        for name, x in zip(("a", "b"), features, strict=True)
    )


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("network", ["mlp", "bayesian"])
def test_no_batch_asks_the_device_for_a_value(network, weighted):
    meta = torch.device("meta")
    rows = torch.arange(2_500, device=meta)
    data = labelled(*pair(weighted=weighted), meta, pool=WithoutValues)
    with RandomStream.of(meta, 0) as stream:
        run = Run(data, rows, rows + 500, replace(SETTINGS, network=network), stream)
        total, validation = run.all_batches(0), run.validate()
    with pytest.raises(RuntimeError):
        float(total)
    with pytest.raises(RuntimeError):
        float(validation)


def test_resident_and_split_pools_hold_the_same_events():
    ref, gen = pair(weighted=True)
    ref, gen = (
        ts.Sample(s.name, s.features, s.observables, condition=s.features[:, :2], event_weight=s.event_weight)
        for s in (ref, gen)
    )
    split = labelled(ref, gen, torch.device("cpu"))
    resident = labelled(ref, gen, torch.device("cpu"), resident=True)
    rows = torch.from_numpy(np.random.default_rng(0).permutation(3_000)[:700])
    sorted_rows = torch.cat([rows[rows < 1_500], rows[rows >= 1_500]])
    for a, b in zip(split.batch(rows), resident.batch(sorted_rows), strict=True):
        assert torch.equal(a, b)
    everything = torch.from_numpy(np.concatenate([ref.inputs(slice(None)), gen.inputs(slice(None))]))
    assert torch.equal(resident.pool.inputs(rows)[0], everything[rows])
    for a, b in zip(split.pool.scaling(rows), resident.pool.scaling(rows), strict=True):
        assert torch.allclose(a, b)
    assert split.class_sums(rows) == pytest.approx(resident.class_sums(rows))


def too_large_for(limit):
    """A training on a device whose memory holds batches up to a limit."""
    tried = []

    def train(settings):
        tried.append(settings.batch_size)
        if settings.batch_size > limit:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return "trained"

    return train, tried


def test_a_batch_that_does_not_fit_is_halved_once():
    train, tried = too_large_for(128)
    said = []
    result, settings = with_second_chance(train, replace(SETTINGS, batch_size=256), say=said.append)
    assert (result, settings.batch_size, tried) == ("trained", 128, [256, 128])
    assert len(said) == 1
    assert "ran out of memory; the training goes on with batches of 128 events" in said[0]


def test_half_a_batch_that_does_not_fit_either_is_a_sentence():
    train, tried = too_large_for(100)
    with pytest.raises(TrainingError, match="a batch of 128 events does not fit; choose a smaller --batch"):
        with_second_chance(train, replace(SETTINGS, batch_size=256))
    assert tried == [256, 128]


def test_divergence_and_too_little_memory_get_one_chance_each():
    tried, forgotten = [], []

    def train(settings):
        tried.append((settings.batch_size, settings.learning_rate))
        if len(tried) == 1:
            raise DivergedError("the training diverged")
        if len(tried) == 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        raise DivergedError("the training diverged")

    with pytest.raises(DivergedError):
        with_second_chance(
            train,
            replace(SETTINGS, batch_size=256, learning_rate=0.5),
            start_again=lambda: forgotten.append(len(tried)),
        )
    assert tried == [(256, 0.5), (256, 0.05), (128, 0.05)]
    assert forgotten == [1]


def test_events_that_do_not_fit_on_the_device_are_a_sentence():
    with (
        pytest.raises(TrainingError, match="out of memory: all events do not fit; choose"),
        refusing("all events do not fit"),
    ):
        raise torch.OutOfMemoryError("CUDA out of memory")


@pytest.mark.parametrize("name", ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
@pytest.mark.parametrize("network", ["mlp", "bayesian", "particlenet-lite"])
def test_an_epoch_on_a_gpu_never_waits_for_it(name, network):
    if name == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    device = torch.device(name)
    rows = torch.arange(500, device=device)
    events = particle_pair(1_500) if network == "particlenet-lite" else pair()
    settings = replace(SETTINGS, network=network)
    with RandomStream.of(device, 0) as stream:
        run = Run(labelled(*events, device), rows + 1_250, rows + 1_000, settings, stream)
        run.all_batches(0)  # libraries are set up in the first one
        if name == "cuda":
            torch.cuda.set_sync_debug_mode("error")
        try:
            total, validation = run.all_batches(1), run.validate()
        finally:
            if name == "cuda":
                torch.cuda.set_sync_debug_mode("default")
    assert 0 < float(total) / 500 < 5
    assert 0 < float(validation) < 5


@pytest.mark.parametrize("name", ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
@pytest.mark.parametrize("network", ["mlp", "bayesian", "particlenet-lite"])
def test_a_captured_step_is_that_step(name, network):
    """And steps before the capture leave no trace, at the start and in the middle of a training."""
    if name == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    device = torch.device(name)
    events = particle_pair(1_500) if network == "particlenet-lite" else pair()
    data = labelled(*events, device, pool=partial(Pool, resident=True))
    rows = torch.arange(1_500, device=device) + 700
    settings = replace(SETTINGS, network=network, batch_size=256, dropout=0.0)
    found = []
    for captures in ((), (0, 1)):
        with RandomStream.of(device, 0) as stream:
            run = Run(data, rows, rows[:100], settings, stream)
            for epoch in range(2):
                if epoch in captures:
                    run.capture()
                run.all_batches(epoch)
            found.append([p.detach().cpu().numpy() for p in run.averaged.parameters()])
    # Bayesian noise has other numbers inside a graph.
    for one, other in zip(*found, strict=True):
        assert one == pytest.approx(
            other, abs=0.0 if name == "cpu" else 0.05 if network == "bayesian" else 1e-4
        )
