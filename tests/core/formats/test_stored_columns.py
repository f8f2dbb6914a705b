"""Columns in files of arrays, however these lie there."""

from __future__ import annotations

import h5py
import numpy as np
import pandas as pd
import pytest

import tailscope as ts
from helpers.tables import (
    as_columns,
    as_data_columns,
    as_group,
    as_npz,
    as_npz_records,
    as_pandas_fixed,
    as_pandas_table,
    as_records,
)
from tailscope.errors import FormatError
from tailscope.formats import Choice, open_events
from tailscope.reading.copy import copy_rows

N = 300
NAMES = ("pt", "eta", "n")


@pytest.fixture
def frame() -> pd.DataFrame:
    random = np.random.default_rng(1)
    return pd.DataFrame(
        {"pt": random.exponential(20, N), "eta": random.normal(size=N), "n": random.integers(0, 5, N)}
    )


WRITERS = (
    as_pandas_fixed,
    as_pandas_table,
    as_data_columns,
    as_columns,
    as_group,
    as_records,
    as_npz,
    as_npz_records,
)


@pytest.mark.parametrize("write", WRITERS)
def test_the_same_columns_from_every_layout_and_from_a_copy_of_some_rows(write, frame, tmp_path):
    path, copy = tmp_path / "file", tmp_path / "copy"
    write(frame, path)
    sample = ts.load(path)
    assert sorted(sample.names) == sorted(NAMES)
    for name in NAMES:
        assert np.array_equal(sample.observables[name], frame[name].astype(np.float32))
    rows = np.array([5, 3, 3, 299])
    copy_rows(path, rows, copy)
    again = ts.load(copy)
    for name in NAMES:
        assert np.array_equal(again.observables[name], frame[name].astype(np.float32)[rows])
    with open_events(path) as events:
        assert np.array_equal(events.at(np.array([2, 290]))["pt"], frame["pt"].astype(np.float32)[[2, 290]])


@pytest.mark.parametrize("write", [as_pandas_fixed, as_pandas_table, as_data_columns])
def test_pandas_reads_the_copy_too(write, frame, tmp_path):
    path, copy = tmp_path / "file.h5", tmp_path / "copy.h5"
    write(frame, path)
    copy_rows(path, np.array([7, 1]), copy)
    pd.testing.assert_frame_equal(pd.read_hdf(copy), frame.iloc[[7, 1]])


def test_pickled_names_are_never_executed(tmp_path):
    """An attribute whose pickle would run code is read as no list of names, and nothing runs."""
    frame = pd.DataFrame({"a": np.random.default_rng(0).normal(size=50), "b": np.zeros(50)})
    path = tmp_path / "evil.h5"
    as_pandas_table(frame, path)
    mark = tmp_path / "ran"
    with h5py.File(path, "a") as file:
        file["df/table"].attrs["values_block_0_kind"] = np.bytes_(f"cos\nsystem\n(S'touch {mark}'\ntR.")
    assert ts.load(path).names == ("values_block_0_0", "values_block_0_1")
    assert not mark.exists()


@pytest.mark.filterwarnings("ignore:Stored array in format 3.0")
def test_names_of_records_in_any_alphabet(tmp_path):
    frame = pd.DataFrame({"Δφ": np.linspace(0, 1, 50) ** 2, "Größe": np.linspace(1, 2, 50) ** 2})
    as_npz_records(frame, tmp_path / "records.npz")
    sample = ts.load(tmp_path / "records.npz")
    assert sample.names == ("Δφ", "Größe")
    assert np.array_equal(sample.observables["Größe"], frame["Größe"].astype(np.float32))


def test_records_in_npy_are_told_where_to_go(tmp_path, frame):
    np.save(tmp_path / "records.npy", frame.to_records(index=False))
    with pytest.raises(FormatError, match=r"holds records; save them with numpy.savez\(file, events=array\)"):
        ts.load(tmp_path / "records.npy")
    np.savez(tmp_path / "records.npz", events=np.load(tmp_path / "records.npy"))
    assert ts.load(tmp_path / "records.npz").names == NAMES


def test_arrays_with_several_numbers_an_event(tmp_path):
    random = np.random.default_rng(0)
    path = tmp_path / "xy.npz"
    x = random.normal(size=(N, 3))
    np.savez(path, X=x, y=random.integers(0, 2, N), seed=3, about="nothing")
    sample = ts.load(path)
    assert sample.names == ("X_0", "X_1", "X_2")
    assert "y left out as a label" in sample.remarks[0]
    named = ts.load(path, choice=Choice(names=("pt", "eta", "phi")))
    assert named.names == ("pt", "eta", "phi")
    with pytest.raises(FormatError, match="2 names for 3 columns"):
        ts.load(path, choice=Choice(names=("pt", "eta")))
    # What pandas gives is stored column by column.
    np.savez(path, X=np.asfortranarray(x))
    assert np.array_equal(ts.load(path).features, x.astype(np.float32))


def test_groups_of_the_same_names_are_samples(tmp_path, frame):
    path = tmp_path / "both.h5"
    with h5py.File(path, "w") as file:
        for group, shift in (("geant4", 0), ("flow", 5)):
            for name in frame:
                file[f"{group}/{name}"] = frame[name].to_numpy() + shift
    with pytest.raises(FormatError, match=r"flow, geant4 hold the same names.*both.h5:flow"):
        ts.load(path)
    sample = ts.load(path, choice=Choice(part="flow"))
    assert np.allclose(sample.observables["pt"], frame["pt"] + 5)
    with pytest.raises(FormatError, match=r"no group flaw in it; there are .*closest name is flow"):
        ts.load(path, choice=Choice(part="flaw"))


def test_a_choice_of_columns(tmp_path, frame):
    path = tmp_path / "table.h5"
    as_columns(frame.assign(event=range(N), weight=1.0), path)
    assert ts.load(path).names == ("eta", "n", "pt")
    assert ts.load(path, choice=Choice(columns=("pt", "event"))).names == ("event", "pt")
    assert ts.load(path, choice=Choice(drop=("e*",))).names == ("n", "pt")
    assert ts.load(path, choice=Choice(label=("n",))).names == ("eta", "pt")
    chosen = ts.load(path, choice=Choice(label=("n",)), where="n == 3 and event < 100")
    assert len(chosen) == ((frame["n"] == 3) & (np.arange(N) < 100)).sum()
    with pytest.raises(
        FormatError, match=r"--drop names p, but there are .*; the closest name is pt|--drop names p"
    ):
        ts.load(path, choice=Choice(drop=("p",)))
    with pytest.raises(FormatError, match=r"no column is left to compare: .*event .an identifier"):
        ts.load(path, choice=Choice(drop=("pt", "eta", "n")))


def test_columns_cannot_be_chosen_where_there_are_none(tmp_path):
    path = tmp_path / "jets.npz"
    np.savez(path, particle_features=np.ones((20, 30, 3), np.float32))
    with pytest.raises(FormatError, match=r"columns of a table can be chosen, but .* jets"):
        open_events(path, choice=Choice(columns=("a",)))


def test_lengths_that_differ_a_little_are_refused_and_others_left_alone(tmp_path):
    random = np.random.default_rng(0)
    path = tmp_path / "table.npz"
    np.savez(path, a=random.normal(size=N), b=random.normal(size=N), edges=np.arange(5.0))
    assert ts.load(path).names == ("a", "b")
    np.savez(path, a=random.normal(size=N), b=random.normal(size=N - 1))
    with pytest.raises(FormatError, match="b has 299 rows but a has 300"):
        ts.load(path)


def test_undefined_numbers_of_a_table_are_kept_counted_or_left_out(tmp_path):
    random = np.random.default_rng(0)
    a, b = random.normal(size=N), random.normal(size=N)
    a[3], a[5], b[7] = np.nan, np.inf, -999
    b[8] = -999
    path = tmp_path / "table.npz"
    np.savez(path, a=a, b=b)
    sample = ts.load(path)
    assert np.array_equal(np.flatnonzero(np.isnan(sample.observables["a"])), [3, 5])
    assert np.array_equal(np.flatnonzero(np.isnan(sample.observables["b"])), [7, 8])
    assert "undefined (written as -999): a in 2 events, b in 2 events" in sample.remarks[0]
    found = ts.describe(path)
    assert {name: (u.events, u.written) for name, u in found.undefined.items()} == {
        "a": (2, None),
        "b": (2, -999.0),
    }
    assert found.ranges["b"].low > -10
    left = ts.load(path, drop_undefined=True)
    assert len(left) == N - 4
    assert not set(left.rows) & {3, 5, 7, 8}
    assert "4 of 300 events left out" in left.remarks[0]
