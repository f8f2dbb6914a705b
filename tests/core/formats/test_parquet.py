"""Tables in Parquet with what pandas and pyarrow put into them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

import tailscope as ts
from tailscope.errors import FormatError
from tailscope.formats import open_events
from tailscope.formats.choice import Choice

X = np.linspace(0, 1, 30) ** 2


def test_columns_of_all_types(tmp_path: Path) -> None:
    """Nulls are undefined; categories and text are left alone."""
    columns = {
        "whole": pa.array([1, None, 2**53 + 1]),
        "event": pa.array([2**53 + 1, 5, 2**63 - 1]),
        "flag": pa.array([True, None, False]),
        "cut": pa.array([True, False, True]),
        "money": pa.array([Decimal("1.25"), None, Decimal("3.50")]),
        "half": pa.array(np.array([1, 2, np.inf], np.float16)),
        "kind": pa.array(["a", "b", "a"]).dictionary_encode(),
        "pt [GeV]": pa.array([1.5, 2.5, 3.5]),
        "a.b": pa.array([7.5, 8.5, 9.5]),
        "__index_level_0__": pa.array([7, 5, 6]),
    }
    parquet.write_table(pa.table(columns), tmp_path / "a.parquet")
    with open_events(tmp_path / "a.parquet", choice=Choice(columns=("*",), drop=("__*",))) as events:
        (_, arrays), *_ = events.chunks()
        assert events.contents.column("event", 9).tolist() == columns["event"].to_pylist()
        assert {d.name: d.unit for d in events.datasets}["pt"] == "GeV"
    nan = np.nan
    expected = {
        "whole": [1, nan, 2**53],
        "event": [2**53, 5, 2**63],
        "flag": [1, nan, 0],
        "cut": [1, 0, 1],
        "money": [1.25, nan, 3.5],
        "half": [1, 2, nan],
        "pt": [1.5, 2.5, 3.5],
        "a.b": [7.5, 8.5, 9.5],
    }
    assert set(arrays) == set(expected)
    for name, values in expected.items():
        np.testing.assert_array_equal(arrays[name], np.array(values, np.float32), err_msg=name)


def test_row_numbers_of_pandas_are_left_alone(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": X, "y": -X})
    frame.iloc[[1, 2, 5, 9, 7]].to_parquet(tmp_path / "a.parquet")
    with open_events(tmp_path / "a.parquet") as events:
        assert {d.name: d.why for d in events.datasets} == {
            "x": "",
            "y": "",
            "__index_level_0__": "row numbers",
        }
    assert list(ts.load(tmp_path / "a.parquet").observables) == ["x", "y"]


def test_names_are_there_already(tmp_path: Path) -> None:
    pd.DataFrame({"x": X}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(FormatError, match="--names is for files whose columns have no names; leave it out"):
        open_events(tmp_path / "a.parquet", choice=Choice(names=("y",)))
