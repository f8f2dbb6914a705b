"""The events of a study are found by checksum and drawn as they are in their file."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

import tailscope as ts
from helpers.kinds import KINDS, write_kind
from helpers.shown import study_of_kind, weighted
from helpers.toys import exact_study
from tailscope.errors import InputError, StudyError
from tailscope.fitting.null_pair import null_pair
from tailscope.looking.averages import average, picked
from tailscope.looking.carry import with_bundle
from tailscope.looking.nearest import nearest_reference
from tailscope.looking.originals import originals
from tailscope.weights.bundle import Bundle

IN_FILES = [kind for kind in KINDS if kind.startswith(("calo", "jets"))]


def voxels(drawing):
    return np.concatenate([image.values.reshape(len(drawing), -1) for image in drawing.images], axis=1)


def layers(path, rows):
    """Voxels of some showers, straight from the file."""
    with h5py.File(path) as file:
        return np.concatenate([file[f"layer_{i}"][()][rows].reshape(len(rows), -1) for i in range(3)], axis=1)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_study_shows_its_events_or_says_why_not(tmp_path: Path, kind: str) -> None:
    study = study_of_kind(tmp_path, kind).save(tmp_path / "a.study.h5")
    study = ts.open(study)
    if kind in {"table", "old dimuon"}:
        with pytest.raises(InputError, match=r"have no picture|directions of the particles are not"):
            originals(study, "reference").draw(0)
        return
    for sample in ("reference", "generated"):
        drawing = originals(study, sample).draw(17)
        assert len(drawing) == 1
        assert bool(drawing.images) != (drawing.points is not None)
        for image in drawing.images:
            total = float(study.sample(sample).observables[image.total][17])
            assert image.values.sum(dtype=np.float64) == pytest.approx(total, rel=1e-5)


def test_voxels_are_those_of_the_file(tmp_path: Path) -> None:
    study = study_of_kind(tmp_path, "calogan")
    found = originals(study, "generated")
    assert found.available is None
    assert found.origin == "generated.h5"
    for row in (0, 11, 179):
        expected = layers(tmp_path / "generated.h5", [row])
        np.testing.assert_array_equal(voxels(found.draw(row)), expected)


def test_halves_of_a_file_show_their_own_events(tmp_path: Path) -> None:
    path = write_kind(tmp_path / "a.h5", "calogan", 200)
    halves = null_pair(ts.load(path))
    study = ts.open(weighted(*halves).save(tmp_path / "null.study.h5"))
    for sample, half in zip(("reference", "generated"), halves, strict=True):
        rows = study.sample(sample).rows
        np.testing.assert_array_equal(rows, half.rows)
        found = originals(study, sample)
        for event in (0, 42, 99):
            np.testing.assert_array_equal(voxels(found.draw(event)), layers(path, [rows[event]]))
    twice = halves[0].take(np.array([3, 1]), "two")
    np.testing.assert_array_equal(twice.rows, halves[0].rows[[3, 1]])


def test_the_first_events_are_those_of_the_file(tmp_path: Path) -> None:
    study = study_of_kind(tmp_path, "calogan", max_events=50)
    np.testing.assert_array_equal(
        voxels(originals(study, "reference").draw(49)), layers(tmp_path / "reference.h5", [49])
    )


def test_a_file_is_found_where_it_was_beside_the_study_and_where_it_is_said_to_be(tmp_path: Path) -> None:
    study = study_of_kind(tmp_path, "calogan")
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    path = study.save(moved / "a.study.h5")
    assert originals(ts.open(path), "reference").has(0)  # where it was
    for role in ("reference", "generated"):
        (tmp_path / f"{role}.h5").rename(moved / f"{role}.h5")
    assert originals(ts.open(path), "reference").has(0)  # beside the study
    for role in ("reference", "generated"):
        (moved / f"{role}.h5").rename(tmp_path / f"of {role}.dat")
    with pytest.raises(
        InputError, match=r"^reference\.h5 \(reference events, SHA-256 \w{12}…\) was not found; say"
    ):
        originals(ts.open(path), "reference")
    found = originals(ts.open(path), "generated", [moved, tmp_path])  # in a folder, under another name
    assert found.origin == "of generated.dat"
    assert originals(ts.open(path), "reference", [tmp_path / "of reference.dat"]).origin == "of reference.dat"


def test_a_file_that_changed_is_not_shown(tmp_path: Path) -> None:
    study = study_of_kind(tmp_path, "calogan")
    write_kind(tmp_path / "reference.h5", "calogan", 100)
    with pytest.raises(
        InputError, match=r"reference\.h5 .* is not the file any more that the study was made of"
    ):
        originals(study, "reference")
    assert originals(study, "generated").has(0)


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    """A pipe that a study names would never end."""
    study = study_of_kind(tmp_path, "calogan")
    (tmp_path / "reference.h5").unlink()
    os.mkfifo(tmp_path / "reference.h5")
    with pytest.raises(InputError, match="was not found"):
        originals(study, "reference", [tmp_path])


def test_arrays_have_no_file(tmp_path: Path) -> None:
    study = replace(exact_study(100), domain="calorimeter")
    with pytest.raises(InputError, match="the reference events were given as arrays"):
        originals(study, "reference", [tmp_path])


@pytest.mark.parametrize("kind", IN_FILES)
def test_a_bundle_shows_the_same_without_the_file(tmp_path: Path, kind: str) -> None:
    study = study_of_kind(tmp_path, kind)
    carrying = with_bundle(study, 10)
    path = carrying.save(tmp_path / "a.study.h5")
    before = {s: originals(study, s) for s in ("reference", "generated")}
    drawn = {
        s: [before[s].draw(int(e)) for e in carrying.sample(s).bundle.events]
        for s in ("reference", "generated")
    }
    for role in drawn:
        (tmp_path / f"{role}.h5").unlink()
    opened = ts.open(path)
    assert opened.digest == study.digest
    for sample, drawings in drawn.items():
        found = originals(opened, sample)
        events = found.available
        assert 10 <= events.size <= 60
        assert found.has(int(events[0]))
        missing = np.setdiff1d(np.arange(len(study.sample(sample))), events)[0]
        assert not found.has(int(missing))
        for event, expected in zip(events, drawings, strict=True):
            again = found.draw(int(event))
            for a, b in zip(again.sums(), expected.sums(), strict=True):
                np.testing.assert_array_equal(a, b)
            nearest = nearest_reference(study, sample, int(event)).event
            # Of every event that was chosen, the nearest reference event is carried too.
            if sample == "generated":
                assert originals(opened, "reference").has(nearest)


def test_a_bundle_that_makes_no_sense_is_refused(tmp_path: Path) -> None:
    study = study_of_kind(tmp_path, "calogan")
    for wrong in ([3, 1], [1, 1], [-1, 2], []):
        with pytest.raises(InputError, match="bundle"):
            Bundle(np.array(wrong, dtype=np.int64), {"x": np.zeros(len(wrong))})
    with pytest.raises(InputError, match="give at least 1"):
        with_bundle(study, 0)
    (tmp_path / "zjets").mkdir()
    with pytest.raises(InputError, match="nothing need be carried"):
        with_bundle(study_of_kind(tmp_path / "zjets", "zjets"))
    path = with_bundle(study, 3).save(tmp_path / "a.study.h5")
    with h5py.File(path, "a") as file:
        file["generated/bundle/arrays/layer_0"][0, 0, 0] += 1
    with pytest.raises(StudyError, match="checksum of /generated/bundle/arrays/layer_0 does not fit"):
        ts.open(path)


@pytest.mark.parametrize("kind", ["calogan", "calochallenge", "zjets", "jets"])
def test_an_average_is_the_mean_of_every_cell(tmp_path: Path, kind: str) -> None:
    study = study_of_kind(tmp_path, kind)
    found = originals(study, "reference")
    events = study.select("reference", ts.Selection(low=1.2))
    steps = []
    result = average(found, picked(found, events[::-1]), progress=lambda done, of: steps.append((done, of)))
    assert (result.n_events, result.of) == (events.size, events.size)
    assert steps[-1] == (events.size, events.size)
    singles = [found.draw(int(e)).sums() for e in events]
    for image, *parts in zip(result.drawing.images, *singles, strict=True):
        np.testing.assert_allclose(image.values[0], np.mean(parts, axis=0), rtol=1e-5, atol=1e-12)


def test_of_many_events_a_random_part_is_averaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tailscope.looking.averages.VOXELS", 0)
    monkeypatch.setattr("tailscope.looking.averages.FEWEST", 30)
    study = study_of_kind(tmp_path, "calogan")
    found = originals(study, "reference")
    everyone = np.arange(200)
    one, other = (average(found, picked(found, everyone, seed=seed), of=200) for seed in (0, 1))
    assert (one.n_events, one.of) == (30, 200)
    assert not np.array_equal(one.drawing.images[1].values, other.drawing.images[1].values)
    with pytest.raises(InputError, match="none of the 0 events"):
        picked(found, everyone[:0])
