import h5py
import numpy as np
import pytest

import tailscope as ts
from helpers import toys
from tailscope.errors import InputError, PairError, StudyError
from tailscope.study.assembly import Scores, assemble

TAIL = ts.Selection(low=1.5, cuts=(ts.Cut("x0", high=0.1),))


@pytest.fixture(scope="module")
def study():
    return toys.exact_study(5_000)


def test_selected_rows_and_histograms_are_numpys(study):
    w, x = study.weights("reference"), study.reference.observables
    rows = np.flatnonzero((w >= 1.5) & (x["x0"] < 0.1))
    assert study.select("reference", TAIL).tolist() == rows.tolist()
    h = study.histogram("x1", "reference", TAIL)
    assert h.values.tolist() == np.histogram(x["x1"][rows].astype(float), h.edges)[0].tolist()
    assert h.total == rows.size
    assert study.histogram("x1", "generated").total == 5_000


def test_file_round_trip(study, tmp_path):
    path = study.save(tmp_path / "toy.study.h5")
    again = ts.open(path)
    assert again.name == study.name
    assert again.digest == study.digest
    assert [o.binning for o in again.observables] == [o.binning for o in study.observables]
    assert isinstance(again.reference.observables["x0"], np.memmap)
    assert again.select("reference", TAIL).tolist() == study.select("reference", TAIL).tolist()
    assert list(tmp_path.iterdir()) == [path]
    again.save(path)  # over the file it is mapped from
    assert ts.open(path).digest == study.digest


def test_a_file_keeps_what_is_special_about_an_observable(tmp_path):
    rng = np.random.default_rng(0)
    known, hidden = (ts.Observable(name, name, seen=seen) for name, seen in (("a", True), ("b", False)))
    ref, gen = (
        ts.Sample(n, rng.normal(size=(50, 1)), {"a": np.ones(50), "b": np.arange(50.0)}, (known, hidden))
        .with_observable("R", "b/a")
        .with_observable("twice", lambda columns: 2 * columns["a"])
        for n in ("ref", "gen")
    )  # fmt: skip
    imported = ts.Study.from_weights(ref, gen, np.zeros(50), np.zeros(50))
    assert [(o.name, o.seen) for o in imported.observables] == [
        ("R", None), ("twice", None), ("a", None), ("b", None)
    ]  # fmt: skip
    fitted = ts.Study.of(assemble(ref, gen, (Scores.imported(np.zeros(50)), Scores.imported(np.zeros(50)))))
    again = ts.open(fitted.save(tmp_path / "s.h5"))
    assert [(o.name, o.expression, o.seen) for o in again.observables] == [
        ("R", "b/a", False), ("twice", "a Python function", None), ("a", "", True), ("b", "", False)
    ]  # fmt: skip


def test_columns_lie_in_the_file_as_plain_float32(study, tmp_path):
    path = study.save(tmp_path / "toy.study.h5")
    with h5py.File(path) as file:
        column = file["generated/observables/x3"]
        assert column.chunks is None
        assert column[()].tolist() == study.generated.observables["x3"].tolist()


def test_zero_and_infinite_weights_are_kept(tmp_path):
    ref, gen = toys.gaussian_pair(4)
    log_w = np.array([-np.inf, 0, 1, np.inf])
    study = ts.Study.from_weights(ref, gen, log_w, log_w)
    again = ts.open(study.save(tmp_path / "s.h5"))
    assert again.weights("generated").tolist() == [0, 1, np.e, np.inf]
    assert again.select("reference", ts.Selection(low=2)).tolist() == [2, 3]


@pytest.mark.parametrize("bad", ["missing", "text", "other", "truncated", "newer", "flipped", "lost"])
def test_bad_study_files_are_refused_with_a_sentence(study, tmp_path, bad):
    path = tmp_path / "bad.study.h5"
    study.save(path)
    if bad == "missing":
        path.unlink()
    elif bad == "text":
        path.write_text("not HDF5")
    elif bad == "truncated":
        path.write_bytes(path.read_bytes()[:-3000])
    else:
        with h5py.File(path, "r+") as file:
            if bad == "other":
                del file.attrs["format"]
            elif bad == "newer":
                file.attrs["schema"] = 99
            elif bad == "flipped":
                file["reference/log_w"][7] = 1.25
            elif bad == "lost":
                del file["generated/observables/x2"]
    with pytest.raises(StudyError, match=str(path)) as refusal:
        ts.open(path)
    if bad == "newer":
        assert "was written by a newer tailscope (schema 99, this one reads 1); upgrade" in str(refusal.value)


def test_no_permission_leaves_nothing_behind(study, tmp_path):
    with pytest.raises(StudyError, match="cannot be written"):
        study.save(tmp_path / "no" / "toy.study.h5")


def test_pairs_that_do_not_go_together_are_refused():
    ref, gen = toys.gaussian_pair(10)
    other = ts.Sample("jets", gen.features, gen.observables, domain="jets")
    with pytest.raises(PairError, match="of the same kind"):
        ts.Study.from_weights(ref, other, np.zeros(10), np.zeros(10))
    x = np.zeros((3, 2))
    both = {"x": x[:, 0], "y": x[:, 1]}
    one, two = ts.Sample("a", x[:, :1], {"x": x[:, 0]}), ts.Sample("b", x, both)
    with pytest.raises(PairError, match="y of b has no counterpart in a; take it out, or write it to both"):
        ts.Study.from_weights(one, two, x[:, 0], x[:, 0])
    with pytest.raises(PairError, match="no observable in common"):
        ts.Study.from_weights(
            ref, ts.Sample("g", gen.features, {"y": gen.features[:, 0]}), np.zeros(10), np.zeros(10)
        )
    with pytest.raises(PairError, match="classifier inputs"):
        ts.Study.from_weights(
            ref, ts.Sample("g", gen.features[:, :2], gen.observables), np.zeros(10), np.zeros(10)
        )


def test_weights_that_do_not_fit_the_events_are_refused():
    ref, gen = toys.gaussian_pair(10)
    with pytest.raises(InputError, match="10 events, but there are 9 weights"):
        ts.Study.from_weights(ref, gen, np.zeros(9), np.zeros(10))
    with pytest.raises(InputError, match="1 log weights are NaN"):
        ts.Study.from_weights(ref, gen, np.zeros(10), np.r_[np.nan, np.zeros(9)])


def test_unknown_names_are_refused(study):
    with pytest.raises(InputError, match="has no observable"):
        study.histogram("E_9", "reference")
    with pytest.raises(InputError, match="'reference' and 'generated'"):
        study.weights("true")
