"""Growth of a tail: found when it is there, and how often it is claimed when it is not."""

from __future__ import annotations

from dataclasses import replace

import h5py
import numpy as np
import pytest
from scipy.stats import norm, t

import tailscope as ts
from helpers.folded import folded_study
from helpers.toys import MEAN, SIGMA, exact_study, gaussian_log_ratio, gaussian_pair, sample
from tailscope.comparing.check import POWER, check, detectable, significance
from tailscope.errors import PairError
from tailscope.record import Provenance
from tailscope.weights.estimates import Estimate


def test_a_study_against_itself_grows_nowhere():
    study = folded_study()
    verdict = check(study, study)
    assert [growth.sigma for growth in verdict.growths] == [0, 0, 0]
    assert verdict.grew == ()
    assert verdict.remarks == ()


def test_events_planted_where_there_is_no_reference_are_found():
    old, new = folded_study(seed=1), folded_study(seed=2, extra=0.4)
    verdict = check(new, old)
    assert "low tail" in [growth.name for growth in verdict.grew]
    low = verdict.growths[0]
    assert low.new.value - low.old.value > 0.2
    assert check(old, new).grew == ()  # the way back is no growth
    assert check(new, old, sigma=30).grew == ()


def test_cuts_are_the_old_ones_unless_given():
    old, new = folded_study(seed=1), folded_study(seed=2, extra=0.6)
    assert {g.name: g.cut for g in check(new, old).growths} == {
        "low tail": 0.6,
        "high tail": 1.6,
        "AUC": None,
    }
    given = check(new, old, tails={"high": 2.5}).growths
    assert [(g.name, g.cut) for g in given] == [("high tail", 2.5), ("AUC", None)]


def test_the_statistic_is_that_of_welch():
    a, b = Estimate(0.1, 0.02, 4, has_training=True), Estimate(0.2, 0.01, 9, has_training=True)
    T = 0.1 / np.sqrt(5e-4)
    ndf = (5e-4) ** 2 / ((4e-4) ** 2 / 4 + (1e-4) ** 2 / 9)
    assert norm.sf(significance(a, b)) == pytest.approx(t.sf(T, ndf))
    assert significance(b, a) == -significance(a, b)
    exact = Estimate(0.1, 0.02, np.inf, has_training=False)
    assert significance(exact, Estimate(0.18, 0.0, np.inf, has_training=False)) == pytest.approx(4.0)


@pytest.mark.parametrize(("folds", "asked"), [(5, 3.0), (10, 2.0), (3, 1.0)])
def test_what_is_detectable_is_found_in_so_many_trials(folds, asked):
    """About, since the degrees of freedom are those of estimated errors."""
    rng = np.random.default_rng(folds)
    errors = 0.01, 0.02
    part = []
    growth = detectable(*(Estimate(0.1, error, folds - 1, has_training=True) for error in errors), asked)
    for _ in range(3000):
        old, new = (
            Estimate(
                value + error * rng.standard_normal(),
                error * np.sqrt(rng.chisquare(folds - 1) / (folds - 1)),
                folds - 1,
                has_training=True,
            )
            for value, error in zip((0.1, 0.1 + growth), errors, strict=True)
        )
        part.append(significance(old, new) > asked)
    assert np.mean(part) == pytest.approx(POWER, abs=0.08)


def test_without_noise_of_estimated_errors_the_power_is_that_of_a_gaussian():
    a, b = (Estimate(0.1, error, np.inf, has_training=False) for error in (0.006, 0.008))
    assert detectable(a, b, 3.0) == pytest.approx(0.01 * (3 + norm.ppf(POWER)), rel=1e-6)


def test_what_no_growth_could_reach_is_not_detectable():
    a, b = (Estimate(0.5, 0.1, 4, has_training=True) for _ in range(2))
    assert detectable(a, b, 3.0) == np.inf
    assert detectable(a, b, 100.0) == np.inf
    assert detectable(a, b, 0.5) < 0.5


def test_planted_growth_is_found_as_often_as_the_check_says():
    def found(extra):
        verdicts = [
            check(
                folded_study(1500, 2 * seed + 1, noise=0.02, extra=extra),
                folded_study(1500, 2 * seed, noise=0.02),
            )
            for seed in range(40)
        ]
        low = [verdict.growths[0] for verdict in verdicts]
        return np.mean([g.grew for g in low]), low

    _, unchanged = found(0.0)
    least = np.median([g.detectable for g in unchanged])
    some = {}
    for extra in (0.05, 0.4):
        part, low = found(extra)
        some[extra] = part, np.mean([g.new.value - g.old.value for g in low])
    assert some[0.05][1] < 0.5 * least
    assert some[0.05][0] < 0.5
    assert some[0.4][1] > 1.3 * least
    assert some[0.4][0] > 0.8


def test_more_events_find_less():
    small, large = (
        np.median(
            [
                check(folded_study(n, s + 1, noise=0), folded_study(n, s, noise=0)).growths[0].detectable
                for s in range(0, 20, 2)
            ]
        )
        for n in (500, 8000)
    )
    assert large < 0.6 * small


def test_another_reference_is_refused():
    with pytest.raises(PairError, match=r"other reference events .* against the reference of the old study"):
        check(folded_study(seed=1, reference_seed=4), folded_study(seed=2))


def test_what_weakens_the_comparison_is_said():
    study = exact_study(500, name="theirs")
    (sentence,) = check(study, study).remarks
    assert sentence.startswith("The weights of theirs and theirs come without folds")


def test_other_sizes_are_said_and_the_same_are_not():
    def remarks(n):
        return check(folded_of_sizes(n), folded_of_sizes(1000)).remarks

    assert remarks(1000) == remarks(850) == remarks(1200) == ()
    for n in (250, 750, 1300):
        (sentence,) = remarks(n)
        assert sentence.startswith(
            f"The new study has {n:,} generated events, the old one 1,000 generated events"
        )


def folded_of_sizes(n):
    """A study with another number of generated events."""
    study = folded_study(1000, seed=3)
    rows = np.arange(n) % 1000
    return ts.Study.of(replace(study, generated=study.generated.take(rows)))


def test_event_weights_count_in_sizes():
    study = exact_study(1000)
    v = np.where(np.arange(1000) % 4 == 0, 4.0, 0.1)
    weighted = ts.Study.of(replace(study, generated=replace(study.generated, event_weight=v)))
    sentence = check(weighted, study).remarks[0]
    assert "1,000 generated events (as good as 288 without event weights)" in sentence
    alike = replace(study, generated=replace(study.generated, event_weight=np.full(1000, 7.0)))
    assert not any("generated events" in s for s in check(ts.Study.of(alike), study).remarks)


def test_other_inputs_are_said_and_unknown_ones_are_not():
    def study(**seen):
        return ts.Study.of(replace(folded_study(), provenance=Provenance(**seen)))

    low = study(features="low", n_inputs=508)
    assert check(low, low).remarks == check(study(), low).remarks == ()
    (sentence,) = check(study(features="both", n_inputs=560), low).remarks
    assert "low features before, both features now and 508 numbers an event before, 560" in sentence
    (sentence,) = check(study(features="low", n_inputs=500), low).remarks
    assert (
        "The classifiers saw other inputs, 508 numbers an event before, 500 numbers an event now" in sentence
    )


def weighted_study(tmp_path, column):
    """A study of events in files, whose event weights are in a column of the reference's, or all 1."""
    ref, gen = gaussian_pair(300)
    rng = np.random.default_rng(0)
    path = tmp_path / "reference.h5"
    if not path.exists():
        with h5py.File(path, "w") as file:
            for i in range(5):
                file[f"x{i}"] = ref.features[:, i]
            for name in ("nominal", "varied"):
                file[name] = rng.uniform(0.5, 2.0, 300)
            file["doubled"] = 2 * file["nominal"][()]
    source = ts.load(path, event_weight=column)
    read = ts.Sample(
        "reference", ref.features, ref.observables, event_weight=source.event_weight, source=source.source
    )
    return ts.Study.from_weights(
        read, gen, gaussian_log_ratio(ref.features), gaussian_log_ratio(gen.features)
    )


def test_other_event_weights_of_the_same_file_are_another_reference(tmp_path):
    nominal, varied, none = (weighted_study(tmp_path, column) for column in ("nominal", "varied", None))
    assert nominal.reference.source.sha256 == varied.reference.source.sha256 == none.reference.source.sha256
    assert len({study.digest for study in (nominal, varied, none)}) == 3
    assert check(nominal, weighted_study(tmp_path, "doubled")).growths[0].sigma == 0  # another unit
    for new, old, words in (
        (varied, nominal, r"\(varied\) than .* \(nominal\)"),
        (none, nominal, r"\(all 1\) than .* \(nominal\)"),
        (nominal, none, r"\(nominal\) than .* \(all 1\)"),
    ):
        with pytest.raises(PairError, match="other weights of the reference events " + words):
            check(new, old)


def test_false_alarms_are_as_rare_as_promised():
    found = []
    for seed in range(60):
        old, new = folded_study(800, 2 * seed, noise=0.15), folded_study(800, 2 * seed + 1, noise=0.15)
        found += [growth.sigma for growth in check(new, old).growths]
    assert max(found) < 3.5
    assert 0.5 < np.std(found) < 1.15


@pytest.mark.slow
def test_real_trainings_raise_no_false_alarms(tmp_path):
    found = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        ref = sample("reference", rng.standard_normal((1000, 5)).astype(np.float32))
        studies = []
        for name in ("old", "new"):
            x = (MEAN + SIGMA * rng.standard_normal((1000, 5))).astype(np.float32)
            config = ts.FitConfig(epochs=8)
            studies.append(ts.fit(ref, sample(name, x), config=config, cache=tmp_path, progress=False))
        found += [growth.sigma for growth in check(studies[1], studies[0]).growths]
    assert max(found) < 3
    assert np.std(found) < 1.4
