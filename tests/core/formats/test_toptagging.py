"""Top tagging's tables of four-momenta in HDF5."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.constituents import lab_jets, momenta, top_tagging, truth
from helpers.showers import write
from tailscope.errors import FormatError
from tailscope.formats import open_events, ranges
from tailscope.reading.copy import copy_rows
from tailscope.reading.load import load

N = 120
MOMENTA = momenta(lab_jets(N, slots=40))
TABLE = top_tagging(MOMENTA)
RELATIVE, JETS = truth(MOMENTA.astype(np.float32).astype(np.float64))


TABLES: dict[str, Callable[[Path, pd.DataFrame], object]] = {
    "test.parquet": lambda path, table: table.to_parquet(path, row_group_size=50),
    "test.csv": lambda path, table: table.to_csv(path, index=False),
}
WRITERS: dict[str, Callable[[Path, pd.DataFrame], object]] = {
    "fixed": lambda path, table: table.to_hdf(path, key="table", format="fixed"),
    "table": lambda path, table: table.to_hdf(path, key="table", format="table"),
    "columns": lambda path, table: write(path, {name: table[name].to_numpy() for name in table}),
}
LAYOUTS = {
    "as it is": TABLE,
    "labels first": TABLE[["is_signal_new", "ttv", *TABLE.columns[:-2]]],
    "alphabetical": TABLE[sorted(TABLE.columns)],
    "in lower case": TABLE.rename(columns=str.lower),
    "px in float64": TABLE.astype({name: np.float64 for name in TABLE if name.startswith("PX")}),
    "four-momenta alone": TABLE[TABLE.columns[:160]],
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_table_of_four_momenta_becomes_jets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writer: str, layout: str
) -> None:
    monkeypatch.setattr(ranges, "CHUNK_BYTES", 50_000)
    path = tmp_path / "test.h5"
    WRITERS[writer](path, LAYOUTS[layout])
    with open_events(path) as events:
        assert (events.format, events.domain, events.n_events) == ("toptagging", "jets", N)
        assert "columns E_0 to PZ_39 of HDF5, read as (E, px, py, pz)" in events.title
        assert events.shapes == {"particle_features": (40, 4), "jet_features": (4,)}
        chunks = list(events.chunks())
        assert len(chunks) > 1
        arrays = {name: np.concatenate([part[name] for _, part in chunks]) for name in events.columns}
        picked = events.at(np.array([3, 77]))
    np.testing.assert_allclose(arrays["particle_features"], RELATIVE, rtol=2e-6, atol=5e-7)
    np.testing.assert_allclose(arrays["jet_features"], JETS, rtol=2e-6, atol=2e-6)
    np.testing.assert_array_equal(picked["jet_features"], arrays["jet_features"][[3, 77]])


@pytest.mark.parametrize("filename", TABLES)
@pytest.mark.parametrize("layout", ["as it is", "alphabetical", "in lower case"])
def test_other_tables_become_jets_too(tmp_path: Path, filename: str, layout: str) -> None:
    path = tmp_path / filename
    TABLES[filename](path, LAYOUTS[layout])
    with open_events(path, most_particles=12) as events:
        assert (events.format, events.domain, events.n_events) == ("toptagging", "jets", N)
        assert "read as (E, px, py, pz); truthE" in events.title or layout != "as it is"
        arrays = [part for _, part in events.chunks()]
        assert sum(len(part["jet_features"]) for _, part in events.chunks(stop=70)) == 70
    relative, jets = truth(MOMENTA.astype(np.float32).astype(np.float64), slots=12)
    for name, expected in (("particle_features", relative), ("jet_features", jets)):
        found = np.concatenate([part[name] for part in arrays])
        np.testing.assert_allclose(found, expected, rtol=2e-5, atol=2e-6)  # text has eight digits
    assert load(path, domain="table").domain == "table"


@pytest.mark.parametrize("filename", TABLES)
def test_rows_of_tables_with_undefined_numbers_are_left_out_on_request(tmp_path: Path, filename: str) -> None:
    table = TABLE.copy()
    table.loc[[4, 50], "PX_1"] = np.nan
    TABLES[filename](tmp_path / filename, table)
    with pytest.raises(FormatError, match=r"columns E_0, .* event 4 has nan .*--drop-undefined"):
        load(tmp_path / filename)
    sample = load(tmp_path / filename, drop_undefined=True)
    kept = np.delete(np.arange(N), [4, 50])
    np.testing.assert_array_equal(sample.rows, kept)
    np.testing.assert_allclose(sample.observable("mass"), JETS[kept, 2], rtol=2e-5)


@pytest.mark.parametrize("filename", ["fixed.h5", "table.h5", "columns.h5", *TABLES])
def test_labels_can_be_asked_for(tmp_path: Path, filename: str) -> None:
    """Two classes in one file, as the reference data come."""
    kind = filename.removesuffix(".h5")
    table = TABLE.copy()
    table.loc[[4, 50], "PX_1"] = np.nan
    (TABLES.get(filename) or WRITERS[kind])(tmp_path / filename, table)
    for label in (0, 1):
        sample = load(tmp_path / filename, where=f"is_signal_new == {label}", drop_undefined=True)
        kept = np.setdiff1d(np.arange(label, N, 2), [4, 50])
        np.testing.assert_allclose(sample.observable("mass"), JETS[kept, 2], rtol=2e-5)


def test_a_table_of_something_else_is_not_forced_to_be_jets(tmp_path: Path) -> None:
    TABLES["test.csv"](tmp_path / "a.csv", TABLE[["E_0", "PX_0", "ttv"]])
    assert load(tmp_path / "a.csv").domain == "table"
    with pytest.raises(
        FormatError, match=r"a.csv: there are the columns E_0, PX_0, ttv, expected those of jets"
    ):
        load(tmp_path / "a.csv", domain="jets")


@pytest.mark.parametrize(
    ("writer", "used"), [("fixed", "table/block0_values"), ("table", "table/table/values_block_0")]
)
def test_what_is_left_alone_is_said(tmp_path: Path, writer: str, used: str) -> None:
    WRITERS[writer](tmp_path / "test.h5", TABLE)
    with open_events(tmp_path / "test.h5") as events:
        assert events.title.endswith("truthE, truthPX, truthPY, truthPZ, ttv, is_signal_new left alone")
        assert [d.name for d in events.datasets if d.used] == [used]


@pytest.mark.parametrize("writer", WRITERS)
def test_rows_that_are_copied_are_read_again(tmp_path: Path, writer: str) -> None:
    WRITERS[writer](tmp_path / "test.h5", TABLE)
    copy_rows(tmp_path / "test.h5", np.arange(10, 20), tmp_path / "part.h5")
    with open_events(tmp_path / "part.h5") as events:
        (_, arrays), *_ = events.chunks()
    np.testing.assert_allclose(arrays["jet_features"], JETS[10:20], rtol=2e-6, atol=2e-6)


def test_jets_that_are_not_whole_are_left_out_on_request(tmp_path: Path) -> None:
    table = TABLE.copy()
    table.loc[[4, 50], "PX_1"] = np.nan
    WRITERS["fixed"](tmp_path / "test.h5", table)
    with open_events(tmp_path / "test.h5", drop_undefined=True) as events:
        (_, arrays), *_ = events.chunks()
    kept = np.delete(np.arange(N), [4, 50])
    np.testing.assert_allclose(arrays["jet_features"], JETS[kept], rtol=2e-6, atol=2e-6)


def test_several_files_are_one_sample(tmp_path: Path) -> None:
    for i, part in enumerate((TABLE.iloc[:50], TABLE.iloc[50:])):
        WRITERS["fixed"](tmp_path / f"{i}.h5", part)
    with open_events([tmp_path / "0.h5", tmp_path / "1.h5"]) as events:
        assert events.n_events == N
        jets = np.concatenate([arrays["jet_features"] for _, arrays in events.chunks()])
    np.testing.assert_allclose(jets, JETS, rtol=2e-6, atol=2e-6)


def test_a_table_of_other_columns_is_not_that_of_jets(tmp_path: Path) -> None:
    """E_0, E_1 are also the energies of a shower's layers."""
    write(
        tmp_path / "layers.h5",
        {name: np.random.default_rng(0).exponential(9, 30) for name in ("E_0", "E_1", "E_2")},
    )
    with open_events(tmp_path / "layers.h5") as events:
        assert events.domain == "table"
