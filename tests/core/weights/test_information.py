from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

import tailscope as ts
from helpers import toys
from tailscope.weights.information import information, losses


def shifted(n, seed, shift=1.0):
    """Log w of the unit Gaussian and of one that is shifted: the same function of x."""
    rng = np.random.default_rng(seed)
    return tuple(-shift * (x - shift / 2) for x in (rng.normal(0, 1, n), rng.normal(shift, 1, n)))


def jensen_shannon(shift=1.0):
    def part(x):
        p, q = norm.pdf(x), norm.pdf(x, shift)
        return (p * np.log(2 * p / (p + q)) + q * np.log(2 * q / (p + q))) / 2

    return quad(part, -10, 10 + shift)[0]


def test_of_exact_weights_it_is_the_jensen_shannon_divergence_and_the_error_covers():
    found = np.array([information(*shifted(2_000, seed)) for seed in range(60)])
    pulls = (found[:, 0] - jensen_shannon()) / found[:, 1]
    assert abs(pulls.mean()) < 0.5
    assert pulls.std() == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize("scale", [0.0, 0.5, 2.0, -1.0])
def test_of_other_weights_it_is_less(scale):
    exact = shifted(20_000, 0)
    value, error = information(*(scale * log_w for log_w in exact))
    assert value < jensen_shannon() - 3 * error
    assert (value == pytest.approx(0, abs=1e-9)) == (scale == 0)
    assert (value < -0.01) == (scale < 0)


def test_both_samples_count_the_same_however_large():
    ref, gen = shifted(5_000, 1)
    assert information(np.tile(ref, 3), gen)[0] == pytest.approx(information(ref, gen)[0])


def test_an_event_of_weight_2_counts_as_two():
    ref, gen = shifted(1_000, 2)
    v = np.where(np.arange(1_000) < 300, 2.0, 1.0)
    twice = np.concatenate([ref, ref[:300]])
    assert information(ref, gen, event_weights=(v, None))[0] == pytest.approx(information(twice, gen)[0])


def test_certainty_is_ln_2_where_it_is_right_and_nothing_is_worse_where_it_is_wrong():
    sure = np.full(10, np.inf)
    assert information(sure, -sure) == (pytest.approx(np.log(2)), 0)
    value, error = information(-sure, np.zeros(10))
    assert value == -np.inf
    assert np.isnan(error)
    assert losses(np.array([np.inf, -np.inf]), np.array([np.inf, -np.inf]))[0].tolist() == [0, np.inf]


def test_a_study_tells_it():
    study = toys.exact_study(8_000)
    value, error = information(study.reference.log_w, study.generated.log_w)
    assert (study.information(), study.information_error()) == (value, error)
    # The error is that of counting: of 5,000 events, value/error is 8.9.
    assert 0 < 10 * error < value
    v = np.linspace(0.5, 1.5, 8_000)
    weighted = replace(study, reference=replace(study.reference, event_weight=v))
    assert weighted.information() != pytest.approx(value, abs=1e-6)
    assert isinstance(study, ts.Study)
