"""What every format must do alike, and the good files that look odd."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest

from helpers import particles
from helpers.showers import challenge, made_up, write
from tailscope.errors import FormatError
from tailscope.formats import base, open_events

N = 300
SHOWERS = made_up(N)
COLUMNS = {
    "pt": np.random.default_rng(1).exponential(30, N).astype(np.float32),
    "n_jets": np.arange(N) % 4,
}
ZJETS, JETS = particles.zjets(N), particles.jets(N)
CHALLENGE = challenge(N)
MOMENTA = {"momenta": ZJETS["momenta"]}
FLAT = ZJETS["momenta"].reshape(N, 20)
SAMPLES = np.random.default_rng(2).normal(-30, 1, (N, 7)).astype(np.float32)
PANDAS = particles.pandas_fixed(np.concatenate([FLAT, SAMPLES], axis=1))


def read(path: Path, **options: Any) -> dict[str, np.ndarray]:
    """Everything that a file holds, its chunks put together again."""
    parts: dict[str, list[np.ndarray]] = {}
    with open_events(path) as events:
        expected = 0
        for start, arrays in events.chunks(**options):
            assert start == expected
            expected += len(next(iter(arrays.values())))
            assert set(arrays) == set(events.columns)
            for name, values in arrays.items():
                parts.setdefault(name, []).append(np.array(values))
    return {name: np.concatenate(values) for name, values in parts.items()}


WRITERS: dict[str, tuple[Callable[[Path], object], dict[str, np.ndarray], str]] = {
    "showers.hdf5": (lambda p: write(p, SHOWERS, compression="gzip", chunks=True), SHOWERS, "calogan"),
    "showers.npz": (lambda p: np.savez_compressed(p, **SHOWERS), SHOWERS, "calogan"),
    "challenge.hdf5": (lambda p: write(p, CHALLENGE, compression="gzip"), CHALLENGE, "calochallenge"),
    "zjets.h5": (lambda p: write(p, ZJETS, compression="gzip", chunks=True), MOMENTA, "momenta"),
    "zjets.npz": (lambda p: np.savez(p, **ZJETS), MOMENTA, "momenta"),
    "pandas.h5": (lambda p: write(p, particles.pandas_fixed(FLAT)), MOMENTA, "momenta"),
    "bayesian.h5": (lambda p: write(p, PANDAS), MOMENTA | {"log_likelihood": SAMPLES}, "momenta"),
    "jets.hdf5": (lambda p: write(p, JETS, compression="gzip"), JETS, "jetnet"),
    "constituents.h5": (
        lambda p: write(p, {"particle_features": JETS["particle_features"][:, :, :3]}),
        {"particle_features": JETS["particle_features"]},
        "jetnet",
    ),
    "table.h5": (lambda p: write(p, COLUMNS), COLUMNS, "table"),
    "table.npz": (lambda p: np.savez(p, **COLUMNS), COLUMNS, "table"),
    "table.csv": (lambda p: pd.DataFrame(COLUMNS).to_csv(p, index=False), COLUMNS, "table"),
    "rows.csv": (lambda p: pd.DataFrame(COLUMNS).to_csv(p), COLUMNS, "table"),
    "semicolon.txt": (lambda p: pd.DataFrame(COLUMNS).to_csv(p, sep=";", index=False), COLUMNS, "table"),
    "tab.tsv": (lambda p: pd.DataFrame(COLUMNS).to_csv(p, sep="\t", index=False), COLUMNS, "table"),
    "savetxt.dat": (
        lambda p: np.savetxt(p, np.stack(list(COLUMNS.values()), axis=1), header="pt n_jets"),
        COLUMNS,
        "table",
    ),
}


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize(
    ("chunk_bytes", "stop"), [(4 << 20, None), (4 << 20, 1), (5000, None), (5000, 299), (5000, 1000), (1, 20)]
)
def test_what_is_written_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, chunk_bytes: int, stop: int | None
) -> None:
    for module in ("base", "text"):
        monkeypatch.setattr(f"tailscope.formats.{module}.CHUNK_BYTES", chunk_bytes)
    writer, arrays, kind = WRITERS[name]
    writer(tmp_path / name)
    result = read(tmp_path / name, stop=stop)
    assert set(result) == set(arrays)
    for key, values in arrays.items():
        expected = values[:stop].reshape(result[key].shape).astype(np.float32)
        np.testing.assert_array_equal(result[key], expected)
        assert result[key].dtype == np.float32
    with open_events(tmp_path / name) as events:
        assert (events.format, events.n_events) == (kind, N)


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("rows", [[0], [299], [0, 1, 2, 150, 299], [7, 8, 290], list(range(300))])
def test_some_rows_are_read_as_all_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, rows: list[int]
) -> None:
    monkeypatch.setattr("tailscope.formats.base.BRIDGED_BYTES", 20_000)
    WRITERS[name][0](tmp_path / name)
    everything = read(tmp_path / name)
    with open_events(tmp_path / name) as events:
        some = events.at(np.array(rows))
    assert set(some) == set(everything)
    for key, values in everything.items():
        np.testing.assert_array_equal(some[key], values[rows])


def test_a_range_of_rows_holds_them_and_little_else() -> None:
    rows = np.unique(np.random.default_rng(0).integers(0, 10_000, 300))
    found = list(base.runs(rows, 10_000))
    covered = np.concatenate([np.arange(r.start, r.stop) for r in found])
    assert np.isin(rows, covered).all()
    assert len(covered) == len(np.unique(covered))
    assert all(r.start in rows and r.stop - 1 in rows for r in found)
    assert max(r.stop - r.start for r in found) <= base.CHUNK_BYTES / 10_000 + base.BRIDGED_BYTES / 10_000 + 1
    assert list(base.runs(np.array([], dtype=np.int64), 10)) == []


def test_units_and_what_is_left_alone_are_said(tmp_path: Path) -> None:
    extra = {"overflow": np.ones((N, 3)), "row": np.arange(N), "comment": np.array([b"x"] * N)}
    path = write(tmp_path / "a.hdf5", SHOWERS | extra)
    with open_events(path) as events:
        by_name = {d.name: d for d in events.datasets}
    assert {name: d.unit for name, d in by_name.items() if d.used} == {
        "energy": "GeV",
        "layer_0": "MeV",
        "layer_1": "MeV",
        "layer_2": "MeV",
    }
    assert {name for name, d in by_name.items() if not d.used} == set(extra)
    assert by_name["layer_0"].shape == (N, 3, 96)
    assert by_name["comment"].dtype == "text"


@pytest.mark.parametrize(
    "change", ["flat energy", "float64", "integers", "big endian", "soft link", "user block"]
)
def test_the_same_showers_stored_otherwise(tmp_path: Path, change: str) -> None:
    path, arrays = tmp_path / "other.h5", dict(SHOWERS)
    if change == "flat energy":
        arrays["energy"] = arrays["energy"][:, 0]
    elif change == "float64":
        arrays["layer_0"] = arrays["layer_0"].astype(np.float64)
    elif change == "integers":
        arrays["layer_1"] = arrays["layer_1"].round().astype(np.int32)
    elif change == "big endian":
        arrays["layer_1"] = arrays["layer_1"].astype(">f4")
    options = {"userblock_size": 1024} if change == "user block" else {}
    with h5py.File(path, "w", **options) as file:
        for name, values in arrays.items():
            file["real/" + name if change == "soft link" else name] = values
            if change == "soft link":
                file[name] = h5py.SoftLink("/real/" + name)
    result = read(path)
    for name, values in arrays.items():
        np.testing.assert_array_equal(result[name], values.reshape(result[name].shape).astype(np.float32))


def test_text_columns_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "muons.csv"
    path.write_text("Run, Type, pt1\n1,GG,2.5\n2,GT,3.5\n")
    assert {k: v.tolist() for k, v in read(path).items()} == {"Run": [1, 2], "pt1": [2.5, 3.5]}


def test_text_below_numbers_is_refused_wherever_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Types are settled with the first rows; a later chunk may not silently become text."""
    monkeypatch.setattr("tailscope.formats.text.CHUNK_BYTES", 800)
    path = tmp_path / "late.csv"
    path.write_text("pt\n" + "1.5\n" * 950 + "n/a\n" * 50)
    with pytest.raises(FormatError, match=r"late.csv: column pt: event 950 has nan"):
        read(path)
    path.write_text("pt\n" + "1.5\n" * 900 + "none\n" * 100)
    with pytest.raises(FormatError, match=r"late.csv: column pt turns from numbers to text at event 900"):
        read(path)


def test_nothing_outside_the_file_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An external link is refused although the file it leads to is good."""
    write(tmp_path / "good.h5", SHOWERS)
    with h5py.File(tmp_path / "links.h5", "w") as file:
        for name in SHOWERS:
            file[name] = h5py.ExternalLink("good.h5", name)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FormatError, match="is a link to another file"):
        read(tmp_path / "links.h5")


def test_parquet_is_read(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    names = {"name": [f"mu{i}" for i in range(N)]}
    pd.DataFrame(COLUMNS | names).to_parquet(path, row_group_size=70)
    for stop in (None, 1, 299):
        result = read(path, stop=stop)
        assert set(result) == set(COLUMNS)
        for key, values in COLUMNS.items():
            np.testing.assert_array_equal(result[key], values[:stop].astype(np.float32))


def test_parquet_without_its_reader_says_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an import finds is the machine's and not ours: hide one package from it."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path = tmp_path / "table.parquet"
    path.write_bytes(b"PAR1" + bytes(20) + b"PAR1")
    with pytest.raises(FormatError, match=r"needs pyarrow, which is not installed; `pip install tailscope"):
        read(path)


def test_rows_are_cut_into_ranges_that_cover_them() -> None:
    for n, width in [(1, 1), (10, base.CHUNK_BYTES), (10, base.CHUNK_BYTES * 3), (7, base.CHUNK_BYTES // 3)]:
        rows = [i for r in base.row_ranges(n, width) for i in range(r.start, r.stop)]
        assert rows == list(range(n))
