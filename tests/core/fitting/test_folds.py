"""Which fold leaves an event out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tailscope as ts
from helpers import repeats, toys
from tailscope.errors import PairError
from tailscope.fitting.folds import assign_folds, event_hashes, held_out_part
from tailscope.fitting.plan import Labels, plan_of
from tailscope.fitting.repeats import discrete

QUICK = ts.FitConfig(epochs=6, hidden=32, layers=1, batch_size=128, learning_rate=3e-3, device="cpu")


def samples(pair):
    return [toys.sample(name, x.astype(np.float32)) for name, x in zip(("a", "b"), pair, strict=True)]


def folds_of(pair, n_folds=5, seed=0):
    hashes = tuple(event_hashes(s, seed) for s in pair)
    return assign_folds(("a", "b"), hashes, discrete(*hashes), n_folds)


def fit(pair, cache, **options):
    return ts.fit(*samples(pair), config=QUICK.with_(**options), cache=cache, progress=False)


def test_folds_are_stratified_and_follow_the_reference_alone():
    ref, gen = toys.gaussian_pair(1_001)
    other = toys.gaussian_pair(700, seed=5)[1]
    first = folds_of((ref, gen))
    assert np.ptp(np.bincount(first.reference)) <= 1
    assert np.ptp(np.bincount(first.generated)) <= 1
    assert (first.reference == folds_of((ref, other)).reference).all()
    assert (first.reference != folds_of((ref, gen), seed=1).reference).any()


def test_folds_of_continuous_events_are_those_of_the_first_release():
    """Studies and caches of it are compared with those of today."""
    pair = samples(np.arange(20.0).reshape(2, 10, 1))
    found = folds_of(pair, 3)
    assert found.reference.tolist() == [2, 0, 0, 0, 0, 1, 1, 1, 2, 2]
    assert found.generated.tolist() == [2, 2, 0, 1, 0, 1, 0, 2, 1, 0]


def test_discrete_values_are_dealt_and_the_first_of_each_stays_where_it_is():
    """The reference's folds are the same against any generator with values of the same kinds."""
    ref, gen = samples(repeats.categories(np.random.default_rng(0)))
    found, other = folds_of((ref, gen)), folds_of((ref, samples(repeats.counts(np.random.default_rng(1)))[1]))
    assert found.shared == 0
    assert (found.reference == other.reference).all()
    for sample, fold in ((ref, found.reference), (gen, found.generated)):
        assert np.ptp(np.bincount(fold)) <= 1
        for value in range(10):
            inside = np.bincount(fold[sample.features[:, 0] == value], minlength=5)
            expected = inside.sum() / 5
            assert (abs(inside - expected) < 5 * np.sqrt(expected)).all()
    elsewhere = toys.sample("elsewhere", np.arange(20, 3020, dtype=np.float32)[:, None])
    assert (found.reference == folds_of((ref, elsewhere)).reference).all()


def test_what_fluctuates_in_a_discrete_value_is_not_learned_from_itself():
    """Dealt equally to all folds, a value with too many events would have too many in each of them."""
    squares = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        x = rng.integers(0, 10, (500, 1))
        fold = folds_of(samples((x, rng.integers(0, 10, (500, 1)))), seed=seed).reference
        inside = np.bincount(fold[x[:, 0] == 3], minlength=5)
        squares.append(((inside - inside.mean()) ** 2).sum() / (inside.sum() * 0.9))
    assert np.mean(squares) == pytest.approx(4 / 5, abs=0.15)  # multinomial, of ten values in five folds


def test_copies_share_a_fold_whatever_labels_are_permuted():
    ref, gen = samples(repeats.showers(np.random.default_rng(2), (0.1, 0.2), copied=0.2))
    hashes = event_hashes(ref, 0), event_hashes(gen, 0)
    is_discrete = discrete(*hashes)
    labels = Labels.of(ref, gen)
    for one in (labels, labels.permuted(np.random.default_rng(0))):
        pool = np.concatenate(hashes), np.concatenate(is_discrete)
        plan = plan_of(("a", "b"), one, *pool, QUICK.for_sample(ref), "key")
        values, which, counts = np.unique(pool[0], return_inverse=True, return_counts=True)
        copies = (counts[which] > 1) & ~pool[1]
        assert copies.sum() > 900
        folds_a_value = np.bincount(np.unique(np.stack([which, plan.fold]), axis=1)[0], minlength=values.size)
        assert (folds_a_value[which[copies]] == 1).all()
        assert (folds_a_value[which[pool[1]]] == 5).all()
        training = plan.training(0, 0)
        twins = np.isin(which[training.train], which[training.validation])
        assert not (twins & copies[training.train]).any()
        assert twins[pool[1][training.train]].all()


events = st.lists(st.integers(0, 40), min_size=20, max_size=300)


@given(events, events, st.integers(2, 5), st.integers(0, 3))
def test_folds_of_any_events(ref, gen, n_folds, seed):
    hashes = tuple(event_hashes(s, seed) for s in samples(np.array(x)[:, None] for x in (ref, gen)))
    is_discrete = discrete(*hashes)
    try:
        found = assign_folds(("a", "b"), hashes, is_discrete, n_folds)
    except ts.errors.InputError:
        return
    again = assign_folds(("a", "b"), hashes, is_discrete, n_folds)
    assert (found.reference == again.reference).all()
    assert (found.generated == again.generated).all()
    fold_of = {}
    for h, d, fold, key in zip(
        np.concatenate(hashes),
        np.concatenate(is_discrete),
        np.concatenate([found.reference, found.generated]),
        np.concatenate(found.keys),
        strict=True,
    ):
        if not d:
            assert key == h
            assert fold_of.setdefault(h, fold) == fold
    assert found.shared == sum(h in fold_of and h in set(hashes[0]) for h in hashes[1])
    apart = np.concatenate([k[d] for k, d in zip(found.keys, is_discrete, strict=True)])
    assert np.unique(apart).size == apart.size
    for fold, d in zip((found.reference, found.generated), is_discrete, strict=True):
        if d.all():
            assert np.ptp(np.bincount(fold, minlength=n_folds)) <= 1


@given(st.lists(st.integers(0, 2**64 - 1), min_size=2), st.floats(0.05, 0.5))
def test_events_of_one_key_are_held_out_together(keys, part):
    keys = np.array(keys * 2, np.uint64)
    chosen = held_out_part(keys, part)
    assert (chosen[: len(keys) // 2] == chosen[len(keys) // 2 :]).all()
    assert chosen.any()


def test_events_shared_by_both_samples_share_a_fold(tmp_path):
    rng = np.random.default_rng(3)
    shared = rng.normal(size=(1_500, 5))
    pair = [np.concatenate([shared, rng.normal(size=(n, 5))]) for n in (20, 30)]
    folds = folds_of(samples(pair))
    assert folds.shared == 1_500
    assert (folds.reference[:1_500] == folds.generated[:1_500]).all()
    study = fit(pair, tmp_path)
    assert study.provenance.shared_events == 1_500
    assert abs(study.auc() - 0.5) < 3 * study.auc_error()


def test_a_tenth_of_the_events_in_both_samples_is_no_difference(tmp_path):
    study = fit(repeats.copied(np.random.default_rng(4), 0.1), tmp_path)
    assert study.provenance.shared_events == 300
    assert abs(study.auc() - 0.5) < 3 * study.auc_error()


def test_weights_of_categories_are_the_ratio_of_their_shares(tmp_path):
    """Of the default fit: what the counts of both samples say, and what these know of the shares."""
    ref, gen = (np.eye(10)[x[:, 0].astype(int)] for x in repeats.categories(np.random.default_rng(5)))
    study = ts.fit(*samples((ref, gen)), config=ts.FitConfig(device="cpu"), cache=tmp_path, progress=False)
    a, b = repeats.SHARES, repeats.SHARES[::-1]
    assert study.provenance.shared_events == 0
    exact = sum(a[i] * (b[a / b < a[i] / b[i]].sum() + b[i] / 2) for i in range(10))
    assert study.auc() == pytest.approx(exact, abs=0.02)
    for value in range(10):
        log_w = np.median(study.log_weights("generated")[gen[:, value] == 1])
        n, m = ref[:, value].sum(), gen[:, value].sum()
        assert log_w == pytest.approx(np.log(n / m), abs=0.1)
        assert log_w == pytest.approx(np.log(a[value] / b[value]), abs=0.05 + 2.5 * np.sqrt(1 / n + 1 / m))


@pytest.mark.parametrize("name", ["ten categories of one density", "a count", "five counts"])
def test_discrete_samples_of_one_density_have_an_auc_of_one_half(tmp_path, name):
    study = fit(repeats.DISCRETE[name](np.random.default_rng(6)), tmp_path)
    assert study.provenance.shared_events == 0
    assert abs(study.auc() - 0.5) < 3 * study.auc_error()
    (light,) = [check.light for check in study.checks if check.name == "shared_events"]
    assert light == "green"


def test_empty_showers_of_the_generator_alone_get_small_weights(tmp_path):
    ref, gen = repeats.showers(np.random.default_rng(7), (0.0, 0.1))
    study = fit((ref, gen), tmp_path)
    assert (study.weights("generated")[~gen.any(axis=1)] < 0.5).all()


def test_samples_of_the_same_events_are_refused(tmp_path):
    rng = np.random.default_rng(8)
    continuous, counted = rng.normal(size=(500, 3)), rng.poisson(3, (500, 3))
    for ref, gen in (
        (continuous, continuous[::-1]),
        (continuous, continuous.repeat(2, axis=0)),
        (counted, rng.permutation(counted)),
    ):
        with pytest.raises(PairError, match="hold the same events"):
            fit((ref, gen), tmp_path)
