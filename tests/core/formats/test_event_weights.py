from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

import tailscope as ts
from helpers.showers import made_up, write
from tailscope.errors import FormatError, InputError
from tailscope.formats import Choice

N = 50
WEIGHTS = np.where(np.arange(N) % 5 == 0, -0.25, 1 / 3)
X = np.random.default_rng(0).normal(size=(2, N))


def frame(**columns: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"x": X[0], "weight": WEIGHTS, "y": X[1]} | columns)


def csv(folder: Path, table: pd.DataFrame) -> Path:
    table.to_csv(folder / "t.csv", index=False)
    return folder / "t.csv"


def parquet(folder: Path, table: pd.DataFrame) -> Path:
    table.to_parquet(folder / "t.parquet")
    return folder / "t.parquet"


def npz(folder: Path, table: pd.DataFrame) -> Path:
    np.savez(folder / "t.npz", **{name: table[name].to_numpy() for name in table})
    return folder / "t.npz"


def hdf5(folder: Path, table: pd.DataFrame) -> Path:
    with h5py.File(folder / "t.h5", "w") as file:
        for name in table:
            file[name] = table[name].to_numpy()[:, None]
    return folder / "t.h5"


MAKERS = (csv, parquet, npz, hdf5)


@pytest.mark.parametrize("make", MAKERS)
def test_a_column_of_a_table_is_the_event_weight_and_nothing_else(make, tmp_path):
    path = make(tmp_path, frame())
    sample = ts.load(path, event_weight="weight")
    np.testing.assert_allclose(sample.event_weight, WEIGHTS, rtol=1e-15)  # float64, not float32
    assert set(sample.observables) == {"x", "y"}
    assert sample.n_inputs == 2
    untold = ts.load(path)
    assert set(untold.observables) == {"x", "y"}
    assert "weight left out as an event weight (--event-weight weight weighs with it)" in untold.remarks[0]
    assert set(ts.load(path, choice=Choice(columns=("*",))).observables) == {"x", "y", "weight"}
    first = ts.load(path, event_weight="weight", max_events=7)
    np.testing.assert_array_equal(first.event_weight, sample.event_weight[:7])
    some = ts.load(path, event_weight="weight", where="x > 0")
    order = np.argsort(X[0][X[0] > 0])
    np.testing.assert_allclose(
        some.event_weight[np.argsort(some.observable("x"))], WEIGHTS[X[0] > 0][order], rtol=1e-15
    )


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(
    ("columns", "name", "said"),
    [
        (
            {},
            "weigth",
            r"there is no column weigth for event weights; there are .*; the closest name is weight",
        ),
        ({"weight": np.where(np.arange(N) == 3, np.inf, 1.0)}, "weight", r"event 3 has inf .*finite numbers"),
        ({"weight": np.full(N, -1.0)}, "weight", r"event weights sum to -50; the sum must be positive"),
    ],
)
def test_wrong_columns_are_refused(make, columns, name, said, tmp_path):
    with pytest.raises(InputError, match=said):
        ts.load(make(tmp_path, frame(**columns)), event_weight=name)


def test_an_array_beside_the_showers(tmp_path):
    arrays = made_up(N)
    path = write(tmp_path / "s.h5", arrays | {"mc_weight": WEIGHTS, "matrix": X.T})
    sample = ts.load(path, event_weight="mc_weight")
    np.testing.assert_array_equal(sample.event_weight, WEIGHTS)
    np.testing.assert_array_equal(sample.features[:], ts.load(path).features[:])
    with pytest.raises(FormatError, match=r"dataset matrix has shape \(50, 2\), expected \(N,\): one"):
        ts.load(path, event_weight="matrix")
    with pytest.raises(FormatError, match=r"column energy is what these events \(CaloGAN.*name another"):
        ts.load(path, event_weight="energy")
    short = write(tmp_path / "t.h5", arrays | {"mc_weight": WEIGHTS[:20]})
    with pytest.raises(FormatError, match=r"column mc_weight has 20 event weights for 50 events"):
        ts.load(short, event_weight="mc_weight")


def test_a_table_needs_something_beside_its_weights(tmp_path):
    path = csv(tmp_path, pd.DataFrame({"weight": WEIGHTS}))
    with pytest.raises(FormatError, match=r"no column is left to compare: weight \(an event weight\)"):
        ts.load(path, event_weight="weight")
    path = csv(tmp_path, pd.DataFrame({"x": WEIGHTS}))
    with pytest.raises(FormatError, match=r"column x is what these events .* are made of"):
        ts.load(path, event_weight="x")


def test_text_is_no_weight(tmp_path):
    path = csv(tmp_path, frame(weight=np.array(["a"] * N)))
    with pytest.raises(FormatError, match=r"there is no column weight for event weights; there are x, y"):
        ts.load(path, event_weight="weight")
