"""Study files of an older version open and say the same; files whose record does not fit are refused."""

import json
import shutil

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tailscope as ts
from helpers.places import RESOURCES
from helpers.toys import exact_study, gaussian_pair
from tailscope.errors import StudyError
from tailscope.record import plain
from tailscope.study.report import StudyReport
from tailscope.trust import trust
from tailscope.weights.events import SAMPLES

SAID = json.loads((RESOURCES / "old_studies.json").read_text())
"""What commit bb1845e says of the files that it wrote; resources/old_studies.py made both."""


LATER = {
    "fitted": {"slope", "units", "columns", "joint_closure"},
    "imported": {"slope", "units", "columns", "normalisation", "joint_closure"},
}
"""Checks that came later; those that need what an older study does not know are not among them."""
LATER_SETTINGS = {
    "candidates": [], "input_dropout": 0.0, "fewest_batches": 0, "whiten": False, "inputs": "all",
}  # fmt: skip
"""Settings that came later, with what fits did before: one network on standardised inputs."""
MENDED = {("fitted", "tails"): "amber"}
"""Two null runs, all that this study has, were once enough to call a tail real."""


def kept(name):
    return RESOURCES / "valid" / f"{name}.study.h5"


def metadata_of(path):
    """Where the metadata of a file are -> the data."""
    with h5py.File(path) as file:
        texts = {name: file[name].attrs["source"] for name in SAMPLES}
        texts |= {"study": file.attrs["study"], "history": file["history"][()].tobytes()}
        return {place: json.loads(text) for place, text in texts.items()}


def write_metadata(path, found):
    with h5py.File(path, "r+") as file:
        file.attrs["study"] = json.dumps(found["study"])
        del file["history"]
        file["history"] = np.frombuffer(json.dumps(found["history"]).encode(), np.uint8)
        for name in SAMPLES:
            file[name].attrs["source"] = json.dumps(found[name])


def changed(path, place, *keys, to=None):
    """Set a value in the metadata, or take it away."""
    found = metadata_of(path)
    parent = found
    for key in (place, *keys[:-1]):
        parent = parent[key]
    if to is None:
        del parent[keys[-1]]
    else:
        parent[keys[-1]] = to
    write_metadata(path, found)


@pytest.fixture
def path(tmp_path):
    return shutil.copy(kept("fitted"), tmp_path / "toy.study.h5")


@pytest.mark.parametrize("name", SAID)
def test_the_files_of_an_older_version_say_what_they_said(name, tmp_path):
    old, study = SAID[name], ts.open(kept(name))
    for found in (study, ts.open(study.save(tmp_path / "again.study.h5"))):
        assert [o.name for o in found.observables] == old["observables"]
        assert (found.auc(), found.auc_error()) == (old["auc"], old["auc_error"])
        # Of weighted events, those of the one file, the variance has been mended since.
        assert found.calibration().chi2 == pytest.approx(old["chi2"], rel=0.02 if found.history else 1e-12)
        assert [float(found.log_weights(s).mean()) for s in SAMPLES] == old["mean_log_w"]
        lights = {check.name: check.light for check in found.checks}
        assert set(old["checks"]) | LATER[name] == set(lights)
        assert {k: light for k, light in lights.items() if k in old["checks"]} == {
            k: MENDED.get((name, k), light) for k, (light, _) in old["checks"].items()
        }
        assert plain(found.config) == (old["config"] | LATER_SETTINGS if old["config"] else None)
        assert plain(found.provenance) == old["provenance"]
        assert plain(found.history) == [run | {"kind": ""} for run in old["history"]]
        assert found.digest == study.digest


def test_what_is_in_a_file_comes_back_as_records():
    study = ts.open(kept("fitted"))
    assert isinstance(study.config, ts.FitConfig)
    assert (study.config.folds, study.config.watch_epochs) == (2, (1, 3))
    assert [(run.fold, run.member) for run in study.history] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert all(len(run.epochs) == 3 and run.kept == run.best_epochs for run in study.history)
    assert study.provenance.left_out.reference == 0
    assert study.null is not None
    assert [weights.epoch for weights in study.epochs] == [1, 3]
    assert study.reference.event_weight is not None
    imported = ts.open(kept("imported"))
    assert (imported.config, imported.history, imported.provenance.weights) == (None, (), "imported")


def test_a_file_still_has_the_layout_that_older_versions_read(tmp_path):
    for name in SAID:
        again = ts.open(kept(name)).save(tmp_path / f"{name}.h5")
        assert metadata_of(again) == metadata_of(kept(name))


def test_a_digest_is_that_of_older_versions_but_for_ones_own_observables():
    assert ts.open(kept("imported")).digest == SAID["imported"]["digest"]
    assert ts.open(kept("fitted")).digest != SAID["fitted"]["digest"]


def test_own_observables_of_one_name_and_two_meanings_do_not_share_a_digest():
    digests = set()
    for expression in ("x0/x1", "x1/x0", "x0/x1"):
        pair = [sample.with_observable("R", expression) for sample in gaussian_pair(50)]
        digests.add(ts.Study.from_weights(*pair, np.zeros(50), np.zeros(50)).digest)
    assert len(digests) == 2


def test_what_the_first_versions_did_not_keep_has_defaults(path):
    found = metadata_of(path)
    for run in found["history"]:
        for key in ("best_epochs", "batch_size", "squeezed", "restarted"):
            del run[key]
        for epoch in run["epochs"]:
            del epoch["learning_rate"]
    for observable in found["study"]["observables"]:
        del observable["expression"], observable["seen"]
    del found["study"]["config"]["posterior_samples"], found["study"]["config"]["watch_epochs"]
    found["study"]["provenance"] = {"device": "cpu", "seconds": 3, "unheard_of": [1]}
    for name in SAMPLES:
        found[name] = {key: found[name][key] for key in ("path", "sha256", "format")}
    write_metadata(path, found)
    study = ts.open(path)
    run = study.history[0]
    assert (run.kept, run.batch_size, run.epochs[0].learning_rate) == ((run.best_epoch,), 0, None)
    assert (study.config.posterior_samples, study.config.watch_epochs) == (20, ())
    made = study.provenance
    assert (made.seconds, made.shared_events, made.notes) == (3, None, None)
    known = set(SAID["fitted"]["checks"]) | LATER["fitted"]
    assert {check.name for check in study.checks} == known - {"shared_events"}
    assert study.reference.source.size == 0


@pytest.mark.parametrize(
    ("place", "keys", "value", "words"),
    [
        ("history", (0, "train_events"), "many", "$.history[0].train_events: expected int, got str"),
        ("history", (1, "epochs", 2, "train_loss"), "", "$.history[1].epochs[2].train_loss: expected float"),
        ("history", (3, "epochs"), [], "$.history[3]: a best epoch that is none of the 0 epochs"),
        ("history", (2, "best_epochs"), [1, 4], "$.history[2]: a best epoch that is none of the 3 epochs"),
        ("history", (2, "fold"), -1, "$.history[2].fold: expected int >= 0"),
        ("history", (0, "member"), None, "$.history[0]: object missing required field member"),
        ("study", ("name",), 3, "$.name: expected str, got int"),
        ("study", ("domain",), None, "$: object missing required field domain"),
        ("study", ("config", "folds"), "5", "$.config.folds: expected int, got str"),
        ("study", ("config", "protocol"), "holdout", "$.config.protocol: invalid enum value 'holdout'"),
        ("study", ("config", "folds"), 1, "$.config: folds = 1 makes no sense; it has to be at least 2"),
        ("study", ("provenance", "left_out"), 7, "$.provenance.left_out: expected object | null, got int"),
        ("study", ("observables",), [], "$.observables: expected array of length >= 1"),
        ("study", ("observables", 1, "edges"), [2, 1], "$.observables[1]: bin edges must be finite and"),
        ("generated", ("sha256",), 12, "$.source.generated.sha256: expected str, got int"),
    ],
)
def test_a_record_that_does_not_fit_is_refused_with_the_path_of_its_field(path, place, keys, value, words):
    changed(path, place, *keys, to=value)
    with pytest.raises(StudyError, match=r"; make the study again$") as refusal:
        ts.open(path)
    assert str(refusal.value).startswith(f"{path}: its record does not fit at {words}")


@pytest.mark.parametrize("text", ["{", "[1]", "null", '{"name": NaN}', '{"name": "\\ud800"}', "[" * 5000, ""])
def test_metadata_that_are_no_json_are_refused(path, text):
    with h5py.File(path, "r+") as file:
        file.attrs["study"] = text
    with pytest.raises(StudyError, match=r"toy\.study\.h5.*; make the study again$"):
        ts.open(path)


def places_in(data, place=()):
    """Every place in JSON data."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*place, key)
        yield from places_in(value, (*place, key))


PLACES = {name: sorted(places_in(metadata_of(kept(name))), key=str) for name in SAID}
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 400),
    st.sampled_from([0.5, -1e30, 1e30, np.nan, np.inf, 10**40]),
    st.text(max_size=5),
)
VALUES = st.recursive(
    LEAVES,
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=5), parts, max_size=3),
    max_leaves=5,
)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_whatever_is_changed_in_the_metadata_a_study_opens_or_is_refused(data, tmp_path_factory):
    name = data.draw(st.sampled_from(sorted(SAID)))
    path = shutil.copy(kept(name), tmp_path_factory.mktemp("changed") / "toy.study.h5")
    place = data.draw(st.sampled_from(PLACES[name]))
    value = data.draw(st.just("nothing") | VALUES)
    found = metadata_of(path)
    parent = found
    for key in place[:-1]:
        parent = parent[key]
    if value == "nothing" and len(place) > 1:
        del parent[place[-1]]
    else:
        parent[place[-1]] = value
    write_metadata(path, found)
    try:
        study = ts.open(path)
    except StudyError:
        return
    assert study.once(trust)
    assert json.dumps(plain(StudyReport.of(study)), allow_nan=False)
    assert study._repr_html_()


def test_a_study_in_memory_and_its_file_are_equal_records(tmp_path):
    study = exact_study(50)
    again = ts.open(study.save(tmp_path / "s.h5"))
    assert (again.config, again.history, again.provenance) == (study.config, study.history, study.provenance)
