"""Fits that are made again from their study: to the last bit what the command line makes, or a sentence."""

from dataclasses import replace

import numpy as np
import pytest

import tailscope as ts
from helpers.refitted import QUICK, files, study_file, study_of
from helpers.toys import exact_study, gaussian_pair
from tailscope.errors import InputError
from tailscope.fitting.again import files_of, samples_of, with_null_runs
from tailscope.fitting.null_pair import null_pair
from tailscope.fitting.null_runs import null_band
from tailscope.fitting.progress import EpochDone, Share
from tailscope.record import Provenance
from tailscope.storage.cache import Cache

COLUMNS = ("reference", "generated", "auc")


def same(band, other):
    return all(
        np.array_equal(getattr(band, name), getattr(other, name))
        for name in ("reference", "generated", "auc")
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A study beside its files; three null runs as the command line makes them, and their cache."""
    folder, cache = tmp_path_factory.mktemp("pair"), tmp_path_factory.mktemp("cache")
    path = study_file(folder)
    pair = [ts.load(folder / f"{name}.npz") for name in ("reference", "generated")]
    return path, null_band(*pair, QUICK, runs=3, cache=cache, progress=False), cache


def test_null_runs_of_a_study_are_those_of_its_fit_and_are_found_where_these_are_kept(made):
    path, band, cache = made
    told = []
    found = with_null_runs(ts.open(path), 3, cache=cache, progress=told.append)
    assert same(found.null, band)
    assert told == []


def test_more_runs_are_added_to_those_that_the_study_has(made, tmp_path):
    path, band, _ = made
    told = []
    fewer = replace(band, **{name: getattr(band, name)[:2] for name in COLUMNS})
    study = replace(ts.open(path), null=fewer)
    # The cache is empty: what the study has is not made again.
    found = with_null_runs(study, 1, cache=tmp_path, progress=told.append)
    assert same(found.null, band)
    assert {done.trainings for done in told} == {QUICK.folds}


def halves(folder):
    return null_pair(ts.load(files(folder)[0]), seed=3)


def some(folder):
    return [ts.load(path, where="x0 > 0", max_events=250) for path in files(folder)]


def halves_of_some(folder):
    return null_pair(ts.load(files(folder)[0], where="x0 > 0"))


@pytest.mark.parametrize("pair", [halves, some, halves_of_some])
def test_samples_are_read_again_as_they_were_chosen(pair, tmp_path):
    chosen = pair(tmp_path)
    path = study_of(*chosen).save(tmp_path / "chosen.study.h5")
    for sample, again in zip(chosen, samples_of(ts.open(path)), strict=True):
        assert np.array_equal(sample.features, again.features)
        assert sample.source.sha256 == again.source.sha256


def test_of_a_split_fit_all_events_are_read_again(tmp_path):
    pair = [ts.load(path) for path in files(tmp_path)]
    config = QUICK.with_(protocol="split")
    study = study_of(*pair, config).take(np.arange(0, 300, 2), np.arange(150))
    assert [len(sample) for sample in samples_of(study)] == [300, 300]


def test_what_cannot_be_fitted_again_is_said_in_one_sentence(made, tmp_path):
    path = made[0]
    study = ts.open(path)
    cases = {
        "were imported": exact_study(300),
        "after one epoch": replace(study, config=study.config.with_(watch_epochs=(1,))),
        "given as arrays": study_of(*gaussian_pair(300)),
    }
    for words, refused in cases.items():
        with pytest.raises(InputError, match=words):
            files_of(refused)
    other = Provenance(cache_key="0" * 64)
    for refused in (
        replace(study, provenance=other),
        replace(study, provenance=Provenance()),
        study.take(np.arange(100), np.arange(100)),
    ):
        with pytest.raises(InputError, match="cannot be made again"):
            samples_of(refused)
    lost = ts.open(study_file(tmp_path))
    names = [tmp_path / "generated.npz", tmp_path / "elsewhere"]
    names[0].rename(names[1])
    with pytest.raises(InputError, match=r"generated\.npz .* was not found; say where it is with"):
        files_of(lost)
    assert files_of(lost, [names[1]])[1] == (names[1],)
    names[0].write_bytes(b"another")
    with pytest.raises(InputError, match="not the file any more"):
        files_of(lost)


def test_the_share_counts_every_training_alike_in_whichever_order_they_speak():
    share = Share()
    assert share.after(EpochDone(1, 4, 5, 10, 0.6, 0.6)) == pytest.approx(0.5 / 4)
    assert share.after(EpochDone(0, 4, 1, 2, 0.6, 0.6)) == pytest.approx(1.0 / 4)
    assert share.after(EpochDone(1, 4, 10, 10, 0.6, 0.6)) == pytest.approx(1.5 / 4)
    for training in range(4):
        last = share.after(EpochDone(training, 4, 2, 2, 0.6, 0.6))
    assert last == 1


@pytest.mark.parametrize("at_once", [1, 3])
def test_the_share_never_falls_and_ends_at_one_also_for_what_the_cache_holds(tmp_path, at_once):
    """All is trained first; then the fit is lost, and one of its two networks."""
    cache = Cache(tmp_path)
    for lost in ("", "fit", "network"):
        if lost:
            next((tmp_path / "fit").glob("*.entry")).unlink()
        if lost == "network":
            min((tmp_path / "network").glob("*.entry")).unlink()
        share, shares = Share(), []

        def tell(done, share=share, shares=shares):
            shares.append(share.after(done))

        ts.fit(*gaussian_pair(300), config=QUICK, cache=cache, progress=tell, at_once=at_once)
        assert shares == sorted(shares)
        assert shares[-1] == 1
