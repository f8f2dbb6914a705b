"""Weights of one sample alone: those of the other are learned, and how well is said."""

from __future__ import annotations

import numpy as np
import pytest

import tailscope as ts
from tailscope.errors import InputError
from tailscope.fitting.other_weights import other_weights
from tailscope.trust.interpolation import check_interpolation

N = 1500
rng = np.random.default_rng(0)
X, Y = rng.normal(0.0, 1, (N, 2)), rng.normal(0.3, 1, (N, 2))
REF, GEN = (ts.Sample(n, x, {"x": x[:, 0], "y": x[:, 1]}) for n, x in (("ref", X), ("gen", Y)))


def exact(x):
    """Log of the ratio of the two normal densities."""
    return ((x - 0.3) ** 2 - x**2).sum(axis=1) / 2


def imported(log_w):
    found, how = other_weights(GEN, log_w, REF, "reference")
    return ts.Study.from_weights(REF, GEN, found, log_w, interpolated=how)


def test_exact_weights_are_carried_over_and_kept(tmp_path):
    study = imported(exact(Y))
    assert np.array_equal(study.log_weights("generated"), exact(Y))
    off = study.log_weights("reference") - exact(X)
    assert np.sqrt(np.mean(off**2)) < 0.15 * exact(X).std()
    again = ts.open(study.save(tmp_path / "a.study.h5"))
    how = again.provenance.interpolated
    assert (how.sample, how.events) == ("reference", N)
    assert how.r2 > 0.95
    check = check_interpolation(again)
    assert (check.light, check.value) == ("green", how.r2)
    assert "Only the generated events came with weights" in check.why


def test_the_other_way_round():
    found, how = other_weights(REF, exact(X), GEN, "generated")
    assert how.sample == "generated"
    assert np.corrcoef(found, exact(Y))[0, 1] > 0.98


@pytest.mark.parametrize(("noise", "light"), [(0.3, "amber"), (3.0, "red")])
def test_weights_that_are_no_function_of_what_is_seen_are_said_to_be_none(noise, light):
    check = check_interpolation(imported(exact(Y) + rng.normal(0, noise, N)))
    assert check.light == light
    assert "generated events alone" in check.advice


def test_copies_of_an_event_do_not_vouch_for_each_other():
    rows = np.repeat(np.arange(N // 10), 10)
    gen = ts.Sample("gen", Y[rows], {"x": Y[rows, 0], "y": Y[rows, 1]})
    _, how = other_weights(gen, rng.normal(size=N // 10)[rows], REF, "reference")
    assert how.r2 < 0.1


def test_weights_of_zero_are_left_out_of_the_learning_and_kept():
    log_w = np.where(Y[:, 0] > 1.5, -np.inf, exact(Y))
    study = imported(log_w)
    assert study.provenance.interpolated.events == (Y[:, 0] <= 1.5).sum()
    assert np.isfinite(study.log_weights("reference")).all()
    assert np.array_equal(study.log_weights("generated"), log_w)


def test_weights_that_are_all_the_same_are_carried_over():
    study = imported(np.zeros(N))
    assert np.abs(study.log_weights("reference")).max() < 1e-12
    assert study.provenance.interpolated.r2 is None
    assert check_interpolation(study).light == "green"


def test_there_is_no_such_light_where_both_were_given():
    assert check_interpolation(ts.Study.from_weights(REF, GEN, exact(X), exact(Y))) is None


@pytest.mark.parametrize(
    ("log_w", "sentence"),
    [
        (np.zeros(7), "gen has 1500 events, but there are 7 weights for it"),
        (
            np.full(N, -np.inf),
            "0 events of gen have a weight that is neither 0 nor infinite, expected at least",
        ),
    ],
)
def test_what_cannot_be_learned_is_a_sentence(log_w, sentence):
    with pytest.raises(InputError, match=sentence):
        other_weights(GEN, log_w, REF, "reference")
