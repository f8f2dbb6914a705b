"""Events that are there more than once: in one sample, in both, and rightly so where values are few."""

from dataclasses import replace

import numpy as np
import pytest

import tailscope as ts
from helpers import toys
from tailscope.fitting.folds import assign_folds, event_hashes
from tailscope.fitting.repeats import discrete
from tailscope.record import BothSamples, Distinct, Provenance
from tailscope.trust.samples import check_repeated_events

N = 2_000
QUICK = ts.FitConfig(folds=2, epochs=2, hidden=16, layers=1, device="cpu")


def check_of(reference, generated):
    """The check of two arrays of events, with what a fit of them knows."""
    samples = [
        toys.sample(name, np.asarray(x, np.float32)) for name, x in (("r", reference), ("g", generated))
    ]
    hashes = event_hashes(samples[0], 0), event_hashes(samples[1], 0)
    kinds = discrete(*hashes)
    found = [
        Distinct(distinct=np.unique(h).size, of=h.size, discrete=int(kind.sum()))
        for h, kind in zip(hashes, kinds, strict=True)
    ]
    study = ts.Study.from_weights(*samples, np.zeros(len(reference)), np.zeros(len(generated)))
    made = Provenance(
        repeated=BothSamples(reference=found[0], generated=found[1]),
        shared_events=assign_folds(("r", "g"), hashes, kinds, 2).shared,
    )
    return check_repeated_events(replace(study, provenance=made))


def gaussian(n=N, seed=0):
    return np.random.default_rng(seed).standard_normal((n, 3))


def categories(n=N, seed=0, shares=None):
    rng = np.random.default_rng(seed)
    return np.stack([rng.choice(4, n, p=shares), rng.choice(3, n)], axis=1)


def test_events_that_all_differ_are_good():
    check = check_of(gaussian(), gaussian(seed=1))
    assert (check.light, check.value) == ("green", 0)


@pytest.mark.parametrize(
    ("distinct", "light"), [(100, "red"), (1_300, "red"), (1_800, "amber"), (1_990, "green")]
)
def test_a_sample_that_repeats_itself_is_told(distinct, light):
    repeated = gaussian(seed=1)[np.arange(N) % distinct]
    for pair, name in (((gaussian(), repeated), "generated"), ((repeated, gaussian()), "reference")):
        check = check_of(*pair)
        assert check.light == light
        if light != "green":
            assert check.why == f"Only {distinct:,} of 2,000 {name} events differ"
            assert check.advice.startswith("Give each event once")


def test_samples_that_both_repeat_themselves_are_told_unless_they_hold_the_same():
    check = check_of(gaussian()[np.arange(N) % 200], gaussian(seed=1)[np.arange(N) % 200])
    assert check.light == "red"


@pytest.mark.parametrize("sizes", [(N, N), (N, 4 * N), (4 * N, N)])
def test_few_discrete_values_repeat_rightly(sizes):
    check = check_of(categories(sizes[0]), categories(sizes[1], 1, [0.4, 0.3, 0.2, 0.1]))
    assert check.light == "green"
    assert "both samples repeat events alike" in check.why


def test_in_older_studies_what_both_samples_share_says_whether_values_are_discrete():
    study = toys.exact_study(N)
    half = Distinct(distinct=N // 2, of=N)
    for shared, light in ((N // 2, "green"), (N // 5, "red")):
        made = Provenance(repeated=BothSamples(reference=half, generated=half), shared_events=shared)
        assert check_repeated_events(replace(study, provenance=made)).light == light


def test_copies_within_and_between_samples_are_no_discrete_values():
    """Every reference event twice, and half of the generated ones are copies of them, twice too."""
    ref = gaussian(N // 2).repeat(2, axis=0)
    gen = np.concatenate([ref[: N // 2], gaussian(N // 4, 1).repeat(2, axis=0)])
    check = check_of(ref, gen)
    assert check.light == "red"
    assert "few values" not in check.why


def test_many_discrete_values_of_which_a_generator_makes_few_are_amber():
    rng = np.random.default_rng(3)
    ref = rng.integers(0, 100, (N, 2))
    check = check_of(ref, ref[rng.integers(0, 20, N)])
    assert check.light == "amber"
    assert "20 of 2,000 generated events differ" in check.why


def test_events_that_are_drawn_from_the_reference_itself_are_no_discrete_ones():
    """All of them are shared, and a third is there already; the reference repeats nothing."""
    ref = gaussian()
    check = check_of(ref, ref[np.random.default_rng(4).integers(0, N, N)])
    assert check.light == "red"
    assert check.value == pytest.approx(np.exp(-1), abs=0.02)
    assert "few values" not in check.why


def test_a_fit_knows_how_many_events_differ_also_when_the_cache_made_it(tmp_path):
    ref, gen = gaussian(300), gaussian(300, 1)[np.arange(300) % 50]
    pair = [toys.sample(name, x.astype(np.float32)) for name, x in (("r", ref), ("g", gen))]
    for _ in range(2):
        study = ts.fit(*pair, config=QUICK, cache=tmp_path, progress=False)
        found = study.provenance.repeated
        assert (found.reference.distinct, found.generated.distinct, found.generated.of) == (300, 50, 300)
    again = ts.open(study.save(tmp_path / "a.study.h5"))
    assert check_repeated_events(again).why == "Only 50 of 300 generated events differ"
    assert check_repeated_events(toys.exact_study(20)) is None
