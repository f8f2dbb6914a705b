"""Many networks as one: each member learns what it learns alone."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

import tailscope as ts
from helpers import toys
from tailscope.classifier import Labelled, Member, Pool, Stack, StackRows, Whitened, as_tensors, blank_network
from tailscope.classifier import train as train_alone
from tailscope.classifier.pace import Batches, Plateau
from tailscope.classifier.scoring import score_rows

N = 700
CPU = torch.device("cpu")
SETTINGS = replace(
    ts.FitConfig(network="mlp", hidden=24, layers=2, epochs=4, dropout=0.0, fewest_batches=0).settings,
    batch_size=256,
    whiten=False,
    compress=False,
)
WEIGHT = np.random.default_rng(3).uniform(0.5, 2, 2 * N)


def permuted(seed):
    return np.random.default_rng(seed).permutation(2 * N) < N


def parts(seed, n_train):
    order = np.random.default_rng(seed).permutation(2 * N)
    return np.sort(order[:n_train]), np.sort(order[n_train : n_train + 200]), np.sort(order[n_train + 200 :])


class Bundle:
    """Members that differ in rows, labels and seeds, as a stack and each alone."""

    def __init__(self, settings, *, device=CPU, weighted=False, sizes=(900, 905, 897)):
        self.settings, self.device = settings, device
        ref, gen = toys.gaussian_pair(N)
        # An input that is constant in a part of the rows gives fewer components there.
        x = np.concatenate([ref.features, gen.features])
        odd = np.zeros(2 * N, np.float32)
        self.rows = [parts(seed, n) for seed, n in enumerate(sizes)]
        odd[np.concatenate(self.rows[0][2:])] = 1.0
        x = np.column_stack([x, odd]).astype(np.float32)
        pool = Pool(toys.sample("a", x[:N]), toys.sample("b", x[N:]), device)
        self.pools = [pool] * len(sizes)
        if settings.whiten:
            self.pools = [Whitened(pool, np.sort(np.concatenate(rows[:2]))) for rows in self.rows]
        self.labels = [permuted(seed) if seed == 1 else np.arange(2 * N) < N for seed in range(len(sizes))]
        self.weights = [WEIGHT if weighted and seed != 2 else None for seed in range(len(sizes))]
        copies = self.pools if settings.whiten else self.pools[:1]
        self.stack_rows = StackRows(
            iter(copies),
            len(copies),
            list(zip(self.labels, self.weights, strict=True)),
            width=6,
            compress=settings.compress,
            whitened=settings.whiten,
        )
        self.members = [
            Member(k if settings.whiten else 0, k, train, held, 100 + k)
            for k, (train, held, _) in enumerate(self.rows)
        ]

    def stack(self, stop=None):
        return Stack.at_work(self.stack_rows, self.members, self.settings, stop)

    def together(self, epochs=None):
        """Progress of each member, its best parameters and its logits."""
        with self.stack() as stack:
            while stack.epoch < (epochs or self.settings.epochs):
                stack.one_epoch()
            stack.store()
            return stack.progress, stack.best(), stack.logits([rows[2] for rows in self.rows])

    def data(self, k):
        return Labelled(self.pools[k], self.labels[k], self.weights[k])

    def alone(self, k, progress=None):
        train, held, scored = self.rows[k]
        (state,), progress = train_alone(self.data(k), train, held, self.settings, 100 + k, progress=progress)
        return progress, state, self.scores(k, state, scored)

    def scores(self, k, state, rows):
        network = blank_network(self.pools[k], self.settings)
        network.load_state_dict(state)
        return score_rows([network], self.pools[k], rows)


CASES = {
    "one-cycle, averaged": {},
    "plateau": {"schedule": "plateau", "average": 0.0, "epochs": 16, "learning_rate": 0.05},
    "compressed": {"compress": True},
    "whitened, compressed, decayed": {"whiten": True, "compress": True, "weight_decay": 30.0},
    "one layer": {"layers": 1},
}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_each_member_is_the_training_alone(case, weighted):
    bundle = Bundle(replace(SETTINGS, **CASES[case]), weighted=weighted)
    progress, states, logits = bundle.together()
    for k in range(3):
        expected, state, scores = bundle.alone(k)
        assert {name: t.shape for name, t in states[k].items()} == {n: t.shape for n, t in state.items()}
        assert logits[k] == pytest.approx(scores, abs=1e-4)
        assert bundle.scores(k, states[k], bundle.rows[k][2]) == pytest.approx(logits[k], abs=1e-5)
        assert progress[k].best[0] == (expected.best_epoch, pytest.approx(expected.best[0][1], abs=1e-5))
        for epoch, other in zip(progress[k].history, expected.history, strict=True):
            assert epoch.train_loss == pytest.approx(other.train_loss, abs=1e-5)
            assert epoch.validation_loss == pytest.approx(other.validation_loss, abs=1e-5)
            assert epoch.learning_rate == pytest.approx(other.learning_rate, rel=1e-6)
    assert np.ptp(logits[0]) > 0.2


def test_rates_of_a_plateau_fall_for_each_member_on_its_own():
    bundle = Bundle(replace(SETTINGS, **CASES["plateau"], weight_decay=30.0))
    progress, *_ = bundle.together()
    rates = [tuple(round(math.log10(e.learning_rate / 0.05)) for e in one.history) for one in progress]
    assert min(rates[0] + rates[1] + rates[2]) < 0
    assert len(set(rates)) > 1


def test_members_with_fewer_components_are_padded():
    bundle = Bundle(replace(SETTINGS, whiten=True))
    widths = [pool.n_inputs for pool in bundle.pools]
    assert min(widths) < max(widths)
    assert [state["body.0.weight"].shape[1] for state in bundle.together()[1]] == widths


@pytest.mark.parametrize("case", ["plateau", "whitened, compressed, decayed"])
def test_a_stack_goes_on_where_it_was_stored(case):
    bundle = Bundle(replace(SETTINGS, **CASES[case], dropout=0.3, input_dropout=0.1))
    _, _, expected = bundle.together()
    half, *_ = bundle.together(epochs=2)
    with bundle.stack() as stack:
        stack.restore(half)
        while stack.epoch < bundle.settings.epochs:
            stack.one_epoch()
        found = stack.logits([rows[2] for rows in bundle.rows])
        assert [len(one.history) for one in stack.progress] == [bundle.settings.epochs] * 3
    for one, other in zip(found, expected, strict=True):
        assert np.array_equal(one, other)


def test_a_member_goes_on_alone_and_one_that_was_alone_in_a_stack():
    bundle = Bundle(replace(SETTINGS, whiten=True))
    half, *_ = bundle.together(epochs=2)
    for k in range(3):
        assert bundle.alone(k, half[k])[2] == pytest.approx(bundle.alone(k)[2], abs=1e-4)
    stored = []
    for k in range(3):
        train, held, _ = bundle.rows[k]

        class EnoughError(Exception):
            pass

        def at_two(progress):
            if progress.epoch == 2:
                stored.append(progress)
                raise EnoughError

        with pytest.raises(EnoughError):
            train_alone(bundle.data(k), train, held, bundle.settings, 100 + k, after_epoch=at_two)
    with bundle.stack() as stack:
        stack.restore(stored)
        while stack.epoch < bundle.settings.epochs:
            stack.one_epoch()
        logits = stack.logits([rows[2] for rows in bundle.rows])
    for k in range(3):
        assert logits[k] == pytest.approx(bundle.alone(k)[2], abs=1e-4)


def test_dropout_is_drawn_anew_in_each_step_and_is_the_same_again():
    bundle = Bundle(replace(SETTINGS, dropout=0.4))
    without = Bundle(SETTINGS)
    first, again, none = (one.together()[2] for one in (bundle, bundle, without))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert np.abs(first[0] - none[0]).max() > 1e-3


def test_the_randomness_of_the_caller_is_left_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    Bundle(replace(SETTINGS, dropout=0.4)).together()
    assert torch.equal(torch.rand(3), expected)


def test_a_member_that_diverges_takes_nobody_with_it():
    bundle = Bundle(SETTINGS, weighted=True)
    healthy = bundle.together()
    spoiled = Bundle(SETTINGS, weighted=True)
    spoiled.weights[1] = np.where(np.arange(2 * N) == spoiled.rows[1][0][0], np.inf, WEIGHT)
    spoiled.stack_rows = StackRows(
        iter(spoiled.pools[:1]),
        1,
        list(zip(spoiled.labels, spoiled.weights, strict=True)),
        width=6,
        compress=False,
        whitened=False,
    )
    with spoiled.stack() as stack:
        while stack.epoch < SETTINGS.epochs:
            stack.one_epoch()
        assert list(stack.diverged) == [1]
        assert "diverged in epoch 1" in str(stack.diverged[1])
        logits = stack.logits([rows[2] for rows in spoiled.rows])
    for k in (0, 2):
        assert np.array_equal(logits[k], healthy[2][k])


def test_batches_are_those_that_torch_would_cut():
    for n, size in [(5, 2), (1000, 256), (257, 256), (10, 3), (7, 6)]:
        batches = Batches.of(n, replace(SETTINGS, batch_size=size))
        chunks = torch.arange(n).chunk(batches.wanted)
        assert (len(chunks), len(chunks[0])) == (batches.taken, batches.size)


def test_a_plateau_survives_a_checkpoint():
    plateau = Plateau(0.1)
    for loss in (0.5, 0.6, 0.6, 0.6):
        plateau.after(loss)
    again = Plateau.from_tensor(as_tensors({"p": plateau.as_tensor().numpy()})["p"])
    assert again == plateau
    for _ in range(3):
        again.after(0.6)
    assert again.rate == pytest.approx(0.01)
    assert again.since == 0


@pytest.mark.gpu
@pytest.mark.parametrize("case", CASES)
def test_on_a_gpu_a_stack_learns_what_it_learns_on_a_cpu(case):
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    cuda, host = (
        Bundle(replace(SETTINGS, **CASES[case], dropout=0.1), device=torch.device(name))
        for name in ("cuda", "cpu")
    )
    on_gpu, on_host = cuda.together(), host.together()
    for k in range(3):
        # Another order of batches: the same losses up to what that changes.
        assert on_gpu[0][k].history[-1].validation_loss == pytest.approx(
            on_host[0][k].history[-1].validation_loss, abs=0.03
        )
    again = cuda.together()
    assert np.array_equal(again[2][0], on_gpu[2][0])


@pytest.mark.gpu
def test_on_a_gpu_a_stack_goes_on_where_it_was_stored():
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    bundle = Bundle(replace(SETTINGS, whiten=True, dropout=0.2), device=torch.device("cuda"))
    _, _, expected = bundle.together()
    half, *_ = bundle.together(epochs=2)
    with bundle.stack() as stack:
        stack.restore(half)
        while stack.epoch < bundle.settings.epochs:
            stack.one_epoch()
        found = stack.logits([rows[2] for rows in bundle.rows])
    for one, other in zip(found, expected, strict=True):
        assert one == pytest.approx(other, abs=1e-4)
