"""Columns that are no physics, and columns that only one sample has."""

from __future__ import annotations

import numpy as np

import tailscope as ts
from helpers.places import DATA
from tailscope.formats import Choice
from tailscope.sample.pairing import matched
from tailscope.trust.columns import check_columns
from tailscope.trust.inputs import check_units
from tailscope.trust.reweighting import check_mean_w

N = 400


def study_of(ref: ts.Sample, gen: ts.Sample, *, common: bool = False) -> ts.Study:
    ref, gen = matched(ref, gen, common=common)
    return ts.Study.from_weights(ref, gen, np.zeros(len(ref)), np.zeros(len(gen)))


def file_of(tmp_path, name, **columns):
    path = tmp_path / f"{name}.npz"
    np.savez(path, **columns)
    return path


def test_an_event_number_that_is_asked_for_is_red_and_one_left_out_is_not(tmp_path):
    rng = np.random.default_rng(0)
    files = [
        file_of(tmp_path, name, pt=rng.exponential(size=N), EventId=np.arange(N) + first)
        for name, first in (("ref", 0), ("gen", 10_000))
    ]
    assert check_columns(study_of(*map(ts.load, files))).light == "green"
    asked = [ts.load(path, choice=Choice(columns=("pt", "EventId"))) for path in files]
    study = study_of(*asked)
    check = check_columns(study)
    assert (check.light, check.value) == ("red", 1)
    missing = ts.Study.from_weights(*matched(*asked), np.zeros(N), np.full(N, np.log(0.5)))
    assert "a matter of what was compared" in check_mean_w(missing).why
    assert "EventId (an identifier)" in check.why
    assert "--drop EventId" in check.advice


def test_what_is_compared_in_common_is_amber(tmp_path):
    rng = np.random.default_rng(0)
    ref = ts.load(file_of(tmp_path, "ref", pt=rng.exponential(size=N), eta=rng.normal(size=N)))
    gen = ts.load(file_of(tmp_path, "gen", pt=rng.exponential(size=N), rapidity=rng.normal(size=N)))
    study = study_of(ref, gen, common=True)
    check = check_columns(study)
    assert check.light == "amber"
    assert "ref: eta left out" in check.why
    assert "gen: rapidity left out" in check.why
    # It is still known of the study in its file.
    assert check_columns(ts.open(study.save(tmp_path / "s.h5"))).why == check.why


def test_nothing_is_said_of_events_that_are_no_tables():
    ref, gen = (ts.load(DATA / f"jets_{side}.h5") for side in ("reference", "generated"))
    assert check_columns(study_of(ref, gen)) is None


def test_units_are_blamed_before_the_generator(tmp_path):
    rng = np.random.default_rng(0)
    mass = rng.normal(91, 3, size=(2, N))
    ref = ts.load(file_of(tmp_path, "ref", mass=mass[0]))
    for factor, blamed in ((1000, True), (1, False)):
        gen = ts.load(file_of(tmp_path, "gen", mass=factor * mass[1]))
        study = ts.Study.from_weights(ref, gen, np.zeros(N), np.full(N, np.log(0.5)))
        assert (check_units(study).light == "red") == blamed
        assert ("a matter of units" in check_mean_w(study).why) == blamed
