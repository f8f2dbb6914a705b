"""What every format must do alike, and the good files that look odd."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest

from helpers import muons, particles
from helpers.kinds import KINDS
from helpers.showers import challenge, made_up, write
from tailscope.errors import FormatError
from tailscope.formats import open_events, ranges

N = 300
SHOWERS = made_up(N)
COLUMNS = {
    "pt": np.random.default_rng(1).exponential(30, N).astype(np.float32),
    "n_jets": np.arange(N) % 4,
}
ZJETS, JETS = particles.zjets(N), particles.jets(N)
CHALLENGE, PIONS, DATASET_2 = challenge(N), challenge(N, 533), challenge(N, 6480)
MUONS = muons.table(N)
CMS = {name: values for name, values in MUONS.items() if name not in {"Run", "Event", "M"}}
ANGLES, OLD = muons.only(CMS, "pt", "eta", "phi", "Q"), muons.only(MUONS, "pt", "eta", "Q", "M")
CARTESIAN = muons.only(CMS, "E", "px", "py", "pz", "Q")
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


JETS_150 = JETS | {
    "particle_features": np.concatenate(
        [JETS["particle_features"], np.zeros((N, 120, 4), np.float32)], axis=1
    )
}


def hardest_first(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Muons numbered in pT, as NanoAOD is read."""
    swapped = columns["pt2"] > columns["pt1"]
    return {
        name: np.where(swapped, columns[name[:-1] + "21"[int(name[-1]) - 1]], values)
        for name, values in columns.items()
    }


def csv(columns: dict[str, np.ndarray], **options: Any) -> Callable[[Path], object]:
    """Write a table as text."""
    return lambda path: pd.DataFrame(columns).to_csv(path, **options)


WRITERS: dict[str, tuple[Callable[[Path], object], dict[str, np.ndarray], str]] = {
    "showers.hdf5": (lambda p: write(p, SHOWERS, compression="gzip", chunks=True), SHOWERS, "calogan"),
    "showers.npz": (lambda p: np.savez_compressed(p, **SHOWERS), SHOWERS, "calogan"),
    "challenge.hdf5": (lambda p: write(p, CHALLENGE, compression="gzip"), CHALLENGE, "calochallenge"),
    "pions.hdf5": (lambda p: write(p, PIONS, compression="gzip"), PIONS, "calochallenge"),
    "dataset_2.hdf5": (lambda p: write(p, DATASET_2), DATASET_2, "calochallenge"),
    "zjets.h5": (lambda p: write(p, ZJETS, compression="gzip", chunks=True), MOMENTA, "momenta"),
    "zjets.npz": (lambda p: np.savez(p, **ZJETS), MOMENTA, "momenta"),
    "pandas.h5": (lambda p: write(p, particles.pandas_fixed(FLAT)), MOMENTA, "momenta"),
    "bayesian.h5": (lambda p: write(p, PANDAS), MOMENTA | {"log_likelihood": SAMPLES}, "momenta"),
    "jets.hdf5": (lambda p: write(p, JETS, compression="gzip"), JETS, "jetnet"),
    "jets_150.h5": (lambda p: write(p, JETS_150, compression="gzip"), JETS_150, "jetnet"),
    "constituents.h5": (
        lambda p: write(p, {"particle_features": JETS["particle_features"][:, :, :3]}),
        {"particle_features": JETS["particle_features"]},
        "jetnet",
    ),
    "table.h5": (lambda p: write(p, COLUMNS), COLUMNS, "table"),
    "columns.h5": (
        lambda p: write(p, {name: values[:, None] for name, values in COLUMNS.items()}),
        COLUMNS,
        "table",
    ),
    "table.npz": (lambda p: np.savez(p, **COLUMNS), COLUMNS, "table"),
    "table.csv": (csv(COLUMNS, index=False), COLUMNS, "table"),
    "rows.csv": (csv(COLUMNS), COLUMNS, "table"),
    "semicolon.txt": (csv(COLUMNS, sep=";", index=False), COLUMNS, "table"),
    "tab.tsv": (csv(COLUMNS, sep="\t", index=False), COLUMNS, "table"),
    "table.parquet": (lambda p: pd.DataFrame(COLUMNS).to_parquet(p, row_group_size=70), COLUMNS, "table"),
    "dimuon.csv": (csv(MUONS), CMS, "dimuon"),
    "without_energies.csv": (csv(ANGLES, index=False), ANGLES, "dimuon"),
    "without_angles.csv": (csv(CARTESIAN, index=False), CARTESIAN, "dimuon"),
    "old.csv": (csv(OLD, index=False), OLD, "dimuon"),
    "dimuon.parquet": (lambda p: pd.DataFrame(MUONS).to_parquet(p), CMS, "dimuon"),
    "nanoaod.root": (
        lambda p: muons.write_nanoaod(p, ANGLES | muons.only(CMS, "dxy")),
        hardest_first(ANGLES | muons.only(CMS, "dxy")),
        "nanoaod",
    ),
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
    for module in ("ranges", "text"):
        monkeypatch.setattr(f"tailscope.formats.{module}.CHUNK_BYTES", chunk_bytes)
    writer, arrays, kind = WRITERS[name]
    writer(tmp_path / name)
    result = read(tmp_path / name, stop=stop)
    assert set(result) == set(arrays)
    for key, values in arrays.items():
        expected = values[:stop].reshape(result[key].shape).astype(np.float32)
        # text and NanoAOD are not made of float32
        np.testing.assert_allclose(result[key], expected, rtol=2e-7, atol=0)
        assert result[key].dtype == np.float32
    with open_events(tmp_path / name) as events:
        assert (events.format, events.n_events) == (kind, N)


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("rows", [[0], [299], [0, 1, 2, 150, 299], [7, 8, 290], list(range(300))])
def test_some_rows_are_read_as_all_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, rows: list[int]
) -> None:
    monkeypatch.setattr("tailscope.formats.ranges.BRIDGED_BYTES", 20_000)
    WRITERS[name][0](tmp_path / name)
    everything = read(tmp_path / name)
    with open_events(tmp_path / name) as events:
        some = events.at(np.array(rows))
    assert set(some) == set(everything)
    for key, values in everything.items():
        np.testing.assert_array_equal(some[key], values[rows])


def test_a_range_of_rows_holds_them_and_little_else() -> None:
    rows = np.unique(np.random.default_rng(0).integers(0, 10_000, 300))
    found = list(ranges.runs(rows, 10_000))
    covered = np.concatenate([np.arange(r.start, r.stop) for r in found])
    assert np.isin(rows, covered).all()
    assert len(covered) == len(np.unique(covered))
    assert all(r.start in rows and r.stop - 1 in rows for r in found)
    assert (
        max(r.stop - r.start for r in found)
        <= ranges.CHUNK_BYTES / 10_000 + ranges.BRIDGED_BYTES / 10_000 + 1
    )
    assert list(ranges.runs(np.array([], dtype=np.int64), 10)) == []


def test_a_file_that_is_open_in_this_process_can_be_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", SHOWERS)
    with h5py.File(path) as file:
        np.testing.assert_array_equal(read(path)["layer_1"], file["layer_1"][()])


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
    assert {k: v.tolist() for k, v in read(path).items()} == {"pt1": [2.5, 3.5]}
    with open_events(path) as events:
        assert {d.name: d.why for d in events.datasets} == {"Run": "an identifier", "Type": "text", "pt1": ""}


def test_text_below_numbers_is_refused_wherever_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Types are settled with the first rows; a later chunk may not silently become text."""
    monkeypatch.setattr("tailscope.formats.text.CHUNK_BYTES", 800)
    path = tmp_path / "late.csv"
    path.write_text("pt\n" + "1.5\n" * 950 + "n/a\n" * 50)
    assert np.isnan(read(path)["pt"]).sum() == 50
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


@pytest.mark.parametrize("name", WRITERS)
def test_an_event_has_the_shape_and_the_file_the_units_that_are_said(tmp_path: Path, name: str) -> None:
    """What a domain is told beforehand is what it gets; all is finite, and named with its unit."""
    WRITERS[name][0](tmp_path / name)
    arrays = read(tmp_path / name)
    with open_events(tmp_path / name) as events:
        assert dict(events.shapes) == {key: values.shape[1:] for key, values in arrays.items()}
        assert all(np.isfinite(values).all() for values in arrays.values())
        units = {d.name: d.unit for d in events.datasets if d.used}
        units |= {part: unit for parts in events.parts.values() for part, unit in parts}
    expected = {
        "calogan": {"energy": "GeV", "layer_0": "MeV"},
        "calochallenge": {"incident_energies": "MeV", "showers": "MeV"},
        "momenta": {"E": "GeV", "px": "GeV"},
        "jetnet": {"pT": "GeV", "mass": "GeV", "pT_rel": ""},
        "dimuon": {"pt1": "GeV", "M": "GeV", "px2": "GeV", "E1": "GeV", "eta1": "", "dxy1": "cm"},
        "nanoaod": {"Muon_pt": "GeV", "Muon_eta": "", "Muon_dxy": "cm"},
        "table": {"pt": "", "n_jets": ""},
    }[events.format]
    assert units.items() >= {key: unit for key, unit in expected.items() if key in units}.items()
    assert len(expected.keys() & units.keys()) >= 2


@pytest.mark.parametrize(
    ("kind", "suffix"),
    [
        *((kind, "h5") for kind in KINDS),
        *((kind, "npz") for kind in ("calogan", "zjets", "jets", "table")),
        *((kind, suffix) for kind in ("table", "dimuon") for suffix in ("csv", "parquet")),
        pytest.param("dimuon", "root", marks=pytest.mark.slow),
    ],
)
def test_memory_is_bounded_by_a_chunk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, suffix: str
) -> None:
    """Many times as many events need hardly more memory, wherever they come from."""
    # The first megabyte of text is looked at whole, and uproot keeps some MB: less than that says nothing.
    chunk, few, many = 16_000, 1, 8
    if suffix == "csv":
        chunk, few, many = 64_000, *((24, 60) if kind == "table" else (4, 12))
    if suffix == "root":  # awkward leaves some kB of cycles a chunk, until they are collected
        chunk, few, many = 100_000, 16, 40
    for module in ("ranges", "text", "parquet", "trees"):
        monkeypatch.setattr(f"tailscope.formats.{module}.CHUNK_BYTES", chunk)
    peaks = []
    for n in (few, few, many):
        block = KINDS[kind](1000)
        arrays = {name: np.concatenate([values] * n) for name, values in block.items()}
        path = tmp_path / f"{n}.{suffix}"
        writers: dict[str, Callable[[], object]] = {
            "h5": lambda path=path, arrays=arrays: write(path, arrays),
            "npz": lambda path=path, arrays=arrays: np.savez(path, **arrays),
            "csv": lambda path=path, arrays=arrays: pd.DataFrame(arrays).to_csv(path),
            "parquet": lambda path=path, arrays=arrays: pd.DataFrame(arrays).to_parquet(path),
            "root": lambda path=path, arrays=arrays: muons.write_nanoaod(path, arrays, basket=250),
        }
        writers[suffix]()
        del arrays, block
        tracemalloc.start()
        with open_events(path) as events:
            kept = sum(len(next(iter(arrays.values()))) for _, arrays in events.chunks())
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert kept == 1000 * n
    # The first run also pays for imports and caches.
    assert peaks[2] < 1.2 * peaks[1] + 4 * chunk, peaks


def test_parquet_without_its_reader_says_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an import finds is the machine's and not ours: hide one package from it."""
    for name in ("pyarrow", *(n for n in sys.modules if n.startswith("pyarrow."))):
        monkeypatch.setitem(sys.modules, name, None)
    path = tmp_path / "table.parquet"
    path.write_bytes(b"PAR1" + bytes(20) + b"PAR1")
    with pytest.raises(FormatError, match=r"needs pyarrow: pip install 'tailscope\[parquet\]', or save"):
        read(path)


def test_rows_are_cut_into_ranges_that_cover_them() -> None:
    for n, width in [
        (1, 1),
        (10, ranges.CHUNK_BYTES),
        (10, ranges.CHUNK_BYTES * 3),
        (7, ranges.CHUNK_BYTES // 3),
    ]:
        rows = [i for r in ranges.row_ranges(n, width) for i in range(r.start, r.stop)]
        assert rows == list(range(n))
