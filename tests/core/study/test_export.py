"""Exported events are the selected ones, bit by bit, and say where they came from."""

import csv
import json

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tailscope as ts
from helpers.kinds import write_kind
from helpers.showers import made_up, write
from helpers.toys import exact_study
from tailscope.errors import InputError, SelectionError, StudyError
from tailscope.study.assembly import Scores, assemble
from tailscope.study.export import export_events, export_original

STUDY = exact_study(2000, name="toy")
TAIL = ts.Selection(low=1.6, cuts=(ts.Cut("x1", high=0.1),), name="tail")


def expected(sample):
    log_w = STUDY.log_weights(sample)
    x1 = STUDY.sample(sample).observables["x1"].astype(np.float64)
    return np.flatnonzero((log_w >= np.log(1.6)) & (x1 < 0.1))


def check_provenance(about, sample):
    assert about["digest"] == STUDY.digest
    assert about["sample"] == sample
    assert about["source"]["sha256"] == STUDY.sample(sample).source.sha256
    assert ts.Selection.from_dict(about["selection"]) == TAIL
    assert about["version"] == ts.__version__


@pytest.mark.parametrize("sample", ["reference", "generated", None])
def test_hdf5_comes_back_as_it_was(tmp_path, sample):
    n = export_events(STUDY, TAIL, tmp_path / "tail.h5", sample=sample)
    name = sample or "reference"
    rows = expected(name)
    assert n == rows.size > 0
    with h5py.File(tmp_path / "tail.h5") as file:
        np.testing.assert_array_equal(file["row"], rows)
        np.testing.assert_array_equal(file["log_w"], STUDY.log_weights(name)[rows])
        np.testing.assert_array_equal(file["w"], STUDY.weights(name)[rows])
        for key, column in STUDY.sample(name).observables.items():
            np.testing.assert_array_equal(file["observables"][key], column[rows])
        check_provenance(json.loads(file.attrs["tailscope"]), name)


def test_row_numbers_are_those_of_the_file(tmp_path):
    """A study of a part of a file, here half of the events with two jets, still says which these are."""
    path = write_kind(tmp_path / "z.h5", "zjets", 300)
    halves = ts.null_pair(ts.load(path, where="n_jets == 2"))
    study = ts.Study.from_weights(*halves, *(np.linspace(-1, 1, len(half)) for half in halves))
    study.save(tmp_path / "z.study.h5")
    export_events(ts.open(tmp_path / "z.study.h5"), ts.Selection(low=1.5), tmp_path / "tail.h5")
    whole = ts.load(path)
    with h5py.File(tmp_path / "tail.h5") as file:
        rows = file["row"][:]
        assert rows.size > 5
        assert (whole.observable("n_jets")[rows] == 2).all()
        for name in ("M_mumu", "pT_j2"):
            np.testing.assert_array_equal(file["observables"][name], whole.observable(name)[rows])


def test_csv_comes_back_as_it_was(tmp_path):
    export_events(STUDY, TAIL, tmp_path / "tail.csv")
    with (tmp_path / "tail.csv").open(encoding="utf-8", newline="") as file:
        first = file.readline()
        table = list(csv.DictReader(file))
    rows = expected("reference")
    check_provenance(json.loads(first.removeprefix("# tailscope ")), "reference")
    np.testing.assert_array_equal([int(line["row"]) for line in table], rows)
    np.testing.assert_array_equal(
        [float(line["log_w"]) for line in table], STUDY.log_weights("reference")[rows]
    )
    x2 = np.array([line["x2"] for line in table], dtype=np.float32)
    np.testing.assert_array_equal(x2, STUDY.reference.observables["x2"][rows])


def test_infinite_weights_and_undefined_values_are_kept(tmp_path):
    x = np.array([1.0, np.nan, 3.0])
    ref, gen = (ts.Sample(name, np.ones(3) + i, {"x": x}) for i, name in enumerate("ab"))
    study = ts.Study.from_weights(ref, gen, [0.0, np.inf, 1.0], [-np.inf, 0.0, 1.0])
    assert export_events(study, ts.Selection(low=0.5), tmp_path / "all.csv") == 3
    lines = (tmp_path / "all.csv").read_text().splitlines()
    assert lines[3].split(",") == ["1", "inf", "inf", "nan"]


def test_names_that_a_spreadsheet_would_run_are_quoted(tmp_path):
    columns = {"=cmd|' /C calc'!A0": np.zeros(3), "a,b": np.ones(3)}
    ref, gen = (ts.Sample(name, np.arange(3.0) + i, columns) for i, name in enumerate("ab"))
    study = ts.Study.from_weights(ref, gen, np.zeros(3), np.zeros(3))
    export_events(study, ts.Selection(), tmp_path / "x.csv")
    with (tmp_path / "x.csv").open(newline="") as file:
        file.readline()
        assert next(csv.reader(file)) == ["row", "log_w", "w", "'=cmd|' /C calc'!A0", "a,b"]


def test_what_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"tail.txt: events are written to .h5, .hdf5 or .csv"):
        export_events(STUDY, TAIL, tmp_path / "tail.txt")
    with pytest.raises(SelectionError, match="gone"):
        export_events(STUDY, ts.Selection(cuts=(ts.Cut("gone"),)), tmp_path / "tail.h5")
    with pytest.raises(StudyError, match="cannot be written"):
        export_events(STUDY, TAIL, tmp_path / "nowhere" / "tail.h5")
    assert not list(tmp_path.iterdir())


@pytest.fixture
def from_files(tmp_path):
    """A study of two shower files, the generated sample cut to events of some energy."""
    for name, seed in (("geant4", 0), ("flow", 1)):
        write(tmp_path / f"{name}.hdf5", made_up(300, seed=seed), compression="gzip")
    ref, gen = ts.load(tmp_path / "geant4.hdf5"), ts.load(tmp_path / "flow.hdf5")
    gen = gen.take(np.arange(20, 300, 3), "flow")
    rng = np.random.default_rng(0)
    study = ts.Study.from_weights(ref, gen, rng.normal(0.2, 0.5, 300), rng.normal(-0.2, 0.5, len(gen)))
    return ts.open(study.save(tmp_path / "showers.study.h5"))


@pytest.mark.parametrize("sample", ["reference", "generated"])
def test_rows_of_the_original_file_come_back_in_its_format(tmp_path, from_files, sample):
    tail = ts.Selection(low=1.2, cuts=(ts.Cut("E_1", low=0.0),))
    n = export_original(from_files, tail, tmp_path / "tail.h5", sample=sample)
    chosen = from_files.select(sample, tail)
    assert n == chosen.size > 0
    copied = ts.load(tmp_path / "tail.h5")
    whole = ts.load(from_files.sample(sample).source.path)
    rows = chosen if sample == "reference" else np.arange(20, 300, 3)[chosen]
    assert copied.source.format == whole.source.format
    for name, column in copied.observables.items():
        np.testing.assert_array_equal(column, whole.observables[name][rows])
        np.testing.assert_array_equal(column, from_files.sample(sample).observables[name][chosen])
    with h5py.File(tmp_path / "tail.h5") as file:
        about = json.loads(file.attrs["tailscope"])
    assert (about["digest"], about["sample"]) == (from_files.digest, sample)
    # The table says the same rows of the file.
    export_events(from_files, tail, tmp_path / "table.h5", sample=sample)
    with h5py.File(tmp_path / "table.h5") as file:
        np.testing.assert_array_equal(file["row"], rows)


def test_a_file_that_moved_is_found_by_its_checksum_and_one_that_changed_is_not(tmp_path, from_files):
    tail = ts.Selection(low=1.2)
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    (tmp_path / "geant4.hdf5").rename(moved / "renamed.hdf5")
    with pytest.raises(InputError, match=r"geant4.hdf5 .*was not found; say where it is now with .*--events"):
        export_original(from_files, tail, tmp_path / "tail.hdf5")
    assert export_original(from_files, tail, tmp_path / "tail.hdf5", places=[moved]) > 0
    write(tmp_path / "geant4.hdf5", made_up(300, seed=5))
    with pytest.raises(InputError, match="is not the file any more that the study was made of"):
        export_original(from_files, tail, tmp_path / "again.hdf5")
    assert not (tmp_path / "again.hdf5").exists()


def test_what_cannot_be_copied_is_refused(tmp_path, from_files):
    with pytest.raises(InputError, match=r"choose the ending .hdf5"):
        export_original(from_files, ts.Selection(low=1.2), tmp_path / "tail.csv")
    with pytest.raises(InputError, match="no event is to be copied"):
        export_original(from_files, ts.Selection(low=1e9), tmp_path / "tail.hdf5")
    with pytest.raises(InputError, match="given as arrays"):
        export_original(STUDY, TAIL, tmp_path / "tail.hdf5")
    with pytest.raises(InputError, match="the output is the input"):
        export_original(from_files, ts.Selection(low=1.2), tmp_path / "geant4.hdf5")


OURS = ("row", "log_w", "w", "event_weight", "sigma_log_w", "fold")
ODD = (
    *OURS,
    "observable_w",
    "observable_observable_w",
    "=a",
    "'=a",
    "events/pt",
    "events",
    ".",
    "a/b/",
    "Δφ",
    "a,b",
)


def table_of(names, n=40, members=0):
    """A study of columns with these names, with a spread of its weights where there are members."""
    rng = np.random.default_rng(1)
    samples = [
        ts.Sample(
            name, rng.normal(size=(n, 2)), dict(zip(names, rng.normal(size=(len(names), n)), strict=True)),
            event_weight=rng.uniform(1, 2, n),
        )
        for name in "ab"
    ]  # fmt: skip
    log_w = rng.normal(size=(2, n))
    scores = [Scores(w, rng.normal(size=(n, members)).astype("f4"), np.zeros(n, np.int16)) for w in log_w]
    return samples, ts.Study.of(assemble(*samples, tuple(scores)))


def columns_of(path):
    """(what the JSON calls observables, all columns) of an export."""
    if path.suffix == ".h5":
        with h5py.File(path) as file:
            inside = {key: file["observables"][key][()] for key in columns_said(file.attrs["tailscope"])}
            own = {key: file[key][()] for key in file if key != "observables"}
            there = file["observables"]
            assert len(there.dtype.names if isinstance(there, h5py.Dataset) else there) >= len(inside)
            return inside, own
    with path.open(encoding="utf-8", newline="") as file:
        said = columns_said(file.readline().removeprefix("# tailscope "))
        head, *rows = csv.reader(file)
    assert len(set(head)) == len(head)
    values = {key: np.array([row[i] for row in rows], float) for i, key in enumerate(head)}
    return {name: values[key] for key, name in said.items()}, {
        k: v for k, v in values.items() if k not in said
    }


def columns_said(text):
    return json.loads(text)["columns"]


@pytest.mark.parametrize("ending", [".csv", ".h5"])
@pytest.mark.parametrize("members", [0, 3])
def test_columns_that_are_called_like_ours_are_kept_apart(tmp_path, ending, members):
    (_, generated), study = table_of(ODD, members=members)
    path = tmp_path / f"all{ending}"
    export_events(study, ts.Selection(), path, sample="generated")
    observables, own = columns_of(path)
    assert set(own) == {"row", "log_w", "w", "event_weight"} | (
        {"sigma_log_w"} if members and ending == ".csv" else set()
    )
    np.testing.assert_array_equal(own["w"], study.weights("generated"))
    np.testing.assert_array_equal(own["event_weight"], generated.event_weight)
    # Of all names only that of the spread is not the user's: it is one of the study's, too.
    renamed = {"sigma_log_w": "observable_sigma_log_w"}
    assert set(observables) == {renamed.get(name, name) for name in ODD}
    for name in ODD:
        found = observables[renamed.get(name, name)].astype("f4")
        np.testing.assert_array_equal(found, generated.observables[name])


def test_a_study_keeps_the_spread_of_its_weights_apart_from_a_column_of_that_name():
    (reference, _), study = table_of(("x", "sigma_log_w", "observable_sigma_log_w"), members=3)
    names = [o.name for o in study.observables]
    assert sorted(names) == [
        *("observable_observable_sigma_log_w", "observable_sigma_log_w", "sigma_log_w", "x"),
    ]
    spread = study.reference.observables["sigma_log_w"]
    np.testing.assert_allclose(spread, study.reference.members.std(axis=1, ddof=1), rtol=1e-5)
    np.testing.assert_array_equal(
        study.reference.observables["observable_observable_sigma_log_w"], reference.observables["sigma_log_w"]
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(ODD) | st.text("w_=.'/", min_size=1, max_size=4), min_size=1, max_size=6, unique=True
    )
)
def test_no_name_is_lost_or_listed_twice(tmp_path_factory, names):
    (reference, _), study = table_of(names, n=3)
    for ending in (".csv", ".h5"):
        path = tmp_path_factory.mktemp("names") / f"x{ending}"
        export_events(study, ts.Selection(), path, sample="reference")
        observables, _ = columns_of(path)
        assert len(observables) == len(names)
        for name in set(names) - {"sigma_log_w"}:
            np.testing.assert_array_equal(observables[name].astype("f4"), reference.observables[name])
